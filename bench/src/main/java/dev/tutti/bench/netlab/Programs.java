package dev.tutti.bench.netlab;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Runs `ip` and `tc`.
final class Programs {
  private static final int FEW_LINES = 3;

  private Programs() {}

  /// Runs a command and returns what it printed.
  ///
  /// @throws LabException if it cannot be started or fails; the message has its words
  static String run(List<String> command) throws LabException {
    String words = String.join(" ", command);
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectInput(Redirect.from(new File("/dev/null")))
              .start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int code = waitFor(process);
      if (code != 0) {
        String said = String.join(" / ", output.lines().limit(FEW_LINES).toList());
        throw new LabException(
            "'" + words + "' failed: " + (said.isEmpty() ? "exit code " + code : said));
      }
      return output;
    } catch (LabException e) {
      throw e;
    } catch (IOException e) {
      throw new LabException("cannot run '" + words + "': " + e.getMessage(), e);
    }
  }

  /// These commands take milliseconds: a lab half made or half removed is worse than a late
  /// interrupt.
  private static int waitFor(Process process) {
    boolean interrupted = false;
    while (true) {
      try {
        int code = process.waitFor();
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
        return code;
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
  }

  /// Returns the file of a program, null if it is not in the path.
  static @Nullable Path find(String program) {
    String path = System.getenv("PATH");
    for (String folder : (path == null ? "" : path).split(":")) {
      Path file = Path.of(folder, program);
      if (Files.isExecutable(file)) {
        return file;
      }
    }
    return null;
  }
}
