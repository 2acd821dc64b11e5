package dev.tutti.bench.launch;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Programs that a machine may have or not, and what tests need to start and watch processes.
final class Programs {
  private Programs() {}

  /// Returns the first of `names` that is installed, or skips the test, saying so.
  static String orSkip(String... names) {
    String path = System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/usr/local/sbin";
    for (String name : names) {
      for (String directory : path.split(":", -1)) {
        Path program = Path.of(directory.isEmpty() ? "." : directory, name);
        if (Files.isExecutable(program) && !Files.isDirectory(program)) {
          return program.toString();
        }
      }
    }
    return skip("none of the programs " + List.of(names) + " is installed");
  }

  /// Skips the test and prints why.
  static String skip(String reason) {
    System.out.println("skipped: " + reason);
    return abort("skipped: " + reason);
  }

  /// Returns a command that runs `main` in a JVM of its own.
  static List<String> java(Class<?> main, List<String> options, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path")));
    command.addAll(options);
    command.add(main.getName());
    command.addAll(List.of(arguments));
    return command;
  }

  /// Tells whether a process has `word` among its arguments.
  static boolean runs(String word) {
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      return processes.anyMatch(process -> {
        try {
          String line = Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
          return List.of(line.split("\0")).contains(word);
        } catch (IOException _) {
          return false; // no process, or it has ended
        }
      });
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
