package dev.tutti.bench.launch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// A small shell process that ends the job if the launcher is killed and cannot do it.
///
/// It waits on a pipe whose other end only the launcher holds. The launcher's death, by whatever
/// cause, ends the pipe, and the watchdog kills every process that carries the job's variable.
///
/// `PR_SET_PDEATHSIG` (through `setpriv --pdeathsig`) would need no extra process, but it reaches
/// the direct children only, not what a script started, and it fires when the *thread* that forked
/// ends. Linux only: elsewhere ranks that are Tutti processes notice the lost rendezvous.
final class Watchdog implements AutoCloseable {
  private static final Path SHELL = Path.of("/bin/sh");
  private static final Path PROC = Path.of("/proc/self/environ");

  // Three rounds: a process may fork while it is looked for. $1 is the job. The watchdog shares the
  // terminal's process group: it ignores what is meant for the launcher.
  private static final String SCRIPT =
      """
      trap '' INT TERM HUP
      read -r word
      [ "$word" = done ] && exit 0
      for round in 1 2 3; do
        for file in $(grep -ls "%s=$1" /proc/[0-9]*/environ); do
          pid=${file#/proc/}
          kill -KILL "${pid%%/environ}" 2>/dev/null
        done
      done
      """
          .formatted(JobProcesses.VARIABLE);

  private final @Nullable Process process;

  private Watchdog(@Nullable Process process) {
    this.process = process;
  }

  /// Starts a watchdog over `job`, or none where it could not work.
  static Watchdog over(String job) {
    if (!Files.isExecutable(SHELL) || !Files.isReadable(PROC)) {
      return new Watchdog(null);
    }
    ProcessBuilder builder =
        new ProcessBuilder(SHELL.toString(), "-c", SCRIPT, "tutti-watchdog", job)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().remove(JobProcesses.VARIABLE);
    try {
      return new Watchdog(builder.start());
    } catch (IOException _) {
      return new Watchdog(null); // the job can do without
    }
  }

  /// Dismisses the watchdog: the job has ended.
  @Override
  public void close() {
    if (process == null) {
      return;
    }
    try (var pipe = process.getOutputStream()) {
      pipe.write("done\n".getBytes(StandardCharsets.US_ASCII));
    } catch (IOException _) {
      // It is gone already.
    }
  }
}
