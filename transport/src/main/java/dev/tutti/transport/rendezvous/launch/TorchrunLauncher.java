package dev.tutti.transport.rendezvous.launch;

import java.net.URI;
import java.util.stream.Stream;

/// `torchrun`, and what sets the same variables: `torch.distributed.launch`, the training operators
/// of Kubernetes, job scripts.
///
/// torchrun keeps a store of its own on `MASTER_PORT`, in its agent or in rank 0. Tutti therefore
/// meets one port above, or on `TUTTI_PORT`. Ranks of one agent (`LOCAL_WORLD_SIZE` equal to
/// `WORLD_SIZE`) meet on the loopback address, whatever `MASTER_ADDR` says.
final class TorchrunLauncher implements Launcher {
  private static final String RANK = "RANK";
  private static final String WORLD_SIZE = "WORLD_SIZE";
  private static final String LOCAL_RANK = "LOCAL_RANK";
  private static final String LOCAL_WORLD_SIZE = "LOCAL_WORLD_SIZE";
  private static final String MASTER_ADDR = "MASTER_ADDR";
  private static final String MASTER_PORT = "MASTER_PORT";

  @Override
  public String title() {
    return "torchrun";
  }

  @Override
  public String secretAdvice() {
    return "Export the same TUTTI_SECRET or TUTTI_SECRET_FILE on every host before torchrun: its"
        + " workers inherit it.";
  }

  @Override
  public Presence presence(Variables variables) {
    long known = Stream.of(RANK, WORLD_SIZE, MASTER_ADDR).filter(variables::has).count();
    // RANK alone may be anybody's, and job scripts export the others for programs that compute it.
    if (variables.has(RANK) && known > 1) {
      return Presence.COMPLETE;
    }
    return known > 1 ? Presence.PARTIAL : Presence.NONE;
  }

  @Override
  public Placement placement(Variables variables) {
    int size = variables.size(WORLD_SIZE);
    int rank = variables.rank(RANK, size);
    if (!variables.has(LOCAL_RANK) || !variables.has(LOCAL_WORLD_SIZE)) {
      return Placement.unplaced(rank, size); // older launchers set only the first
    }
    return variables.placement(rank, size, LOCAL_RANK, LOCAL_WORLD_SIZE);
  }

  @Override
  public URI meetingPoint(Variables variables, Placement placement) {
    String host =
        placement.isOneHost()
            ? "127.0.0.1"
            : variables.text(MASTER_ADDR, "the address or name of the host of rank 0");
    int port = port(variables);
    try {
      return Launchers.tcp(host, port);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          variables.wrong(MASTER_ADDR, "the address or name of the host of rank 0").getMessage(),
          e);
    }
  }

  private static int port(Variables variables) {
    if (variables.has(Launchers.PORT)) {
      return variables.port(Launchers.PORT);
    }
    int store = variables.port(MASTER_PORT);
    return store < Variables.MAX_PORT ? store + 1 : store - 1;
  }
}
