package dev.tutti.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tutti.bench.TuttiProcess.Outcome;
import dev.tutti.bench.compare.PeerLibrary;
import dev.tutti.bench.netlab.Lab;
import dev.tutti.bench.netlab.LabSupport;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `tutti compare` with the peers that are installed.
@Timeout(value = 150, unit = TimeUnit.SECONDS)
final class CompareProcessIT {
  private static List<String> installed = List.of();

  @TempDir private Path folder;

  @BeforeAll
  static void findPeers() {
    installed =
        Stream.of(PeerLibrary.OPENMPI, PeerLibrary.MPICH)
            .filter(PeerLibrary::isInstalled)
            .map(PeerLibrary::label)
            .toList();
  }

  private static String missingReason() {
    String packages =
        Arrays.stream(PeerLibrary.values())
            .map(PeerLibrary::debianPackages)
            .collect(Collectors.joining(" "));
    return "skipped: no peer to compare with is installed; on Debian: apt-get install " + packages;
  }

  private static void assumePeers() {
    if (installed.isEmpty()) {
      System.err.println("CompareProcessIT " + missingReason());
    }
    assumeTrue(!installed.isEmpty(), missingReason());
  }

  @Test
  void shouldMeasurePeersAndTuttiInTurn() throws Exception {
    assumePeers();
    Path raw = folder.resolve("raw.jsonl");

    Outcome outcome =
        TuttiProcess.run(
            folder,
            "compare",
            "all-reduce",
            "--ranks",
            "2",
            "--sizes",
            "4,4K",
            "--launches",
            "1",
            "--extra-launches",
            "0",
            "--time",
            "0.005",
            "--tunings",
            "default",
            "--buffers",
            "foreign",
            "--format",
            "markdown",
            "--output",
            raw.toString());

    assertThat(outcome.exitCode()).as(outcome.stderr()).isZero();
    assertThat(outcome.stdout()).contains("| size | best peer |", "* 4B: ", "* 4KB: ");
    for (String peer : installed) {
      assertThat(outcome.lines()).anyMatch(line -> line.startsWith("| " + peer + " "));
    }
    assertThat(TuttiProcess.read(raw).lines())
        .hasSize(2 * (installed.size() + 1))
        .allMatch(line -> line.contains("\"wrong\":0,") && line.contains("\"foreign_cores\":"));
  }

  @Test
  void shouldMeasurePeersOverLoopback() throws Exception {
    assumePeers();

    Outcome outcome =
        TuttiProcess.run(
            folder,
            "compare",
            "all-reduce",
            "--transport",
            "tcp",
            "--sizes",
            "64K",
            "--launches",
            "1",
            "--extra-launches",
            "0",
            "--time",
            "0.005",
            "--peers",
            installed.getFirst(),
            "--tunings",
            "default,thp+malloc+cubic",
            "--buffers",
            "foreign",
            "--format",
            "markdown");

    assertThat(outcome.stdout())
        .contains("network: loopback TCP, congestion control ", " over loopback TCP: ");
    assertThat(outcome.lines())
        .anyMatch(
            line -> line.matches("\\| " + installed.getFirst() + " .* \\| default \\|.*[0-9].*"));
  }

  @Test
  void shouldMeasureStreamsBesideIperf() throws Exception {
    String reason = "skipped: iperf3 is not installed; on Debian: apt-get install iperf3";
    if (!PeerLibrary.IPERF3.isInstalled()) {
      System.err.println("CompareProcessIT " + reason);
    }
    assumeTrue(PeerLibrary.IPERF3.isInstalled(), reason);

    Outcome outcome =
        TuttiProcess.run(
            folder,
            "compare",
            "send-stream",
            "--transport",
            "tcp",
            "--sizes",
            "64K",
            "--launches",
            "1",
            "--extra-launches",
            "0",
            "--time",
            "0.005",
            "--peers",
            "iperf3",
            "--tunings",
            "default",
            "--buffers",
            "foreign",
            "--format",
            "json");

    assertThat(outcome.lines())
        .as(outcome.stderr())
        .anyMatch(line ->
            line.contains("\"collective\":\"send-stream\",\"ranks\":2,\"bytes\":65536")
                && line.contains("\"library\":\"iperf3\",\"version\":\"3."));
  }

  @Test
  void shouldMeasurePeersInALabAndRemoveIt() throws Exception {
    assumePeers();
    String missing = LabSupport.missing();
    if (missing != null) {
      System.err.println("CompareProcessIT skipped: " + missing);
    }
    assumeTrue(missing == null, () -> "skipped: " + missing);

    Outcome outcome =
        TuttiProcess.run(
            folder,
            "compare",
            "all-reduce",
            "--lab",
            "uniform",
            "--sizes",
            "64K",
            "--launches",
            "1",
            "--extra-launches",
            "0",
            "--time",
            "0.005",
            "--peers",
            installed.getFirst(),
            "--tunings",
            "default",
            "--format",
            "json");

    assertThat(outcome.lines())
        .as(outcome.stderr())
        .anyMatch(line ->
            line.contains("\"library\":\"" + installed.getFirst() + "\"")
                && line.contains("\"ranks\":4,")
                && line.contains("\"network\":\"TCP in the lab 'uniform'\"")
                && line.contains("\"percent_of_bound\":"));
    assertThat(Lab.sweep()).as("left behind").isEmpty();
  }

  @Test
  void shouldRefuseNetworksThatDoNotExist() throws Exception {
    Outcome transport = TuttiProcess.run(folder, "compare", "all-reduce", "--transport", "pigeon");
    Outcome lab =
        TuttiProcess.run(folder, "compare", "all-reduce", "--lab", "racks", "--transport", "shm");

    assertThat(transport.exitCode()).isEqualTo(2);
    assertThat(transport.stderr()).contains("--transport must be shm or tcp, but it is pigeon");
    assertThat(lab.exitCode()).isEqualTo(2);
    assertThat(lab.stderr()).contains("--transport must be tcp or left out, but it is shm");
  }

  @Test
  void shouldEndLaunchesThatTakeTooLong() throws Exception {
    assumePeers();

    Outcome outcome =
        TuttiProcess.run(
            folder,
            "compare",
            "all-reduce",
            "--ranks",
            "2",
            "--sizes",
            "4",
            "--launches",
            "1",
            "--extra-launches",
            "0",
            "--time",
            "60",
            "--launch-timeout",
            "1",
            "--peers",
            installed.getFirst(),
            "--tunings",
            "default",
            "--buffers",
            "foreign",
            "--format",
            "json");

    assertThat(outcome.stderr()).contains("tutti foreign, 2 ranks, launch 1: ended after 1 s");
    assertThat(outcome.exitCode()).isEqualTo(6);
  }
}
