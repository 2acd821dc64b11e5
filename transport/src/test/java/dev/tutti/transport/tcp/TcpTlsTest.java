package dev.tutti.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.transport.NetworkException;
import dev.tutti.transport.rendezvous.Secret;
import dev.tutti.transport.tls.TlsRelay;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What somebody on the way can see and do.
@EnabledOnOs(OS.LINUX)
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class TcpTlsTest {
  private static final TcpPair.Interference NONE = (side, message) -> {};

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldShowHeadersOfFramesOnlyWithoutTls(boolean tls) throws Exception {
    try (TcpPair pair = new TcpPair(TcpOptions.standard().withTls(tls), true)) {
      AtomicLong seen = new AtomicLong();
      pair.proxy.tamper((buffer, length) -> seen.addAndGet(headers(buffer, length)));
      pair.connect();

      pair.both(side -> {
        for (int i = 0; i < 100; i++) {
          pair.exchange(side, i, 1000, 1000, 1000, NONE);
        }
      });

      assertThat(seen.get() > 50).isEqualTo(!tls);
      assertThat(pair.proxy.passed()).isGreaterThan(200_000);
    }
  }

  private static long headers(byte[] buffer, int length) {
    ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, length).order(ByteOrder.nativeOrder());
    long found = 0;
    for (int i = 0; i + Short.BYTES < length; i++) {
      boolean header =
          bytes.getShort(i) == FrameHeader.MAGIC && bytes.get(i + Short.BYTES) == FrameHeader.DATA;
      found += header ? 1 : 0;
    }
    return found;
  }

  @Test
  void shouldTurnAwayWhoReadsAndPassesOnTheHandshake() throws Exception {
    TcpOptions options =
        TcpOptions.standard().withTls(true).withReconnectTimeout(Duration.ofMillis(200));
    Secret secret = Secret.random();
    try (TcpEndpoint first = TcpEndpoint.open(options, secret, 42, 0);
        TcpEndpoint second = TcpEndpoint.open(options, secret, 42, 1);
        TlsRelay relay = new TlsRelay(second.addresses().getLast())) {
      List<InetSocketAddress> own = List.of(first.addresses().getLast());
      first.peers(List.of(own, List.of(relay.address())));
      second.peers(List.of(own, List.of(second.addresses().getLast())));
      try (TcpNetwork network = first.network(5, new int[] {0, 1}, 0, 1, () -> {})) {
        assertThatThrownBy(() -> network.connect(1))
            .isInstanceOf(NetworkException.class)
            .hasMessageContaining("rank 1 cannot be reached");
      }

      assertThat(relay.read()).isGreaterThan(TcpHandshake.HELLO_BYTES);
      assertThat(second.rejected()).isPositive();
      assertThat(second.streams()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldNotConnectRanksOfWhichOnlyOneEncrypts(boolean connecting) {
    TcpOptions options = TcpOptions.standard().withReconnectTimeout(Duration.ofMillis(200));
    Secret secret = Secret.random();
    try (TcpEndpoint first = TcpEndpoint.open(options.withTls(connecting), secret, 42, 0);
        TcpEndpoint second = TcpEndpoint.open(options.withTls(!connecting), secret, 42, 1)) {
      List<List<InetSocketAddress>> addresses =
          List.of(List.of(first.addresses().getLast()), List.of(second.addresses().getLast()));
      first.peers(addresses);
      second.peers(addresses);
      try (TcpNetwork network = first.network(5, new int[] {0, 1}, 0, 1, () -> {})) {
        assertThatThrownBy(() -> network.connect(1))
            .isInstanceOf(NetworkException.class)
            .hasMessageContaining("rank 1 cannot be reached");
      }
      assertThat(second.rejected()).isPositive();
    }
  }

  @Test
  void shouldGiveUpWhenTheSameRecordArrivesChangedAgainAndAgain() throws Exception {
    TcpOptions options = TcpOptions.standard().withTls(true).withSliceBytes(64 << 10);
    try (TcpPair pair = new TcpPair(options, true).connect()) {
      pair.proxy.tamper((buffer, length) -> {
        if (length > 10_000) { // no handshake is that long
          buffer[100] ^= 1;
        }
      });
      CompletableFuture<Void> sending =
          CompletableFuture.runAsync(() -> pair.exchange(0, 1, 60_000, 0, 60_000, NONE));
      CompletableFuture<Void> receiving =
          CompletableFuture.runAsync(() -> pair.exchange(1, 1, 0, 60_000, 60_000, NONE));

      assertThatThrownBy(receiving::join)
          .isInstanceOf(CompletionException.class)
          .hasCauseInstanceOf(NetworkException.class)
          .hasMessageContaining("data from rank 0 were damaged on the way 4 times in a row")
          .hasMessageContaining("a record of TLS, stream position ");
      sending.join();
    }
  }
}
