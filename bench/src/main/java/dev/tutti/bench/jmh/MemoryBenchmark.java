package dev.tutti.bench.jmh;

import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import dev.tutti.collectives.kernel.BulkCopy;
import dev.tutti.collectives.kernel.Kernels;
import dev.tutti.collectives.kernel.Stores;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// What this machine's memory gives at most: the roofline of [KernelBenchmark].
///
/// `readAllWriteAll` is the floor of an all-reduce in shared memory: each input is read once and
/// each output written once, past the cache, by integer sums, the cheapest arithmetic there is.
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class MemoryBenchmark {
  /// Length of each range.
  @Param({"65536", "1048576", "67108864"})
  public long rangeBytes;

  private Arena arena;
  private long[] addresses;
  private MemorySegment first;

  /// Allocates the ranges.
  @Setup
  @SuppressWarnings("restricted") // a segment over memory that this class has allocated
  public void allocate() {
    arena = Arena.ofShared();
    addresses = Operands.allocate(arena, 4, rangeBytes);
    first = MemorySegment.ofAddress(addresses[0]).reinterpret(rangeBytes);
  }

  /// Frees the ranges.
  @TearDown
  public void free() {
    arena.close();
  }

  /// Copies with ordinary stores.
  @Benchmark
  public void copy(Traffic traffic) {
    BulkCopy.copy(addresses[1], addresses[0], rangeBytes, Stores.CACHED);
    traffic.bytes += 2 * rangeBytes;
  }

  /// Copies with non-temporal stores.
  @Benchmark
  public void copyStreaming(Traffic traffic) {
    BulkCopy.copy(addresses[1], addresses[0], rangeBytes, Stores.STREAMING);
    traffic.bytes += 2 * rangeBytes;
  }

  /// Reads one range.
  @Benchmark
  public long read(Traffic traffic) {
    long sum = 0;
    for (long i = 0; i < rangeBytes; i += Long.BYTES) {
      sum += first.get(ValueLayout.JAVA_LONG, i);
    }
    traffic.bytes += rangeBytes;
    return sum;
  }

  /// Writes one range.
  @Benchmark
  public void write(Traffic traffic) {
    first.fill((byte) 3);
    traffic.bytes += rangeBytes;
  }

  /// Reads two ranges once and writes two others once.
  @Benchmark
  public void readAllWriteAll(Traffic traffic) {
    Kernels.of(DataType.INT64, ReduceOp.SUM)
        .combineAll(
            new long[] {addresses[2], addresses[3]},
            2,
            addresses,
            2,
            0,
            rangeBytes / Long.BYTES,
            1,
            Stores.STREAMING);
    traffic.bytes += 4 * rangeBytes;
  }
}
