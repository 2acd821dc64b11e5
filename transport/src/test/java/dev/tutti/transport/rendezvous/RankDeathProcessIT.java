package dev.tutti.transport.rendezvous;

import static dev.tutti.transport.rendezvous.TestWorld.LONG;
import static dev.tutti.transport.rendezvous.TestWorld.OPTIONS;
import static dev.tutti.transport.rendezvous.TestWorld.QUICK;
import static dev.tutti.transport.rendezvous.TestWorld.TIMEOUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.transport.rendezvous.RendezvousException.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Ranks in processes of their own are killed and stopped; the survivors are threads of this JVM.
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class RankDeathProcessIT {
  private static final long SEED = 7;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Secret secret = Secret.random();
  private final List<RankProcess> processes = new ArrayList<>();
  private final Map<Integer, Membership> survivors = new TreeMap<>();
  private final Map<Integer, EventLog> logs = new TreeMap<>();

  @AfterEach
  void end() {
    processes.forEach(RankProcess::close);
    List<CompletableFuture<Void>> closing =
        survivors.values().stream()
            .map(member -> CompletableFuture.runAsync(member::close, threads))
            .toList();
    closing.forEach(CompletableFuture::join);
    threads.shutdownNow();
  }

  /// Forms a world whose first ranks are processes.
  private void form(int inProcesses, int worldSize, MembershipOptions options) throws IOException {
    URI uri = freeAddress();
    for (int rank = 0; rank < inProcesses; rank++) {
      processes.add(RankProcess.start(uri, rank, worldSize, secret, options));
    }
    List<CompletableFuture<Membership>> joining = new ArrayList<>();
    for (int r = inProcesses; r < worldSize; r++) {
      int rank = r;
      joining.add(
          CompletableFuture.supplyAsync(
              () ->
                  Membership.join(
                      uri, rank, worldSize, secret, new byte[] {(byte) rank}, LONG, options),
              threads));
    }
    for (CompletableFuture<Membership> future : joining) {
      Membership member = future.join();
      EventLog log = new EventLog();
      member.onEvent(log);
      survivors.put(member.rank(), member);
      logs.put(member.rank(), log);
    }
    processes.forEach(
        process -> await().atMost(LONG).until(() -> process.said().contains("joined")));
  }

  private static URI freeAddress() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return URI.create("tcp://127.0.0.1:" + socket.getLocalPort());
    }
  }

  private void awaitEvents(String... starts) {
    await()
        .atMost(LONG)
        .pollInterval(Duration.ofMillis(5))
        .untilAsserted(() -> {
          for (EventLog log : logs.values()) {
            for (String start : starts) {
              assertThat(log.events()).anyMatch(event -> event.startsWith(start));
            }
          }
        });
  }

  private void assertHeardOnce(String start) {
    for (EventLog log : logs.values()) {
      assertThat(log.events()).filteredOn(event -> event.startsWith(start)).hasSize(1);
    }
  }

  private List<SurvivorGather> agree(long tag, int[] members) {
    List<CompletableFuture<SurvivorGather>> all = new ArrayList<>();
    for (Membership member : survivors.values()) {
      all.add(
          CompletableFuture.supplyAsync(
              () -> member.agree(tag, members, new byte[] {(byte) member.rank()}, LONG), threads));
    }
    return all.stream().map(CompletableFuture::join).toList();
  }

  @Test
  void shouldGoOnAfterLeaderAndAnotherAreKilledAtOnce() throws IOException {
    form(2, 5, OPTIONS);

    processes.get(1).kill();
    processes.get(0).kill();

    awaitEvents("failed 0 ", "failed 1 ", "moved 2");
    assertHeardOnce("failed 0 ");
    assertHeardOnce("failed 1 ");
    assertHeardOnce("moved ");
    for (SurvivorGather result : agree(1, new int[] {0, 1, 2, 3, 4})) {
      assertThat(result.survivors()).containsExactly(2, 3, 4);
    }
  }

  @Test
  void shouldNameLeaderThatIsKilledDuringJoin() throws IOException {
    URI uri = freeAddress();
    processes.add(RankProcess.start(uri, 0, 3, secret, OPTIONS));
    CompletableFuture<Membership> one =
        CompletableFuture.supplyAsync(
            () -> Membership.join(uri, 1, 3, secret, new byte[0], LONG, OPTIONS), threads);
    await().atMost(LONG).until(() -> processes.getFirst().said().contains("joining"));
    await().during(Duration.ofMillis(300)).until(() -> !one.isDone());

    processes.getFirst().kill();

    try {
      one.join();
    } catch (CompletionException e) {
      RendezvousException cause = (RendezvousException) Objects.requireNonNull(e.getCause());
      assertThat(cause.kind()).isEqualTo(Kind.CONNECTION);
      assertThat(cause.ranks()).containsExactly(0);
    }
    assertThat(one).isCompletedExceptionally();
  }

  @Test
  void shouldGiveEveryoneTheSameAgreementWhileLeadersAreKilled() throws Exception {
    form(3, 6, OPTIONS);
    Random random = new Random(SEED);
    int[] all = {0, 1, 2, 3, 4, 5};
    long tag = 100;

    for (int victim = 0; victim < 3; victim++) {
      int dies = victim;
      int delay = random.nextInt(20_000_000);
      CompletableFuture<Void> kill =
          CompletableFuture.runAsync(
              () -> {
                long until = System.nanoTime() + delay;
                while (System.nanoTime() < until) {
                  Thread.onSpinWait();
                }
                processes.get(dies).kill();
              },
              threads);
      for (int round = 0; round < 40; round++, tag++) {
        for (int p = victim; p < 3; p++) {
          tellQuietly(processes.get(p), "agree " + tag + " 0 1 2 3 4 5");
        }
        Set<List<Integer>> results = new HashSet<>();
        agree(tag, all).forEach(result -> results.add(result.survivors()));
        assertThat(results).as("tag " + tag).hasSize(1);
        assertThat(results.iterator().next()).contains(3, 4, 5);
      }
      kill.join();
      awaitEvents("failed " + victim + " ");
    }

    awaitEvents("moved 3");
    for (SurvivorGather result : agree(99, all)) {
      assertThat(result.survivors()).containsExactly(3, 4, 5);
    }
    for (int victim = 0; victim < 3; victim++) {
      assertHeardOnce("failed " + victim + " ");
    }
  }

  private static void tellQuietly(RankProcess process, String command) {
    try {
      process.tell(command);
    } catch (IOException _) {
      // It has been killed.
    }
  }

  @Test
  void shouldReplaceStoppedLeaderAndTellItWhenItGoesOn() throws IOException {
    form(2, 4, QUICK);
    long start = System.nanoTime();

    processes.get(0).stop();
    awaitEvents("failed 0 silent for ", "moved 1");
    Duration taken = Duration.ofNanos(System.nanoTime() - start);
    processes.get(0).resume();

    assertThat(taken).isLessThan(TIMEOUT.multipliedBy(2));
    await()
        .atMost(LONG)
        .until(() -> processes.get(0).said().stream().anyMatch(s -> s.startsWith("evicted ")));
    assertThat(processes.get(0).said()).noneMatch(line -> line.startsWith("moved "));
    for (SurvivorGather result : agreeWith(processes.get(1), 5, new int[] {0, 1, 2, 3})) {
      assertThat(result.survivors()).containsExactly(1, 2, 3);
    }
    assertHeardOnce("failed 0 ");
  }

  private List<SurvivorGather> agreeWith(RankProcess process, long tag, int[] members)
      throws IOException {
    StringBuilder command = new StringBuilder("agree " + tag);
    for (int member : members) {
      command.append(' ').append(member);
    }
    process.tell(command.toString());
    return agree(tag, members);
  }

  @Test
  void shouldPassOverStoppedCandidateAndTellBothWhenTheyGoOn() throws IOException {
    form(2, 4, QUICK);
    long start = System.nanoTime();

    processes.forEach(RankProcess::stop);
    awaitEvents("failed 0 silent for ", "failed 1 ", "moved 2");
    Duration taken = Duration.ofNanos(System.nanoTime() - start);
    processes.forEach(RankProcess::resume);

    assertThat(taken).isLessThan(TIMEOUT.multipliedBy(2));
    for (RankProcess process : processes) {
      await()
          .atMost(LONG)
          .until(() -> process.said().stream().anyMatch(s -> s.startsWith("evicted ")));
    }
    for (SurvivorGather result : agree(5, new int[] {0, 1, 2, 3})) {
      assertThat(result.survivors()).containsExactly(2, 3);
    }
  }

  @Test
  void shouldReportStoppedMemberAndTellItWhenItGoesOn() throws IOException {
    form(2, 3, QUICK);
    long start = System.nanoTime();

    processes.get(1).stop();
    awaitEvents("failed 1 silent for ");
    Duration taken = Duration.ofNanos(System.nanoTime() - start);
    processes.get(1).resume();

    assertThat(taken).isLessThan(TIMEOUT.multipliedBy(2));
    await()
        .atMost(LONG)
        .until(() -> processes.get(1).said().stream().anyMatch(s -> s.startsWith("evicted ")));
  }

  @Test
  void shouldNotBlameOthersAfterAllWereStoppedTogether() throws IOException {
    form(2, 2, QUICK);

    processes.forEach(RankProcess::stop);
    await().during(TIMEOUT.multipliedBy(2)).atMost(LONG).until(() -> true);
    processes.forEach(RankProcess::resume);

    await().during(TIMEOUT.multipliedBy(2)).atMost(LONG).until(() -> true);
    for (RankProcess process : processes) {
      assertThat(process.said()).containsExactly("joining", "joined");
    }
  }
}
