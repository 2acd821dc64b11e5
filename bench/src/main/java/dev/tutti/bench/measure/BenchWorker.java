package dev.tutti.bench.measure;

import dev.tutti.bench.measure.BenchCollective.Traffic;
import dev.tutti.bindings.linux.Linux;
import dev.tutti.collectives.Communicator;
import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import dev.tutti.collectives.Window;
import dev.tutti.collectives.kernel.Kernels;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// One rank of a benchmark: goes through all measurements together with the other ranks.
///
/// A measurement is, in this order: operations with the test data, checked; warm-up; the timed
/// loop; one more operation with test data, checked; the memory-copy limit of the same size.
public final class BenchWorker {
  private static final long SMALL_CACHE_BYTES = 256 << 10;

  private final Communicator communicator;
  private final BenchOptions options;
  private final BenchEvents events;
  private final BenchCollective collective;
  private final int ranks;
  private final int rank;
  private final Control control;
  private final WarmUp warmUp;
  private final TimedLoop timedLoop;
  private final MemoryLimit limit;

  private BenchWorker(Communicator communicator, BenchOptions options, BenchEvents events) {
    this.communicator = communicator;
    this.options = options;
    this.events = events;
    this.collective = options.collective();
    this.ranks = communicator.size();
    this.rank = communicator.rank();
    this.control = new Control(communicator, options.maxIterations());
    int ranksPerCore = Math.max(1, ranks / Math.max(1, Linux.affinity().cardinality()));
    this.warmUp = new WarmUp(control, options.targetSeconds(), ranksPerCore);
    this.timedLoop = new TimedLoop(options, control, ranksPerCore);
    this.limit = new MemoryLimit(control);
  }

  /// Runs a benchmark as one of its ranks.
  ///
  /// @param events called by rank 0 only
  public static void run(Communicator communicator, BenchOptions options, BenchEvents events) {
    bindToCore(communicator);
    new BenchWorker(communicator, options, events).runAll();
  }

  /// Binds this thread to a core of its own if there are enough, as Open MPI does by default: the
  /// scheduler sometimes keeps two ranks on one core for a while although another is idle. The
  /// property `tutti.bench.bind=none` switches it off.
  public static void bindToCore(Communicator communicator) {
    BitSet cores = Linux.affinity();
    if (communicator.size() > cores.cardinality()
        || System.getProperty("tutti.bench.bind", "core").equals("none")) {
      return;
    }
    int core = cores.nextSetBit(0);
    for (int i = 0; i < communicator.rank(); i++) {
      core = cores.nextSetBit(core + 1);
    }
    boolean _ = Linux.setAffinity(core);
  }

  /// Returns whether ranks that were asked for one transport may use another: TCP stands in for UCX
  /// where that is missing, of which they have warned, and both for shared memory between hosts.
  private static boolean isWhatWasAsked(String asked, String used) {
    Set<String> allowed = new HashSet<>(List.of(asked.split("\\+")));
    if (allowed.contains("ucx")) {
      allowed.add("tcp");
    }
    return asked.equals("auto") || allowed.containsAll(List.of(used.split("\\+")));
  }

  private void runAll() {
    String asked = options.transport();
    if (asked != null && !isWhatWasAsked(asked, communicator.transport())) {
      throw new IllegalArgumentException(
          "the transport "
              + asked
              + " was asked for, but these ranks communicate over "
              + communicator.transport());
    }
    limit.warmUp();
    if (rank == 0) {
      events.started(new StartedEvent(communicator.transport(), Kernels.implementation()));
    }
    List<DataType> types = collective.hasData() ? options.types() : List.of(DataType.INT8);
    List<ReduceOp> ops = collective.reduces() ? options.ops() : List.of(ReduceOp.SUM);
    List<BufferKind> kinds = collective.hasData() ? options.kinds() : options.kinds().subList(0, 1);
    for (BufferKind kind : kinds) {
      for (DataType type : types) {
        for (ReduceOp op : ops) {
          runSizes(kind, type, op);
        }
      }
    }
  }

  /// Measures one kind of memory, type and operator. In place, one buffer does.
  private void runSizes(BufferKind kind, DataType type, ReduceOp op) {
    List<Long> sizes = collective.hasData() ? options.sizes() : List.of(0L);
    long most = collective.count(sizes.getLast() / type.bytes(), ranks);
    long windowBytes = collective.sendElements(most, ranks) * type.bytes();
    boolean outOfPlace = placements().contains(Placement.OUT_OF_PLACE);
    boolean sends = outOfPlace || (collective.sendsParts() && !collective.receivesParts());
    boolean receives = outOfPlace || !sends;
    try (BenchBuffers buffers =
            BenchBuffers.allocate(
                communicator,
                kind,
                sends ? collective.sendElements(most, ranks) * type.bytes() : 0,
                receives ? collective.recvElements(most, ranks) * type.bytes() : 0);
        @Nullable Window window =
            collective.isOneSided() ? Window.open(communicator, windowBytes) : null;
        DataCheck check = new DataCheck(collective, type, op, ranks, rank, options.root())) {
      for (long size : sizes) {
        long count = collective.count(size / type.bytes(), ranks);
        if (count == 0 && collective.hasData()) {
          continue; // too small to give every rank an element
        }
        for (Placement placement : placements()) {
          measure(new Cell(kind, type, op, count, placement), buffers, window, check);
        }
      }
    }
  }

  private List<Placement> placements() {
    return collective.hasData() ? options.placements() : List.of(Placement.OUT_OF_PLACE);
  }

  /// What distinguishes one measurement from the next.
  private record Cell(
      BufferKind kind, DataType type, ReduceOp op, long count, Placement placement) {}

  /// What distinguishes the code that one measurement runs from that of another.
  ///
  /// @param outgrown how far the data of all ranks have outgrown small caches: results of large
  ///   operations are written past them, by other code
  private record Path(
      BufferKind kind,
      DataType type,
      ReduceOp op,
      Placement placement,
      String algorithm,
      String form,
      int outgrown) {}

  private void measure(Cell cell, BenchBuffers buffers, @Nullable Window window, DataCheck check) {
    Operands operands =
        Operands.of(
            collective,
            cell.count(),
            cell.type().bytes(),
            ranks,
            rank,
            cell.placement(),
            window != null && collective == BenchCollective.GET && rank == 1
                ? window.local()
                : buffers.send(),
            window != null && collective != BenchCollective.GET && rank == 1
                ? window.local()
                : buffers.recv());
    BoundOperation operation =
        BoundOperation.bind(
            new BoundOperation.Arguments(
                communicator,
                collective,
                cell.type(),
                cell.op(),
                options.root(),
                options.style(),
                window),
            operands);
    long wrong = wrong(operation, operands, cell, check);
    warmUp.run(
        operation.call(),
        new Path(
            cell.kind(),
            cell.type(),
            cell.op(),
            cell.placement(),
            operation.algorithm(),
            operation.form(),
            outgrown(cell)));
    TimedLoop.Result result = timedLoop.run(delayed(operation.call()));
    wrong += wrong(operation, operands, cell, check);
    long size = collective.sizeElements(cell.count(), ranks) * cell.type().bytes();
    double limitMicros = 0;
    if (collective.hasData()) {
      Traffic traffic = collective.traffic(size, ranks, rank, cell.placement());
      limitMicros = limit.micros(traffic, operands, cell.placement());
    }
    long wrongOfAll = options.check() && collective.hasData() ? control.sum(wrong) : -1;
    if (rank == 0) {
      events.measured(row(cell, operation, size, result, limitMicros, wrongOfAll));
    }
  }

  /// Returns an operation to which this rank comes as late as it is to.
  private Runnable delayed(Runnable operation) {
    long nanos = Math.round(options.late().getOrDefault(rank, 0.0) * 1e9);
    return nanos == 0
        ? operation
        : () -> {
          long arrival = System.nanoTime() + nanos;
          for (long rest = nanos; rest > 0; rest = arrival - System.nanoTime()) {
            LockSupport.parkNanos(rest);
          }
          operation.run();
        };
  }

  private int outgrown(Cell cell) {
    long bytes = collective.sizeElements(cell.count(), ranks) * cell.type().bytes() * ranks;
    return (Long.SIZE - Long.numberOfLeadingZeros(bytes / SMALL_CACHE_BYTES)) / 2;
  }

  private long wrong(BoundOperation operation, Operands operands, Cell cell, DataCheck check) {
    if (!options.check()) {
      return 0;
    }
    check.fill(operands, cell.placement());
    await();
    operation.call().run();
    await();
    long wrong = check.wrong(operands, cell.placement());
    await();
    return wrong;
  }

  /// Waits for the others where they do not do so for each other: whose window is used must have
  /// filled it before, and have looked at it before it is used again.
  private void await() {
    if (collective.isOneSided()) {
      control.barrier();
    }
  }

  private BenchRow row(
      Cell cell,
      BoundOperation operation,
      long size,
      TimedLoop.Result result,
      double limitMicros,
      long wrong) {
    Statistics times = result.times();
    double perOperation = 1e-3 / operation.messages();
    return new BenchRow(
        collective.label(),
        ranks,
        options.mode(),
        size,
        cell.count(),
        collective.hasData() ? TypeNames.of(cell.type()) : "none",
        TypeNames.of(collective.reduces() ? cell.op() : null),
        collective.hasRoot() ? options.root() : -1,
        cell.placement(),
        cell.kind(),
        options.style(),
        operation.algorithm(),
        operation.form(),
        communicator.transport(),
        times.p50() * perOperation,
        times.p99() * perOperation,
        times.min() * perOperation,
        result.average() * perOperation,
        limitMicros,
        wrong,
        times.count(),
        1,
        LateRanks.words(options.late()));
  }
}
