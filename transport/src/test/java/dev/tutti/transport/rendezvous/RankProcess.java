package dev.tutti.transport.rendezvous;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Assumptions;

/// A rank in a JVM of its own, for tests that stop or kill it.
final class RankProcess implements AutoCloseable {
  private final Process process;
  private final BufferedWriter commands;
  private final List<String> said = new CopyOnWriteArrayList<>();

  private RankProcess(Process process) {
    this.process = process;
    this.commands =
        new BufferedWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try (BufferedReader lines =
              new BufferedReader(
                  new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
              said.add(line);
            }
          } catch (IOException _) {
            // The process ended.
          }
        });
  }

  /// Starts rank `rank` of a world; rank 0 serves.
  static RankProcess start(
      URI rendezvous, int rank, int worldSize, Secret secret, MembershipOptions options)
      throws IOException {
    List<String> command = java();
    command.add(Main.class.getName());
    command.add(rendezvous.toString());
    command.add(Integer.toString(rank));
    command.add(Integer.toString(worldSize));
    command.add(Long.toString(options.heartbeatInterval().toMillis()));
    command.add(Long.toString(options.heartbeatTimeout().toMillis()));
    return start(command, secret);
  }

  static List<String> java() {
    return new ArrayList<>(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xshare:auto",
            "-cp",
            System.getProperty("java.class.path")));
  }

  static RankProcess start(List<String> command, Secret secret) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("TEST_SECRET", secret.toHex());
    return new RankProcess(builder.start());
  }

  List<String> said() {
    return said;
  }

  /// Has the rank do something: see [Main].
  void tell(String command) throws IOException {
    commands.write(command);
    commands.newLine();
    commands.flush();
  }

  void kill() {
    process.destroyForcibly();
  }

  /// Stops the process without ending it.
  void stop() {
    signal("STOP");
  }

  /// Lets a stopped process go on.
  void resume() {
    signal("CONT");
  }

  private void signal(String name) {
    try {
      int code =
          new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
      Assumptions.assumeTrue(code == 0, "needs the program kill");
    } catch (IOException e) {
      Assumptions.abort("needs the program kill: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /// The program of the process. Says what it hears, and obeys `agree <tag> <members>`.
  static final class Main {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private Main() {}

    public static void main(String[] args) throws IOException {
      MembershipOptions options =
          MembershipOptions.defaults()
              .withHeartbeat(
                  Duration.ofMillis(Long.parseLong(args[3])),
                  Duration.ofMillis(Long.parseLong(args[4])));
      Secret secret = Secret.fromHex(System.getenv("TEST_SECRET"));
      int rank = Integer.parseInt(args[1]);
      System.out.println("joining");
      Membership membership =
          Rendezvous.joinServingIfRankZero(
              URI.create(args[0]),
              rank,
              Integer.parseInt(args[2]),
              secret,
              new byte[] {(byte) rank},
              TIMEOUT,
              options);
      membership.onEvent(new Echo());
      System.out.println("joined");
      try (BufferedReader commands =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
          obey(membership, line.split(" ", -1));
        }
      }
    }

    private static void obey(Membership membership, String[] words) {
      int[] members = new int[words.length - 2];
      for (int i = 0; i < members.length; i++) {
        members[i] = Integer.parseInt(words[i + 2]);
      }
      try {
        SurvivorGather result =
            membership.agree(
                Long.parseLong(words[1]), members, new byte[] {(byte) membership.rank()}, TIMEOUT);
        System.out.println("agreed " + result.survivors());
      } catch (RendezvousException e) {
        System.out.println("refused " + e.getMessage());
      }
    }
  }

  /// Says what a rank hears.
  private static final class Echo implements MembershipListener {
    @Override
    public void rankFailed(int rank, String cause) {
      System.out.println("failed " + rank + " " + cause);
    }

    @Override
    public void rankLeft(int rank) {
      System.out.println("left " + rank);
    }

    @Override
    public void aborted(int byRank, String reason) {
      System.out.println("aborted " + byRank);
    }

    @Override
    public void serverLost(String cause) {
      System.out.println("lost " + cause);
    }

    @Override
    public void evicted(String cause) {
      System.out.println("evicted " + cause);
    }

    @Override
    public void serverMoved(int toRank) {
      System.out.println("moved " + toRank);
    }
  }
}
