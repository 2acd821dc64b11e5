package dev.tutti.transport.rendezvous;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.tutti.transport.rendezvous.RendezvousException.Kind;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// World formation over a server of a launcher: who gets in, who does not, and why.
@Timeout(value = 20, unit = TimeUnit.SECONDS)
final class RendezvousTest {
  private static final Duration LONG = Duration.ofSeconds(10);
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final InetSocketAddress LOOPBACK =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<AutoCloseable> toClose = new ArrayList<>();
  private final Secret secret = Secret.random();

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable closeable : toClose.reversed()) {
      closeable.close();
    }
    threads.shutdownNow();
  }

  private RendezvousServer server(int worldSize) {
    RendezvousServer server = RendezvousServer.start(LOOPBACK, worldSize, secret);
    toClose.add(server);
    return server;
  }

  private CompletableFuture<Membership> later(IntFunction<Membership> join, int rank) {
    return CompletableFuture.supplyAsync(() -> join.apply(rank), threads)
        .whenComplete((membership, _) -> {
          if (membership != null) {
            synchronized (toClose) {
              toClose.add(membership);
            }
          }
        });
  }

  private List<Membership> joinAll(RendezvousServer server, int worldSize) {
    IntFunction<Membership> join =
        rank ->
            Membership.join(server.uri(), rank, worldSize, secret, new byte[] {(byte) rank}, LONG);
    List<CompletableFuture<Membership>> joining = new ArrayList<>();
    for (int rank = 0; rank < worldSize; rank++) {
      joining.add(later(join, rank));
    }
    return joining.stream().map(CompletableFuture::join).toList();
  }

  private static RendezvousException failureOf(CompletableFuture<?> future) {
    CompletionException e = catchThrowableOfType(CompletionException.class, future::join);
    return (RendezvousException) Objects.requireNonNull(e.getCause());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 64})
  void shouldHandOutAllCardsWithinTwoSeconds(int worldSize) {
    RendezvousServer server = server(worldSize);
    long start = System.nanoTime();

    List<Membership> members = joinAll(server, worldSize);

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
    assertThat(server.joined()).isEqualTo(worldSize);
    for (Membership member : members) {
      assertThat(member.cards()).hasSize(worldSize);
      for (int rank = 0; rank < worldSize; rank++) {
        assertThat(member.cards().get(rank)).containsExactly(rank);
      }
    }
  }

  @Test
  void shouldWaitForServerThatIsNotUpYet() throws IOException {
    int port = freePort();
    URI uri = URI.create("tcp://127.0.0.1:" + port);

    CompletableFuture<Membership> early =
        later(rank -> Membership.join(uri, rank, 1, secret, new byte[0], LONG), 0);
    await().during(Duration.ofMillis(50)).until(() -> !early.isDone());
    toClose.add(
        RendezvousServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1, secret));

    assertThat(early.join().rank()).isZero();
  }

  @Test
  void shouldSayThatThereIsNoServer() throws IOException {
    URI uri = URI.create("tcp://127.0.0.1:" + freePort());

    assertThatThrownBy(() -> Membership.join(uri, 0, 1, secret, new byte[0], SHORT))
        .isInstanceOf(RendezvousException.class)
        .hasMessageContaining("no rendezvous at " + uri + " after 0.3 s")
        .hasMessageContaining("Connection refused")
        .extracting(e -> ((RendezvousException) e).kind())
        .isEqualTo(Kind.TIMEOUT);
  }

  @Test
  void shouldRefuseWrongSecretAndServeTheOthers() {
    RendezvousServer server = server(2);
    CompletableFuture<Membership> first =
        later(r -> Membership.join(server.uri(), r, 2, secret, new byte[0], LONG), 0);

    RendezvousException wrong =
        catchThrowableOfType(
            RendezvousException.class,
            () -> Membership.join(server.uri(), 1, 2, Secret.random(), new byte[0], LONG));
    RendezvousException missing =
        catchThrowableOfType(
            RendezvousException.class,
            () -> Membership.join(server.uri(), 1, 2, Secret.none(), new byte[0], LONG));
    CompletableFuture<Membership> second =
        later(r -> Membership.join(server.uri(), r, 2, secret, new byte[0], LONG), 1);

    assertThat(wrong.kind()).isEqualTo(Kind.AUTHENTICATION);
    assertThat(wrong).hasMessage("the secret of this rank is not the secret of the job");
    assertThat(missing.kind()).isEqualTo(Kind.AUTHENTICATION);
    assertThat(missing).hasMessage("the rendezvous asks for a secret and this rank has none");
    assertThat(first.join().cards()).hasSize(2);
    assertThat(second.join().cards()).hasSize(2);
    await().until(() -> server.rejected() == 2);
  }

  @Test
  void shouldNotTrustServerWithoutTheSecret() {
    RendezvousServer server = RendezvousServer.start(LOOPBACK, 1, Secret.none());
    toClose.add(server);

    assertThatThrownBy(() -> Membership.join(server.uri(), 0, 1, secret, new byte[0], LONG))
        .hasMessage("this rank has a secret and the rendezvous has none")
        .extracting(e -> ((RendezvousException) e).kind())
        .isEqualTo(Kind.AUTHENTICATION);
  }

  @Test
  void shouldWorkWithoutSecretOnLoopbackOnly() {
    RendezvousServer server = RendezvousServer.start(LOOPBACK, 1, Secret.none());
    toClose.add(server);

    Membership member = Membership.join(server.uri(), 0, 1, Secret.none(), new byte[0], LONG);
    toClose.add(member);

    assertThatThrownBy(() -> RendezvousServer.start(new InetSocketAddress(0), 1, Secret.none()))
        .hasMessageContaining("without a secret")
        .extracting(e -> ((RendezvousException) e).kind())
        .isEqualTo(Kind.AUTHENTICATION);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.0\r\n\r\n",
        "\u0000\u0000\u0000\u0000",
        "\u0000\u0000\u0000\u0001c",
        "\u0000\u0000\u0000\u0003\u0001ab",
        "\u0000\u0000\u0000\u0002\u0006a",
        "\u007f\u007f\u007f\u007f"
      })
  void shouldCloseOnGarbageOnly(String garbage) throws IOException {
    RendezvousServer server = server(1);

    try (Socket stranger = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      stranger.getOutputStream().write(garbage.getBytes(StandardCharsets.ISO_8859_1));

      assertThat(endOf(stranger)).isTrue();
    }
    assertThat(joinAll(server, 1)).hasSize(1);
    assertThat(server.rejected()).isEqualTo(1);
  }

  @Test
  void shouldDropHalfOpenStrangers() throws IOException {
    RendezvousServer server =
        RendezvousServer.start(LOOPBACK, 1, secret, -1, Duration.ofMillis(200));
    toClose.add(server);

    try (Socket silent = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      assertThat(joinAll(server, 1)).hasSize(1);
      assertThat(endOf(silent)).isTrue();
    }
    assertThat(server.rejected()).isEqualTo(1);
  }

  @Test
  void shouldRefuseAnotherVersionOfTheProtocol() throws IOException {
    RendezvousServer server = server(1);

    try (FrameConnection client =
        FrameConnection.over(
            new Socket(InetAddress.getLoopbackAddress(), server.port()),
            Thread.ofVirtual().factory())) {
      client.send(
          new Frame.Writer()
              .putLong(Handshake.MAGIC)
              .putInt(99)
              .putRaw(new byte[32])
              .toFrame(FrameType.HELLO));
      RendezvousException rejection = Handshake.rejection(client.read());

      assertThat(rejection.kind()).isEqualTo(Kind.PROTOCOL);
      assertThat(rejection)
          .hasMessage(
              "this rank speaks version 99 of the rendezvous protocol, the other side speaks"
                  + " version "
                  + Handshake.VERSION);
    }
  }

  @Test
  void shouldRecogniseThatAnotherServiceAnswers() throws IOException {
    try (ServerSocket http = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      threads.execute(() -> {
        try (Socket socket = http.accept()) {
          socket
              .getOutputStream()
              .write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.UTF_8));
          socket.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (IOException _) {
          // The rank reset the connection, which is its right.
        }
      });
      URI uri = URI.create("tcp://127.0.0.1:" + http.getLocalPort());

      assertThatThrownBy(() -> Membership.join(uri, 0, 1, secret, new byte[0], LONG))
          .hasMessage("what answers at " + uri + " is no rendezvous of Tutti")
          .extracting(e -> ((RendezvousException) e).kind())
          .isEqualTo(Kind.PROTOCOL);
    }
  }

  @Test
  void shouldRefuseDuplicateRankAndLetTheFirstGoOn() {
    RendezvousServer server = server(2);
    IntFunction<Membership> join =
        r -> Membership.join(server.uri(), r, 2, secret, new byte[0], LONG);
    CompletableFuture<Membership> first = later(join, 1);
    await().until(() -> server.joined() == 1);

    RendezvousException duplicate =
        catchThrowableOfType(RendezvousException.class, () -> join.apply(1));

    assertThat(duplicate.kind()).isEqualTo(Kind.REFUSED);
    assertThat(duplicate).hasMessageStartingWith("rank 1 has joined already, from /127.0.0.1:");
    later(join, 0).join();
    assertThat(first.join().cards()).hasSize(2);
  }

  @Test
  void shouldNameBothWorldSizes() {
    RendezvousServer server = server(2);

    RendezvousException e =
        catchThrowableOfType(
            RendezvousException.class,
            () -> Membership.join(server.uri(), 1, 3, secret, new byte[0], LONG));

    assertThat(e.kind()).isEqualTo(Kind.REFUSED);
    assertThat(e)
        .hasMessage("rank 1 expects a world of 3 ranks, the rendezvous serves a world of 2");
  }

  @Test
  void shouldListMissingRanksOnAllThatWait() {
    RendezvousServer server = server(5);
    CompletableFuture<Membership> zero =
        later(r -> Membership.join(server.uri(), r, 5, secret, new byte[0], SHORT), 0);
    CompletableFuture<Membership> three =
        later(r -> Membership.join(server.uri(), r, 5, secret, new byte[0], LONG), 3);

    RendezvousException impatient = failureOf(zero);
    RendezvousException patient = failureOf(three);

    assertThat(impatient.kind()).isEqualTo(Kind.TIMEOUT);
    assertThat(impatient.ranks()).containsExactly(1, 2, 4);
    assertThat(impatient)
        .hasMessage("rank 0 waited 0.3 s for a world of 5; missing ranks: [1, 2, 4]");
    assertThat(patient.kind()).isEqualTo(Kind.TIMEOUT);
    assertThat(patient.ranks()).containsExactly(1, 2, 4);
  }

  @Test
  void shouldNotWaitForRankWhoseProcessEnded() {
    RendezvousServer server = server(2);
    CompletableFuture<Membership> zero =
        later(r -> Membership.join(server.uri(), r, 2, secret, new byte[0], LONG), 0);

    server.reportExit(1, "its process ended with exit code 3");
    RendezvousException e = failureOf(zero);

    assertThat(e.kind()).isEqualTo(Kind.CONNECTION);
    assertThat(e.ranks()).containsExactly(1);
    assertThat(e).hasMessageContaining("its process ended with exit code 3");
  }

  @Test
  void shouldNotLetDepartedRankComeBack() {
    RendezvousServer server = server(1);
    IntFunction<Membership> join =
        r -> Membership.join(server.uri(), r, 1, secret, new byte[0], LONG);
    join.apply(0).close();

    assertThatThrownBy(() -> join.apply(0))
        .hasMessage("rank 0 was in this world before and is gone");
  }

  @Test
  void shouldCheckArguments() {
    URI uri = URI.create("tcp://127.0.0.1:1");
    byte[] card = new byte[0];

    assertThatThrownBy(() -> Membership.join(uri, 2, 2, secret, card, LONG))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("rank 2 is not in 0..1");
    assertThatThrownBy(() -> Membership.join(uri, 0, 0, secret, card, LONG))
        .hasMessage("worldSize must be at least 1, is 0");
    assertThatThrownBy(() -> Membership.join(URI.create("http://a:1"), 0, 1, secret, card, LONG))
        .hasMessage(
            "a rendezvous is tcp://host:port or file:///directory?job=name, not http://a:1");
    assertThatThrownBy(() -> Membership.join(uri, 0, 1, secret, new byte[1 << 20], LONG))
        .hasMessage("card of 1048576 bytes; the limit is 524288");
  }

  private static boolean endOf(Socket socket) {
    try {
      socket.setSoTimeout(5000);
      return socket.getInputStream().readAllBytes().length == 0;
    } catch (IOException e) {
      return String.valueOf(e.getMessage()).contains("reset");
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
