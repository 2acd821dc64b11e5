package dev.tutti.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.transport.NetworkException;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Broken connections are re-established and go on where they ended.
@EnabledOnOs(OS.LINUX)
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TcpReconnectTest {
  private static final TcpPair.Interference NONE = (side, message) -> {};

  TcpOptions options(int streams) {
    return TcpOptions.standard().withStreamsPerPeer(streams).withSliceBytes(64 << 10);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void shouldLoseNothingWhenLargeOperationsAreCutAtRandomBytes(int streams) throws Exception {
    try (TcpPair pair = new TcpPair(options(streams), true)) {
      pair.proxy.cutAtRandom(streams, 200, 2 << 20);
      pair.connect();

      pair.both(side -> {
        for (int i = 0; i < 4; i++) {
          pair.exchange(side, i, 8 << 20, 8 << 20, 64 << 10, NONE);
        }
      });

      assertThat(pair.proxy.cuts()).isGreaterThanOrEqualTo(20);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void shouldLoseNothingWhenSmallOperationsAreCutAtRandomBytes(int streams) throws Exception {
    try (TcpPair pair = new TcpPair(options(streams), true)) {
      pair.proxy.cutAtRandom(streams, 300, 20_000);
      pair.connect();

      pair.both(side -> {
        SplittableRandom random = new SplittableRandom(streams);
        for (int i = 0; i < 2000; i++) {
          int bytes = random.nextInt(1, 200);
          pair.exchange(side, i, bytes, bytes, 200, NONE);
        }
      });

      assertThat(pair.proxy.cuts()).isGreaterThanOrEqualTo(20);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void shouldLoseNothingWhenOneDirectionIsCutAtRandomBytes(int sender) throws Exception {
    try (TcpPair pair = new TcpPair(options(1), true)) {
      pair.proxy.cutAtRandom(sender, 200, 1 << 20);
      pair.connect();

      pair.both(side -> {
        for (int i = 0; i < 30; i++) {
          int bytes = 1_000_003;
          pair.exchange(
              side, i, side == sender ? bytes : 0, side == sender ? 0 : bytes, 64 << 10, NONE);
        }
      });

      assertThat(pair.proxy.cuts()).isGreaterThanOrEqualTo(20);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void shouldLoseNothingWhenDirectConnectionsAreShutDown(int streams) throws Exception {
    try (TcpPair pair = new TcpPair(options(streams), false).connect()) {
      SplittableRandom[] random = {new SplittableRandom(1), new SplittableRandom(2)};

      pair.both(side -> {
        for (int i = 0; i < 4; i++) {
          pair.exchange(
              side,
              i,
              8 << 20,
              8 << 20,
              64 << 10,
              (s, message) -> {
                if (random[s].nextInt(16) == 0) {
                  long _ = pair.lifeline(s, random[s].nextInt(streams)).freeze();
                }
              });
        }
      });

      assertThat(pair.lifeline(0, 0).attempt()).isGreaterThan(20 / streams);
    }
  }

  @Test
  void shouldReconnectWhenTheOtherSideIsInNoOperation() throws Exception {
    try (TcpPair pair = new TcpPair(options(1), false).connect()) {
      for (int i = 0; i < 20; i++) {
        int round = i;
        int first = i % 2;
        long _ = pair.lifeline((i / 2) % 2, 0).freeze();

        // The receiver begins only after the sender has ended its operation.
        pair.finish(pair.start(first, side -> pair.exchange(side, round, 20_000, 0, 20_000, NONE)));
        pair.finish(
            pair.start(1 - first, side -> pair.exchange(side, round, 0, 20_000, 20_000, NONE)));
      }
    }
  }

  @Test
  void shouldNamePeerAndCauseWhenThePeerCannotBeReachedAgain() throws Exception {
    TcpOptions options = options(1).withReconnectTimeout(Duration.ofMillis(300));
    try (TcpPair pair = new TcpPair(options, true).connect()) {
      pair.proxy.close();

      long start = System.nanoTime();
      for (int side = 0; side < 2; side++) {
        Future<?> waiting = pair.start(side, s -> pair.exchange(s, 1, 0, 100, 100, NONE));

        assertThatThrownBy(() -> pair.finish(waiting))
            .hasCauseInstanceOf(NetworkException.class)
            .hasMessageContaining("rank " + (1 - side))
            .hasMessageContaining("300 ms");
      }
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
    }
  }

  @Test
  void shouldNotWaitForTheLimitWhenThePeerHasClosedItsCommunicator() throws Exception {
    TcpOptions options = options(1).withReconnectTimeout(Duration.ofSeconds(30));
    try (TcpPair pair = new TcpPair(options, false).connect()) {
      pair.endpoints[0].forget(TcpPair.COMMUNICATOR); // without a goodbye

      Future<?> waiting = pair.start(1, s -> pair.exchange(s, 1, 0, 100, 100, NONE));

      assertThatThrownBy(() -> pair.finish(waiting)).hasMessageContaining("closed");
    }
  }

  @RepeatedTest(3)
  void shouldStopReconnectingWhenWaitingHasBecomePointless() throws Exception {
    TcpOptions options = options(1).withReconnectTimeout(Duration.ofSeconds(30));
    try (TcpPair pair = new TcpPair(options, true).connect()) {
      pair.proxy.close();
      Future<?> waiting = pair.start(0, s -> pair.exchange(s, 1, 0, 100, 100, NONE));
      Awaitility.await().until(() -> waiting.isDone() || pair.lifeline(0, 0).isMending());

      pair.givenUp = true; // as when membership says that the peer is dead

      assertThatThrownBy(() -> pair.finish(waiting)).hasMessageContaining("given up");
    }
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().startsWith("tutti-tcp-mend"));
  }

  @Test
  void shouldWaitForASlowReader() throws Exception {
    try (TcpPair pair = new TcpPair(options(1), false).connect()) {
      int bytes = 64 << 20;
      Future<?> sending = pair.start(0, s -> pair.exchange(s, 1, bytes, 0, 64 << 10, NONE));

      // The windows close; the connection must survive it.
      Awaitility.await()
          .pollDelay(Duration.ofSeconds(3))
          .timeout(Duration.ofSeconds(10))
          .until(() -> !sending.isDone());
      pair.finish(pair.start(1, s -> pair.exchange(s, 1, 0, bytes, 64 << 10, NONE)));

      pair.finish(sending);
      assertThat(pair.lifeline(0, 0).attempt()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void shouldSendAgainWhatArrivesDamagedWhenItIsChecked(int streams) throws Exception {
    TcpOptions options = options(streams).withChecksum(TcpOptions.Checksum.CRC32C);
    try (TcpPair pair = new TcpPair(options, true).connect()) {
      SplittableRandom random = new SplittableRandom(streams);
      AtomicLong left = new AtomicLong(random.nextLong(1000));
      AtomicBoolean soon = new AtomicBoolean();
      pair.proxy.tamper((buffer, length) -> {
        long at = left.getAndAdd(-length);
        if (at >= 0 && at < length) {
          buffer[(int) at] ^= (byte) (1 << random.nextInt(8));
          // Soon after each other, but not so often that the same frame is hit four times.
          soon.set(!soon.get() && random.nextBoolean());
          left.set(random.nextLong(soon.get() ? 20_000 : 3 << 20));
        }
      });

      pair.both(side -> {
        for (int i = 0; i < 300; i++) {
          pair.exchange(side, i, 300, 300, 100, NONE);
        }
        for (int i = 0; i < 4; i++) {
          pair.exchange(side, i, 8 << 20, 8 << 20, 64 << 10, NONE);
        }
      });

      long found = pair.endpoints[0].damages() + pair.endpoints[1].damages();
      assertThat(found).isGreaterThanOrEqualTo(20);
      pair.proxy.tamper((buffer, length) -> {});
    }
  }

  @Test
  void shouldGiveUpWhenTheSameSliceArrivesDamagedAgainAndAgain() throws Exception {
    TcpOptions options = options(1).withTls(false).withChecksum(TcpOptions.Checksum.CRC32C);
    try (TcpPair pair = new TcpPair(options, true).connect()) {
      pair.proxy.tamper((buffer, length) -> {
        if (length > 10_000) { // a piece of the message, no handshake
          buffer[length - 1] ^= 1;
        }
      });
      Future<?> sending = pair.start(0, s -> pair.exchange(s, 1, 60_000, 0, 60_000, NONE));
      Future<?> receiving = pair.start(1, s -> pair.exchange(s, 1, 0, 60_000, 60_000, NONE));

      assertThatThrownBy(() -> pair.finish(receiving))
          .hasCauseInstanceOf(NetworkException.class)
          .hasMessageContaining("rank 0")
          .hasMessageContaining("damaged")
          .hasMessageContaining(" of lane 1, stream position ");
      pair.finish(sending);
    }
  }

  @Test
  void shouldReplaceAHalfOpenConnection() throws Exception {
    try (TcpPair pair = new TcpPair(options(1), false).connect()) {
      // From now on this end takes nothing, not even acknowledgements, and says nothing.
      DropFilter.attach(pair.lifeline(1, 0));

      pair.both(side -> pair.exchange(side, 1, 1 << 20, 1 << 20, 64 << 10, NONE));

      assertThat(pair.lifeline(0, 0).attempt()).isEqualTo(2);
    }
  }

  /// The same encrypted.
  @EnabledOnOs(OS.LINUX)
  static final class WithTlsTest extends TcpReconnectTest {
    @Override
    TcpOptions options(int streams) {
      return super.options(streams).withTls(true);
    }
  }
}
