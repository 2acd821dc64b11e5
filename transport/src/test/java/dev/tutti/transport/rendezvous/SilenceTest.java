package dev.tutti.transport.rendezvous;

import static dev.tutti.transport.rendezvous.TestWorld.LONG;
import static dev.tutti.transport.rendezvous.TestWorld.QUICK;
import static dev.tutti.transport.rendezvous.TestWorld.TIMEOUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Connections that stay open and say nothing: half-open ones, stopped processes, dead hosts.
@Timeout(value = 30, unit = TimeUnit.SECONDS)
final class SilenceTest {
  private final Secret secret = Secret.random();

  @Test
  void shouldReportSilentRankAndTellItSo() throws IOException {
    try (TestWorld world = TestWorld.empty(-1, 2);
        FrameConnection silent = joinRaw(world, 1)) {
      world.add(world.join(0, 2, QUICK));
      long start = System.nanoTime();

      world.awaitEvent(0, "failed 1 silent for 0.");

      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(TIMEOUT.multipliedBy(2));
      Frame last = silent.read();
      while (last.type() != FrameType.EVICTED) {
        last = silent.read();
      }
      Frame.Reader reader = last.open();
      assertThat(reader.getInt()).isZero();
      assertThat(reader.getText()).startsWith("silent for 0.");
      assertThatThrownBy(silent::read).isInstanceOf(IOException.class);
    }
  }

  private static FrameConnection joinRaw(TestWorld world, int rank) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), world.server.port());
    FrameConnection raw = FrameConnection.over(socket, Thread.ofVirtual().factory());
    assertThat(Handshake.asClient(raw, world.secret, System.nanoTime() + LONG.toNanos()))
        .isEqualTo(-1);
    raw.send(new JoinRequest(rank, 2, QUICK.timing(), Endpoint.NONE, new byte[0]).toFrame());
    return raw;
  }

  @Test
  void shouldKeepQuietRanksForLongerThanTheTimeout() {
    try (TestWorld world = TestWorld.form(0, 3, QUICK)) {
      await()
          .during(TIMEOUT.multipliedBy(3))
          .atMost(LONG)
          .until(() -> world.log(0).events().isEmpty() && world.log(1).events().isEmpty());
    }
  }

  @Test
  void shouldGiveSilentServerUpAndTakeOver() throws IOException {
    try (ServerSocket fake = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      URI uri = URI.create("tcp://127.0.0.1:" + fake.getLocalPort());
      CompletableFuture<Membership> joining =
          CompletableFuture.supplyAsync(
              () -> Membership.join(uri, 1, 2, secret, new byte[] {1}, LONG, QUICK));
      try (Socket socket = fake.accept();
          FrameConnection server = FrameConnection.over(socket, Thread.ofVirtual().factory())) {
        JoinRequest request = admit(server);
        long start = System.nanoTime();
        EventLog log = new EventLog();
        Membership one = joining.join();
        one.onEvent(log);

        await().pollInterval(Duration.ofMillis(5)).until(() -> log.events().size() == 2);

        Duration taken = Duration.ofNanos(System.nanoTime() - start);
        assertThat(taken).isLessThan(TIMEOUT.multipliedBy(2));
        assertThat(log.events().getFirst()).startsWith("failed 0 silent for 0.");
        assertThat(log.events().getLast()).isEqualTo("moved 1");
        assertThat(request.endpoint().addresses()).hasSize(1);
        Frame frame = server.read();
        while (frame.type() == FrameType.HEARTBEAT) {
          frame = server.read();
        }
        assertThat(frame.type()).isEqualTo(FrameType.DEPOSED);
        one.close();
      }
    }
  }

  /// Plays a server of rank 0 that admits rank 1 and then stops.
  private JoinRequest admit(FrameConnection server) throws IOException {
    Handshake.asServer(server, secret, 0, System.nanoTime() + LONG.toNanos());
    JoinRequest request = JoinRequest.read(server.read().open(FrameType.JOIN));
    server.send(new Welcome(77, 0, 1, 2).toFrame());
    server.send(new MemberCard(0, Endpoint.NONE, new byte[0]).toFrame());
    server.send(request.as(1).toFrame());
    return request;
  }

  @Test
  void shouldRefuseOptionsThatCannotWork() {
    assertThatThrownBy(() -> QUICK.withHeartbeat(Duration.ofMillis(100), Duration.ofMillis(200)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "heartbeatTimeout must be at least three intervals (PT0.1S) and at most 1 h, is"
                + " PT0.2S");
    assertThatThrownBy(() -> QUICK.withHeartbeat(Duration.ZERO, Duration.ofSeconds(1)))
        .hasMessage("heartbeatInterval must be at least 1 ms, is PT0S");
    assertThat(List.of(MembershipOptions.defaults().heartbeatTimeout()))
        .containsExactly(Duration.ofSeconds(5));
  }
}
