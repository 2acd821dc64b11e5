package dev.tutti.bench.report;

import java.time.Duration;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/// A progress bar on standard error if that is a terminal, nothing otherwise.
///
/// It is drawn rarely, because drawing takes a core away from the ranks.
public final class Progress implements AutoCloseable {
  private static final String CLEAR_LINE = "\r\u001b[K";
  private static final int MILLIS_BETWEEN_DRAWINGS = 1000;

  private final @Nullable ProgressBar bar;

  private Progress(@Nullable ProgressBar bar) {
    this.bar = bar;
  }

  /// Starts a bar.
  ///
  /// @param steps number of steps until the end
  public static Progress start(String task, long steps) {
    if (!Terminal.isStderr() || "dumb".equals(System.getenv("TERM"))) {
      return new Progress(null);
    }
    return new Progress(
        new ProgressBarBuilder()
            .setTaskName(task)
            .setInitialMax(steps)
            .setStyle(ProgressBarStyle.ASCII)
            .setConsumer(new ConsoleProgressBarConsumer(System.err))
            .setUpdateIntervalMillis(MILLIS_BETWEEN_DRAWINGS)
            .setEtaFunction(state ->
                java.util.Optional.of(
                    state.getCurrent() == 0
                        ? Duration.ZERO
                        : state
                            .getElapsedAfterStart()
                            .dividedBy(state.getCurrent())
                            .multipliedBy(state.getMax() - state.getCurrent())))
            .build());
  }

  /// Notes that a step has been done.
  public void step(String what) {
    if (bar != null) {
      bar.setExtraMessage(" " + what);
      bar.step();
    }
  }

  /// Makes room for a line on standard output, which may be the same terminal.
  public void clear() {
    if (bar != null) {
      System.err.print(CLEAR_LINE);
      System.err.flush();
    }
  }

  /// Writes a line above the bar.
  public void message(String line) {
    clear();
    System.err.println(line);
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
