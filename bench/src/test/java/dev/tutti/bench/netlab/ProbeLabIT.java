package dev.tutti.bench.netlab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.bench.launch.LaunchResult;
import dev.tutti.bench.netlab.LabSpec.Changes;
import dev.tutti.bench.netlab.LabSpec.Scenario;
import dev.tutti.bench.netlab.LabSpec.Tree;
import dev.tutti.bench.session.WorkerCommandLine;
import dev.tutti.topology.format.ProfileJson;
import dev.tutti.topology.format.SourceFile;
import dev.tutti.topology.probe.LinkFindings;
import dev.tutti.topology.probe.NetworkGroup;
import dev.tutti.topology.probe.NetworkMap;
import dev.tutti.topology.probe.Profile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.data.Percentage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `tutti probe` in networks whose structure nobody tells it. Needs root.
///
/// The ports are slow, so that the cores of this machine, which all hosts share, never decide how
/// fast a flow is.
@Timeout(90)
final class ProbeLabIT {
  private static final BitRate PORT = BitRate.parse("100mbit");

  @TempDir private static Path folder = Path.of("");

  private @Nullable Lab made;

  @BeforeAll
  static void assumeNamespaces() {
    Labs.assumeAllowed(ProbeLabIT.class);
  }

  @AfterEach
  void leaveNothing() throws Exception {
    if (made != null) {
      Labs.remove(made);
      made = null;
    }
  }

  /// Makes a lab and has a rank on each of its hosts measure.
  private Profile probe(LabSpec spec) throws Exception {
    leaveNothing(); // of the probe before
    made = Lab.createTemporary("probe" + ProcessHandle.current().pid(), spec);
    return probe(made, Map.of());
  }

  private static Profile probe(Lab lab, Map<String, String> options) throws Exception {
    Path file = folder.resolve("profile.json");
    List<String> said = new ArrayList<>();
    List<String> command =
        WorkerCommandLine.of(
            List.of("probe", "--join", "--format", "none", "--output", file.toString()));
    try (LabJob job = LabJob.open(lab, 1)) {
      LaunchResult result =
          job.launcher(command)
              .environment(options)
              .output((rank, _, line) ->
                  said.add(rank + ": " + new String(line, StandardCharsets.UTF_8)))
              .run();
      assertThat(result.exitCode()).as(said.toString()).isZero();
    }
    return ProfileJson.read(SourceFile.read(file));
  }

  @Test
  void shouldFindTwoHiddenRacksAndWhatJoinsThem() throws Exception {
    // Nobody's neighbour by number is his neighbour in his rack, or hardly anybody's.
    LabSpec spec =
        LabSpec.of(
            Scenario.UNIFORM, new Changes(8, PORT, PORT, null, null, new Tree(2, null, null, 1L)));

    Profile profile = probe(spec);

    NetworkMap network = Objects.requireNonNull(profile.network());
    assertThat(rightPairs(profile.groupOf(), spec.racks()))
        .as("groups %s of racks %s", network.root(), spec.racks())
        .isGreaterThanOrEqualTo(0.95);
    assertThat(network.rounds()).isLessThanOrEqualTo(2 * spec.hosts());
    for (NetworkGroup rack : network.root().leaves()) {
      assertThat(rack.upBytesPerSecond())
          .isCloseTo(PORT.payloadBytesPerSecond(), Percentage.withPercentage(10));
      assertThat(rack.downBytesPerSecond())
          .isCloseTo(PORT.payloadBytesPerSecond(), Percentage.withPercentage(10));
    }
  }

  @Test
  void shouldNameTheHostWhosePortIsSlow() throws Exception {
    BitRate slow = BitRate.parse("50mbit");
    LabSpec spec = LabSpec.of(Scenario.SLOW, new Changes(4, PORT, null, slow, null));

    Profile profile = probe(spec);

    assertThat(LinkFindings.of(profile))
        .anySatisfy(finding -> {
          assertThat(finding.toString()).contains("eth0 on host host3").contains("sends");
        });
    assertThat(Objects.requireNonNull(profile.network()).root().parts()).isEmpty();
  }

  @Test
  void shouldTellWhatEachRailCarries() throws Exception {
    Lab lab = Labs.createPair("railprobe", "100mbit");
    made = lab;
    Labs.addCable(lab, "eth1", "100mbit", "40mbit");

    Profile profile = probe(lab, Map.of("TUTTI_INTERFACES", "eth0,eth1"));

    assertThat(profile.rails()).hasSize(4);
    assertThat(railRate(profile, 0, 0)).isCloseTo(12e6, Percentage.withPercentage(20));
    assertThat(railRate(profile, 1, 0)).isCloseTo(12e6, Percentage.withPercentage(20));
    assertThat(railRate(profile, 0, 1)).isCloseTo(12e6, Percentage.withPercentage(20));
    assertThat(railRate(profile, 1, 1)).isCloseTo(4.8e6, Percentage.withPercentage(20));
    assertThat(LinkFindings.of(profile))
        .extracting(Object::toString)
        .anyMatch(text -> text.startsWith("eth1 on host host1: warning: sends"));
  }

  /// Returns what a rank sent to the other of two over a rail.
  private static double railRate(Profile profile, int from, int rail) {
    return profile.rails().stream()
        .filter(each -> each.from() == from && each.rail() == rail)
        .mapToDouble(each -> each.bytesPerSecond().median())
        .sum();
  }

  /// Returns which part of all pairs is together or apart as in truth.
  private static double rightPairs(int[] found, List<Integer> truth) {
    int right = 0;
    int all = 0;
    for (int a = 0; a < found.length; a++) {
      for (int b = a + 1; b < found.length; b++) {
        right += (found[a] == found[b]) == truth.get(a).equals(truth.get(b)) ? 1 : 0;
        all++;
      }
    }
    return (double) right / all;
  }
}
