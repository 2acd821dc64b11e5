package dev.tutti.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.bench.compare.Contestant.CompareCase;
import dev.tutti.bench.compare.Contestant.Place;
import dev.tutti.bench.measure.BenchCollective;
import dev.tutti.bench.netlab.LabSpec;
import dev.tutti.bench.netlab.PlannedLab;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PeerLaunchTest {
  private static final Network LOOPBACK = new Network.Loopback();
  private static final Network LAB = new Network.InLab(PlannedLab.of(LabSpec.Scenario.RACKS));

  private static PeerLaunch launch(PeerLibrary peer, String label, Network network, int ranks) {
    CompareCase what =
        new CompareCase(BenchCollective.ALL_REDUCE, network, ranks, List.of(4L, 1024L), 0.1);
    return new PeerLaunch(
        new Contestant.Peer(
            new Tuning(peer, label), Path.of("/bin/program"), Path.of("/lib/congestion.so")),
        what,
        new Place(Path.of("/tmp/store"), null));
  }

  @Test
  void shouldMeasureAlikeWhateverTheLauncher() {
    List<String> common =
        List.of("--collective", "all-reduce", "--sizes", "4,1024", "--target", "0.1");

    assertThat(launch(PeerLibrary.OPENMPI, "thp", LOOPBACK, 2).command())
        .containsSequence("-n", "2", "/bin/program")
        .containsSubsequence(common)
        .containsSequence("--huge-pages", "1")
        .doesNotContain("--hard-exit");
    assertThat(launch(PeerLibrary.GLOO, "ring", LOOPBACK, 2).command())
        .startsWith("/bin/program")
        .containsSubsequence(common)
        .containsSequence("--algorithm", "ring")
        .doesNotContain("--interface");
  }

  @Test
  void shouldSkipFinalizeOfMpichOverTcp() {
    assertThat(launch(PeerLibrary.MPICH, "default", LOOPBACK, 2).command())
        .containsSequence("--hard-exit", "1");
    assertThat(launch(PeerLibrary.MPICH, "default", new Network.SharedMemory(), 2).command())
        .doesNotContain("--hard-exit");
  }

  @Test
  void shouldSendRanksToTheirHosts() {
    assertThat(launch(PeerLibrary.OPENMPI, "default", LAB, 8).command())
        .containsSequence(
            "tutti-netlab", "OMPI_COMM_WORLD_RANK", "2", "tutti-tmp-x-9-host", "/bin/program");
    assertThat(launch(PeerLibrary.MPICH, "default", LAB, 4).command())
        .containsSequence("tutti-netlab", "PMI_RANK", "1", "tutti-tmp-x-9-host", "/bin/program");
    assertThat(launch(PeerLibrary.GLOO, "ring", LAB, 4).command())
        .containsSequence("--interface", "eth0");
  }

  @Test
  void shouldStreamToTheHostOfRankOne() {
    assertThat(launch(PeerLibrary.IPERF3, "cubic", LAB, 4).command())
        .endsWith("/bin/program", "10.77.5.2", "cubic", "4", "1024");
    assertThat(launch(PeerLibrary.IPERF3, "default", LOOPBACK, 2).command())
        .endsWith("/bin/program", "127.0.0.1", "", "4", "1024");
  }

  @Test
  void shouldSetTheCongestionControlOfPeersByALibraryInFront() {
    assertThat(launch(PeerLibrary.MPICH, "thp+malloc+cubic", LOOPBACK, 2).environment())
        .containsEntry("LD_PRELOAD", "/lib/congestion.so")
        .containsEntry("TUTTI_PEER_CONGESTION", "cubic");
    assertThat(launch(PeerLibrary.MPICH, "thp+malloc", LOOPBACK, 2).environment())
        .doesNotContainKey("LD_PRELOAD");
    assertThat(launch(PeerLibrary.IPERF3, "cubic", LOOPBACK, 2).environment())
        .doesNotContainKey("LD_PRELOAD");
  }
}
