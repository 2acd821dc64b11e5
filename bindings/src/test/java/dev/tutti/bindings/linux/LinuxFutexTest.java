package dev.tutti.bindings.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
@Timeout(30)
final class LinuxFutexTest {

  private MappedMemory memory;

  @BeforeEach
  void mapMemory() {
    memory = new MappedMemory();
  }

  @AfterEach
  void unmapMemory() {
    memory.close();
  }

  @Test
  void shouldReturnAtOnceWhenTheWordHoldsAnotherValue() {
    int result = Linux.futexWait(memory.address, 1, Long.MAX_VALUE);

    assertThat(result).isEqualTo(Errno.EAGAIN);
  }

  @Test
  void shouldTimeOutWhenNobodyWakes() {
    long timeout = TimeUnit.MILLISECONDS.toNanos(5);
    long start = System.nanoTime();

    int result = Linux.futexWait(memory.address, 0, timeout);

    assertThat(result).isEqualTo(Errno.ETIMEDOUT);
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(timeout);
  }

  @Test
  void shouldOnlyCompareWhenTheTimeoutIsNegative() {
    int result = Linux.futexWait(memory.address, 0, -1);

    assertThat(result).isEqualTo(Errno.ETIMEDOUT);
  }

  @Test
  void shouldWakeNobodyWhenNobodySleeps() {
    assertThat(Linux.futexWake(memory.address, Integer.MAX_VALUE)).isZero();
  }

  @Test
  void shouldWakeASleeperThroughAnotherMapping() {
    long elsewhere = MappedMemory.map(memory.fd, memory.bytes);
    CompletableFuture<Integer> sleeper =
        CompletableFuture.supplyAsync(
            () -> Linux.futexWait(memory.address, 0, TimeUnit.SECONDS.toNanos(20)));

    // Nobody can see from outside that the other thread sleeps: wake until one did.
    Awaitility.await()
        .pollInterval(Duration.ofMillis(1))
        .until(() -> Linux.futexWake(elsewhere, 1) == 1);

    assertThat(sleeper.join()).isZero();
    Linux.munmap(elsewhere, memory.bytes);
  }

  @Test
  void shouldPassTheWordToAndFroBetweenTwoThreads() {
    int rounds = 1000;
    CompletableFuture<Void> partner =
        CompletableFuture.runAsync(() -> {
          for (int round = 0; round < rounds; round++) {
            awaitWord(2 * round + 1);
            publishWord(2 * round + 2);
          }
        });

    for (int round = 0; round < rounds; round++) {
      publishWord(2 * round + 1);
      awaitWord(2 * round + 2);
    }

    partner.join();
    assertThat(memory.segment.get(JAVA_INT, 0)).isEqualTo(2 * rounds);
  }

  @Test
  void shouldNameTheCommandWhenTheAddressIsWrong() {
    assertThatThrownBy(() -> Linux.futexWait(3, 0, 0))
        .hasMessage("futex(FUTEX_WAIT, address=0x3) failed: EINVAL (22)");
    assertThatThrownBy(() -> Linux.futexWake(3, 1))
        .hasMessage("futex(FUTEX_WAKE, address=0x3, count=1) failed: EINVAL (22)");
  }

  private void publishWord(int value) {
    JAVA_INT.varHandle().setRelease(memory.segment, 0L, value);
    Linux.futexWake(memory.address, 1);
  }

  private void awaitWord(int value) {
    int seen;
    while ((seen = (int) JAVA_INT.varHandle().getAcquire(memory.segment, 0L)) != value) {
      Linux.futexWait(memory.address, seen, TimeUnit.SECONDS.toNanos(20));
    }
  }
}
