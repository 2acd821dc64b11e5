package dev.tutti.collectives;

import dev.tutti.collectives.algorithm.LateRankAllReduce;
import dev.tutti.collectives.execute.Exchange;
import dev.tutti.collectives.execute.Exchanges;
import dev.tutti.collectives.plan.Plan;
import dev.tutti.collectives.plan.Planner;
import dev.tutti.collectives.plan.Reproducibility;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Schedule;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Lets large all-reduces begin without a rank that is late, where that is asked for.
///
/// Which operations may do so is the same on all ranks: it follows from the configuration, the size
/// class and the plan, and these are agreed.
final class Stragglers {
  private static final long LEAST_BYTES = 1 << 20; // a round trip must be nothing beside it

  // How long the last rank is waited for, as a part of what the operation takes. Not longer than is
  // lost by beginning without a rank that comes at once: with 8 ranks 6 % of the bytes.
  private static final double PATIENCE = 0.02;
  private static final long LEAST_PATIENCE_NANOS = 20_000;

  private final CommunicatorConfig config;
  private final Planner planner;
  private final Exchanges exchanges;
  private final int ranks;
  private final int rank;

  Stragglers(CommunicatorConfig config, Planner planner, Exchanges exchanges, int ranks, int rank) {
    this.config = config;
    this.planner = planner;
    this.exchanges = exchanges;
    this.ranks = ranks;
    this.rank = rank;
  }

  /// Returns what runs a plan: the usual exchange, or one that also knows what to do when one rank
  /// is late.
  ///
  /// @param largest what the plan was made for, in bytes
  Exchange exchange(Plan plan, Exchange usual, long largest) {
    Plan late = latePlan(plan, largest);
    if (late == null) {
      return usual;
    }
    int pieces = late.schedules().partition().chunks() / (ranks - 1);
    int lanes = config.sizes().lanes(ranks);
    List<Schedule> without =
        IntStream.range(0, ranks)
            .mapToObj(who -> LateRankAllReduce.schedule(ranks, rank, who, pieces, lanes))
            .toList();
    return exchanges.beginningWithout(usual, without, patienceNanos(plan));
  }

  /// Returns the plan for the case that the last rank is late, null if all wait for it.
  ///
  /// @param plan the usual one
  /// @param vectorBytes what it is for
  @Nullable Plan latePlan(Plan plan, long vectorBytes) {
    boolean wanted =
        config.beginsWithoutStragglers()
            && plan.schedules().collective() == Collective.ALL_REDUCE
            && vectorBytes >= LEAST_BYTES
            && config.reproducibility() == Reproducibility.NONE;
    return wanted ? planner.lateRankPlan(plan, vectorBytes) : null;
  }

  private long patienceNanos(Plan plan) {
    long configured = config.stragglerPatienceNanos();
    return configured > 0
        ? configured
        : Math.max(LEAST_PATIENCE_NANOS, (long) (PATIENCE * plan.predictedSeconds() * 1e9));
  }
}
