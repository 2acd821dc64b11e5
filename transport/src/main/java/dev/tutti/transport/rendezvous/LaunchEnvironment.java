package dev.tutti.transport.rendezvous;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a launcher tells a rank through environment variables.
///
/// | variable | meaning |
/// |---|---|
/// | `TUTTI_RANK`, `TUTTI_SIZE` | this rank, and the number of ranks |
/// | `TUTTI_LOCAL_RANK`, `TUTTI_LOCAL_SIZE` | the same within this host; both or none |
/// | `TUTTI_RENDEZVOUS` | `tcp://host:port` or `file:///directory?job=name` |
/// | `TUTTI_SECRET` | the job's secret in hexadecimal digits, or |
/// | `TUTTI_SECRET_FILE` | a file that holds them, readable by its owner only |
/// | `TUTTI_SERVED` | `launcher`: the launcher serves the rendezvous; unset or `rank0`: rank 0 does |
///
/// @param rank this rank
/// @param size number of ranks in the world
/// @param localRank rank within this host, or -1 if the launcher does not say
/// @param localSize ranks on this host, or -1 if the launcher does not say
/// @param rendezvous where the world meets
/// @param secret the job's secret, possibly none
/// @param server who serves the rendezvous
public record LaunchEnvironment(
    int rank,
    int size,
    int localRank,
    int localSize,
    URI rendezvous,
    Secret secret,
    Server server) {
  /// Name of the variable that holds [#rank()].
  public static final String RANK = "TUTTI_RANK";

  /// Name of the variable that holds [#size()].
  public static final String SIZE = "TUTTI_SIZE";

  /// Name of the variable that holds [#localRank()].
  public static final String LOCAL_RANK = "TUTTI_LOCAL_RANK";

  /// Name of the variable that holds [#localSize()].
  public static final String LOCAL_SIZE = "TUTTI_LOCAL_SIZE";

  /// Name of the variable that holds [#rendezvous()].
  public static final String RENDEZVOUS = "TUTTI_RENDEZVOUS";

  /// Name of the variable that holds [#secret()] in hexadecimal digits.
  public static final String SECRET = "TUTTI_SECRET";

  /// Name of the variable that names a file with [#secret()] in hexadecimal digits.
  public static final String SECRET_FILE = "TUTTI_SECRET_FILE";

  /// Name of the variable that says who serves: [#server()].
  public static final String SERVED = "TUTTI_SERVED";

  private static final int MAX_SECRET_FILE_BYTES = 4096;

  /// Who serves the rendezvous.
  public enum Server {
    /// The launcher: no rank may try to.
    LAUNCHER,
    /// Rank 0, in its own process.
    RANK_ZERO
  }

  /// Checks the ranges.
  public LaunchEnvironment {
    checkRank(RANK, rank, SIZE, size);
    if (localRank != -1 || localSize != -1) {
      checkRank(LOCAL_RANK, localRank, LOCAL_SIZE, localSize);
    }
    if (localSize > size) {
      throw new IllegalArgumentException(
          LOCAL_SIZE + "=" + localSize + " is more than " + SIZE + "=" + size);
    }
    RendezvousUri.check(rendezvous);
  }

  /// Reads the variables.
  ///
  /// @return null if none of `TUTTI_RANK`, `TUTTI_SIZE` and `TUTTI_RENDEZVOUS` is there
  /// @throws IllegalArgumentException if only some are there, or one is malformed; the text names
  ///   the variable and never a secret
  public static @Nullable LaunchEnvironment fromEnvironment(Map<String, String> environment) {
    List<String> present = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (String name : List.of(RANK, SIZE, RENDEZVOUS)) {
      (environment.containsKey(name) ? present : missing).add(name);
    }
    if (present.isEmpty()) {
      return null;
    }
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          "the environment has " + present + " but lacks " + missing);
    }
    if (environment.containsKey(LOCAL_RANK) != environment.containsKey(LOCAL_SIZE)) {
      throw new IllegalArgumentException(
          "the environment has only one of " + LOCAL_RANK + " and " + LOCAL_SIZE);
    }
    return new LaunchEnvironment(
        number(environment, RANK),
        number(environment, SIZE),
        environment.containsKey(LOCAL_RANK) ? number(environment, LOCAL_RANK) : -1,
        environment.containsKey(LOCAL_SIZE) ? number(environment, LOCAL_SIZE) : -1,
        rendezvous(text(environment, RENDEZVOUS)),
        secret(environment),
        server(environment));
  }

  /// Returns the variables of this rank, the secret among them, for a child process.
  public Map<String, String> toEnvironment() {
    Map<String, String> result = new LinkedHashMap<>();
    result.put(RANK, Integer.toString(rank));
    result.put(SIZE, Integer.toString(size));
    if (localSize != -1) {
      result.put(LOCAL_RANK, Integer.toString(localRank));
      result.put(LOCAL_SIZE, Integer.toString(localSize));
    }
    result.put(RENDEZVOUS, rendezvous.toString());
    if (!secret.isNone()) {
      result.put(SECRET, secret.toHex());
    }
    result.put(SERVED, server == Server.LAUNCHER ? "launcher" : "rank0");
    return result;
  }

  private static void checkRank(String rankName, int rank, String sizeName, int size) {
    if (size < 1) {
      throw new IllegalArgumentException(sizeName + "=" + size + " must be at least 1");
    }
    if (rank < 0 || rank >= size) {
      throw new IllegalArgumentException(
          rankName
              + "="
              + rank
              + " is not in 0.."
              + (size - 1)
              + " ("
              + sizeName
              + "="
              + size
              + ")");
    }
  }

  private static String text(Map<String, String> environment, String name) {
    return environment.getOrDefault(name, "").strip();
  }

  private static int number(Map<String, String> environment, String name) {
    String value = text(environment, name);
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + "=" + value + " is not a whole number", e);
    }
  }

  private static URI rendezvous(String value) {
    try {
      return RendezvousUri.check(URI.create(value));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(RENDEZVOUS + "=" + value + ": " + e.getMessage(), e);
    }
  }

  private static Server server(Map<String, String> environment) {
    String value = text(environment, SERVED);
    return switch (value) {
      case "launcher" -> Server.LAUNCHER;
      case "", "rank0" -> Server.RANK_ZERO;
      default ->
          throw new IllegalArgumentException(
              SERVED + "=" + value + " is neither launcher nor rank0");
    };
  }

  private static Secret secret(Map<String, String> environment) {
    boolean direct = environment.containsKey(SECRET);
    boolean file = environment.containsKey(SECRET_FILE);
    if (direct && file) {
      throw new IllegalArgumentException(
          "the environment has both " + SECRET + " and " + SECRET_FILE);
    }
    try {
      if (direct) {
        return Secret.fromHex(text(environment, SECRET));
      }
      return file ? Secret.fromHex(readSecretFile(text(environment, SECRET_FILE))) : Secret.none();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          (direct ? SECRET : SECRET_FILE) + ": " + e.getMessage(), e);
    }
  }

  private static String readSecretFile(String name) {
    try {
      Path path = Path.of(name);
      if (Files.getFileStore(path).supportsFileAttributeView("posix")) {
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(path);
        if (permissions.contains(PosixFilePermission.GROUP_READ)
            || permissions.contains(PosixFilePermission.OTHERS_READ)) {
          throw new IllegalArgumentException(
              path + " can be read by others than its owner; chmod 600 it");
        }
      }
      try (var in = Files.newInputStream(path)) {
        byte[] bytes = in.readNBytes(MAX_SECRET_FILE_BYTES);
        return new String(bytes, StandardCharsets.US_ASCII).strip();
      }
    } catch (IOException | InvalidPathException e) {
      throw new IllegalArgumentException("cannot read " + name + ": " + e, e);
    }
  }
}
