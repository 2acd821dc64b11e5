package dev.tutti.collectives;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.collectives.algorithm.Algorithm;
import dev.tutti.collectives.algorithm.Algorithms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Ranks that are processes: data, mismatch, death, and what is left behind.
@Timeout(120)
final class CommunicatorProcessIT {
  private final List<OutputCollector> ranks = new ArrayList<>();

  @AfterEach
  void killRanks() {
    ranks.forEach(rank -> rank.process().destroyForcibly());
  }

  private void start(int size, String task) throws IOException {
    start(size, task, Map.of(), "");
  }

  /// Starts ranks.
  ///
  /// @param hosts one letter per rank, equal for ranks of one host; empty for the real one
  private void start(int size, String task, Map<String, String> options, String hosts)
      throws IOException {
    int port = RankProcess.freePort();
    for (int rank = 0; rank < size; rank++) {
      Map<String, String> environment = RankProcess.member(port, rank, size);
      if (!task.equals("collectives") || size != 2) {
        environment.put("TUTTI_KERNEL", "array"); // the vector kernel takes long to warm up
      }
      environment.putAll(options);
      if (!hosts.isEmpty()) {
        environment.put("TUTTI_HOST_ID", hosts.substring(rank, rank + 1));
      }
      ranks.add(RankProcess.start(ProcessRank.class, task, environment));
    }
  }

  /// Returns what a rank has printed when it has ended.
  private String output(int rank) throws InterruptedException {
    int _ = ranks.get(rank).exit();
    return ranks.get(rank).toString();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void shouldRunCollectives(int size) throws Exception {
    start(size, "collectives");

    for (int rank = 0; rank < size; rank++) {
      assertThat(output(rank)).isEqualTo("[done " + rank + "]");
    }
  }

  @ParameterizedTest
  @CsvSource({"2, ''", "3, ''", "4, abab", "5, aabbb", "6, aabbcc"})
  void shouldRunCollectivesBetweenHosts(int size, String hosts) throws Exception {
    Map<String, String> options = hosts.isEmpty() ? Map.of("TUTTI_TRANSPORT", "tcp") : Map.of();
    start(size, "brief", options, hosts);

    for (int rank = 0; rank < size; rank++) {
      assertThat(output(rank)).isEqualTo("[done " + rank + "]");
    }
  }

  @ParameterizedTest
  @CsvSource({"2, ''", "3, aab"})
  void shouldRunCollectivesWithEncryption(int size, String hosts) throws Exception {
    start(size, "brief", Map.of("TUTTI_TLS", "on", "TUTTI_TRANSPORT", transport(hosts)), hosts);

    for (int rank = 0; rank < size; rank++) {
      assertThat(output(rank)).isEqualTo("[done " + rank + "]");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"shm", "tcp"})
  void shouldRunExchanges(String transport) throws Exception {
    start(3, "exchanges", Map.of("TUTTI_TRANSPORT", transport), "");

    for (int rank = 0; rank < 3; rank++) {
      assertThat(output(rank)).isEqualTo("[done " + rank + "]");
    }
  }

  @Test
  void shouldBeginWithoutALateRankAndNameOneThatNeverComes() throws Exception {
    Map<String, String> options =
        Map.of(
            "TUTTI_STRAGGLERS", "auto",
            "TUTTI_STRAGGLER_PATIENCE_MICROS", "1",
            "TUTTI_ALGORITHM", "ring");
    start(5, "stragglers", options, "aabcd");

    for (int rank = 0; rank < 4; rank++) {
      assertThat(output(rank))
          .contains("all done without")
          .contains("RankFailedException: rank 4 ");
    }
  }

  private static String transport(String hosts) {
    return hosts.isEmpty() ? "tcp" : "auto";
  }

  @Test
  void shouldNotStartWhenOnlySomeRanksEncrypt() throws Exception {
    int port = RankProcess.freePort();
    for (int rank = 0; rank < 2; rank++) {
      Map<String, String> environment = RankProcess.member(port, rank, 2);
      environment.put("TUTTI_TRANSPORT", "tcp");
      environment.put("TUTTI_TLS", rank == 0 ? "on" : "off");
      ranks.add(RankProcess.start(ProcessRank.class, "brief", environment));
    }

    assertThat(output(0)).contains("tls=true").contains("tls=false");
    assertThat(output(1)).contains("tls=true").contains("tls=false");
  }

  /// The ranks form one world after the other: a process takes longer to start than a world.
  @Test
  void shouldRunEveryAlgorithmInAMixedWorld() throws Exception {
    List<String> algorithms =
        Stream.concat(Algorithms.all().stream().map(Algorithm::name), Stream.of("hierarchical"))
            .filter(name -> !name.equals("dissemination")) // for barriers only
            .toList();
    List<String> worlds = new ArrayList<>();
    for (String algorithm : algorithms) {
      worlds.add(algorithm + ":" + RankProcess.freePort());
    }
    start(5, String.join(",", worlds), Map.of("TUTTI_STREAMS_PER_PEER", "2"), "aabbb");

    for (int rank = 0; rank < 5; rank++) {
      assertThat(ranks.get(rank).exit()).isZero();
      assertThat(ranks.get(rank).lines()).containsExactlyElementsOf(algorithms);
    }
  }

  /// Those that pass messages on, and one that does not.
  @ParameterizedTest
  @CsvSource({"abc, ring", "abc, double-binary-tree", "aabc, hierarchical"})
  void shouldReduceLargeVectorsBetweenHosts(String hosts, String algorithm) throws Exception {
    start(hosts.length(), "large", Map.of("TUTTI_ALGORITHM", algorithm), hosts);

    for (int rank = 0; rank < hosts.length(); rank++) {
      assertThat(output(rank)).isEqualTo("[done " + rank + "]");
    }
  }

  /// The rank that finds the mismatch first tells the other, which throws that or its own finding.
  @Test
  void shouldReportMismatchBetweenHosts() throws Exception {
    start(2, "mismatch", Map.of("TUTTI_TRANSPORT", "tcp"), "");

    for (int rank = 0; rank < 2; rank++) {
      assertThat(output(rank))
          .contains("ranks disagree on operation ")
          .contains("rank 0 called all-reduce of 100 INT64 MIN")
          .contains("rank 1 called all-reduce of 101 INT64 MIN");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void shouldNameARankKilledOnAnotherHost(int victim) throws Exception {
    start(3, "forever", Map.of(), "abb");
    for (OutputCollector rank : ranks) {
      rank.await("running");
    }

    ranks.get(victim).process().destroyForcibly();

    for (int rank = 0; rank < 3; rank++) {
      if (rank != victim) {
        assertThat(output(rank))
            .contains("RankFailedException: ")
            .containsPattern("rank " + victim + " failed|lost the rendezvous|rank " + victim);
      }
    }
  }

  @Test
  void shouldNotCollapseWhenOversubscribed() throws Exception {
    start(8, "small");

    for (int rank = 0; rank < 8; rank++) {
      assertThat(output(rank)).isEqualTo("[done " + rank + "]");
    }
  }

  @Test
  void shouldReportMismatchOnEveryRank() throws Exception {
    start(3, "mismatch");

    for (int rank = 0; rank < 3; rank++) {
      assertThat(output(rank))
          .contains("MismatchException: ranks disagree on operation ")
          .contains("rank 0 called all-reduce of 100 INT64 MIN")
          .contains("rank 2 called all-reduce of 102 INT64 MIN");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void shouldNameKilledRankOnEverySurvivor(int victim) throws Exception {
    Path before = Path.of("/dev/shm");
    List<Path> sharedBefore = list(before);
    start(3, "forever");
    for (OutputCollector rank : ranks) {
      rank.await("running");
    }

    ranks.get(victim).process().destroyForcibly();

    for (int rank = 0; rank < 3; rank++) {
      if (rank != victim) {
        assertThat(output(rank))
            .contains("RankFailedException: ")
            .containsPattern("rank " + victim + " failed|lost the rendezvous");
        assertThat(ranks.get(rank).exit()).isEqualTo(6);
      }
    }
    assertThat(list(before)).isEqualTo(sharedBefore);
  }

  private static List<Path> list(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList();
    }
  }
}
