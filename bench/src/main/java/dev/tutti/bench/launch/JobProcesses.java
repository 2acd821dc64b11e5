package dev.tutti.bench.launch;

import dev.tutti.bindings.linux.Processes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/// All processes of one job: the ranks, what they started, and what outlived its parent.
///
/// The parent-child relation is lost when a parent ends, so every rank gets a variable that names
/// the job, its children inherit it, and on Linux it is looked for in `/proc/<pid>/environ`.
/// Elsewhere only descendants of running ranks are found.
final class JobProcesses {
  /// The environment variable that names the job.
  static final String VARIABLE = "TUTTI_JOB";

  private static final Path PROC = Path.of("/proc");
  private static final long POLL_NANOS = 5_000_000;
  private static final Duration KILL_TIMEOUT = Duration.ofSeconds(1);

  private final String job;

  JobProcesses(String job) {
    this.job = job;
  }

  /// Returns the name of the job.
  String name() {
    return job;
  }

  /// Returns the processes of this job that run now, the `roots` and their descendants included.
  Set<ProcessHandle> running(Collection<? extends Process> roots) {
    Set<ProcessHandle> result = new LinkedHashSet<>();
    for (Process root : roots) {
      if (root.isAlive()) {
        result.add(root.toHandle());
        root.descendants().forEach(result::add);
      }
    }
    addMarked(result);
    return result;
  }

  private void addMarked(Set<ProcessHandle> result) {
    String wanted = VARIABLE + "=" + job;
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[1-9]*")) {
      for (Path process : processes) {
        if (environment(process).contains(wanted)) {
          long pid = Long.parseLong(String.valueOf(process.getFileName()));
          ProcessHandle.of(pid).ifPresent(result::add);
        }
      }
    } catch (IOException _) {
      // No /proc here: descendants must do.
    }
  }

  private static String environment(Path process) {
    try {
      return Files.readString(process.resolve("environ"), StandardCharsets.ISO_8859_1);
    } catch (IOException _) {
      return ""; // ended meanwhile, or another user's
    }
  }

  /// Ends all processes of the job: SIGTERM, and after `grace` SIGKILL.
  void terminate(Collection<? extends Process> roots, Duration grace) {
    Set<ProcessHandle> targets = running(roots);
    if (targets.isEmpty()) {
      return;
    }
    targets.forEach(ProcessHandle::destroy);
    awaitEnd(targets, grace);
    // Once more, for those that were started meanwhile.
    Set<ProcessHandle> rest = running(roots);
    rest.addAll(targets);
    rest.removeIf(process -> !Processes.isRunning(process));
    rest.forEach(ProcessHandle::destroyForcibly);
    awaitEnd(rest, KILL_TIMEOUT);
  }

  private static void awaitEnd(Set<ProcessHandle> processes, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (processes.stream().anyMatch(Processes::isRunning) && System.nanoTime() - deadline < 0) {
      LockSupport.parkNanos(POLL_NANOS);
    }
  }
}
