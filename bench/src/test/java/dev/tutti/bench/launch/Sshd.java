package dev.tutti.bench.launch;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// An sshd of this test alone: on a high port of the loopback address, with keys made for it.
final class Sshd implements AutoCloseable {
  // Needed by an sshd of root; distributions make it when they start theirs.
  private static final Path PRIVILEGE_SEPARATION = Path.of("/run/sshd");

  private final Process process;
  private final int port;
  private final Path directory;
  private final boolean madeDirectory;

  private Sshd(Process process, int port, Path directory, boolean madeDirectory) {
    this.process = process;
    this.port = port;
    this.directory = directory;
    this.madeDirectory = madeDirectory;
  }

  /// Starts one, or skips the test where that is not possible.
  static Sshd startOrSkip(Path directory) throws IOException, InterruptedException {
    String program = Programs.orSkip("sshd");
    String keygen = Programs.orSkip("ssh-keygen");
    var _ = Programs.orSkip("ssh");
    for (String key : List.of("host", "user")) {
      run(
          directory,
          List.of(
              keygen, "-q", "-t", "ed25519", "-N", "", "-f", directory.resolve(key).toString()));
    }
    Files.copy(directory.resolve("user.pub"), directory.resolve("authorized"));
    int port = Programs.freePort();
    String hostKey = Files.readString(directory.resolve("host.pub"));
    Files.writeString(
        directory.resolve("known"),
        "[localhost]:" + port + " " + hostKey + "[127.0.0.1]:" + port + " " + hostKey);
    Path configuration =
        Files.writeString(directory.resolve("config"), configuration(directory, port));
    boolean made = makePrivilegeSeparation();
    Process process =
        new ProcessBuilder(program, "-D", "-e", "-f", configuration.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("sshd.log").toFile())
            .start();
    Sshd result = new Sshd(process, port, directory, made);
    await().atMost(Duration.ofSeconds(5)).until(() -> !process.isAlive() || answers(port));
    String test = "exec " + result.command() + " 127.0.0.1 true";
    if (!process.isAlive() || run(directory, List.of("sh", "-c", test)) != 0) {
      String log = Files.readString(directory.resolve("sshd.log"));
      result.close();
      var _ = Programs.skip("a private sshd does not work here: " + log);
    }
    return result;
  }

  private static boolean makePrivilegeSeparation() throws IOException {
    if (Files.exists(PRIVILEGE_SEPARATION) || !Files.isWritable(PRIVILEGE_SEPARATION.getParent())) {
      return false;
    }
    Files.createDirectory(PRIVILEGE_SEPARATION);
    return true;
  }

  private static String configuration(Path directory, int port) {
    return """
    ListenAddress 127.0.0.1:%d
    HostKey %s
    AuthorizedKeysFile %s
    PidFile none
    StrictModes no
    UsePAM no
    PasswordAuthentication no
    KbdInteractiveAuthentication no
    PermitRootLogin prohibit-password
    """
        .formatted(port, directory.resolve("host"), directory.resolve("authorized"));
  }

  private static boolean answers(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", port), 500);
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  private static int run(Path directory, List<String> command)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("run.log").toFile())
            .start();
    if (!process.waitFor(15, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      return -1;
    }
    return process.exitValue();
  }

  /// Returns what to give as `--ssh`.
  String command() {
    return "ssh -F none -p "
        + port
        + " -i "
        + directory.resolve("user")
        + " -o StrictHostKeyChecking=yes -o UserKnownHostsFile="
        + directory.resolve("known");
  }

  /// Breaks all connections.
  void cut() {
    process
        .descendants()
        .forEach(each -> {
          String command = each.info().command().orElse("");
          if (command.contains("sshd")) {
            each.destroyForcibly();
          }
        });
  }

  @Override
  public void close() throws IOException {
    cut();
    process.destroyForcibly().onExit().join();
    if (madeDirectory) {
      Files.deleteIfExists(PRIVILEGE_SEPARATION);
    }
  }
}
