package dev.tutti.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.bench.measure.BenchCollective;
import dev.tutti.bench.netlab.LabSpec;
import dev.tutti.bench.netlab.PlannedLab;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class TuningTest {
  private static final Network MEMORY = new Network.SharedMemory();
  private static final Network LOOPBACK = new Network.Loopback();
  private static final Network LAB = new Network.InLab(PlannedLab.of(LabSpec.Scenario.UNIFORM));

  @Test
  void shouldTurnPartsIntoParametersAndEnvironment() {
    Tuning tuning = new Tuning(PeerLibrary.OPENMPI, "ucx+thp+malloc");

    assertThat(tuning.mpiLauncher(2, MEMORY))
        .startsWith("mpirun.openmpi", "--allow-run-as-root", "--oversubscribe")
        .containsSequence("--mca", "pml", "ucx")
        .endsWith("-n", "2");
    assertThat(tuning.environment(MEMORY))
        .containsEntry("UCX_TLS", "posix,cma,self")
        .containsEntry("MALLOC_MMAP_MAX_", "0");
    assertThat(tuning.usesHugePages()).isTrue();
  }

  @Test
  void shouldYieldOnlyWhereRanksOutnumberCores() {
    int cores = Runtime.getRuntime().availableProcessors();
    Tuning tuning = new Tuning(PeerLibrary.OPENMPI, Tuning.DEFAULT);

    assertThat(tuning.mpiLauncher(cores, MEMORY)).containsSequence("mpi_yield_when_idle", "0");
    assertThat(tuning.mpiLauncher(cores + 1, MEMORY)).containsSequence("mpi_yield_when_idle", "1");
    assertThat(tuning.environment(MEMORY)).isEmpty();
  }

  @Test
  void shouldRunMpichWithoutParameters() {
    assertThat(new Tuning(PeerLibrary.MPICH, "thp+malloc").mpiLauncher(4, MEMORY))
        .containsExactly("mpiexec.mpich", "-n", "4");
  }

  @ParameterizedTest
  @EnumSource(BenchCollective.class)
  void shouldAlwaysTryMpiAsInstalled(BenchCollective collective) {
    for (PeerLibrary peer : List.of(PeerLibrary.OPENMPI, PeerLibrary.MPICH)) {
      for (Network network : List.of(MEMORY, LOOPBACK, LAB)) {
        assertThat(Tuning.of(peer, collective, 2, network)).first().matches(Tuning::isDefault);
        assertThat(Tuning.of(peer, collective, 8, network)).first().matches(Tuning::isDefault);
      }
    }
  }

  @Test
  void shouldKeepPeersOnTheLoopbackInterface() {
    Tuning open = new Tuning(PeerLibrary.OPENMPI, Tuning.DEFAULT);
    Tuning ucx = new Tuning(PeerLibrary.OPENMPI, "ucx+thp+malloc");
    Tuning mpich = new Tuning(PeerLibrary.MPICH, Tuning.DEFAULT);

    assertThat(open.mpiLauncher(2, LOOPBACK))
        .containsSequence("--mca", "pml", "ob1", "--mca", "btl", "tcp,self")
        .containsSequence("--mca", "btl_tcp_if_include", "lo");
    assertThat(ucx.mpiLauncher(2, LOOPBACK)).containsSequence("--mca", "pml", "ucx");
    assertThat(ucx.mpiLauncher(2, LOOPBACK)).doesNotContain("tcp,self");
    assertThat(ucx.environment(LOOPBACK))
        .containsEntry("UCX_TLS", "tcp,self")
        .containsEntry("UCX_NET_DEVICES", "lo");
    assertThat(mpich.environment(LOOPBACK))
        .containsOnly(
            Map.entry("MPIR_CVAR_NOLOCAL", "1"),
            Map.entry("UCX_TLS", "tcp,self"),
            Map.entry("UCX_NET_DEVICES", "lo"));
  }

  @Test
  void shouldPutPeersIntoLabs() {
    Tuning open = new Tuning(PeerLibrary.OPENMPI, "alg4");

    assertThat(open.mpiLauncher(4, LAB))
        .containsSequence("--mca", "btl_tcp_if_include", "eth0")
        .containsSequence("--mca", "coll_tuned_allreduce_algorithm", "4");
    assertThat(open.environment(LAB)).containsEntry("PMIX_MCA_ptl_tcp_if_include", "tuttilab5");
    assertThat(new Tuning(PeerLibrary.MPICH, Tuning.DEFAULT).environment(LAB))
        .containsEntry("UCX_NET_DEVICES", "eth0");
  }

  @Test
  void shouldStreamAgainstIperfOverTcpOnly() {
    BenchCollective stream = BenchCollective.SEND_STREAM;

    assertThat(Tuning.of(PeerLibrary.IPERF3, stream, 2, LOOPBACK))
        .extracting(Tuning::congestion)
        .containsExactly(null, "cubic");
    assertThat(Tuning.of(PeerLibrary.IPERF3, stream, 2, MEMORY)).isEmpty();
    assertThat(Tuning.of(PeerLibrary.IPERF3, BenchCollective.ALL_REDUCE, 2, LOOPBACK)).isEmpty();
  }
}
