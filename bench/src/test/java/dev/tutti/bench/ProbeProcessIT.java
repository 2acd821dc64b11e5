package dev.tutti.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.bench.TuttiProcess.Outcome;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import dev.tutti.topology.format.ProfileJson;
import dev.tutti.topology.format.SourceFile;
import dev.tutti.topology.format.TopologyJson;
import dev.tutti.topology.probe.Profile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `tutti probe` with real ranks.
@Timeout(value = 100, unit = TimeUnit.SECONDS)
final class ProbeProcessIT {
  @TempDir private Path folder;

  @Test
  void shouldMeasureProcessesOfThisHost() throws Exception {
    Path topology = folder.resolve("topology.json");
    Outcome outcome =
        TuttiProcess.run(
            folder,
            "probe",
            "--ranks",
            "3",
            "--quick",
            "--format",
            "json",
            "--topology",
            topology.toString(),
            "--heat-map",
            folder.resolve("heat.svg").toString());

    assertThat(outcome.exitCode()).as(outcome.stderr()).isZero();
    Profile profile =
        ProfileJson.read(new SourceFile("stdout", String.join("\n", outcome.lines())));
    assertThat(profile.hosts()).hasSize(1);
    assertThat(profile.pairs()).hasSize(6).allSatisfy(pair -> assertThat(pair.rate()).isPositive());
    Topology found = TopologyJson.parse("topology", Files.readString(topology));
    assertThat(found.ranks()).hasSize(3);
    assertThat(found.nodes(NodeKind.HOST)).hasSize(1);
    assertThat(Files.readString(folder.resolve("heat.svg"))).contains("<svg").contains("rank 2");
  }

  @Test
  void shouldPrintATableOverTcp() throws Exception {
    Outcome outcome =
        TuttiProcess.run(folder, "probe", "--ranks", "2", "--transport", "tcp", "--quick");

    assertThat(outcome.exitCode()).as(outcome.stderr()).isZero();
    List<String> lines = outcome.lines();
    assertThat(lines.getFirst()).startsWith("# ranks: 2 on 2 host(s) over tcp");
    assertThat(lines).anyMatch(line -> line.startsWith("# latency, us"));
    assertThat(lines).anyMatch(line -> line.startsWith("# ports"));
  }

  @Test
  void shouldRefuseWrongArguments() throws Exception {
    assertThat(TuttiProcess.run(folder, "probe", "--ranks", "0").stderr())
        .contains("--ranks is 0, expected at least 1");
    assertThat(TuttiProcess.run(folder, "probe", "--join", "--ranks", "2").exitCode()).isEqualTo(2);
    assertThat(TuttiProcess.run(folder, "probe", "-o", "/nowhere/x.json").stderr())
        .contains("cannot write /nowhere/x.json: there is no folder /nowhere");
  }
}
