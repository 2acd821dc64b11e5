package dev.tutti.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.bindings.linux.Sockets;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// Several network interfaces carry one link together.
@EnabledOnOs(OS.LINUX)
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TcpRailsTest {
  private static final TcpPair.Interference NONE = (side, message) -> {};
  private static final List<String> RAILS = List.of("127.0.0.2", "127.0.0.3");

  private static TcpOptions options() {
    return TcpOptions.standard().withInterfaces(RAILS).withSliceBytes(64 << 10);
  }

  private static TcpLifeline.Connection newest(TcpPair pair, int stream) {
    TcpLifeline.Connection newest = pair.lifeline(0, stream).newest();
    if (newest == null) {
      throw new AssertionError("not connected");
    }
    return newest;
  }

  @Test
  void shouldConnectEachStreamOverItsRail() throws Exception {
    TcpOptions options = options().withStreamsPerPeer(2);
    try (TcpPair pair = new TcpPair(options, false, RAILS).connect()) {
      for (int stream = 0; stream < 4; stream++) {
        String address =
            Sockets.localAddress(newest(pair, stream).fd()).getAddress().getHostAddress();
        assertThat(address).isEqualTo(RAILS.get(stream % 2));
      }
      pair.both(side -> pair.exchange(side, 1, 8 << 20, 8 << 20, 64 << 10, NONE));
    }
  }

  @Test
  void shouldShareByTheRateOfEachRail() throws Exception {
    try (TcpPair pair = new TcpPair(options(), true, RAILS).connect()) {
      pair.proxies.get(0).limit(120_000_000);
      pair.proxies.get(1).limit(30_000_000);

      pair.both(side -> {
        int bytes = side == 0 ? 64 << 20 : 0;
        pair.exchange(side, 1, bytes, (64 << 20) - bytes, 64 << 10, NONE);
      });

      double share = (double) pair.proxies.get(0).passed() / pair.proxies.get(1).passed();
      assertThat(share).as("faster to slower").isBetween(1.2, 12.0);
    }
  }

  @Test
  void shouldMoveToTheOtherRailWhenOneDiesAndReturnWhenItLivesAgain() throws Exception {
    try (TcpPair pair = new TcpPair(options(), true, RAILS).connect()) {
      pair.both(side -> {
        for (int i = 0; i < 4; i++) {
          pair.exchange(
              side,
              i,
              4 << 20,
              4 << 20,
              64 << 10,
              (s, message) -> {
                if (s == 0 && message == 40) {
                  closeQuietly(pair.proxies.get(1));
                }
              });
        }
      });
      assertThat(newest(pair, 1).preferred()).isFalse();

      pair.proxies.get(1).reopen();
      Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> newest(pair, 1).preferred());
      pair.both(side -> pair.exchange(side, 5, 4 << 20, 4 << 20, 64 << 10, NONE));
      assertThat(newest(pair, 1).preferred()).isTrue();
    }
  }

  private static void closeQuietly(UnreliableProxy proxy) {
    try {
      proxy.close();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
