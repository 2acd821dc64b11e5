package dev.tutti.bench.compare;

import dev.tutti.bench.compare.Contestant.CompareCase;
import dev.tutti.bench.measure.BufferKind;
import dev.tutti.bench.measure.Statistics;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// The rows of all contestants in one case, and what follows from them.
///
/// A cell is the median over launches of the launches' median times. A launch is disturbed if
/// others used more than 0.15 cores during it, or if cache lines took more than 1.7 times as long
/// between the cores as in the best launch, see [CoreLatency]. Disturbed launches are left out if
/// there are undisturbed ones; if not, the three least disturbed count and the cell is marked.
public final class Comparison {
  /// Cores that others may use without a launch counting as disturbed.
  static final double QUIET_CORES = 0.15;

  /// How much slower than in the best launch cache lines may be.
  static final double FAR_FACTOR = 1.7;

  private static final int FEWEST_LAUNCHES = 3;

  private final CompareCase what;
  private final List<Contestant> contestants;
  private final Map<Contestant, List<ComparedRow>> rows = new HashMap<>();
  private final Map<Contestant, String> failures = new LinkedHashMap<>();

  /// Makes an empty comparison.
  public Comparison(CompareCase what, List<Contestant> contestants) {
    this.what = what;
    this.contestants = List.copyOf(contestants);
    contestants.forEach(contestant -> rows.put(contestant, new ArrayList<>()));
  }

  /// What the launches of one contestant say about one size.
  ///
  /// @param median median over launches of the median time, in microseconds
  /// @param best that of the best launch
  /// @param percentOfLimit median over launches
  /// @param launches number of launches that count
  /// @param isDisturbed whether others were using the machine in all of them
  /// @param wrong wrong elements in any of them
  public record Cell(
      double median,
      double best,
      double percentOfLimit,
      int launches,
      boolean isDisturbed,
      long wrong) {}

  void add(Contestant contestant, List<ComparedRow> more) {
    rowsOf(contestant).addAll(more);
  }

  /// Notes why a contestant has no figures.
  void fail(Contestant contestant, String reason) {
    failures.put(contestant, reason);
  }

  /// Returns why contestants that were given up have no figures, in the order of their failures.
  public Map<Contestant, String> failures() {
    return Collections.unmodifiableMap(failures);
  }

  private List<ComparedRow> rowsOf(Contestant contestant) {
    List<ComparedRow> result = rows.get(contestant);
    if (result == null) {
      throw new IllegalArgumentException(contestant + " is not compared here");
    }
    return result;
  }

  /// Returns the number of undisturbed launches of a contestant.
  long quietLaunches(Contestant contestant) {
    return rowsOf(contestant).stream()
        .filter(this::isQuiet)
        .mapToInt(ComparedRow::launch)
        .distinct()
        .count();
  }

  private boolean isQuiet(ComparedRow row) {
    return row.foreignCores() <= QUIET_CORES && row.coreNanos() <= FAR_FACTOR * leastCoreNanos();
  }

  private double leastCoreNanos() {
    return rows.values().stream()
        .flatMap(List::stream)
        .mapToDouble(ComparedRow::coreNanos)
        .filter(nanos -> nanos > 0)
        .min()
        .orElse(0);
  }

  /// Returns what is measured.
  public CompareCase what() {
    return what;
  }

  /// Returns who is measured.
  public List<Contestant> contestants() {
    return contestants;
  }

  /// Returns the sizes that somebody has measured, ascending.
  public List<Long> sizes() {
    TreeSet<Long> sizes = new TreeSet<>();
    rows.values().forEach(list -> list.forEach(row -> sizes.add(row.bytes())));
    return List.copyOf(sizes);
  }

  /// Returns the version that a contestant's rows name, empty if there are none.
  public String version(Contestant contestant) {
    return rowsOf(contestant).stream().map(ComparedRow::version).findFirst().orElse("");
  }

  /// Returns the cell of a contestant and size, null if it has not been measured.
  public @Nullable Cell cell(Contestant contestant, long bytes) {
    List<ComparedRow> all =
        rowsOf(contestant).stream().filter(row -> row.bytes() == bytes).toList();
    if (all.isEmpty()) {
      return null;
    }
    List<ComparedRow> quiet = all.stream().filter(this::isQuiet).toList();
    List<ComparedRow> counting =
        quiet.isEmpty()
            ? all.stream()
                .sorted(Comparator.comparingDouble(ComparedRow::foreignCores))
                .limit(FEWEST_LAUNCHES)
                .toList()
            : quiet;
    return new Cell(
        median(counting, ComparedRow::p50Micros),
        counting.stream().mapToDouble(ComparedRow::p50Micros).min().orElse(0),
        median(counting, ComparedRow::percentOfLimit),
        counting.size(),
        quiet.isEmpty(),
        all.stream().mapToLong(ComparedRow::wrong).sum());
  }

  private static double median(List<ComparedRow> rows, ToDoubleFunction<ComparedRow> value) {
    return Statistics.median(rows.stream().mapToDouble(value).toArray());
  }

  /// Returns the fastest peer at a size whose results were right, null if there is none.
  public @Nullable Contestant bestPeer(long bytes) {
    Contestant best = null;
    double least = Double.MAX_VALUE;
    for (Contestant contestant : contestants) {
      Cell cell = contestant.isTutti() ? null : cell(contestant, bytes);
      if (cell != null && cell.wrong == 0 && cell.median < least) {
        best = contestant;
        least = cell.median;
      }
    }
    return best;
  }

  /// Returns the fastest way to run one library at a size, null if there is no figure.
  @Nullable Contestant best(PeerLibrary library, long bytes) {
    Contestant best = null;
    double least = Double.MAX_VALUE;
    for (Contestant contestant : contestants) {
      Cell cell = contestant.library().equals(library.label()) ? cell(contestant, bytes) : null;
      if (cell != null && cell.median < least) {
        best = contestant;
        least = cell.median;
      }
    }
    return best;
  }

  /// Returns how near a contestant comes to what the network allows, in per cent; 0 if it has no
  /// figure or nothing is known of the network.
  public double percentOfBound(Contestant contestant, long bytes) {
    double bound = what.network().bound(what.collective());
    Cell cell = cell(contestant, bytes);
    return bound == 0 || cell == null || bytes == 0
        ? 0
        : 100 * bytes / (cell.median * 1e-6) / bound;
  }

  /// Returns the peers as installed.
  public List<Contestant> defaultPeers() {
    return contestants.stream().filter(Contestant::isDefaultPeer).toList();
  }

  /// Returns Tutti with one kind of memory, null if it is not compared.
  public @Nullable Contestant own(BufferKind kind) {
    return contestants.stream()
        .filter(contestant -> contestant.isTutti() && contestant.tuning().equals(kind.label()))
        .findFirst()
        .orElse(null);
  }

  /// Returns how many times as fast a contestant is as another one, 0 if one of them has no figure.
  public double ratio(Contestant faster, Contestant slower, long bytes) {
    Cell numerator = cell(slower, bytes);
    Cell denominator = cell(faster, bytes);
    return numerator == null || denominator == null ? 0 : numerator.median / denominator.median;
  }
}
