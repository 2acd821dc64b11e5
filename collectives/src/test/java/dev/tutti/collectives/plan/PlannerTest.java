package dev.tutti.collectives.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.collectives.schedule.Collective;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What is chosen between hosts.
final class PlannerTest {
  private static final int[] NO_GROUPS = {};

  private static String choice(int ranks, long bytes, int[] groups) {
    int[] hosts = IntStream.range(0, ranks).toArray();
    Planner planner =
        new Planner(
            ranks,
            64,
            64 << 10,
            null,
            hosts,
            groups.length == 0 ? hosts : groups,
            HostProfile.typical(1, 32 << 20));
    planner.network(new NetworkProfile(5e-6, 1 / 2e9));
    return planner.plan(Collective.ALL_REDUCE, bytes, 0).algorithm();
  }

  @Test
  void shouldTakeOneMessageForALittleData() {
    assertThat(choice(2, 4, NO_GROUPS)).isIn("flat", "recursive-doubling");
  }

  @Test
  void shouldReduceHalvesOfMuchData() {
    assertThat(choice(2, 16 << 20, NO_GROUPS)).isIn("ring", "direct", "halving-doubling");
  }

  @Test
  void shouldCrossTheBorderOfGroupsAsLittleAsPossible() {
    // Halving and doubling begins with the neighbour, and so does the same as hierarchical here.
    assertThat(choice(4, 16 << 20, new int[] {0, 0, 1, 1}))
        .isIn("hierarchical", "halving-doubling");
    assertThat(choice(6, 16 << 20, new int[] {0, 0, 0, 1, 1, 1})).isEqualTo("hierarchical");
    assertThat(choice(6, 16 << 20, NO_GROUPS)).isNotEqualTo("hierarchical");
  }
}
