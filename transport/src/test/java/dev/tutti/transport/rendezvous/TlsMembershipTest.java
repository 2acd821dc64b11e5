package dev.tutti.transport.rendezvous;

import static dev.tutti.transport.rendezvous.TestWorld.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tutti.transport.rendezvous.RendezvousException.Kind;
import dev.tutti.transport.tls.TlsRelay;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The control plane inside TLS.
@Timeout(value = 30, unit = TimeUnit.SECONDS)
final class TlsMembershipTest {
  private static final MembershipOptions ENCRYPTED = TestWorld.OPTIONS.withTls(true);
  private static final byte[] CARD = {1};

  private static InetSocketAddress address(RendezvousServer server) {
    return new InetSocketAddress(server.uri().getHost(), server.uri().getPort());
  }

  @Test
  void shouldFormAWorldAndSurviveTheLossOfItsServer() {
    try (TestWorld world = TestWorld.form(0, 3, ENCRYPTED)) {
      int[] all = {0, 1, 2};
      CompletableFuture<?>[] agreements = new CompletableFuture<?>[all.length];
      for (int rank : all) {
        agreements[rank] = world.later(() -> world.member(rank).agree(7, all, CARD, LONG));
      }
      CompletableFuture.allOf(agreements).join();

      world.crashServer();

      world.awaitEvent(1, "moved 1");
      world.awaitEvent(2, "moved 1");
      world.member(2).tell(new int[] {1, 2}, 9, new byte[] {4});
      world.awaitEvent(1, "told 2 9 [4]");
      world.member(1).abort("enough");
      world.awaitEvent(2, "aborted 1 enough");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldTurnAwayWhoReadsAndPassesOnTheHandshake(boolean between) throws Exception {
    Secret secret = Secret.random();
    try (RendezvousServer server = RendezvousServer.start(TestWorld.LOOPBACK, 1, secret);
        TlsRelay relay = new TlsRelay(address(server))) {
      if (!between) {
        Membership.join(server.uri(), 0, 1, secret, CARD, LONG, ENCRYPTED).close();
        return;
      }
      URI uri = URI.create("tcp://" + "127.0.0.1:" + relay.address().getPort());

      assertThatThrownBy(() -> Membership.join(uri, 0, 1, secret, CARD, LONG, ENCRYPTED))
          .isInstanceOfSatisfying(
              RendezvousException.class, e -> assertThat(e.kind()).isEqualTo(Kind.AUTHENTICATION));
      assertThat(relay.read()).isPositive();
    }
  }

  @Test
  void shouldEndTheHandshakeOfAStrangerWhoDoesNotGoOn() throws Exception {
    Duration patience = Duration.ofMillis(300);
    try (RendezvousServer server =
            RendezvousServer.start(TestWorld.LOOPBACK, 1, Secret.random(), -1, patience);
        Socket stranger = new Socket(address(server).getAddress(), address(server).getPort())) {
      stranger.getOutputStream().write(new byte[] {22, 3, 1, 1, 0}); // the head of a record

      await().atMost(LONG).until(() -> server.rejected() == 1);
      assertThat(stranger.getInputStream().read()).isNotZero(); // an alert or the end
    }
  }
}
