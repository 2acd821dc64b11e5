package dev.tutti.bench.netlab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tutti.bench.launch.LaunchResult;
import dev.tutti.bench.netlab.Lab.LinkState;
import dev.tutti.bench.netlab.LabSpec.Changes;
import dev.tutti.bench.netlab.LabSpec.Scenario;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A host that becomes unreachable: its cable is pulled. Needs root.
///
/// `-Dtutti.faults=20` pulls it 20 times.
@Timeout(600)
final class LostHostProcessIT {
  private static final int REPEATS = Integer.getInteger("tutti.faults", 1);
  private static final String HEARTBEAT_TIMEOUT_MILLIS = "1500";

  @BeforeAll
  static void assumeNamespaces() {
    Labs.assumeAllowed(LostHostProcessIT.class);
  }

  @Test
  void shouldGoOnWithoutTheHostThatIsUnreachable() throws Exception {
    LabSpec three =
        LabSpec.of(Scenario.UNIFORM, new Changes(3, BitRate.parse("500mbit"), null, null, null));
    try (Lab lab = Lab.createTemporary("lost" + ProcessHandle.current().pid(), three)) {
      for (int i = 0; i < REPEATS; i++) {
        goOnWithoutTheHost(lab);
        lab.setLink(1, LinkState.UP);
      }
    }
  }

  private static void goOnWithoutTheHost(Lab lab) throws Exception {
    List<String> lines = new CopyOnWriteArrayList<>();
    try (LabJob job = LabJob.open(lab, 1)) {
      CompletableFuture<LaunchResult> result = new CompletableFuture<>();
      Thread.ofPlatform().start(() -> run(job, lines, result));
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> lines.stream().filter(line -> line.endsWith(" running")).count() == 3);

      lab.setLink(1, LinkState.DOWN);

      assertThat(result.get(60, TimeUnit.SECONDS).exitCodes())
          .as(lines.toString())
          .containsExactly(0, 6, 0);
      assertThat(lines)
          .contains("0 survived 2 5", "2 survived 2 5")
          .anyMatch(line -> line.startsWith("0 lost [1] "))
          .anyMatch(line -> line.startsWith("2 lost [1] "));
    }
  }

  private static void run(LabJob job, List<String> lines, CompletableFuture<LaunchResult> result) {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--add-modules=jdk.incubator.vector",
            "-cp",
            System.getProperty("java.class.path"),
            LostHostRank.class.getName());
    Map<String, String> environment =
        Map.of(
            "TUTTI_HEARTBEAT_MILLIS",
            "150",
            "TUTTI_HEARTBEAT_TIMEOUT_MILLIS",
            HEARTBEAT_TIMEOUT_MILLIS);
    try {
      result.complete(
          job.launcher(command)
              .environment(environment)
              .keepGoing(true)
              .output((rank, _, line) ->
                  lines.add(rank + " " + new String(line, StandardCharsets.UTF_8)))
              .run());
    } catch (Exception e) {
      result.completeExceptionally(e);
    }
  }
}
