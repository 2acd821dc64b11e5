package dev.tutti.bench.session;

import dev.tutti.bench.launch.LaunchResult;
import dev.tutti.bench.launch.Launcher;
import dev.tutti.bench.launch.LineSink;
import dev.tutti.bench.measure.BenchEvents;
import dev.tutti.bench.measure.BenchOptions;
import dev.tutti.bench.measure.BenchRow;
import dev.tutti.bench.measure.RankMode;
import dev.tutti.bench.measure.RowFormat;
import dev.tutti.bench.measure.StartedEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/// One launch of a benchmark: starts its workers, waits for them, leaves none behind.
public final class BenchLaunch {
  private final BenchOptions options;
  private final BenchEvents events;
  private final Consumer<String> messages;

  /// Describes a launch.
  ///
  /// @param events called from another thread than the caller's, one call at a time
  /// @param messages takes lines for the user: what workers print and how they fail
  public BenchLaunch(BenchOptions options, BenchEvents events, Consumer<String> messages) {
    this.options = options;
    this.events = events;
    this.messages = messages;
  }

  /// Runs the workers to their end.
  ///
  /// @throws IOException if they cannot be started
  public LaunchResult run() throws IOException, InterruptedException {
    int processes = options.mode() == RankMode.THREADS ? 1 : options.ranks();
    return Launcher.builder(processes, WorkerCommandLine.of(options))
        .output(this::line)
        .diagnostics(messages)
        .run();
  }

  private synchronized void line(int rank, LineSink.Source source, byte[] bytes) {
    String line = new String(bytes, StandardCharsets.UTF_8);
    if (source == LineSink.Source.STDOUT) {
      BenchRow row = RowFormat.read(line);
      if (row != null) {
        events.measured(row);
        return;
      }
      StartedEvent started = StartedEvent.read(line);
      if (started != null) {
        events.started(started);
        return;
      }
    }
    if (!WorkerCommandLine.isNoise(line)) {
      messages.accept("[" + rank + "] " + line);
    }
  }
}
