package dev.tutti.transport.rendezvous.launch;

import dev.tutti.transport.rendezvous.launch.Launcher.Presence;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Finds out which launcher started this process, and what it says.
///
/// They are tried in this order, the first that is present counts:
///
/// 1. Tutti's own variables,
/// 2. torchrun,
/// 3. Open MPI,
/// 4. MPICH and what else uses Hydra,
/// 5. Slurm,
/// 6. PRRTE,
/// 7. a Kubernetes indexed job.
///
/// A launcher that runs inside another one comes first: `mpirun` and `torchrun` inside a Slurm job
/// win over Slurm. `TUTTI_RENDEZVOUS` and `TUTTI_PORT` work with all of them.
public final class Launchers {
  /// Name of the variable that says where the ranks meet, whatever the launcher.
  public static final String RENDEZVOUS = "TUTTI_RENDEZVOUS";

  /// Name of the variable that holds the number of ranks; needed where the launcher does not tell.
  public static final String SIZE = "TUTTI_SIZE";

  /// Name of the variable that sets the port of the rendezvous where the host is known.
  public static final String PORT = "TUTTI_PORT";

  private static final List<Launcher> ALL =
      List.of(
          new TuttiLauncher(),
          new TorchrunLauncher(),
          new OpenMpiLauncher(),
          new MpichLauncher(),
          new SlurmLauncher(),
          new PrrteLauncher(),
          new KubernetesLauncher());

  private static final Pattern HOST =
      Pattern.compile("[A-Za-z0-9.-]+|\\[?[0-9A-Fa-f:.]+(%[A-Za-z0-9.-]+)?]?");

  private Launchers() {}

  /// Reads the variables of the launcher that started this process.
  ///
  /// @return null if none did
  /// @throws IllegalArgumentException if variables are missing or malformed; the text names the
  ///   launcher, the variable, its value and what was expected
  public static @Nullable LaunchedRank detect(Map<String, String> environment) {
    for (Presence wanted : List.of(Presence.COMPLETE, Presence.PARTIAL)) {
      for (Launcher launcher : ALL) {
        Variables variables = new Variables(launcher.title(), environment);
        if (launcher.presence(variables) == wanted) {
          return read(launcher, variables);
        }
      }
    }
    return null;
  }

  private static LaunchedRank read(Launcher launcher, Variables variables) {
    Placement placement = launcher.placement(variables);
    if (variables.has(SIZE) && variables.size(SIZE) != placement.size()) {
      throw variables.wrong(
          SIZE, placement.size() + ", the number of ranks the launcher has started");
    }
    URI meetingPoint =
        variables.has(RENDEZVOUS)
            ? rendezvous(variables)
            : launcher.meetingPoint(variables, placement);
    return new LaunchedRank(launcher.title(), placement, meetingPoint, launcher.secretAdvice());
  }

  private static URI rendezvous(Variables variables) {
    try {
      return URI.create(
          variables.text(RENDEZVOUS, "tcp://host:port or file:///directory?job=name"));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          variables.wrong(RENDEZVOUS, "tcp://host:port or file:///directory?job=name").getMessage(),
          e);
    }
  }

  /// Returns `tcp://host:port`.
  ///
  /// @throws IllegalArgumentException if `host` is neither a name nor an address
  static URI tcp(String host, int port) {
    if (!HOST.matcher(host).matches()) {
      throw new IllegalArgumentException(host + " is no host");
    }
    boolean bareIpv6 = host.indexOf(':') >= 0 && !host.startsWith("[");
    return URI.create("tcp://" + (bareIpv6 ? "[" + host + "]" : host) + ":" + port);
  }
}
