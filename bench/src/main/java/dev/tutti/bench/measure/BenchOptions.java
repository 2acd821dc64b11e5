package dev.tutti.bench.measure;

import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What to measure; the same for all ranks.
///
/// @param collective the operation
/// @param ranks number of ranks
/// @param mode whether ranks are processes or threads
/// @param sizes sizes in bytes, as [BenchCollective] defines them, ascending
/// @param types element types
/// @param ops reduction operators; ignored by collectives that do not reduce
/// @param root the root of rooted collectives
/// @param iterations timed operations per measurement, 0 to choose by time
/// @param warmupIterations operations before the timed ones, on top of what the method asks for
/// @param targetSeconds how long the timed operations of one measurement should take together
/// @param check whether every element of the results is compared
/// @param kinds memory of the buffers
/// @param placements where results go; one-sided ones never go over what was sent
/// @param style how operations are called
/// @param algorithm the algorithm to use, null to let the library choose
/// @param transport the transport to use, null to let the library choose
/// @param late by how many seconds ranks come later than the others to each timed operation, by
///   rank
public record BenchOptions(
    BenchCollective collective,
    int ranks,
    RankMode mode,
    List<Long> sizes,
    List<DataType> types,
    List<ReduceOp> ops,
    int root,
    int iterations,
    int warmupIterations,
    double targetSeconds,
    boolean check,
    List<BufferKind> kinds,
    List<Placement> placements,
    CallStyle style,
    @Nullable String algorithm,
    @Nullable String transport,
    SortedMap<Integer, Double> late) {

  /// Most timed operations of one measurement unless a number is asked for.
  public static final int MAX_ITERATIONS = 5000;

  /// How long the timed operations of one measurement take together unless said otherwise.
  public static final double TARGET_SECONDS = 0.12;

  private static final List<Placement> OUT_OF_PLACE = List.of(Placement.OUT_OF_PLACE);

  /// Checks the options against each other.
  ///
  /// @throws IllegalArgumentException if they contradict each other; the message says how
  public BenchOptions {
    require(ranks >= 1, "there must be at least 1 rank, but there are " + ranks);
    require(
        !collective.isPointToPoint() || ranks >= 2,
        collective.label() + " needs at least 2 ranks, but there is " + ranks);
    require(
        collective != BenchCollective.ACCUMULATE || !ops.contains(ReduceOp.AVG),
        "accumulate knows sum, prod, min and max, not avg");
    require(
        root >= 0 && root < ranks,
        "root " + root + " is not a rank; with " + ranks + " ranks they are 0 to " + (ranks - 1));
    require(iterations >= 0, "the number of iterations cannot be negative");
    require(warmupIterations >= 0, "the number of warm-up iterations cannot be negative");
    require(targetSeconds > 0, "the time per measurement must be positive");
    sizes = List.copyOf(sizes);
    types = List.copyOf(types);
    ops = List.copyOf(ops);
    kinds = List.copyOf(kinds);
    placements = collective.isOneSided() ? OUT_OF_PLACE : List.copyOf(placements);
    require(!sizes.isEmpty(), "there is no size to measure");
    late = Collections.unmodifiableSortedMap(new TreeMap<>(late));
    int last = late.isEmpty() ? 0 : late.lastKey();
    require(last < ranks, "rank " + last + " is late, but there are only 0 to " + (ranks - 1));
  }

  /// Makes options of ranks of which none is late.
  public BenchOptions(
      BenchCollective collective,
      int ranks,
      RankMode mode,
      List<Long> sizes,
      List<DataType> types,
      List<ReduceOp> ops,
      int root,
      int iterations,
      int warmupIterations,
      double targetSeconds,
      boolean check,
      List<BufferKind> kinds,
      List<Placement> placements,
      CallStyle style,
      @Nullable String algorithm,
      @Nullable String transport) {
    this(
        collective,
        ranks,
        mode,
        sizes,
        types,
        ops,
        root,
        iterations,
        warmupIterations,
        targetSeconds,
        check,
        kinds,
        placements,
        style,
        algorithm,
        transport,
        Collections.emptySortedMap());
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }

  /// Returns the largest number of timed operations that one measurement may have.
  public int maxIterations() {
    return iterations > 0 ? iterations : MAX_ITERATIONS;
  }

  /// Returns the number of measurements of one launch, for a progress display.
  public int measurements() {
    if (!collective.hasData()) {
      return 1;
    }
    int operators = collective.reduces() ? ops.size() : 1;
    return sizes.size() * types.size() * operators * kinds.size() * placements.size();
  }
}
