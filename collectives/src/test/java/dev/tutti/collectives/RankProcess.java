package dev.tutti.collectives;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Starts the programs that tests run as ranks.
final class RankProcess {
  private static final String SECRET = "000102030405060708090a0b0c0d0e0f";

  private RankProcess() {}

  /// Returns a port on which nobody listens just now.
  static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      return free.getLocalPort();
    }
  }

  /// Returns what tells a process which rank of which world it is, to be added to.
  static Map<String, String> member(int port, int rank, int size) {
    Map<String, String> environment = new HashMap<>();
    environment.put("TUTTI_RANK", Integer.toString(rank));
    environment.put("TUTTI_SIZE", Integer.toString(size));
    environment.put("TUTTI_RENDEZVOUS", "tcp://127.0.0.1:" + port);
    return environment;
  }

  /// Starts a JVM that is up quickly.
  static OutputCollector start(Class<?> main, String argument, Map<String, String> environment)
      throws IOException {
    return start("exec \"$@\"", main, argument, environment);
  }

  /// Starts a JVM from a shell.
  ///
  /// @param script what the shell does; `"$@"` is the command
  static OutputCollector start(
      String script, Class<?> main, String argument, Map<String, String> environment)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                List.of(
                    "sh",
                    "-c",
                    script,
                    "sh",
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "--enable-native-access=ALL-UNNAMED",
                    "--add-modules=jdk.incubator.vector",
                    "-cp",
                    System.getProperty("java.class.path"),
                    main.getName(),
                    argument))
            .redirectErrorStream(true);
    builder.environment().put("TUTTI_SECRET", SECRET);
    builder.environment().putAll(environment);
    return new OutputCollector(builder.start());
  }

  /// Sends a signal, by its name without SIG.
  static void signal(OutputCollector rank, String name) throws IOException, InterruptedException {
    String pid = Long.toString(rank.process().pid());
    new ProcessBuilder("kill", "-" + name, pid).start().waitFor();
  }
}
