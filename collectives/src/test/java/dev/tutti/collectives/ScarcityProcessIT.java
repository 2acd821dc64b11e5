package dev.tutti.collectives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Ranks that lack something: room in `/dev/shm`, file descriptors, a port of their own.
@Timeout(120)
final class ScarcityProcessIT {
  private static final String AS_IS = "exec \"$@\"";

  private final List<OutputCollector> ranks = new ArrayList<>();

  @AfterEach
  void killRanks() {
    ranks.forEach(rank -> rank.process().destroyForcibly());
  }

  @Test
  void shouldNotNeedRoomInSharedMemoryFiles() throws Exception {
    String full =
        "mount -t tmpfs -o size=4k tmpfs /dev/shm && head -c 8k /dev/zero 2>&- >/dev/shm/a";
    Process probe = new ProcessBuilder("unshare", "-m", "true").start();
    boolean allowed = probe.waitFor(10, TimeUnit.SECONDS) && probe.exitValue() == 0;
    assumeTrue(allowed, "skipped: no mount namespaces here (unshare -m fails)");
    int port = RankProcess.freePort();
    for (int r = 0; r < 2; r++) {
      start("exec unshare -m sh -c '" + full + "; exec \"$@\"' sh \"$@\"", port, r, 2, "brief");
    }

    for (int r = 0; r < 2; r++) {
      assertThat(ranks.get(r).exit()).as(ranks.toString()).isZero();
    }
  }

  /// Too few to join with.
  @Test
  void shouldEndOnEveryRankWhenOneHasNoDescriptors() throws Exception {
    int port = RankProcess.freePort();
    start(AS_IS, port, 0, 3, "brief");
    start("ulimit -n 24; exec \"$@\"", port, 1, 3, "brief");
    start(AS_IS, port, 2, 3, "brief");

    assertThat(ranks.get(1).exit()).as(ranks.toString()).isNotZero();
    assertThat(ranks.get(0).exit()).as(ranks.toString()).isNotZero();
    assertThat(ranks.get(2).exit()).as(ranks.toString()).isNotZero();
    assertThat(ranks.get(0).toString()).containsPattern("TimeoutException|RankFailedException");
    assertThat(ranks.get(0).toString()).contains("1");
  }

  @Test
  void shouldLeaveAJobAloneWhoseAddressAnotherTakes() throws Exception {
    int port = RankProcess.freePort();
    start(AS_IS, port, 0, 2, "forever");
    start(AS_IS, port, 1, 2, "forever");
    ranks.get(0).await("running");
    ranks.get(1).await("running");

    start(AS_IS, port, 0, 2, "brief");
    start(AS_IS, port, 1, 2, "brief");

    assertThat(ranks.get(2).exit()).isEqualTo(6);
    assertThat(ranks.get(2).toString()).contains("Address already in use");
    assertThat(ranks.get(3).exit()).isEqualTo(6);
    assertThat(ranks.get(3).toString()).containsPattern("rank 1 .*(joined|twice|already)");
    assertThat(ranks.get(0).process().isAlive()).isTrue();
    assertThat(ranks.get(1).process().isAlive()).isTrue();
    assertThat(ranks.get(0).lines()).hasSize(1);
  }

  private void start(String script, int port, int rank, int size, String task) throws IOException {
    Map<String, String> environment = RankProcess.member(port, rank, size);
    environment.put("TUTTI_JOIN_TIMEOUT_MILLIS", "4000");
    ranks.add(RankProcess.start(script, ProcessRank.class, task, environment));
  }
}
