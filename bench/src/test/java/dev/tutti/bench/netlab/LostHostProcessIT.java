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
@Timeout(value = 90, unit = TimeUnit.SECONDS)
final class LostHostProcessIT {
  private static final String HEARTBEAT_TIMEOUT_MILLIS = "1500";

  @BeforeAll
  static void assumeNamespaces() {
    Labs.assumeAllowed(LostHostProcessIT.class);
  }

  @Test
  void shouldGoOnWithoutTheHostThatIsUnreachable() throws Exception {
    LabSpec three =
        LabSpec.of(Scenario.UNIFORM, new Changes(3, BitRate.parse("500mbit"), null, null, null));
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
    List<String> lines = new CopyOnWriteArrayList<>();
    try (Lab lab = Lab.createTemporary("lost" + ProcessHandle.current().pid(), three);
        LabJob job = LabJob.open(lab, 1)) {
      CompletableFuture<LaunchResult> result = new CompletableFuture<>();
      Thread.ofPlatform()
          .start(() -> {
            try {
              result.complete(
                  job.launcher(command)
                      .environment(
                          Map.of(
                              "TUTTI_HEARTBEAT_MILLIS",
                              "150",
                              "TUTTI_HEARTBEAT_TIMEOUT_MILLIS",
                              HEARTBEAT_TIMEOUT_MILLIS))
                      .keepGoing(true)
                      .output((rank, _, line) ->
                          lines.add(rank + " " + new String(line, StandardCharsets.UTF_8)))
                      .run());
            } catch (Exception e) {
              result.completeExceptionally(e);
            }
          });
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
}
