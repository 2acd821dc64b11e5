package dev.tutti.collectives;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Windows among processes that share memory, and over the network.
@Timeout(60)
final class WindowProcessIT {
  private final List<OutputCollector> ranks = new ArrayList<>();

  @AfterEach
  void killRanks() {
    ranks.forEach(rank -> rank.process().destroyForcibly());
  }

  private void start(int size, String task, String hosts) throws IOException {
    int port = RankProcess.freePort();
    for (int rank = 0; rank < size; rank++) {
      Map<String, String> environment = RankProcess.member(port, rank, size);
      environment.put("TUTTI_KERNEL", "array"); // the vector kernel takes long to warm up
      if (!hosts.isEmpty()) {
        environment.put("TUTTI_HOST_ID", hosts.substring(rank, rank + 1));
      }
      ranks.add(RankProcess.start(ProcessRank.class, task, environment));
    }
  }

  @ParameterizedTest
  @CsvSource({"2, ''", "3, abc", "4, aabb"})
  void shouldReadAndWriteTheMemoryOfOthers(int size, String hosts) throws Exception {
    start(size, "window", hosts);

    for (int rank = 0; rank < size; rank++) {
      int _ = ranks.get(rank).exit();
      assertThat(ranks.get(rank).toString()).isEqualTo("[done " + rank + "]");
    }
  }

  @ParameterizedTest
  @CsvSource({"0, ''", "2, abb"})
  void shouldNotWaitForARankThatDied(int victim, String hosts) throws Exception {
    start(3, "window-forever", hosts);
    for (OutputCollector rank : ranks) {
      rank.await("running");
    }

    ranks.get(victim).process().destroyForcibly();

    for (int rank = 0; rank < 3; rank++) {
      if (rank != victim) {
        assertThat(ranks.get(rank).exit()).isEqualTo(6);
        assertThat(ranks.get(rank).toString()).contains("RankFailedException: ");
      }
    }
  }
}
