package dev.tutti.transport.rendezvous;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.tutti.transport.rendezvous.RendezvousException.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Life in a world: departures, failures, aborts, gathers.
@Timeout(value = 20, unit = TimeUnit.SECONDS)
final class MembershipTest {
  private static final Duration LONG = Duration.ofSeconds(10);
  private static final Duration SHORT = Duration.ofMillis(200);

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Secret secret = Secret.random();
  private final RendezvousServer server =
      RendezvousServer.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 3, secret);
  private final List<Membership> members = new ArrayList<>();
  private final List<EventLog> logs = new ArrayList<>();

  @AfterEach
  void closeAll() {
    members.forEach(Membership::close);
    server.close();
    threads.shutdownNow();
  }

  private void joinAll() {
    joining(3).forEach(future -> members.add(future.join()));
    listen();
  }

  private List<CompletableFuture<Membership>> joining(int ranks) {
    List<CompletableFuture<Membership>> joining = new ArrayList<>();
    for (int r = 0; r < ranks; r++) {
      int rank = r;
      joining.add(
          CompletableFuture.supplyAsync(
              () -> Membership.join(server.uri(), rank, 3, secret, new byte[0], LONG), threads));
    }
    return joining;
  }

  /// A third rank spoken by hand, which can vanish like a killed process.
  private Socket joinRawAsRankTwo() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    FrameConnection connection = FrameConnection.over(socket, Thread.ofVirtual().factory());
    assertThat(Handshake.asClient(connection, secret, System.nanoTime() + LONG.toNanos()))
        .isEqualTo(-1);
    connection.send(
        new JoinRequest(2, 3, MembershipOptions.defaults().timing(), Endpoint.NONE, new byte[0])
            .toFrame());
    assertThat(connection.flush(LONG)).isTrue();
    return socket;
  }

  private Socket joinTwoAndRaw() throws IOException {
    List<CompletableFuture<Membership>> joining = joining(2);
    Socket raw = joinRawAsRankTwo();
    joining.forEach(future -> members.add(future.join()));
    return raw;
  }

  private void listen() {
    for (Membership member : members) {
      EventLog log = new EventLog();
      member.onEvent(log);
      logs.add(log);
    }
  }

  @Test
  void shouldReportDeadRankToAllOthersQuickly() throws IOException {
    Socket raw = joinTwoAndRaw();
    listen();

    long start = System.nanoTime();
    raw.close();
    await()
        .pollInterval(Duration.ofMillis(1))
        .until(() -> logs.stream().allMatch(log -> !log.events().isEmpty()));

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMillis(500));
    for (EventLog log : logs) {
      assertThat(log.events().getFirst()).startsWith("failed 2 connection ");
    }
  }

  @Test
  void shouldKeepEventsUntilThereIsListener() throws IOException {
    Socket raw = joinTwoAndRaw();

    raw.close();
    await().until(() -> server.joined() == 2);
    listen();

    await().until(() -> logs.stream().allMatch(log -> log.events().size() == 1));
    assertThatThrownBy(() -> members.getFirst().onEvent(new EventLog()))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void shouldReportRankThatBreaksTheProtocol() throws IOException {
    Socket raw = joinTwoAndRaw();
    listen();

    raw.getOutputStream().write(new byte[] {0, 0, 0, 1, 7}); // a rank may not send CARD

    await().until(() -> !logs.getFirst().events().isEmpty());
    assertThat(logs.getFirst().events())
        .containsExactly("failed 2 broke the control protocol: a rank may not send CARD");
    raw.close();
  }

  @Test
  void shouldLeaveInAnyOrder() {
    joinAll();

    members.get(1).close();
    members.get(0).close();
    members.get(0).close();
    await().until(() -> logs.get(2).events().size() == 2);
    members.get(2).leave();

    assertThat(logs.get(2).events()).containsExactly("left 1", "left 0");
    assertThat(server.joined()).isZero();
    assertThatThrownBy(() -> members.get(2).allGather(1, new int[] {2}, new byte[0], LONG))
        .hasMessageContaining("rank 2 has left the world");
  }

  @Test
  void shouldTellEveryoneElseOfAbort() {
    joinAll();
    CompletableFuture<byte[][]> waiting =
        CompletableFuture.supplyAsync(
            () -> members.get(0).allGather(1, new byte[0], LONG), threads);

    members.get(1).abort("disk full");
    await().until(() -> !logs.get(0).events().isEmpty() && !logs.get(2).events().isEmpty());

    assertThat(logs.get(0).events()).containsExactly("aborted 1 disk full");
    assertThat(logs.get(2).events()).containsExactly("aborted 1 disk full");
    assertThat(logs.get(1).events()).isEmpty();
    assertThat(failureOf(waiting)).hasMessage("rank 1 aborted the job: disk full");
  }

  @Test
  void shouldReportClosedServerAsNoFailure() {
    joinAll();

    server.close();
    await().until(() -> logs.stream().allMatch(log -> !log.events().isEmpty()));

    for (EventLog log : logs) {
      assertThat(log.events()).containsExactly("closed");
    }
    assertThatThrownBy(() -> members.getFirst().allGather(1, new byte[0], LONG))
        .hasMessage("the rendezvous has closed");
  }

  @Test
  void shouldGatherFromAllRanksRepeatedlyWithOneTag() {
    joinAll();
    List<CompletableFuture<String>> results = new ArrayList<>();

    for (Membership member : members) {
      results.add(
          CompletableFuture.supplyAsync(
              () -> {
                StringBuilder text = new StringBuilder();
                for (int round = 0; round < 20; round++) {
                  byte[] mine = {(byte) member.rank(), (byte) round};
                  for (byte[] part : member.allGather(7, mine, LONG)) {
                    text.append(part[0]).append(':').append(part[1]).append(' ');
                  }
                }
                return text.toString();
              },
              threads));
    }

    StringBuilder expected = new StringBuilder();
    for (int round = 0; round < 20; round++) {
      expected.append("0:%1$d 1:%1$d 2:%1$d ".formatted(round));
    }
    results.forEach(result -> assertThat(result.join()).isEqualTo(expected.toString()));
  }

  @Test
  void shouldGatherAmongSomeInTheirOrder() {
    joinAll();
    int[] some = {2, 0};

    CompletableFuture<byte[][]> two =
        CompletableFuture.supplyAsync(
            () -> members.get(2).allGather(1, some, new byte[] {22}, LONG), threads);
    byte[][] zero = members.get(0).allGather(1, some, new byte[] {20}, LONG);

    assertThat(zero).isDeepEqualTo(new byte[][] {{22}, {20}});
    assertThat(two.join()).isDeepEqualTo(zero);
    assertThatThrownBy(() -> members.get(1).allGather(1, some, new byte[0], LONG))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("members must be distinct ranks in 0..2 with rank 1 among them: [2, 0]");
  }

  @Test
  void shouldFailGatherWhenMemberDies() throws IOException {
    Socket raw = joinTwoAndRaw();
    CompletableFuture<byte[][]> all =
        CompletableFuture.supplyAsync(
            () -> members.get(0).allGather(1, new byte[0], LONG), threads);

    raw.close();
    RendezvousException e = failureOf(all);

    assertThat(e.kind()).isEqualTo(Kind.CONNECTION);
    assertThat(e.ranks()).containsExactly(2);
    assertThat(e).hasMessageStartingWith("gather 1 cannot complete; rank 2: connection ");
    CompletableFuture<byte[][]> survivors =
        CompletableFuture.supplyAsync(
            () -> members.get(0).allGather(2, new int[] {0, 1}, new byte[] {5}, LONG), threads);
    assertThat(members.get(1).allGather(2, new int[] {0, 1}, new byte[] {6}, LONG))
        .isDeepEqualTo(new byte[][] {{5}, {6}});
    assertThat(survivors.join()).hasDimensions(2, 1);
  }

  @Test
  void shouldNameMembersThatDidNotContribute() {
    joinAll();
    CompletableFuture<byte[][]> other =
        CompletableFuture.supplyAsync(
            () -> members.get(1).allGather(9, new byte[0], SHORT), threads);

    RendezvousException e =
        catchThrowableOfType(
            RendezvousException.class, () -> members.get(0).allGather(9, new byte[0], SHORT));

    assertThat(e.kind()).isEqualTo(Kind.TIMEOUT);
    assertThat(e.ranks()).contains(2);
    assertThat(failureOf(other).ranks()).contains(2);
    assertThatThrownBy(() -> members.get(0).allGather(9, new byte[0], SHORT))
        .isInstanceOf(IllegalStateException.class);
  }

  private static RendezvousException failureOf(CompletableFuture<?> future) {
    CompletionException e = catchThrowableOfType(CompletionException.class, future::join);
    return (RendezvousException) Objects.requireNonNull(e.getCause());
  }
}
