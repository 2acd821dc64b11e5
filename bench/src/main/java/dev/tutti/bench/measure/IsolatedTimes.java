package dev.tutti.bench.measure;

import dev.tutti.collectives.Communicator;
import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/// Times single operations, each by itself: all ranks meet in a barrier before each, so that what
/// is timed is an operation that all begin together, not how often it can be repeated.
///
/// An operation's time is that of its slowest rank. What is compared is measured in turns: every
/// cell a few times, then all of them again. Buffers are registered memory, results do not go over
/// the input, sums are of float32.
public final class IsolatedTimes {
  private static final int TURNS = 3;
  private static final int MOST_PER_TURN = 40;
  private static final int LEAST_PER_TURN = 2;
  private static final double TURN_NANOS = 60e6;
  private static final double WARM_UP_NANOS = 0.15e9;
  private static final double FIRST_WARM_UP_NANOS = 1.5e9;

  private final Communicator world;
  private final Control control;
  private final Map<String, Communicator> byAlgorithm = new LinkedHashMap<>();
  private final long pauseNanos;

  /// One thing to measure.
  ///
  /// @param bytes as [BenchCollective] defines the size
  public record Cell(BenchCollective collective, String algorithm, long bytes) {}

  /// What was measured of a cell.
  ///
  /// @param bytes that were really moved: whole elements for every rank
  /// @param algorithm the one that ran
  /// @param form how it ran
  /// @param seconds of each operation
  public record Times(
      BenchCollective collective, String algorithm, String form, long bytes, double[] seconds) {}

  private record Ready(Cell cell, long bytes, BoundOperation operation, List<Double> nanos) {}

  /// Prepares.
  ///
  /// @param pauseNanos how long nothing is sent before each operation
  public IsolatedTimes(Communicator world, long pauseNanos) {
    this.world = world;
    this.control = new Control(world, MOST_PER_TURN);
    this.pauseNanos = pauseNanos;
  }

  /// Measures. Collective; all ranks get equal results. Cells whose algorithm does not support
  /// their collective are left out.
  public List<Times> run(List<Cell> cells) {
    long most = cells.stream().mapToLong(Cell::bytes).max().orElse(0);
    try (BenchBuffers buffers = BenchBuffers.allocate(world, BufferKind.REGISTERED, most, most)) {
      List<Ready> ready = new ArrayList<>();
      for (Cell cell : cells) {
        Ready bound = bind(cell, buffers);
        if (bound.operation().algorithm().equals(cell.algorithm()) && bound.bytes() > 0) {
          ready.add(bound);
        }
      }
      double wanted = FIRST_WARM_UP_NANOS;
      for (Ready each : ready) {
        warmUp(each, wanted);
        wanted = WARM_UP_NANOS;
      }
      for (int turn = 0; turn < TURNS; turn++) {
        ready.forEach(this::measure);
      }
      return ready.stream().map(IsolatedTimes::times).toList();
    } finally {
      byAlgorithm.values().forEach(Communicator::close);
    }
  }

  private Ready bind(Cell cell, BenchBuffers buffers) {
    int ranks = world.size();
    BenchCollective collective = cell.collective();
    long count = collective.count(cell.bytes() / DataType.FLOAT32.bytes(), ranks);
    Communicator communicator = byAlgorithm.computeIfAbsent(cell.algorithm(), world::withAlgorithm);
    Operands operands =
        Operands.of(
            collective,
            count,
            DataType.FLOAT32.bytes(),
            ranks,
            world.rank(),
            Placement.OUT_OF_PLACE,
            buffers.send(),
            buffers.recv());
    BoundOperation operation =
        BoundOperation.bind(
            new BoundOperation.Arguments(
                communicator,
                collective,
                DataType.FLOAT32,
                ReduceOp.SUM,
                0,
                CallStyle.PREPARED,
                null),
            operands);
    long bytes = collective.sizeElements(count, ranks) * DataType.FLOAT32.bytes();
    return new Ready(cell, bytes, operation, new ArrayList<>());
  }

  private void warmUp(Ready ready, double wanted) {
    double spent = 0;
    for (int done = 0; done < LEAST_PER_TURN || spent < wanted; done++) {
      spent += control.max(once(ready));
    }
  }

  private void measure(Ready ready) {
    long[] nanos = new long[MOST_PER_TURN];
    nanos[0] = once(ready);
    double first = control.max(nanos[0]);
    int count = (int) Math.clamp(TURN_NANOS / (first + 1), LEAST_PER_TURN, MOST_PER_TURN);
    for (int i = 1; i < count; i++) {
      nanos[i] = once(ready);
    }
    for (double slowest : control.max(nanos, count)) {
      ready.nanos().add(slowest);
    }
  }

  private long once(Ready ready) {
    if (pauseNanos > 0) {
      world.barrier();
      for (long end = System.nanoTime() + pauseNanos; System.nanoTime() < end; ) {
        LockSupport.parkNanos(Math.max(1, end - System.nanoTime()));
      }
    }
    world.barrier();
    long start = System.nanoTime();
    ready.operation().call().run();
    return System.nanoTime() - start;
  }

  private static Times times(Ready ready) {
    double[] seconds = ready.nanos().stream().mapToDouble(n -> n * 1e-9).toArray();
    Arrays.sort(seconds);
    BoundOperation operation = ready.operation();
    return new Times(
        ready.cell().collective(), operation.algorithm(), operation.form(), ready.bytes(), seconds);
  }
}
