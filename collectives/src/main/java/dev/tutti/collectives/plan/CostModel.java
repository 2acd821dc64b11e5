package dev.tutti.collectives.plan;

import dev.tutti.collectives.execute.Lowering;
import dev.tutti.collectives.schedule.Lane;
import dev.tutti.collectives.schedule.Schedule;
import dev.tutti.collectives.schedule.ScheduleSet;
import dev.tutti.collectives.schedule.Step;
import org.jspecify.annotations.Nullable;

/// Predicts how long a schedule takes on one host.
///
/// The model is α-β with the memory traffic δ of GenModel folded into β: every byte that a rank
/// reads from or writes to memory that ranks share costs `copyBeta / 2`, every round costs α, and
/// ranks that share a core take turns. It is meant to rank candidates, not to be exact.
public final class CostModel {
  private static final double SLOT_ROUND_BYTES = 64 << 10;

  private CostModel() {}

  /// Returns the predicted seconds of one operation.
  ///
  /// @param shape the lowered shape, null if the schedule is interpreted
  /// @param vectorBytes bytes of the full vector, see [dev.tutti.collectives.schedule.Collective]
  /// @param flatBytes largest vector that a flat exchange moves in one piece
  public static double seconds(
      ScheduleSet set,
      Lowering.@Nullable Shape shape,
      long vectorBytes,
      long flatBytes,
      HostProfile host) {
    double touch = host.copyBetaSeconds() / 2;
    int n = set.ranks();
    double work;
    double rounds;
    if (shape == null) {
      rounds = 1 + rounds(set);
      work = busiestBytes(set, vectorBytes) * 2 * touch;
    } else {
      switch (shape) {
        case REDUCE_ALL -> {
          rounds = Math.ceil(Math.max(1.0, (double) vectorBytes) / flatBytes);
          work = vectorBytes * (2.0 + n + 1) * touch;
        }
        case REDUCE_AND_SHARE -> {
          rounds = 3;
          work = vectorBytes * 4.0 * touch;
        }
        case REDUCE_OWN -> {
          rounds = 1;
          work = vectorBytes * (2.0 + 1 + 1.0 / n) * touch;
        }
        case TAKE_ROOT, TAKE_ALL -> {
          rounds = 1;
          work = vectorBytes * 3.0 * touch;
        }
        case REDUCE_AT_ROOT, REDUCE_UP_TO_SELF, REDUCE_BELOW_SELF -> {
          boolean isOwned = vectorBytes >= Lowering.Shape.OWNED_BYTES;
          rounds = isOwned ? 3 : Math.ceil(Math.max(1.0, (double) vectorBytes) / flatBytes);
          work = vectorBytes * (isOwned ? 4.0 : 2.0 + n + 1) * touch;
        }
        case GATHER -> {
          rounds = 1;
          work = vectorBytes * 3.0 * touch;
        }
        case SCATTER, TAKE_OWN -> { // everyone takes a part at the same time
          rounds = 1;
          work = vectorBytes * 3.0 / n * touch;
        }
        case MEET -> {
          rounds = 1;
          work = 0;
        }
        default -> throw new AssertionError(shape);
      }
    }
    return host.ranksPerCore() * (rounds * host.alphaSeconds() + work);
  }

  /// Returns the largest number of messages that one rank receives: a lower bound of the rounds.
  private static double rounds(ScheduleSet set) {
    long most = 0;
    for (Schedule schedule : set.schedules()) {
      long received = 0;
      for (Lane lane : schedule.lanes()) {
        received += lane.steps().stream().filter(s -> s.kind().receives()).count();
      }
      most = Math.max(most, received);
    }
    return most;
  }

  /// Returns the most bytes that one rank reads and writes.
  private static double busiestBytes(ScheduleSet set, long vectorBytes) {
    double most = 0;
    for (Schedule schedule : set.schedules()) {
      double bytes = 0;
      for (Lane lane : schedule.lanes()) {
        for (Step step : lane.steps()) {
          int chunk = step.shape().index() % set.partition().chunks();
          double length = (double) set.partition().length(chunk, Math.max(vectorBytes, 1));
          bytes += length * touches(step);
        }
      }
      most = Math.max(most, bytes);
    }
    return most + Math.min((double) vectorBytes, SLOT_ROUND_BYTES);
  }

  private static int touches(Step step) {
    return (step.kind().hasSource() ? 1 : 0)
        + (step.kind().hasTarget() ? 1 : 0)
        + (step.kind().receives() ? 1 : 0)
        + (step.kind().sends() ? 1 : 0);
  }
}
