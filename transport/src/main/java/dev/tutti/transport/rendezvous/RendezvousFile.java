package dev.tutti.transport.rendezvous;

import dev.tutti.transport.rendezvous.RendezvousException.Kind;
import dev.tutti.transport.rendezvous.launch.PrivateDirectory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// The file in a shared directory that says where the rendezvous of a job is served.
///
/// ```
/// tutti-rendezvous 1
/// tcp://10.0.0.5:40123
/// tcp://192.168.1.5:40123
/// secret 3f9c...
/// ```
///
/// One line for each address of the serving host, tried in turn; and, where the launcher gave the
/// job no secret, one that rank 0 made. The file appears whole or not at all (written aside, then
/// renamed), readable by its owner only; a reader trusts a secret only if the file is its own
/// user's. One left by a killed job is harmless: nobody answers there, readers read it again until
/// the new server has replaced it.
///
/// @param directory the shared directory
/// @param job the name of the job, which tells jobs in one directory apart
record RendezvousFile(Path directory, String job) {
  private static final String HEADER = "tutti-rendezvous 1";
  private static final String DEFAULT_JOB = "default";
  private static final Pattern JOB = Pattern.compile("[A-Za-z0-9._-]{1,100}");
  private static final String SECRET = "secret ";
  private static final int MAX_BYTES = 64 * 1024;
  private static final Duration STALE = Duration.ofDays(1);
  private static final int PUBLISH_ATTEMPTS = 3;

  /// What a file says.
  ///
  /// @param addresses where the server may be reached
  /// @param secret the secret that rank 0 made, or none
  record Contents(List<InetSocketAddress> addresses, Secret secret) {}

  /// Reads `file:///directory?job=name`.
  ///
  /// @throws IllegalArgumentException if the URL is anything else
  static RendezvousFile of(URI uri) {
    String query = uri.getQuery();
    String job = DEFAULT_JOB;
    if (query != null) {
      if (!query.startsWith("job=")) {
        throw new IllegalArgumentException("expected file:///directory?job=name, not " + uri);
      }
      job = query.substring("job=".length());
    }
    if (!JOB.matcher(job).matches()) {
      throw new IllegalArgumentException(
          "the job in " + uri + " must be 1 to 100 letters, digits, dots, dashes or underscores");
    }
    if (uri.getPath() == null || uri.getPath().isEmpty() || uri.getAuthority() != null) {
      throw new IllegalArgumentException(
          "expected an absolute directory, file:///directory?job=name, not " + uri);
    }
    return new RendezvousFile(Path.of(uri.getPath()), job);
  }

  Path path() {
    return directory.resolve("tutti-" + job + ".rendezvous");
  }

  /// Tells whether the directory is the one of this user and host where launchers' jobs meet.
  boolean isPrivate() {
    try {
      return directory.equals(PrivateDirectory.of(System.getenv()));
    } catch (IOException | UnsupportedOperationException _) {
      return false;
    }
  }

  /// Writes the addresses, and a secret unless it is none.
  void publish(List<URI> addresses, Secret secret) {
    StringBuilder text = new StringBuilder(HEADER).append('\n');
    addresses.forEach(address -> text.append(address).append('\n'));
    if (!secret.isNone()) {
      text.append(SECRET).append(secret.toHex()).append('\n');
    }
    try {
      if (isPrivate()) {
        publishPrivately(text);
      } else {
        write(text);
      }
    } catch (IOException e) {
      throw new RendezvousException(
          Kind.CONNECTION,
          "cannot publish the rendezvous in "
              + directory
              + " (the directory must exist and be writable): "
              + e,
          e);
    }
  }

  private void publishPrivately(CharSequence text) throws IOException {
    for (int attempt = 1; ; attempt++) {
      PrivateDirectory.prepare(directory);
      try {
        sweep();
        write(text);
        return;
      } catch (NoSuchFileException e) {
        // Another job ended just now and removed the empty directory.
        if (attempt == PUBLISH_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private void write(CharSequence text) throws IOException {
    Path temporary = Files.createTempFile(directory, ".tutti-" + job + "-", ".tmp");
    try {
      Files.writeString(temporary, text);
      Files.move(
          temporary, path(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /// Removes what jobs left that were killed before all their ranks had met.
  private void sweep() throws IOException {
    FileTime oldest = FileTime.from(Instant.now().minus(STALE));
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*tutti-*")) {
      for (Path file : files) {
        if (Files.getLastModifiedTime(file).compareTo(oldest) < 0) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  /// Reads the addresses and the secret.
  ///
  /// @throws IOException if there is no such file, or no sense in it
  Contents read() throws IOException {
    byte[] bytes;
    try (var in = Files.newInputStream(path())) {
      bytes = in.readNBytes(MAX_BYTES);
    } catch (NoSuchFileException e) {
      throw new IOException("there is no file " + path() + " (does rank 0 run?)", e);
    }
    List<String> lines = new String(bytes, StandardCharsets.UTF_8).lines().toList();
    if (lines.size() < 2 || !lines.getFirst().equals(HEADER)) {
      throw new IOException(path() + " is no rendezvous file");
    }
    List<InetSocketAddress> addresses = new ArrayList<>();
    Secret secret = Secret.none();
    for (String line : lines.subList(1, lines.size())) {
      if (line.startsWith(SECRET)) {
        secret = secret(line.substring(SECRET.length()));
      } else {
        addresses.add(address(line));
      }
    }
    return new Contents(addresses, secret);
  }

  private Secret secret(String hex) throws IOException {
    if (!PrivateDirectory.isPrivateFile(path())) {
      throw new IOException(
          path() + " holds a secret, but does not belong to this user alone (mode 600)");
    }
    try {
      return Secret.fromHex(hex);
    } catch (IllegalArgumentException e) {
      throw new IOException(path() + ": " + e.getMessage(), e);
    }
  }

  private InetSocketAddress address(String line) throws IOException {
    try {
      return RendezvousUri.address(URI.create(line));
    } catch (IllegalArgumentException e) {
      throw new IOException(path() + " holds an address that is none: " + line, e);
    }
  }

  /// Removes the file if it still holds these addresses: a later job may have replaced it.
  void withdraw(List<URI> addresses) {
    try {
      List<String> lines = Files.readAllLines(path());
      lines.removeIf(line -> line.startsWith(SECRET));
      if (lines.subList(1, lines.size()).equals(addresses.stream().map(URI::toString).toList())) {
        Files.deleteIfExists(path());
      }
      if (isPrivate()) {
        Files.deleteIfExists(directory);
      }
    } catch (IOException _) {
      // Gone already, or the share is: a stale file is harmless. Or other jobs meet there.
    }
  }
}
