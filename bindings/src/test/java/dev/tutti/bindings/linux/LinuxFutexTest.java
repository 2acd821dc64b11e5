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
    boolean woken = Linux.futexWait(memory.address, 1, Long.MAX_VALUE);

    assertThat(woken).isFalse();
  }

  @Test
  void shouldTimeOutWhenNobodyWakes() {
    long timeout = TimeUnit.MILLISECONDS.toNanos(5);
    long start = System.nanoTime();

    boolean woken = Linux.futexWait(memory.address, 0, timeout);

    assertThat(woken).isFalse();
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(timeout);
  }

  @Test
  void shouldOnlyCompareWhenTheTimeoutIsNegative() {
    boolean woken = Linux.futexWait(memory.address, 0, -1);

    assertThat(woken).isFalse();
  }

  @Test
  void shouldWakeNobodyWhenNobodySleeps() {
    assertThat(Linux.futexWake(memory.address, Integer.MAX_VALUE)).isZero();
  }

  @Test
  void shouldWakeASleeperThroughAnotherMapping() {
    long elsewhere = MappedMemory.map(memory.fd, memory.bytes);
    CompletableFuture<Boolean> sleeper =
        CompletableFuture.supplyAsync(
            () -> Linux.futexWait(memory.address, 0, TimeUnit.SECONDS.toNanos(20)));

    // Nobody can see from outside that the other thread sleeps: wake until one did.
    Awaitility.await()
        .pollInterval(Duration.ofMillis(1))
        .until(() -> Linux.futexWake(elsewhere, 1) == 1);

    assertThat(sleeper.join()).isTrue();
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
  void shouldNameTheAddressWhenItIsWrong() {
    assertThatThrownBy(() -> Linux.futexWait(3, 0, 0))
        .hasMessage("a futex lies at a multiple of 4, not at 0x3");
    assertThatThrownBy(() -> Linux.futexWake(3, 1))
        .hasMessage("a futex lies at a multiple of 4, not at 0x3");
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
