package dev.tutti.bench.session;

import dev.tutti.bench.measure.BenchEvents;
import dev.tutti.bench.measure.BenchOptions;
import dev.tutti.bench.measure.BenchRow;
import dev.tutti.bench.measure.BenchWorker;
import dev.tutti.bench.measure.StartedEvent;
import dev.tutti.bench.report.BenchReport;
import dev.tutti.bench.report.RunHeader;
import dev.tutti.collectives.Communicator;
import java.util.List;
import java.util.function.Function;

/// A benchmark whose ranks somebody else has started: each of them runs it, rank 0 reports.
public final class JoinedBench implements BenchEvents {
  private final Function<StartedEvent, RunHeader> header;
  private final List<BenchReport> reports;
  private long wrong;

  private JoinedBench(Function<StartedEvent, RunHeader> header, List<BenchReport> reports) {
    this.header = header;
    this.reports = reports;
  }

  /// Runs a benchmark as one of its ranks and returns the exit code.
  ///
  /// @param options for as many ranks as the world has
  /// @param reports where rank 0 reports
  public static int run(
      Communicator world,
      BenchOptions options,
      Function<StartedEvent, RunHeader> header,
      List<BenchReport> reports) {
    JoinedBench bench = new JoinedBench(header, reports);
    BenchWorker.run(world, options, bench);
    if (world.rank() == 0) {
      reports.forEach(BenchReport::end);
    }
    return bench.wrong > 0 ? ExitCodes.WRONG_RESULTS : ExitCodes.OK;
  }

  @Override
  public void started(StartedEvent event) {
    RunHeader lines = header.apply(event);
    reports.forEach(report -> report.begin(lines));
  }

  @Override
  public void measured(BenchRow row) {
    wrong += Math.max(0, row.wrong());
    reports.forEach(report -> report.row(row));
  }
}
