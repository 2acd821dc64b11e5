package dev.tutti.transport.rendezvous;

import dev.tutti.transport.rendezvous.launch.LaunchedRank;
import dev.tutti.transport.rendezvous.launch.Launchers;
import dev.tutti.transport.rendezvous.launch.Placement;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a launcher tells a rank through environment variables.
///
/// Which launcher started this process is found out by [#fromEnvironment]; each has variables of
/// its own for rank and number of ranks. These work with every launcher:
///
/// | variable | meaning |
/// |---|---|
/// | `TUTTI_RENDEZVOUS` | `tcp://host:port` or `file:///directory?job=name`; instead of where the launcher's ranks would meet |
/// | `TUTTI_PORT` | the port of the rendezvous, where the launcher tells the host |
/// | `TUTTI_SECRET` | the job's secret in hexadecimal digits, or |
/// | `TUTTI_SECRET_FILE` | a file that holds them, readable by its owner only |
/// | `TUTTI_SERVED` | `launcher`: the launcher serves the rendezvous; unset or `rank0`: rank 0 does |
///
/// And these are Tutti's own, set by `tutti run` or by hand:
///
/// | variable | meaning |
/// |---|---|
/// | `TUTTI_RANK`, `TUTTI_SIZE` | this rank, and the number of ranks |
/// | `TUTTI_LOCAL_RANK`, `TUTTI_LOCAL_SIZE` | the same within this host; both or none |
///
/// @param rank this rank
/// @param size number of ranks in the world
/// @param localRank rank within this host, or -1 if the launcher does not say
/// @param localSize ranks on this host, or -1 if the launcher does not say
/// @param rendezvous where the world meets
/// @param secret the job's secret, possibly none
/// @param server who serves the rendezvous
/// @param secretAdvice a sentence that says how to pass a secret to every rank, for messages
public record LaunchEnvironment(
    int rank,
    int size,
    int localRank,
    int localSize,
    URI rendezvous,
    Secret secret,
    Server server,
    String secretAdvice) {
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
  private static final String SECRET_ADVICE =
      "Set TUTTI_SECRET or TUTTI_SECRET_FILE on every rank.";

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

  /// Describes a rank that Tutti's own launcher started, or the program itself.
  public LaunchEnvironment(
      int rank,
      int size,
      int localRank,
      int localSize,
      URI rendezvous,
      Secret secret,
      Server server) {
    this(rank, size, localRank, localSize, rendezvous, secret, server, SECRET_ADVICE);
  }

  /// Reads the variables of the launcher that started this process: Tutti's own, torchrun, Open
  /// MPI, MPICH (Hydra), Slurm, PRRTE or a Kubernetes indexed job; the first of these that is
  /// there.
  ///
  /// @return null if no launcher started this process
  /// @throws IllegalArgumentException if variables are missing or malformed; the text names
  ///   launcher and variable, and never a secret
  public static @Nullable LaunchEnvironment fromEnvironment(Map<String, String> environment) {
    LaunchedRank launched = Launchers.detect(environment);
    if (launched == null) {
      return null;
    }
    Placement placement = launched.placement();
    checkRendezvous(launched);
    return new LaunchEnvironment(
        placement.rank(),
        placement.size(),
        placement.localRank(),
        placement.localSize(),
        launched.rendezvous(),
        secret(environment),
        server(environment),
        launched.secretAdvice());
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

  private static void checkRendezvous(LaunchedRank launched) {
    try {
      RendezvousUri.check(launched.rendezvous());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          launched.launcher()
              + ": "
              + RENDEZVOUS
              + "="
              + launched.rendezvous()
              + ": "
              + e.getMessage(),
          e);
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

  /// Reads the job's secret from `TUTTI_SECRET` or the file that `TUTTI_SECRET_FILE` names.
  ///
  /// @return possibly none
  /// @throws IllegalArgumentException if it is malformed, or the file is not private; the text
  ///   never holds the secret
  public static Secret secret(Map<String, String> environment) {
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
