package dev.tutti.collectives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tutti.bindings.LibraryNotFoundException;
import dev.tutti.bindings.ucx.Ucx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Ranks that are processes and communicate over UCX, or over TCP because there is no UCX.
@Timeout(120)
final class UcxProcessIT {
  private static final String TCP = "tcp,self";
  private static final String POSIX = "posix,cma,self";

  private final List<OutputCollector> ranks = new ArrayList<>();

  @AfterEach
  void killRanks() {
    ranks.forEach(rank -> rank.process().destroyForcibly());
  }

  private static void needUcx() {
    String problem = null;
    try {
      Path _ = Ucx.load();
    } catch (LibraryNotFoundException e) {
      problem = e.getMessage();
    }
    assumeTrue(problem == null, problem);
  }

  private void start(int size, String task, String transport, Map<String, String> more)
      throws IOException {
    int port = RankProcess.freePort();
    for (int rank = 0; rank < size; rank++) {
      Map<String, String> environment = RankProcess.member(port, rank, size);
      environment.put("TUTTI_TRANSPORT", transport);
      if (transport.equals("shm+ucx")) {
        environment.put("TUTTI_HOST_ID", "host-" + rank / 2);
      }
      environment.putAll(more);
      ranks.add(RankProcess.start(ProcessRank.class, task, environment));
    }
  }

  private static Map<String, String> ucx(String transports) {
    Map<String, String> result = new HashMap<>(Map.of("UCX_TLS", transports));
    if (transports.equals(TCP)) {
      result.put("UCX_NET_DEVICES", "lo");
    }
    return result;
  }

  /// Returns what a rank has printed when it has ended.
  private List<String> output(int rank) throws InterruptedException {
    int _ = ranks.get(rank).exit();
    return ranks.get(rank).lines();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2 | ucx     | tcp,self       | ucx",
        "2 | ucx     | posix,cma,self | ucx",
        "4 | shm+ucx | tcp,self       | shm+ucx"
      })
  void shouldRunCollectives(int size, String transport, String transports, String name)
      throws Exception {
    needUcx();

    start(size, "collectives-over-" + name, transport, ucx(transports));

    for (int rank = 0; rank < size; rank++) {
      assertThat(output(rank)).containsExactly("done " + rank);
    }
  }

  @Tag("slow")
  @Test
  void shouldSendAndReceiveInACircle() throws Exception {
    needUcx();

    start(3, "circle", "ucx", ucx(TCP));

    for (int rank = 0; rank < 3; rank++) {
      assertThat(output(rank)).containsExactly("done " + rank);
    }
  }

  @Tag("slow")
  @Test
  void shouldReportMismatchOnEveryRank() throws Exception {
    needUcx();

    start(2, "mismatch", "ucx", ucx(TCP));

    for (int rank = 0; rank < 2; rank++) {
      assertThat(String.join("\n", output(rank)))
          .contains("MismatchException: ranks disagree on operation ")
          .contains("rank 0 called all-reduce of 100 INT64 MIN")
          .contains("rank 1 called all-reduce of 101 INT64 MIN");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {TCP + "| 1", POSIX + "| 0"})
  void shouldNameKilledRankOnEverySurvivor(String transports, int victim) throws Exception {
    needUcx();
    start(3, "forever", "ucx", ucx(transports));
    for (OutputCollector rank : ranks) {
      rank.await("running");
    }

    ranks.get(victim).process().destroyForcibly();

    for (int rank : List.of(1 - victim, 2)) {
      assertThat(String.join("\n", output(rank)))
          .contains("RankFailedException: ")
          .containsPattern("rank " + victim + " (failed|broke)|lost the rendezvous");
      assertThat(ranks.get(rank).exit()).isEqualTo(6);
    }
  }

  @Test
  void shouldUseTcpAndSaySoOnceWhenUcxIsAbsent() throws Exception {
    start(2, "collectives-over-tcp", "ucx", Map.of("TUTTI_UCX_LIBRARY", "/no/such/libucp.so.0"));

    assertThat(String.join("\n", output(0)))
        .contains("TCP is used instead of UCX: rank 0: UCX cannot be used: ")
        .contains("/no/such/libucp.so.0: no such file")
        .endsWith("done 0");
    assertThat(output(1)).containsExactly("done 1");
  }

  @Tag("slow")
  @Test
  void shouldUseTcpAndSayWhyWhenUcxWouldListenToEverybody() throws Exception {
    needUcx();

    start(2, "collectives-over-tcp", "ucx", Map.of("UCX_TLS", "tcp", "UCX_NET_DEVICES", "all"));

    assertThat(String.join("\n", output(0)))
        .contains("TCP is used instead of UCX: rank 0: UCX_TLS is \"tcp\" and UCX_NET_DEVICES is")
        .endsWith("done 0");
    assertThat(output(1)).containsExactly("done 1");
  }
}
