package dev.tutti.transport.rendezvous;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tutti.transport.rendezvous.launch.PrivateDirectory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Worlds whose rank 0 serves the rendezvous, found by address or through a shared directory.
@Timeout(value = 20, unit = TimeUnit.SECONDS)
final class ServingRankTest {
  private static final Duration LONG = Duration.ofSeconds(10);
  private static final Duration LINGER = Duration.ofMillis(300);

  @TempDir private Path directory;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Secret secret = Secret.random();

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  private List<Membership> joinAll(URI uri, int worldSize, Secret with, Duration linger) {
    List<CompletableFuture<Membership>> joining = new ArrayList<>();
    for (int r = worldSize - 1; r >= 0; r--) {
      int rank = r;
      joining.addFirst(
          CompletableFuture.supplyAsync(
              () ->
                  Rendezvous.joinServingIfRankZero(
                      uri,
                      rank,
                      worldSize,
                      with,
                      new byte[] {(byte) rank},
                      LONG,
                      MembershipOptions.defaults(),
                      linger),
              threads));
    }
    return joining.stream().map(CompletableFuture::join).toList();
  }

  private static URI freeAddress() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return URI.create("tcp://127.0.0.1:" + socket.getLocalPort());
    }
  }

  @Test
  void shouldServeFromRankZeroAndLingerUntilOthersLeft() throws IOException {
    List<Membership> members = joinAll(freeAddress(), 3, secret, LONG);
    EventLog log = new EventLog();
    members.get(1).onEvent(log);

    CompletableFuture<Void> zero = CompletableFuture.runAsync(members.get(0)::close, threads);
    await().until(() -> log.events().contains("left 0"));
    members.get(2).close();
    await().until(() -> log.events().contains("left 2"));
    boolean lingered = !zero.isDone();
    members.get(1).close();
    zero.join();

    assertThat(lingered).isTrue();
    assertThat(log.events()).containsExactly("left 0", "left 2");
  }

  @Test
  void shouldHandOverAfterLingering() throws IOException {
    List<Membership> members = joinAll(freeAddress(), 2, secret, LINGER);
    EventLog log = new EventLog();
    members.get(1).onEvent(log);

    members.get(0).close();

    await().until(() -> log.events().size() == 2);
    assertThat(log.events()).containsExactly("left 0", "moved 1");
    assertThat(members.get(1).allGather(1, new int[] {1}, new byte[] {7}, LONG))
        .isDeepEqualTo(new byte[][] {{7}});
    members.get(1).close();
  }

  @Test
  void shouldReportDeathOfServingRankWhereNobodyMayTakeOver() throws IOException {
    try (ServerSocket fake = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      URI uri = URI.create("tcp://127.0.0.1:" + fake.getLocalPort());
      MembershipOptions options =
          MembershipOptions.defaults().withTakeover(MembershipOptions.Takeover.NEVER);
      CompletableFuture<Membership> one =
          CompletableFuture.supplyAsync(
              () -> Membership.join(uri, 1, 2, secret, new byte[0], LONG, options), threads);
      EventLog log = new EventLog();

      try (Socket socket = fake.accept();
          FrameConnection connection = FrameConnection.over(socket, Thread.ofVirtual().factory())) {
        Handshake.asServer(connection, secret, 0, System.nanoTime() + LONG.toNanos());
        assertThat(connection.read().type()).isEqualTo(FrameType.JOIN);
        connection.send(new Welcome(5, 0, 1, 2).toFrame());
        for (int rank = 0; rank < 2; rank++) {
          connection.send(new MemberCard(rank, Endpoint.NONE, new byte[0]).toFrame());
        }
        one.join().onEvent(log);
      }

      await().until(() -> log.events().size() == 2);
      assertThat(log.events().get(0)).isEqualTo("failed 0 connection closed (process exited?)");
      assertThat(log.events().get(1)).startsWith("lost the connection to the rendezvous broke");
      assertThatThrownBy(() -> one.join().allGather(1, new byte[0], LONG))
          .hasMessageContaining("rank 0: connection closed");
      one.join().close();
    }
  }

  @Test
  void shouldMeetThroughSharedDirectoryAndRemoveTheFile() throws IOException {
    URI uri = URI.create(directory.toUri() + "?job=train-7");
    Path stale = directory.resolve("tutti-train-7.rendezvous");
    Files.writeString(stale, "tutti-rendezvous 1\n" + freeAddress() + "\n");

    List<Membership> members = joinAll(uri, 3, secret, LONG);

    assertThat(members.get(2).cards()).hasSize(3);
    assertThat(stale).content().startsWith("tutti-rendezvous 1\ntcp://");
    members.reversed().forEach(Membership::close);
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void shouldMeetThroughSharedDirectoryWithoutSecretOnOneHost() {
    List<Membership> members = joinAll(directory.toUri(), 2, Secret.none(), LONG);

    assertThat(directory.resolve("tutti-default.rendezvous"))
        .content()
        .startsWith("tutti-rendezvous 1\ntcp://127.0.0.1:");
    members.reversed().forEach(Membership::close);
  }

  @Test
  void shouldKeepOtherUsersOutWithASecretThatOnlyTheFileHolds() throws IOException {
    URI uri = URI.create(directory.toUri() + "?job=one");
    CompletableFuture<Membership> zero =
        CompletableFuture.supplyAsync(
            () -> Rendezvous.joinServingIfRankZero(uri, 0, 2, Secret.none(), new byte[0], LONG),
            threads);
    Path file = directory.resolve("tutti-one.rendezvous");
    await().until(() -> Files.exists(file));
    List<String> lines = Files.readAllLines(file);

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(lines.get(2)).matches("secret [0-9a-f]{64}");
    assertThatThrownBy(
            () -> Membership.join(URI.create(lines.get(1)), 1, 2, Secret.none(), new byte[0], LONG))
        .hasMessage("the rendezvous asks for a secret and this rank has none");
    Membership one = Membership.join(uri, 1, 2, Secret.none(), new byte[0], LONG);
    assertThat(one.secret()).isEqualTo(zero.join().secret());
    assertThat(one.secret().isNone()).isFalse();
    one.close();
    zero.join().close();
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void shouldNotTrustASecretThatOthersCanReadAndOutliveAStaleOne() throws IOException {
    URI uri = URI.create(directory.toUri() + "?job=two");
    Path file = directory.resolve("tutti-two.rendezvous");
    try (RendezvousServer other =
        RendezvousServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1, secret)) {
      String stale =
          "tutti-rendezvous 1\n" + other.uri() + "\nsecret " + Secret.random().toHex() + "\n";
      Files.writeString(file, stale);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

      assertThatThrownBy(
              () -> Membership.join(uri, 1, 2, Secret.none(), new byte[0], Duration.ofMillis(50)))
          .hasMessageContaining("holds a secret, but does not belong to this user alone");

      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      CompletableFuture<Membership> one =
          CompletableFuture.supplyAsync(
              () -> Membership.join(uri, 1, 2, Secret.none(), new byte[0], LONG), threads);
      await().until(() -> other.rejected() > 0);
      Membership zero =
          Rendezvous.joinServingIfRankZero(uri, 0, 2, Secret.none(), new byte[0], LONG);
      one.join().close();
      zero.close();
    }
  }

  @Test
  void shouldLeaveNothingInThePrivateDirectoryOnceAllHaveMet() throws IOException {
    Path meeting = PrivateDirectory.of(System.getenv());
    URI uri = URI.create(meeting.toUri() + "?job=test-" + ProcessHandle.current().pid());
    Path file = meeting.resolve("tutti-test-" + ProcessHandle.current().pid() + ".rendezvous");

    List<Membership> members = joinAll(uri, 3, Secret.none(), LONG);

    await().until(() -> !Files.exists(file));
    members.reversed().forEach(Membership::close);
  }

  @Test
  void shouldAskForASecretOnEveryRankBeforeAnythingIsOpened() {
    for (int rank = 0; rank < 2; rank++) {
      LaunchEnvironment environment =
          new LaunchEnvironment(
              rank,
              2,
              -1,
              -1,
              URI.create("tcp://192.0.2.1:4000"),
              Secret.none(),
              LaunchEnvironment.Server.RANK_ZERO,
              "Do this.");

      assertThatThrownBy(() -> Rendezvous.join(environment, new byte[0], LONG))
          .isInstanceOf(RendezvousException.class)
          .hasMessage(
              "the ranks meet at tcp://192.0.2.1:4000, where other hosts can reach them, and there"
                  + " is no secret. Do this. A secret is at least 32 hexadecimal digits, for"
                  + " example: openssl rand -hex 32");
    }
  }

  @Test
  void shouldListenForOthersWhenTheHostIsGivenByName() {
    assertThat(RendezvousUri.bindAddress(URI.create("tcp://node-1.example:4000"), secret))
        .isEqualTo(new InetSocketAddress(4000));
    assertThat(RendezvousUri.bindAddress(URI.create("tcp://127.0.0.1:4000"), secret))
        .isEqualTo(new InetSocketAddress("127.0.0.1", 4000));
    assertThat(RendezvousUri.bindAddress(URI.create("tcp://localhost:4000"), secret).getAddress())
        .matches(InetAddress::isLoopbackAddress);
    assertThat(RendezvousUri.bindAddress(URI.create("tcp://localhost:4000"), Secret.none()))
        .isEqualTo(new InetSocketAddress("localhost", 4000));
  }

  @Test
  void shouldWaitForARankThatIsSlowAfterItsProof() throws IOException {
    InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    Duration shortly = Duration.ofMillis(100);
    try (RendezvousServer server = RendezvousServer.start(loopback, 1, secret, -1, shortly);
        Socket socket = new Socket(loopback.getAddress(), server.port());
        FrameConnection connection = FrameConnection.over(socket, Thread.ofVirtual().factory())) {
      Handshake.asClient(connection, secret, System.nanoTime() + LONG.toNanos());

      await().pollDelay(shortly.multipliedBy(3)).until(() -> true);
      connection.send(
          new JoinRequest(0, 1, MembershipOptions.defaults().timing(), Endpoint.NONE, new byte[0])
              .toFrame());

      assertThat(connection.read().type()).isEqualTo(FrameType.WELCOME);
    }
  }

  /// The bound is for a busy machine; the figure that counts is printed.
  @Test
  void shouldFormAWorldOf64RanksQuickly() throws IOException {
    joinAll(freeAddress(), 8, secret, LONG).reversed().forEach(Membership::close); // warm-up

    long start = System.nanoTime();
    List<Membership> members = joinAll(freeAddress(), 64, secret, LONG);
    Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
    members.reversed().forEach(Membership::close);

    System.out.println("64 ranks joined in " + elapsed.toMillis() + " ms");
    assertThat(elapsed).isLessThan(Duration.ofSeconds(2));
  }

  @Test
  void shouldExplainProblemsWithTheDirectory() {
    URI missing = URI.create("file:///no/such/dir?job=a");
    byte[] card = new byte[0];
    Duration shortly = Duration.ofMillis(50);

    assertThatThrownBy(() -> Rendezvous.joinServingIfRankZero(missing, 0, 2, secret, card, LONG))
        .hasMessageContaining("cannot publish the rendezvous in /no/such/dir")
        .hasMessageContaining("must exist and be writable");
    assertThatThrownBy(() -> Membership.join(missing, 1, 2, secret, card, shortly))
        .hasMessageContaining("no file /no/such/dir/tutti-a.rendezvous (does rank 0 run?)");
    assertThatThrownBy(
            () -> Membership.join(URI.create("file:///x?job=a/b"), 1, 2, secret, card, shortly))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must be 1 to 100 letters, digits, dots, dashes or underscores");
  }

  @Test
  void shouldExplainThatTheAddressIsTaken() throws IOException {
    try (ServerSocket other = new ServerSocket()) {
      other.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      URI uri = URI.create("tcp://127.0.0.1:" + other.getLocalPort());

      assertThatThrownBy(
              () -> Rendezvous.joinServingIfRankZero(uri, 0, 1, secret, new byte[0], LONG))
          .hasMessageContaining("cannot serve the rendezvous at /127.0.0.1:")
          .hasMessageContaining("Address already in use");
    }
  }
}
