package dev.tutti.bindings.linux;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// The calls of the data path make no garbage.
@EnabledOnOs(OS.LINUX)
final class LinuxAllocationTest {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int CALLS = 10_000;
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

  @Test
  void shouldNotAllocateWhenWaking() {
    assertThat(allocatedBytes(address -> Linux.futexWake(address, 1))).isZero();
  }

  @Test
  void shouldNotAllocateWhenAWaitReturnsAtOnce() {
    assertThat(allocatedBytes(address -> Linux.futexWait(address, 1, 1_000_000))).isZero();
  }

  @Test
  void shouldNotAllocateWhenReadingAProcess() {
    int pid = Linux.processId();

    assertThat(allocatedBytes(address -> Linux.processVmRead(pid, address, address + 8, 8)))
        .isZero();
  }

  /// What [#CALLS] calls allocate on this thread once they are warm.
  ///
  /// When the compiler gets to a method is not ours to say, so the calls are repeated until they
  /// allocate nothing or [#PATIENCE_NANOS] are over. Code that makes garbage never gets there.
  private static long allocatedBytes(LongConsumer call) {
    try (MappedMemory memory = new MappedMemory()) {
      long deadline = System.nanoTime() + PATIENCE_NANOS;
      long allocated;
      do {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < CALLS; i++) {
          call.accept(memory.address);
        }
        allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
      } while (allocated > 0 && System.nanoTime() < deadline);
      return allocated;
    }
  }
}
