package dev.tutti.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.bindings.Memory;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@EnabledOnOs(OS.LINUX)
class SendLogTest {
  private final BufferPool pool = new BufferPool(4096);
  private final SendLog log = new SendLog(pool);

  @AfterEach
  void close() {
    log.close();
    pool.close();
  }

  @Test
  void shouldFindTheFrameOfEachByteAfterSomeWereAcknowledged() {
    try (Arena arena = Arena.ofConfined()) {
      long data = arena.allocate(64).address();
      for (int i = 0; i < 3000; i++) {
        log.add(data, i % 10, SendLog.Place.RING);
        if (log.next() > 100) {
          long begin = log.start(log.next() - 100);
          log.acknowledged(begin);
          assertThat(log.start()).isEqualTo(begin);
        }
      }

      long first = log.next() - 100;
      for (long frame = first; frame < log.next(); frame++) {
        long start = log.start(frame);
        long length = (long) FrameHeader.BYTES + log.bytes(frame);
        assertThat(log.frameAt(start)).isEqualTo(frame);
        assertThat(log.frameAt(start + length - 1)).isEqualTo(frame);
      }
      assertThat(log.frameAt(log.end())).isEqualTo(log.next());
    }
  }

  @Test
  void shouldKeepAFrameOfWhichOneByteIsMissing() {
    try (Arena arena = Arena.ofConfined()) {
      log.add(arena.allocate(64).address(), 64, SendLog.Place.RING);

      log.acknowledged(log.end() - 1);
      assertThat(log.hasForgotten(0)).isFalse();

      log.acknowledged(log.end());
      assertThat(log.hasForgotten(0)).isTrue();
    }
  }

  @Test
  void shouldHaveRoomForAnAcknowledgementOfEachBatchWhenItIsFull() {
    try (Arena arena = Arena.ofConfined()) {
      long data = arena.allocate(2048).address();
      for (int bytes : new int[] {0, 2000}) {
        while (log.hasRoom(bytes)) {
          log.add(data, bytes, SendLog.Place.RING);
        }

        for (int i = 0; i < SendLog.FRAMES / SendLog.FRAMES_PER_ACK + 1; i++) {
          assertThat(log.hasRoomForControl()).isTrue();
          log.add(0, 0, SendLog.Place.RING);
        }
        log.acknowledged(log.end());
      }
    }
  }

  @Test
  void shouldCopyWhatIsNotAcknowledgedBeforeItsMemoryChanges() {
    try (Arena arena = Arena.ofConfined()) {
      long data = arena.allocate(4096, 8).address();
      Memory.putLong(data, 1);
      Memory.putLong(data + 2048, 2);
      log.add(data, 2048, SendLog.Place.CALLER);
      log.add(data + 2048, 2048, SendLog.Place.CALLER);
      log.acknowledged(log.start(1));

      log.settle(data, 4096);
      Memory.putLong(data + 2048, 3);

      assertThat(log.hasCallers()).isFalse();
      assertThat(Memory.getLong(log.payload(1))).isEqualTo(2);
      int free = pool.freeBuffers();
      log.acknowledged(log.end());
      assertThat(pool.freeBuffers()).isEqualTo(free + 1);
    }
  }

  /// A peer that lags behind must not cost a buffer for each of its frames.
  @ParameterizedTest
  @EnumSource(names = {"CALLER", "POOL"})
  void shouldPackManySmallFramesIntoFewBuffers(SendLog.Place place) {
    try (BufferPool large = new BufferPool(1 << 20);
        SendLog backlog = new SendLog(large);
        Arena arena = Arena.ofConfined()) {
      long data = arena.allocate(20_000, 8).address();
      for (int i = 0; i < 500; i++) {
        long at = place == SendLog.Place.CALLER ? data : large.take();
        Memory.putLong(at, i);
        backlog.add(at, 20_000, place);
        backlog.settle(data, 20_000);
      }

      assertThat(large.mappedBytes()).isLessThan(2 * 500 * 20_000 + (10 << 20));
      for (int i = 0; i < 500; i++) {
        assertThat(Memory.getLong(backlog.payload(i))).isEqualTo(i);
        backlog.acknowledged(backlog.start(i + 1));
      }
      assertThat(large.freeBuffers() * (1L << 20)).isEqualTo(large.mappedBytes());
    }
  }
}
