package dev.tutti.bench.launch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The program that runs a command on another host: OpenSSH's `ssh`, or one that is called like it
/// (`program... host command`).
///
/// @param words the program and its first arguments
record RemoteShell(List<String> words) {
  /// The exit code of `ssh` when there is no connection, or none any more.
  static final int CONNECTION_LOST = 255;

  private static final String SSH = "ssh";

  // The first value counts: options of the user stand before these. Nobody can answer a question
  // of a hundred connections, so none is asked; a host that is gone is noticed within 45 s.
  private static final List<String> SSH_OPTIONS =
      List.of(
          "-T",
          "-x",
          "-a",
          "-o",
          "BatchMode=yes",
          "-o",
          "ConnectTimeout=10",
          "-o",
          "ServerAliveInterval=15");

  /// Returns the name of the program.
  String name() {
    return String.valueOf(Path.of(words.getFirst()).getFileName());
  }

  /// Returns the words that run `remote` on `host`.
  List<String> command(String host, String remote) {
    List<String> result = new ArrayList<>(words);
    if (name().equals(SSH)) {
      result.addAll(SSH_OPTIONS);
    }
    result.add(bare(host));
    result.add(remote);
    return result;
  }

  /// Returns the name or address that `ssh` connects to: the user's configuration may have another
  /// name for it.
  String resolve(String host) {
    String name = bare(host).substring(bare(host).indexOf('@') + 1);
    if (!name().equals(SSH)) {
      return name;
    }
    List<String> command = new ArrayList<>(words);
    command.addAll(List.of("-G", bare(host)));
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      process.getOutputStream().close();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      boolean _ = process.waitFor(1, TimeUnit.SECONDS);
      return text.lines()
          .filter(line -> line.startsWith("hostname "))
          .map(line -> line.substring("hostname ".length()).strip())
          .findFirst()
          .orElse(name);
    } catch (IOException _) {
      return name; // the real call will say what is wrong
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return name;
    }
  }

  /// Returns the host without the brackets of an IPv6 address.
  private static String bare(String host) {
    return host.replace("[", "").replace("]", "");
  }
}
