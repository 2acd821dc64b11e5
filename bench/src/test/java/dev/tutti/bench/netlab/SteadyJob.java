package dev.tutti.bench.netlab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.bench.netlab.SteadyRank.Work;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/// Two processes that run [SteadyRank] on different hosts, or on what they take for such, while a
/// test breaks their connections. Rank 0 serves the rendezvous.
final class SteadyJob implements AutoCloseable {
  static final int RANKS = 2;

  private static final String SECRET = "000102030405060708090a0b0c0d0e0f";
  private static final int LAB_PORT = 20_000; // nobody else is there
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  private final @Nullable Lab lab;
  private final int port;
  private final List<Rank> ranks = new ArrayList<>();
  private int reports;

  private SteadyJob(@Nullable Lab lab, int port) {
    this.lab = lab;
    this.port = port;
  }

  /// A process and what it has printed.
  private static final class Rank {
    final Process process;
    final BufferedWriter input;
    final List<String> lines = new CopyOnWriteArrayList<>();
    final Thread reader;

    Rank(Process process) {
      this.process = process;
      this.input = process.outputWriter(StandardCharsets.UTF_8);
      this.reader = Thread.ofVirtual().start(this::read);
    }

    private void read() {
      try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
        in.lines().forEach(lines::add);
      } catch (IOException | UncheckedIOException _) {
        // It was killed.
      }
    }

    boolean hasPrinted(String beginning) {
      return lines.stream().anyMatch(line -> line.startsWith(beginning));
    }
  }

  /// Starts the ranks on this machine, which talk over loopback.
  static SteadyJob start(Map<String, String> options) throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      return new SteadyJob(null, free.getLocalPort()).start("127.0.0.1", options);
    }
  }

  /// Starts a rank on each host of a lab.
  static SteadyJob start(Lab lab, Map<String, String> options) throws IOException {
    return new SteadyJob(lab, LAB_PORT).start(lab.address(0).getHostAddress(), options);
  }

  private SteadyJob start(String server, Map<String, String> options) throws IOException {
    List<String> java =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-Dtutti.kernel=array", // the other needs the compiler that takes longer
            "-cp",
            System.getProperty("java.class.path"),
            SteadyRank.class.getName());
    for (int r = 0; r < RANKS; r++) {
      ProcessBuilder builder =
          new ProcessBuilder(lab == null ? java : lab.onHost(r, java)).redirectErrorStream(true);
      Map<String, String> environment = builder.environment();
      environment.put("TUTTI_RANK", Integer.toString(r));
      environment.put("TUTTI_SIZE", Integer.toString(RANKS));
      environment.put("TUTTI_RENDEZVOUS", "tcp://" + server + ":" + port);
      environment.put("TUTTI_HOST_ID", "host" + r);
      environment.put("TUTTI_SECRET", SECRET);
      environment.put("TUTTI_JOIN_TIMEOUT_MILLIS", "20000");
      environment.putAll(options);
      ranks.add(new Rank(builder.start()));
    }
    return this;
  }

  /// Has the ranks run at least one operation from beginning to end.
  ///
  /// @throws AssertionError if one of them does not
  void goesOn() throws IOException {
    say("report");
    String line = "at " + reports++ + " ";
    for (int r = 0; r < RANKS; r++) {
      String _ = await(r, line);
    }
  }

  /// Returns what a rank's clock showed when it said last that it goes on.
  long clockMillis(int rank) {
    return Long.parseLong(await(rank, "at " + (reports - 1) + " ").split(" ")[3]);
  }

  /// Has the ranks go over to other work.
  void does(Work work) throws IOException {
    say(work.label());
    goesOn();
  }

  private void say(String word) throws IOException {
    for (Rank rank : ranks) {
      rank.input.write(word + "\n");
      rank.input.flush();
    }
  }

  /// Has the ranks end in order.
  void ends() throws IOException, InterruptedException {
    say("stop");
    for (int r = 0; r < RANKS; r++) {
      assertThat(exit(r)).as(toString()).isZero();
    }
  }

  /// Waits until a rank has printed a line that begins so, and returns it.
  String await(int rank, String beginning) {
    Rank it = ranks.get(rank);
    Awaitility.await()
        .pollInterval(Duration.ofMillis(2))
        .atMost(PATIENCE)
        .failFast(() -> {
          if (!it.reader.isAlive() && !it.hasPrinted(beginning)) {
            throw new AssertionError("rank " + rank + " has no \"" + beginning + "\": " + this);
          }
        })
        .until(() -> it.hasPrinted(beginning));
    return it.lines.stream().filter(line -> line.startsWith(beginning)).findFirst().orElseThrow();
  }

  /// Waits for the end of a rank and returns its exit status.
  int exit(int rank) throws InterruptedException {
    assertThat(ranks.get(rank).process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .as("rank %s has ended: %s", rank, this)
        .isTrue();
    return ranks.get(rank).process.exitValue();
  }

  /// Returns the process of a rank.
  long pid(int rank) {
    return ranks.get(rank).process.pid();
  }

  /// Sends a signal to a rank, by its name without SIG.
  void signal(int rank, String name) throws LabException {
    String _ = Programs.run(List.of("kill", "-" + name, Long.toString(pid(rank))));
  }

  /// Returns the port of the rendezvous.
  int rendezvousPort() {
    return port;
  }

  /// Returns the established connections of a rank beside those to the rendezvous.
  List<Connection> connections(int rank) throws LabException {
    return established(rank).stream()
        .filter(each -> each.localPort() != port && each.remotePort() != port)
        .toList();
  }

  /// Returns the connection of a rank that carries its data; waits until there is only that, for a
  /// rank that misses it may have told the other by another one.
  Connection connection(int rank) {
    return Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> connections(rank), all -> all.size() == 1)
        .getFirst();
  }

  /// Returns the connection of a rank to the rendezvous.
  Connection controlConnection(int rank) throws LabException {
    return established(rank).stream()
        .filter(each -> each.remotePort() == port)
        .findFirst()
        .orElseThrow();
  }

  private List<Connection> established(int rank) throws LabException {
    String owner = "pid=" + pid(rank) + ",";
    return Programs.run(on(rank, List.of("ss", "-Htnp", "state", "established")))
        .lines()
        .filter(line -> line.contains(owner))
        .map(Connection::parse)
        .toList();
  }

  /// Resets a connection at a rank's end: the kernel forgets it and sends the other end an RST.
  void reset(int rank, Connection connection) throws LabException {
    String _ = Programs.run(on(rank, connection.resetCommand()));
  }

  private List<String> on(int rank, List<String> command) {
    return lab == null ? command : lab.onHost(rank, command);
  }

  /// One end of a TCP connection.
  record Connection(int localPort, int remotePort) {
    /// Reads a line of `ss -Htnp state established`: two queues, two addresses, the process.
    static Connection parse(String line) {
      String[] words = line.strip().split("\\s+");
      return new Connection(port(words[2]), port(words[3]));
    }

    private static int port(String address) {
      return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    /// Returns the command that resets it.
    List<String> resetCommand() {
      return List.of("ss", "-HtnK", "sport = :" + localPort + " and dport = :" + remotePort);
    }
  }

  @Override
  public void close() {
    for (Rank rank : ranks) {
      Process _ = rank.process.destroyForcibly().onExit().join();
    }
  }

  @Override
  public String toString() {
    return ranks.stream().map(rank -> rank.lines).toList().toString();
  }
}
