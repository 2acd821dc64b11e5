package dev.tutti.bench.jmh;

import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import dev.tutti.collectives.kernel.Kernels;
import dev.tutti.collectives.kernel.ReductionKernel;
import dev.tutti.collectives.kernel.Stores;
import java.lang.foreign.Arena;
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

/// Reduction kernels, to be read beside [MemoryBenchmark] of the same run.
///
/// Each thread has operands of its own. Run with `-t 2` to load the memory from both cores and with
/// `-prof gc` to see that nothing is allocated.
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
    value = 3,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class KernelBenchmark {
  /// Element type.
  @Param({"FLOAT32", "BFLOAT16", "FLOAT16"})
  public DataType type;

  /// Sources, and targets of `combineAll`.
  @Param({"2", "4", "8"})
  public int ranges;

  /// Length of each range.
  @Param({"65536", "1048576", "67108864"})
  public long rangeBytes;

  private ReductionKernel kernel;
  private Arena arena;
  private long[] sources;
  private long[] targets;
  private long count;

  /// Allocates the operands.
  @Setup
  public void allocate() {
    kernel = Kernels.of(type, ReduceOp.SUM);
    arena = Arena.ofShared();
    sources = Operands.allocate(arena, ranges, rangeBytes);
    targets = Operands.allocate(arena, ranges, rangeBytes);
    count = rangeBytes / type.bytes();
  }

  /// Frees the operands.
  @TearDown
  public void free() {
    arena.close();
  }

  /// Two sources into one target.
  @Benchmark
  public void combine(Traffic traffic) {
    kernel.combine(targets[0], sources[0], sources[1], count);
    traffic.bytes += 3 * rangeBytes;
  }

  /// Two sources into one of them.
  @Benchmark
  public void combineInPlace(Traffic traffic) {
    kernel.combine(sources[0], sources[0], sources[1], count);
    traffic.bytes += 3 * rangeBytes;
  }

  /// All sources into as many targets, ordinary stores.
  @Benchmark
  public void combineAllCached(Traffic traffic) {
    kernel.combineAll(targets, ranges, sources, ranges, 0, count, 1, Stores.CACHED);
    traffic.bytes += 2L * ranges * rangeBytes;
  }

  /// All sources into as many targets, non-temporal stores.
  @Benchmark
  public void combineAllStreaming(Traffic traffic) {
    kernel.combineAll(targets, ranges, sources, ranges, 0, count, 1, Stores.STREAMING);
    traffic.bytes += 2L * ranges * rangeBytes;
  }
}
