package dev.tutti.bench.compare;

import dev.tutti.bench.compare.Contestant.CompareCase;
import dev.tutti.bench.compare.LaunchRunner.LaunchRows;
import dev.tutti.bench.report.Progress;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/// Measures all contestants in one case, launch by launch in turn (A B C A B C ...), so that what
/// the machine does meanwhile happens to all alike.
///
/// A contestant with disturbed launches gets further rounds, up to a number. One whose launch is
/// ended by the time limit without a row is not tried again.
public final class CompareRun {
  private final LaunchRunner runner;
  private final int launches;
  private final int extraRounds;
  private final Consumer<ComparedRow> raw;

  /// Describes a run.
  ///
  /// @param launches launches of each contestant
  /// @param extraRounds more launches for those that were disturbed
  /// @param raw takes every row as it comes
  CompareRun(LaunchRunner runner, int launches, int extraRounds, Consumer<ComparedRow> raw) {
    this.runner = runner;
    this.launches = launches;
    this.extraRounds = extraRounds;
    this.raw = raw;
  }

  /// Runs all launches.
  ///
  /// @throws InterruptedException if this thread is interrupted; what runs is ended first
  Comparison run(CompareCase what, List<Contestant> contestants, Progress progress)
      throws IOException, InterruptedException {
    Comparison comparison = new Comparison(what, contestants);
    for (int round = 1; round <= launches + extraRounds; round++) {
      for (Contestant contestant : contestants) {
        boolean wanted = round <= launches || comparison.quietLaunches(contestant) < launches;
        if (comparison.failures().containsKey(contestant) || !wanted) {
          continue;
        }
        LaunchRows result = runner.run(contestant, what, round);
        comparison.add(contestant, result.rows());
        result.rows().forEach(raw);
        String name = contestant.library() + " " + contestant.tuning();
        progress.step(what.ranks() + " ranks, " + name);
        if (!result.problem().isEmpty()) {
          progress.message(
              name + ", " + what.ranks() + " ranks, launch " + round + ": " + result.problem());
          if (result.rows().isEmpty()) {
            comparison.fail(contestant, result.problem());
          }
        }
      }
    }
    return comparison;
  }
}
