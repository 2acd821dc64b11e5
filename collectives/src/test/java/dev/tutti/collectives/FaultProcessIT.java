package dev.tutti.collectives;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Kills and stops ranks in every phase of a job: the others hear of it, go on without the rank and
/// compute the right result; a rank that was only stopped hears that it is out.
///
/// A choice of cases runs once; `-Dtutti.faults=20` runs all that often, with other delays.
@Timeout(900)
final class FaultProcessIT {
  private static final int REPEATS = Integer.getInteger("tutti.faults", 1);
  private static final int HEARTBEAT_MILLIS = 100;
  private static final int TIMEOUT_MILLIS = 1000;
  private static final int MAX_DELAY_MILLIS = 60;
  private static final int JOIN_MILLIS = 8000;
  private static final int BRIEF_JOIN_MILLIS = 3000; // for ranks that wait it out

  private final List<OutputCollector> ranks = new ArrayList<>();

  @AfterEach
  void killRanks() {
    ranks.forEach(rank -> rank.process().destroyForcibly());
    ranks.clear();
  }

  @ParameterizedTest
  @CsvSource({
    "small, 0, KILL, ''", "small, 1, STOP, ''", "large, 2, KILL, ''", "idle, 0, STOP, ''",
    "split, 1, KILL, ''", "shrink, 0, KILL, ''", "small, 1, KILL, abb", "large, 0, STOP, aab"
  })
  void shouldGoOnWithoutARank(String phase, int victim, String signal, String hosts)
      throws Exception {
    goOnWithoutTheRank(phase, victim, signal, hosts);
  }

  @ParameterizedTest
  @EnabledIfSystemProperty(
      named = "tutti.faults",
      matches = "\\d+",
      disabledReason = "takes minutes: -Dtutti.faults=20")
  @CsvSource({
    "small, 2, KILL, ''", "small, 0, STOP, ''", "large, 0, KILL, ''", "large, 1, KILL, ''",
    "large, 2, STOP, ''", "idle, 0, KILL, ''", "idle, 2, KILL, ''", "idle, 1, STOP, ''",
    "split, 0, KILL, ''", "split, 2, STOP, ''", "shrink, 1, KILL, ''", "shrink, 0, STOP, ''",
    "small, 0, KILL, abb", "small, 2, STOP, abb", "large, 0, KILL, aab", "large, 2, KILL, aab",
    "split, 1, KILL, abc", "shrink, 2, KILL, abc"
  })
  void shouldGoOnWithoutAnyRankInAnyPhase(String phase, int victim, String signal, String hosts)
      throws Exception {
    goOnWithoutTheRank(phase, victim, signal, hosts);
  }

  private void goOnWithoutTheRank(String phase, int victim, String signal, String hosts)
      throws Exception {
    Random random = new Random((phase + victim + signal + hosts).hashCode());
    for (int i = 0; i < REPEATS; i++) {
      List<Path> before = sharedFiles();
      int port = RankProcess.freePort();
      for (int r = 0; r < 3; r++) {
        start(port, r, 3, phase, hosts, JOIN_MILLIS);
      }
      for (OutputCollector rank : ranks) {
        rank.await("running");
      }
      LockSupport.parkNanos(1_000_000L * random.nextInt(MAX_DELAY_MILLIS));

      final long when = System.nanoTime();
      RankProcess.signal(ranks.get(victim), signal);
      List<Integer> living = IntStream.range(0, 3).filter(r -> r != victim).boxed().toList();
      long slowest = 0;
      for (int r : living) {
        String failed = ranks.get(r).await("failed ");
        slowest = Math.max(slowest, Long.parseLong(failed.split(" ")[1]) - when);
        assertThat(ranks.get(r).await("survived "))
            .as("rank %s: %s", r, ranks.get(r).lines())
            .isEqualTo("survived 2 " + living.stream().mapToInt(l -> 1 << l).sum());
        assertThat(ranks.get(r).exit()).as(() -> ranks.toString()).isZero();
      }
      if (signal.equals("STOP")) {
        RankProcess.signal(ranks.get(victim), "CONT");
        // Those it shares memory with have killed it; on another host it hears that it is out.
        assertThat(ranks.get(victim).exit())
            .as(ranks.get(victim).lines().toString())
            .isEqualTo(isAlone(victim, hosts) ? 6 : 137);
      }
      System.out.printf(
          "%s %s of rank %d on %s: all survivors knew after %.1f ms%n",
          phase, signal, victim, hosts.isEmpty() ? "one host" : hosts, slowest / 1e6);
      killRanks();
      assertThat(sharedFiles()).isEqualTo(before);
    }
  }

  private static boolean isAlone(int rank, String hosts) {
    return !hosts.isEmpty()
        && hosts.indexOf(hosts.charAt(rank)) == hosts.lastIndexOf(hosts.charAt(rank));
  }

  /// The others form no world without it, and say whom they miss.
  @ParameterizedTest
  @CsvSource({"0, KILL", "2, KILL", "0, STOP", "1, STOP"})
  void shouldNotHangWhenARankDiesWhileJoining(int victim, String signal) throws Exception {
    Random random = new Random(victim + signal.hashCode());
    for (int i = 0; i < REPEATS; i++) {
      int port = RankProcess.freePort();
      for (int r = 0; r < 3; r++) {
        start(port, r, 3, "small", "", BRIEF_JOIN_MILLIS);
      }
      LockSupport.parkNanos(1_000_000L * (100 + random.nextInt(600)));

      RankProcess.signal(ranks.get(victim), signal);
      for (int r = 0; r < 3; r++) {
        if (r != victim) {
          // Either it was in time to join, and they go on without it; or there is no world.
          assertThat(ranks.get(r).exit()).as("rank %s: %s", r, ranks.get(r).lines()).isIn(0, 6);
        }
      }
      RankProcess.signal(ranks.get(victim), "CONT");
      killRanks();
    }
  }

  private void start(int port, int rank, int size, String phase, String hosts, int joinMillis)
      throws IOException {
    Map<String, String> environment = RankProcess.member(port, rank, size);
    environment.put("TUTTI_JOIN_TIMEOUT_MILLIS", Integer.toString(joinMillis));
    environment.put("TUTTI_OPERATION_TIMEOUT_MILLIS", "20000");
    environment.put("TUTTI_HEARTBEAT_MILLIS", Integer.toString(HEARTBEAT_MILLIS));
    environment.put("TUTTI_HEARTBEAT_TIMEOUT_MILLIS", Integer.toString(TIMEOUT_MILLIS));
    if (!hosts.isEmpty()) {
      environment.put("TUTTI_HOST_ID", hosts.substring(rank, rank + 1));
    }
    ranks.add(RankProcess.start(FaultRank.class, phase, environment));
  }

  private static List<Path> sharedFiles() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/dev/shm"))) {
      // Other programs of this machine may come and go meanwhile.
      return files.filter(file -> file.toString().contains("tutti")).sorted().toList();
    }
  }
}
