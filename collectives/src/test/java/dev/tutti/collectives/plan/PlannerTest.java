package dev.tutti.collectives.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What is chosen between hosts.
final class PlannerTest {
  private static final int[] NO_GROUPS = {};

  private static String choice(int ranks, long bytes, int[] groups) {
    int[] hosts = IntStream.range(0, ranks).toArray();
    Planner planner = planner(hosts, groups.length == 0 ? hosts : groups);
    planner.network(new NetworkProfile(5e-6, 1 / 2e9));
    return planner.plan(Collective.ALL_REDUCE, bytes, 0).algorithm();
  }

  private static Planner planner(int[] hosts, int[] groups) {
    return new Planner(
        hosts.length,
        64,
        64 << 10,
        null,
        Reproducibility.NONE,
        hosts,
        groups,
        HostProfile.typical(1, 32 << 20));
  }

  private static double[] predictions(Planner planner) {
    return planner.ranking(Collective.ALL_REDUCE, 1 << 20, 0).stream()
        .mapToDouble(Plan::predictedSeconds)
        .toArray();
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
    // Halving and doubling begins with the neighbour, so as few bytes cross the border. But
    // nothing crosses it until the neighbours are through with each other.
    assertThat(choice(4, 16 << 20, new int[] {0, 0, 1, 1})).isEqualTo("hierarchical");
    assertThat(choice(6, 16 << 20, new int[] {0, 0, 0, 1, 1, 1})).isEqualTo("hierarchical");
    assertThat(choice(6, 16 << 20, NO_GROUPS)).isNotEqualTo("hierarchical");
  }

  @Test
  void shouldLetOnlyOneHostAtATimeSendToAnotherWhereThatTakesLongerThanToWait() {
    Planner planner = planner(new int[] {0, 1, 2, 3}, new int[] {0, 1, 2, 3});
    planner.network(new NetworkProfile(100e-6, 1 / 118e6));

    assertThat(planner.plan(Collective.ALL_REDUCE, 16 << 20, 0).algorithm()).isEqualTo("ring");
    assertThat(planner.plan(Collective.ALL_REDUCE, 64 << 10, 0).algorithm()).isNotEqualTo("ring");
  }

  @Test
  void shouldBeginWithoutALateRankBetweenHostsOnly() {
    int[] apart = {0, 1, 2, 3, 4, 5, 6, 7};
    int[] together = new int[8];

    assertThat(late(planner(apart, apart))).isNotNull();
    assertThat(late(planner(together, together))).isNull(); // faster in shared memory
    assertThat(
            late(planner(new int[] {0, 0, 0, 0, 1, 1, 1, 1}, new int[] {0, 0, 0, 0, 1, 1, 1, 1})))
        .isNull(); // a hierarchy needs their ports less
    assertThat(late(planner(new int[] {0, 1}, new int[] {0, 1}))).isNull();
  }

  @Test
  void shouldPlanAroundASlowPortThatWasMeasured() {
    int[] hosts = {0, 1, 2, 3};
    Planner planner = planner(hosts, hosts);
    planner.network(new NetworkProfile(100e-6, 1 / 118e6));
    Plan before = planner.plan(Collective.ALL_REDUCE, 16 << 20, 0);
    planner.measured(star(118e6, 118e6, 118e6, 12e6));

    Plan after = planner.plan(Collective.ALL_REDUCE, 16 << 20, 0);

    // A ring takes in and gives out 2 (n - 1) / n of the vector at the slow port, the best 1.
    double bytes = 16 << 20;
    assertThat(before.algorithm()).isEqualTo("ring");
    assertThat(after.algorithm()).isNotEqualTo("ring");
    assertThat(after.predictedSeconds()).isBetween(bytes / 12e6, 1.1 * bytes / 12e6);
    assertThat(planner.plan(Collective.ALL_REDUCE, 4 << 10, 0).algorithm())
        .isNotIn("nested-rings", "packed-trees"); // nobody searches trees for a little data
  }

  private static Topology star(double... bytesPerSecond) {
    Topology.Builder builder =
        Topology.builder("star").node("switch", NodeKind.SWITCH, "switch", null);
    for (int rank = 0; rank < bytesPerSecond.length; rank++) {
      String host = "host" + rank;
      builder.node(host, NodeKind.HOST, host, null).rank(rank, host);
      builder.cable(Link.of(host, "switch", LinkKind.ETHERNET, bytesPerSecond[rank], "test"));
    }
    return builder.build();
  }

  private static @Nullable Plan late(Planner planner) {
    Plan usual = planner.plan(Collective.ALL_REDUCE, 8 << 20, 0);
    return planner.lateRankPlan(usual, 8 << 20);
  }

  @Test
  void shouldPredictAnewWhenTheProfilesChange() {
    int[] hosts = {0, 0, 1, 1};
    HostProfile host = new HostProfile(3e-6, 1 / 4e9, 2, 32 << 20);
    NetworkProfile network = new NetworkProfile(50e-6, 1 / 1e9);
    Planner fresh = planner(hosts, hosts);
    fresh.profile(host);
    fresh.network(network);

    Planner used = planner(hosts, hosts);
    double[] before = predictions(used);
    used.profile(host);
    double[] between = predictions(used);
    used.network(network);

    assertThat(between).isNotEqualTo(before);
    assertThat(predictions(used)).isNotEqualTo(between).isEqualTo(predictions(fresh));
  }
}
