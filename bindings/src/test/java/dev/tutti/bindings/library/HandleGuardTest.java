package dev.tutti.bindings.library;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.bindings.Allocation;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
final class HandleGuardTest {
  private final HandleGuard guard = new HandleGuard("thing");

  private static void onOtherThread(Runnable action) {
    CompletableFuture.runAsync(action).orTimeout(10, TimeUnit.SECONDS).join();
  }

  @Test
  void shouldLetOneThreadWorkAndOthersWatch() {
    guard.enter();

    onOtherThread(() -> {
      guard.watch();
      assertThatThrownBy(guard::enter)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("is in a call with this thing; one thread at a time may use it");
      guard.unwatch();
    });
    assertThat(guard.isBusy()).isTrue();

    guard.exit();
    onOtherThread(() -> {
      guard.enter();
      guard.exit();
    });
    assertThat(guard.isBusy()).isFalse();
  }

  @Test
  void shouldLetAThreadWorkWhileOthersWatch() {
    guard.watch();
    guard.enter();
    guard.watch();
    guard.exit();
    guard.unwatch();
    guard.unwatch();

    assertThat(guard.end()).isTrue();
  }

  @Test
  void shouldLetNobodyInAfterItsEnd() {
    assertThat(guard.end()).isTrue();
    assertThat(guard.end()).isFalse();
    assertThat(guard.endByForce()).isFalse();

    assertThatThrownBy(guard::enter).hasMessage("this thing is closed");
    assertThatThrownBy(guard::watch).hasMessage("this thing is closed");
    assertThatThrownBy(guard::check).hasMessage("this thing is closed");
    assertThat(guard.isEnded()).isTrue();
  }

  @Test
  void shouldEndByForceOnlyWhileAThreadWorks() {
    guard.enter();
    assertThatThrownBy(guard::end).hasMessageEndingWith("is in a call with this thing");
    assertThat(guard.endByForce()).isTrue();
    assertThat(guard.isBusy()).isTrue();
    guard.exit();
    assertThat(guard.isBusy()).isFalse();
    assertThatThrownBy(guard::enter).hasMessage("this thing is closed");
  }

  @Test
  void shouldWaitForWatchersWhenItEnds() throws Exception {
    guard.watch();
    CompletableFuture<Boolean> end = CompletableFuture.supplyAsync(guard::end);
    while (!guard.isEnded()) {
      Thread.onSpinWait();
    }
    assertThat(end).isNotDone();

    guard.unwatch();

    assertThat(end.get(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void shouldNotAllocate() {
    assertThat(
            Allocation.bytes(() -> {
              guard.enter();
              guard.watch();
              guard.unwatch();
              guard.exit();
            }))
        .isZero();
  }
}
