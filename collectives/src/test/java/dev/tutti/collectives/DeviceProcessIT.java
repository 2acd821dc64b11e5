package dev.tutti.collectives;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.bindings.sim.TuttiSim;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// Simulated devices of several processes, one of which dies.
@EnabledOnOs(OS.LINUX)
@Timeout(60)
final class DeviceProcessIT {
  private static final int SIZE = 3;
  private static final int VICTIM = 1;

  private final List<OutputCollector> ranks = new ArrayList<>();

  @AfterEach
  void killRanks() {
    ranks.forEach(rank -> rank.process().destroyForcibly());
  }

  @Test
  void shouldGoOnWithoutAProcessThatDied() throws Exception {
    String library = TuttiSim.library().toString();
    int port = RankProcess.freePort();
    for (int rank = 0; rank < SIZE; rank++) {
      Map<String, String> environment = RankProcess.member(port, rank, SIZE);
      environment.put("TUTTI_KERNEL", "array"); // the vector kernel takes long to warm up
      environment.put("TUTTI_DEVICE_BACKEND", "nccl");
      environment.put("TUTTI_SIM_DEVICES", Integer.toString(SIZE));
      for (String name : List.of("NCCL", "CUDA", "HCCL", "ACL")) {
        environment.put("TUTTI_" + name + "_LIBRARY", library);
      }
      ranks.add(RankProcess.start(DeviceRank.class, Integer.toString(VICTIM), environment));
    }

    for (int rank = 0; rank < SIZE; rank++) {
      int exit = ranks.get(rank).exit();
      String all = "NCCL sum 6";
      if (rank == VICTIM) {
        assertThat(exit).isEqualTo(3);
        assertThat(ranks.get(rank).toString()).isEqualTo("[" + all + "]");
      } else {
        String left = (rank == 0 ? 0 : 1) + " of 2 sum 3";
        assertThat(ranks.get(rank).toString())
            .isEqualTo("[" + all + ", failed [" + VICTIM + "], " + left + "]");
        assertThat(exit).isZero();
      }
    }
  }
}
