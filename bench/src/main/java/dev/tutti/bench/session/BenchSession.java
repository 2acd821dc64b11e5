package dev.tutti.bench.session;

import dev.tutti.bench.launch.LaunchResult;
import dev.tutti.bench.measure.BenchEvents;
import dev.tutti.bench.measure.BenchOptions;
import dev.tutti.bench.measure.BenchRow;
import dev.tutti.bench.measure.StartedEvent;
import dev.tutti.bench.report.BenchReport;
import dev.tutti.bench.report.Progress;
import dev.tutti.bench.report.RunHeader;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;

/// A benchmark from its first launch to its exit code.
///
/// With one launch, rows are reported as they come. With more, a report that shows single launches
/// gets all rows as they come and the medians at the end; the others get the medians only.
public final class BenchSession {
  private final BenchOptions options;
  private final int launches;
  private final Function<StartedEvent, RunHeader> header;
  private final List<BenchReport> liveReports;
  private final List<BenchReport> finalReports;
  private final LaunchMedians medians = new LaunchMedians();
  private boolean begun;
  private long wrong;
  private int rows;

  /// Describes a session.
  ///
  /// @param launches how many times everything is measured, in new processes each time
  /// @param header makes the reports' header once the ranks have started
  /// @param liveReports show the rows of every launch
  /// @param finalReports show one row per measurement
  public BenchSession(
      BenchOptions options,
      int launches,
      Function<StartedEvent, RunHeader> header,
      List<BenchReport> liveReports,
      List<BenchReport> finalReports) {
    this.options = options;
    this.launches = launches;
    this.header = header;
    this.liveReports = liveReports;
    this.finalReports = finalReports;
  }

  /// Runs all launches and returns the exit code.
  ///
  /// @throws IOException if the workers cannot be started
  public int run() throws IOException, InterruptedException {
    try (Progress progress =
        Progress.start(options.collective().label(), (long) launches * options.measurements())) {
      for (int launch = 1; launch <= launches; launch++) {
        LaunchResult result =
            new BenchLaunch(options, new Listener(launch, progress), progress::message).run();
        if (result.exitCode() != 0) {
          endReports();
          return ExitCodes.ofFailedLaunch(result);
        }
      }
      if (launches > 1) {
        for (BenchRow row : medians.combined()) {
          finalReports.forEach(report -> report.row(row));
          liveReports.forEach(report -> report.row(row));
        }
      }
      endReports();
      if (rows == 0) {
        progress.message("every size is too small to give each of the ranks an element");
      }
      return wrong > 0 ? ExitCodes.WRONG_RESULTS : ExitCodes.OK;
    }
  }

  private void endReports() {
    liveReports.forEach(BenchReport::end);
    finalReports.forEach(BenchReport::end);
  }

  /// Takes the events of one launch.
  private final class Listener implements BenchEvents {
    private final int launch;
    private final Progress progress;

    Listener(int launch, Progress progress) {
      this.launch = launch;
      this.progress = progress;
    }

    @Override
    public void started(StartedEvent event) {
      if (!begun) {
        begun = true;
        RunHeader lines = header.apply(event);
        liveReports.forEach(report -> report.begin(lines));
        finalReports.forEach(report -> report.begin(lines));
      }
    }

    @Override
    public void measured(BenchRow first) {
      BenchRow row = first.withLaunch(launch);
      rows++;
      wrong += Math.max(0, row.wrong());
      progress.step(row.bytes() + " B");
      progress.clear();
      medians.add(row);
      liveReports.forEach(report -> report.row(row));
      if (launches == 1) {
        finalReports.forEach(report -> report.row(row));
      }
    }
  }
}
