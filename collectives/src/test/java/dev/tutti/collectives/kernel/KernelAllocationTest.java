package dev.tutti.collectives.kernel;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class KernelAllocationTest {
  private static final int CALLS = 10_000;
  private static final int COUNT = 100;

  /// Until a loop is compiled its vectors are objects, so the calls repeat until a round is clean.
  private static final int ROUNDS = 40;

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT32", "BFLOAT16", "FLOAT16", "FLOAT8_E4M3", "INT64"})
  void shouldNotAllocateOnceWarm(DataType type) {
    ReductionKernel kernel = Kernels.of(type, ReduceOp.SUM);
    try (Arena arena = Arena.ofConfined()) {
      long[] addresses = new long[4];
      for (int i = 0; i < addresses.length; i++) {
        addresses[i] = arena.allocate((long) COUNT * type.bytes(), 64).address();
      }

      long allocated = Long.MAX_VALUE;
      for (int round = 0; round < ROUNDS && allocated > 0; round++) {
        allocated = allocatedBy(kernel, addresses);
      }

      assertTrue(allocated == 0, () -> type + " kept allocating");
    }
  }

  private static long allocatedBy(ReductionKernel kernel, long[] addresses) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int call = 0; call < CALLS; call++) {
      kernel.combine(addresses[0], addresses[1], addresses[2], COUNT);
      kernel.combineAll(addresses, 2, addresses, 4, 0, COUNT, 1, Stores.CACHED);
      kernel.combineAll(addresses, 1, addresses, 3, 0, COUNT, 1, Stores.STREAMING);
    }
    return threads.getCurrentThreadAllocatedBytes() - before;
  }
}
