package dev.tutti.bench.launch;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// The shell script that runs one rank on another host: for any POSIX `sh`, dash and busybox too.
///
/// Only [#BOOT], which is the same for every job, is on a command line. Everything else, the job's
/// secret among it, goes through the standard input of `ssh`:
///
/// ```
/// launcher                                 remote shell
///                                   ◄──    tutti-ready          (all before it is noise)
/// one line: the loader              ──►
/// the script, a line that ends it   ──►    starts the rank in a session of its own
/// (nothing, as long as it runs)            output of the rank, at the end its exit code
/// end of input                      ──►    SIGTERM, after the grace SIGKILL
/// ```
///
/// The end of input comes when the launcher says so, when it dies, and when the connection breaks.
/// The rank and all it started are found by their process group and, in Linux's `/proc`, by the
/// variable of [JobProcesses]; what the rank leaves behind ends with it.
///
/// @param job the value of the variable that marks the processes of this rank
/// @param environment variables of the rank
/// @param directory working directory, if the host has it
/// @param command the command and its arguments
/// @param grace time between SIGTERM and SIGKILL
record RemoteScript(
    String job,
    Map<String, String> environment,
    Path directory,
    List<String> command,
    Duration grace) {
  /// What the remote shell prints when it is ready to read.
  static final String READY = "tutti-ready";

  /// The command line for `ssh`. Safe in the login shells that are no `sh`, too: csh, fish.
  static final String BOOT =
      "sh -c 'echo; echo " + READY + "; IFS= read -r line && eval \"$line\"'";

  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
  private static final long POLLS_PER_SECOND = 10;

  // fd 3 is the launcher's end: the rank must not hold it. `wait` returns 128 + signal for a rank
  // that was killed, as the launcher does for ranks of its own host.
  private static final String MAIN =
      """
      marked() { grep -ls "$mark" /proc/[0-9]*/environ 2>/dev/null; }
      running() { kill -0 "-$pid" 2>/dev/null || [ -n "$(marked)" ]; }
      signal() {
        kill "-$1" "-$pid" 2>/dev/null || [ -n "$ended" ] || kill "-$1" "$pid" 2>/dev/null
        for file in $(marked); do
          file=${file#/proc/}
          kill "-$1" "${file%/environ}" 2>/dev/null
        done
      }
      end() {
        signal TERM
        polls=$grace
        while [ "$polls" -gt 0 ] && running; do
          sleep 0.1 || sleep 1
          polls=$((polls - 1))
        done
        signal KILL
        signal KILL
      }
      ended=
      exec 3<&0 </dev/null
      rank 3<&- &
      pid=$!
      (
        while IFS= read -r line; do :; done
        end
      ) <&3 3<&- >/dev/null 2>&1 &
      watch=$!
      exec 3<&- >/dev/null 2>&1
      trap 'end; exit 143' HUP INT TERM
      wait "$pid"
      status=$?
      ended=yes
      kill "$watch"
      running && end
      exit "$status"
      """;

  /// Returns what is to be sent.
  ///
  /// @throws IllegalArgumentException if a variable's name is none for a shell; names it
  byte[] bytes() {
    String end = "tutti-end-" + HexFormat.of().formatHex(job.getBytes(StandardCharsets.UTF_8));
    StringBuilder text = new StringBuilder(4096);
    text.append(loader(end)).append('\n');
    text.append("mark=").append(Words.quoted(JobProcesses.VARIABLE + "=" + job)).append('\n');
    text.append("grace=").append(grace.toMillis() * POLLS_PER_SECOND / 1000).append('\n');
    appendRank(text);
    text.append(MAIN).append(end).append('\n');
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  /// Returns one line that collects the lines up to `end` and runs them, if they came whole.
  private static String loader(String end) {
    return "nl=$(printf '\\n_'); nl=${nl%_}; text=; whole=; while IFS= read -r line; do"
        + " if [ \"$line\" = "
        + end
        + " ]; then whole=yes; break; fi; text=$text$line$nl; done;"
        + " [ -z \"$whole\" ] || eval \"$text\"";
  }

  private void appendRank(StringBuilder text) {
    text.append("rank() {\n");
    String folder = Words.quoted(directory.toString());
    text.append("cd ").append(folder).append(" 2>/dev/null || printf '%s\\n' ");
    text.append(Words.quoted("tutti run: this host has no directory " + directory));
    text.append(" >&2\n");
    environment.forEach((name, value) -> append(text, name, value));
    append(text, JobProcesses.VARIABLE, job);
    text.append("set --");
    command.forEach(word -> text.append(' ').append(Words.quoted(word)));
    // setsid replaces this shell: as a background process it leads no group yet.
    text.append("\ncommand -v setsid >/dev/null 2>&1 && exec setsid \"$@\"\nexec \"$@\"\n}\n");
  }

  private static void append(StringBuilder text, String name, String value) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "\"" + name + "\" is no name of a variable that a shell could set on another host");
    }
    text.append("export ").append(name).append('=').append(Words.quoted(value)).append('\n');
  }
}
