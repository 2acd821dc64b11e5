package dev.tutti.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The `tutti` command in a process of its own.
final class TuttiProcess {
  private static final Path SHARED_MEMORY = Path.of("/dev/shm");

  private TuttiProcess() {}

  /// How a command ended.
  record Outcome(int exitCode, String stdout, String stderr) {
    /// Returns the lines of standard output.
    List<String> lines() {
      return stdout.lines().toList();
    }
  }

  /// Starts a command whose output goes to two files.
  static Process start(Path stdout, Path stderr, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
    command.add(Tutti.class.getName());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectOutput(stdout.toFile())
        .redirectError(stderr.toFile())
        .start();
  }

  /// Runs a command to its end.
  static Outcome run(Path folder, String... arguments) throws IOException, InterruptedException {
    Path stdout = Files.createTempFile(folder, "out", ".txt");
    Path stderr = Files.createTempFile(folder, "err", ".txt");
    Process process = start(stdout, stderr, arguments);
    try {
      if (!process.waitFor(120, TimeUnit.SECONDS)) {
        throw new AssertionError("still running; stderr: " + read(stderr));
      }
      return new Outcome(process.exitValue(), read(stdout), read(stderr));
    } finally {
      process.destroy();
    }
  }

  /// Returns the processes below another one whose command line has a word. `ProcessHandle.Info`
  /// knows short command lines only.
  static List<ProcessHandle> descendants(Process process, String word) {
    return process
        .descendants()
        .filter(each -> {
          try {
            String line = read(Path.of("/proc/" + each.pid() + "/cmdline"));
            return List.of(line.split("\0")).contains(word);
          } catch (IOException _) {
            return false; // it has ended
          }
        })
        .toList();
  }

  /// Returns Tutti's files in shared memory.
  static List<Path> sharedMemoryFiles() throws IOException {
    if (!Files.isDirectory(SHARED_MEMORY)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(SHARED_MEMORY)) {
      return files.filter(file -> file.toString().contains("tutti")).toList();
    }
  }

  static String read(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.UTF_8);
  }
}
