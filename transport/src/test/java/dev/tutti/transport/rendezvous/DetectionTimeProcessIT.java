package dev.tutti.transport.rendezvous;

import static dev.tutti.transport.rendezvous.TestWorld.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Measures how long it takes until all survivors know of a death, and prints the medians.
@Tag("slow")
final class DetectionTimeProcessIT {
  private static final int ROUNDS = 20;
  private static final int WORLD = 4;
  private static final MembershipOptions DEFAULTS = MembershipOptions.defaults();
  private static final MembershipOptions QUICK =
      DEFAULTS.withHeartbeat(Duration.ofMillis(50), Duration.ofMillis(500));

  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void end() {
    threads.shutdownNow();
  }

  /// Notes when it hears what.
  private record Clock(ConcurrentMap<String, Long> heard) implements MembershipListener {
    private void note(String event) {
      heard.putIfAbsent(event, System.nanoTime());
    }

    @Override
    public void rankFailed(int rank, String cause) {
      note("failed");
    }

    @Override
    public void rankLeft(int rank) {}

    @Override
    public void aborted(int byRank, String reason) {}

    @Override
    public void serverLost(String cause) {}

    @Override
    public void serverMoved(int toRank) {
      note("moved");
    }
  }

  @Test
  void shouldTellOfKilledMemberWithinAHundredMilliseconds() throws IOException {
    double[] times = measure(1, DEFAULTS, RankProcess::kill, "failed");

    assertThat(report("SIGKILL of a member to rankFailed on all survivors", times)).isLessThan(100);
  }

  @Test
  void shouldReplaceKilledLeaderWithinAHundredMilliseconds() throws IOException {
    double[] failed = measure(0, DEFAULTS, RankProcess::kill, "failed");
    double[] moved = measure(0, DEFAULTS, RankProcess::kill, "moved");

    assertThat(report("SIGKILL of the leader to rankFailed on all survivors", failed))
        .isLessThan(100);
    assertThat(report("SIGKILL of the leader to a new server for all survivors", moved))
        .isLessThan(200);
  }

  @Test
  void shouldTellOfSilenceWithinTwiceTheTimeout() throws IOException {
    double[] member = measure(1, QUICK, RankProcess::stop, "failed");
    double[] leader = measure(0, QUICK, RankProcess::stop, "moved");

    assertThat(report("SIGSTOP of a member to rankFailed, timeout 500 ms", member))
        .isLessThan(1000);
    assertThat(report("SIGSTOP of the leader to a new server, timeout 500 ms", leader))
        .isLessThan(1000);
  }

  private static double report(String what, double[] millis) {
    Arrays.sort(millis);
    double median = (millis[ROUNDS / 2 - 1] + millis[ROUNDS / 2]) / 2;
    System.out.printf(
        "%s: median %.1f ms, least %.1f, most %.1f (%d runs)%n",
        what, median, millis[0], millis[ROUNDS - 1], ROUNDS);
    return median;
  }

  /// The time until the last of three survivors has heard `event`, in ms.
  private double[] measure(
      int victim, MembershipOptions options, Consumer<RankProcess> blow, String event)
      throws IOException {
    double[] times = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      times[round] = measureOnce(victim, options, blow, event);
    }
    return times;
  }

  private double measureOnce(
      int victim, MembershipOptions options, Consumer<RankProcess> blow, String event)
      throws IOException {
    URI uri = freeAddress();
    Secret secret = Secret.random();
    List<CompletableFuture<Membership>> joining = new ArrayList<>();
    try (RankProcess process = RankProcess.start(uri, victim, WORLD, secret, options)) {
      for (int r = 0; r < WORLD; r++) {
        if (r != victim) {
          int rank = r;
          joining.add(
              CompletableFuture.supplyAsync(
                  () ->
                      Rendezvous.joinServingIfRankZero(
                          uri, rank, WORLD, secret, new byte[0], LONG, options),
                  threads));
        }
      }
      List<Membership> survivors = joining.stream().map(CompletableFuture::join).toList();
      List<Clock> clocks = new ArrayList<>();
      for (Membership survivor : survivors) {
        Clock clock = new Clock(new ConcurrentHashMap<>());
        survivor.onEvent(clock);
        clocks.add(clock);
      }
      await().atMost(LONG).until(() -> process.said().contains("joined"));

      long start = System.nanoTime();
      blow.accept(process);

      await()
          .atMost(LONG)
          .pollInterval(Duration.ofMillis(20))
          .until(() -> clocks.stream().allMatch(clock -> clock.heard.containsKey(event)));
      long last =
          clocks.stream()
              .mapToLong(clock -> clock.heard.getOrDefault(event, 0L))
              .max()
              .orElseThrow();
      survivors.reversed().forEach(Membership::close);
      return (last - start) / 1e6;
    }
  }

  private static URI freeAddress() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return URI.create("tcp://127.0.0.1:" + socket.getLocalPort());
    }
  }
}
