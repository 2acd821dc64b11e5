package dev.tutti.bench.netlab;

import dev.tutti.bench.launch.Launcher;
import dev.tutti.transport.rendezvous.RendezvousException;
import dev.tutti.transport.rendezvous.RendezvousServer;
import dev.tutti.transport.rendezvous.Secret;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Ranks of one world on the hosts of a lab, `ranksPerHost` consecutive ones on each.
///
/// The ranks meet at a rendezvous that this process serves at its address in the lab. Each finds
/// the variables of Tutti's launcher, and `TUTTI_HOST_ID` and `TUTTI_INTERFACE`, by which
/// namespaces of one machine are different hosts.
public final class LabJob implements AutoCloseable {
  private static final String RENDEZVOUS = "TUTTI_LAB_RENDEZVOUS";
  private static final String SECRET = "TUTTI_LAB_SECRET";

  // $1 names the variable that holds the rank, $2 is the number of ranks per host, $3 what the
  // names of the namespaces have before the host's number; then follows the command. The job's
  // secret stays in the environment: a command line can be read by everybody.
  private static final String SCRIPT =
      """
      eval "rank=\\$$1"
      each=$2
      host=$((rank / each))
      namespace=$3$host
      shift 3
      export TUTTI_HOST_ID="host$host" TUTTI_INTERFACE=%s
      export TUTTI_LOCAL_RANK=$((rank %% each)) TUTTI_LOCAL_SIZE="$each"
      if [ -n "${%s:-}" ]; then
        export TUTTI_RENDEZVOUS="$%s" TUTTI_SECRET="$%s"
        unset %s %s
      fi
      exec ip netns exec "$namespace" "$@"
      """
          .formatted(LabNames.HOST_INTERFACE, RENDEZVOUS, RENDEZVOUS, SECRET, RENDEZVOUS, SECRET);

  private final Lab lab;
  private final int ranksPerHost;
  private final Secret secret;
  private final RendezvousServer server;

  private LabJob(Lab lab, int ranksPerHost, Secret secret, RendezvousServer server) {
    this.lab = lab;
    this.ranksPerHost = ranksPerHost;
    this.secret = secret;
    this.server = server;
  }

  /// Opens the rendezvous of a world with ranks on all hosts.
  ///
  /// @throws LabException if this machine's address in the lab is gone
  public static LabJob open(Lab lab, int ranksPerHost) throws LabException {
    if (ranksPerHost < 1) {
      throw new IllegalArgumentException(
          "the number of ranks per host must be at least 1, but it is " + ranksPerHost);
    }
    Secret secret = Secret.random();
    InetSocketAddress bind = new InetSocketAddress(lab.launcherAddress(), 0);
    try {
      int ranks = lab.spec().hosts() * ranksPerHost;
      return new LabJob(lab, ranksPerHost, secret, RendezvousServer.start(bind, ranks, secret));
    } catch (RendezvousException e) {
      throw new LabException("cannot serve the rendezvous of the lab: " + e.getMessage(), e);
    }
  }

  /// Returns the number of ranks.
  public int ranks() {
    return lab.spec().hosts() * ranksPerHost;
  }

  /// Returns a launch of a command as all ranks.
  public Launcher.Builder launcher(List<String> command) {
    return Launcher.builder(ranks(), wrap(lab, ranksPerHost, "TUTTI_RANK", command))
        .environment(Map.of(RENDEZVOUS, server.uri().toString(), SECRET, secret.toHex()));
  }

  /// Returns the command that, where a variable holds a rank, runs a command on this rank's host.
  ///
  /// @param rankVariable for example `OMPI_COMM_WORLD_RANK`
  public static List<String> wrap(
      Lab lab, int ranksPerHost, String rankVariable, List<String> command) {
    List<String> words = new ArrayList<>(List.of("/bin/sh", "-c", SCRIPT, "tutti-netlab"));
    words.add(rankVariable);
    words.add(Integer.toString(ranksPerHost));
    words.add(lab.names().hostPrefix());
    words.addAll(command);
    return words;
  }

  @Override
  public void close() {
    server.close();
  }
}
