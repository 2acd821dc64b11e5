package dev.tutti.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.bindings.Memory;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class WaiterTest {

  @Test
  void shouldEndAtDeadline() {
    try (Arena arena = Arena.ofConfined()) {
      long line = arena.allocate(256, 128).address();
      Waiter waiter = new Waiter(line, new long[0], 2, 5_000_000, () -> {}, null);

      assertThatThrownBy(() -> waiter.await(line + 128, 1))
          .isInstanceOf(Waiter.DeadlineException.class)
          .hasMessage("no progress within 5 ms");
    }
  }

  @Test
  void shouldEndWhenTheCheckThrows() {
    try (Arena arena = Arena.ofConfined()) {
      long line = arena.allocate(256, 128).address();
      AtomicInteger calls = new AtomicInteger();
      Waiter waiter =
          new Waiter(
              line,
              new long[0],
              1,
              0,
              () -> {
                if (calls.incrementAndGet() > 100) {
                  throw new IllegalStateException("gone");
                }
              },
              null);

      assertThatThrownBy(() -> waiter.await(line + 128, 1)).hasMessage("gone");
    }
  }

  @Test
  void shouldWakeParkedPeer() throws InterruptedException {
    try (Arena arena = Arena.ofShared()) {
      long block = arena.allocate(512, 128).address();
      long word = block + 256;
      Waiter sleeper = new Waiter(block, new long[] {block + 128}, 2, 0, () -> {}, null);
      Waiter waker = new Waiter(block + 128, new long[] {block}, 2, 0, () -> {}, null);
      CountDownLatch woken = new CountDownLatch(1);
      Thread sleeping =
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 1; i <= 50; i++) {
                  sleeper.await(word, i);
                }
                woken.countDown();
              });
      for (int i = 1; i <= 50; i++) {
        while (Memory.getIntAcquire(block + 64) == 0 && i % 10 == 0) {
          Thread.yield(); // every tenth time the peer is asleep
        }
        Memory.putLongRelease(word, i);
        waker.wakePeers();
      }
      woken.await();
      sleeping.join();

      assertThat(Memory.getLong(word)).isEqualTo(50);
    }
  }

  @Test
  void shouldReportLongWaitsAgainAndAgain() {
    try (Arena arena = Arena.ofConfined()) {
      long line = arena.allocate(256, 128).address();
      List<Long> starts = new ArrayList<>();
      List<Long> parks = new ArrayList<>();
      Waiter.Check check =
          () -> {
            if (parks.size() > 2) {
              throw new IllegalStateException("enough");
            }
          };
      Waiter waiter = new Waiter(line, new long[0], 1, 0, check, null);
      waiter.observe(
          new Waiter.Observer() {
            @Override
            public void waiting(long address, long start, long now) {
              assertThat(address).isEqualTo(line + 128);
              assertThat(now).isGreaterThanOrEqualTo(start);
              starts.add(start);
            }

            @Override
            public void parked(long nanos) {
              parks.add(nanos);
            }
          });

      assertThatThrownBy(() -> waiter.await(line + 128, 1)).hasMessage("enough");

      assertThat(starts).hasSizeGreaterThanOrEqualTo(3);
      assertThat(starts.stream().distinct()).hasSize(1);
      assertThat(parks).hasSize(3).allMatch(nanos -> nanos > 0);
    }
  }

  @Test
  void shouldNotReportWaitsThatEndAtOnce() {
    try (Arena arena = Arena.ofConfined()) {
      long line = arena.allocate(256, 128).address();
      Waiter waiter = new Waiter(line, new long[0], 1, 0, () -> {}, null);
      AtomicInteger calls = new AtomicInteger();
      waiter.observe(
          new Waiter.Observer() {
            @Override
            public void waiting(long address, long start, long now) {
              calls.incrementAndGet();
            }

            @Override
            public void parked(long nanos) {
              calls.incrementAndGet();
            }
          });
      Memory.putLong(line + 128, 5);

      waiter.await(line + 128, 5);

      assertThat(calls).hasValue(0);
    }
  }
}
