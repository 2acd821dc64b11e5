package dev.tutti.bench.compare;

import dev.tutti.bench.compare.Contestant.CompareCase;
import dev.tutti.bench.launch.Launcher;
import dev.tutti.bench.netlab.LabException;
import dev.tutti.bench.netlab.LabJob;
import dev.tutti.bench.session.WorkerCommandLine;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Runs one launch of one contestant within a time limit and gathers its rows.
final class LaunchRunner {
  private static final int KEPT_LINES = 4;

  /// Transports that would make a comparison over a network meaningless.
  private static final Set<String> WITHIN_HOST = Set.of("shm", "inproc");

  private final String ownVersion;
  private final Duration limit;

  LaunchRunner(String ownVersion, Duration limit) {
    this.ownVersion = ownVersion;
    this.limit = limit;
  }

  /// What a launch showed.
  ///
  /// @param rows the sizes that it completed
  /// @param problem why it did not complete all of them, empty if it did
  record LaunchRows(List<ComparedRow> rows, String problem) {}

  /// Runs a launch.
  ///
  /// @throws InterruptedException if this thread is interrupted; the launch is ended first
  LaunchRows run(Contestant contestant, CompareCase what, int number)
      throws IOException, InterruptedException {
    try (Scratch scratch = Scratch.create();
        LabJob job = job(what)) {
      List<ComparedRow> rows = Collections.synchronizedList(new ArrayList<>());
      Deque<String> words = new ArrayDeque<>(); // guarded by itself
      Launcher.Builder launch =
          contestant
              .launch(what, new Contestant.Place(scratch.folder(), job))
              .output(
                  Contestant.lines(
                      line -> {
                        ComparedRow row =
                            ComparedRow.read(
                                line, contestant.library(), contestant.tuning(), number);
                        if (row != null) {
                          rows.add(row);
                        }
                      },
                      line -> keep(words, line)));
      double coreNanosBefore = CoreLatency.nanos();
      CpuLoad load = new CpuLoad();
      BoundedJob.Outcome outcome = BoundedJob.run(launch::run, limit);
      double foreign = load.foreignCores();
      double coreNanos = Math.max(coreNanosBefore, CoreLatency.nanos());
      List<ComparedRow> complete =
          List.copyOf(rows).stream()
              .map(row ->
                  row.with(contestant.isTutti() ? ownVersion : row.version(), foreign, coreNanos))
              .toList();
      if (contestant.isTutti()
          && what.network().isTcp()
          && complete.stream().anyMatch(row -> WITHIN_HOST.contains(row.transport()))) {
        return new LaunchRows(
            List.of(), "its ranks communicated over " + complete.getFirst().transport());
      }
      return new LaunchRows(complete, problem(outcome, words));
    }
  }

  private static @Nullable LabJob job(CompareCase what) throws LabException {
    return what.network() instanceof Network.InLab in
        ? LabJob.open(in.lab(), in.ranksPerHost(what.ranks()))
        : null;
  }

  private static void keep(Deque<String> words, String line) {
    synchronized (words) {
      // Ranks that fail say the same.
      if (line.isBlank() || WorkerCommandLine.isNoise(line) || words.contains(line)) {
        return;
      }
      words.addLast(line);
      if (words.size() > KEPT_LINES) {
        words.removeFirst();
      }
    }
  }

  private String problem(BoundedJob.Outcome outcome, Deque<String> words) {
    if (outcome.timedOut()) {
      return "ended after " + limit.toSeconds() + " s";
    }
    if (outcome.exitCode() == 0) {
      return "";
    }
    synchronized (words) {
      if (!outcome.problem().isEmpty()) {
        return outcome.problem();
      }
      String said = words.isEmpty() ? ", without a word" : ": " + String.join(" / ", words);
      return "ended with exit code " + outcome.exitCode() + said;
    }
  }
}
