package dev.tutti.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.bench.measure.BenchCollective;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class TuningTest {
  @Test
  void shouldTurnPartsIntoParametersAndEnvironment() {
    Tuning tuning = new Tuning(PeerLibrary.OPENMPI, "ucx+thp+malloc");

    assertThat(tuning.mpiLauncher(2))
        .startsWith("mpirun.openmpi", "--allow-run-as-root", "--oversubscribe")
        .containsSequence("--mca", "pml", "ucx")
        .endsWith("-n", "2");
    assertThat(tuning.environment())
        .containsEntry("UCX_TLS", "posix,cma,self")
        .containsEntry("MALLOC_MMAP_MAX_", "0");
    assertThat(tuning.usesHugePages()).isTrue();
  }

  @Test
  void shouldYieldOnlyWhereRanksOutnumberCores() {
    int cores = Runtime.getRuntime().availableProcessors();
    Tuning tuning = new Tuning(PeerLibrary.OPENMPI, Tuning.DEFAULT);

    assertThat(tuning.mpiLauncher(cores)).containsSequence("mpi_yield_when_idle", "0");
    assertThat(tuning.mpiLauncher(cores + 1)).containsSequence("mpi_yield_when_idle", "1");
    assertThat(tuning.environment()).isEmpty();
  }

  @Test
  void shouldRunMpichWithoutParameters() {
    assertThat(new Tuning(PeerLibrary.MPICH, "thp+malloc").mpiLauncher(4))
        .containsExactly("mpiexec.mpich", "-n", "4");
  }

  @ParameterizedTest
  @EnumSource(BenchCollective.class)
  void shouldAlwaysTryMpiAsInstalled(BenchCollective collective) {
    for (PeerLibrary peer : List.of(PeerLibrary.OPENMPI, PeerLibrary.MPICH)) {
      assertThat(Tuning.of(peer, collective, 2)).first().matches(Tuning::isDefault);
      assertThat(Tuning.of(peer, collective, 8)).first().matches(Tuning::isDefault);
    }
  }
}
