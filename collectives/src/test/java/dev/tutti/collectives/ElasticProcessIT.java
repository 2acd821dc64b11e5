package dev.tutti.collectives;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Ranks die and newcomers take their places, until none of the first ranks is left.
@Timeout(300)
final class ElasticProcessIT {
  private static final int SIZE = 3;
  private static final int DEATHS = Math.max(4, Integer.getInteger("tutti.faults", 1));

  private final List<OutputCollector> ranks = new ArrayList<>();

  @AfterEach
  void killRanks() {
    ranks.forEach(rank -> rank.process().destroyForcibly());
  }

  /// The host of each rank in turn is a letter of `hosts`, repeated.
  @ParameterizedTest
  @ValueSource(strings = {"a", "ab", "aab"})
  void shouldReplaceEveryRankThatDies(String hosts) throws Exception {
    int port = RankProcess.freePort();
    for (int r = 0; r < SIZE; r++) {
      start(RankProcess.member(port, r, SIZE), hosts);
    }
    for (int death = 0; death < DEATHS; death++) {
      List<OutputCollector> living = new ArrayList<>(ranks.subList(death, death + SIZE));
      for (OutputCollector rank : living) {
        assertThat(rank.await("generation " + death + " "))
            .startsWith("generation " + death + " 3");
      }
      // The oldest, which serves the rendezvous.
      RankProcess.signal(living.getFirst(), "KILL");
      String rendezvous = living.getLast().await("generation " + death + " ").split(" ")[3];
      start(Map.of("TUTTI_JOIN_RUNNING", rendezvous), hosts);
    }
    for (OutputCollector rank : ranks.subList(DEATHS, DEATHS + SIZE)) {
      rank.await("done");
      assertThat(rank.exit()).as(rank.toString()).isZero();
    }
  }

  @Test
  void shouldTellANewcomerThatNobodyAdmitsIt() throws Exception {
    start(
        Map.of("TUTTI_JOIN_RUNNING", "tcp://127.0.0.1:9", "TUTTI_JOIN_TIMEOUT_MILLIS", "300"), "a");

    assertThat(ranks.getFirst().exit()).isEqualTo(6);
    assertThat(ranks.getFirst().toString())
        .contains("TimeoutException: no rendezvous at tcp://127.0.0.1:9 after 0.3 s");
  }

  private void start(Map<String, String> how, String hosts) throws IOException {
    Map<String, String> environment = new HashMap<>(how);
    int letter = ranks.size() % hosts.length();
    environment.put("TUTTI_HOST_ID", hosts.substring(letter, letter + 1));
    environment.put("TUTTI_OPERATION_TIMEOUT_MILLIS", "30000");
    ranks.add(RankProcess.start(ElasticRank.class, Integer.toString(DEATHS), environment));
  }
}
