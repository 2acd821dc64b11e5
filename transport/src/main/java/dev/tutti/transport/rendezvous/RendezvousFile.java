package dev.tutti.transport.rendezvous;

import dev.tutti.transport.rendezvous.RendezvousException.Kind;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// The file in a shared directory that says where the rendezvous of a job is served.
///
/// ```
/// tutti-rendezvous 1
/// tcp://10.0.0.5:40123
/// tcp://192.168.1.5:40123
/// ```
///
/// One line for each address of the serving host, tried in turn. The file appears whole or not at
/// all (written aside, then renamed). One left by a killed job is harmless: nobody answers there,
/// readers read it again until the new server has replaced it.
///
/// @param directory the shared directory
/// @param job the name of the job, which tells jobs in one directory apart
record RendezvousFile(Path directory, String job) {
  private static final String HEADER = "tutti-rendezvous 1";
  private static final String DEFAULT_JOB = "default";
  private static final Pattern JOB = Pattern.compile("[A-Za-z0-9._-]{1,100}");
  private static final int MAX_BYTES = 64 * 1024;

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

  /// Writes the addresses.
  void publish(List<URI> addresses) {
    StringBuilder text = new StringBuilder(HEADER).append('\n');
    addresses.forEach(address -> text.append(address).append('\n'));
    try {
      Path temporary = Files.createTempFile(directory, ".tutti-" + job + "-", ".tmp");
      try {
        Files.writeString(temporary, text);
        Files.move(
            temporary, path(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(temporary);
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

  /// Reads the addresses.
  ///
  /// @throws IOException if there is no such file, or no sense in it
  List<InetSocketAddress> read() throws IOException {
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
    List<InetSocketAddress> result = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      try {
        result.add(RendezvousUri.address(URI.create(line)));
      } catch (IllegalArgumentException e) {
        throw new IOException(path() + " holds an address that is none: " + line, e);
      }
    }
    return result;
  }

  /// Removes the file if it still holds these addresses: a later job may have replaced it.
  void withdraw(List<URI> addresses) {
    try {
      List<String> lines = Files.readAllLines(path());
      if (lines.subList(1, lines.size()).equals(addresses.stream().map(URI::toString).toList())) {
        Files.deleteIfExists(path());
      }
    } catch (IOException _) {
      // Gone already, or the share is: a stale file is harmless.
    }
  }
}
