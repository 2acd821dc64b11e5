package dev.tutti.transport.rendezvous.launch;

import java.net.URI;

/// PRRTE's `prterun` and `prun` without the personality of Open MPI: they tell the rank, but not
/// the number of ranks and not how many are on this host, which only the PMIx library could ask.
/// `TUTTI_SIZE` and `TUTTI_RENDEZVOUS` say the rest.
final class PrrteLauncher implements Launcher {
  private static final String RANK = "PMIX_RANK";
  private static final String NAMESPACE = "PMIX_NAMESPACE";
  private static final String EXAMPLE =
      "prterun -x TUTTI_SIZE=4 -x TUTTI_RENDEZVOUS=tcp://127.0.0.1:29600 -n 4 ...";

  @Override
  public String title() {
    return "PRRTE";
  }

  @Override
  public String secretAdvice() {
    return "Export TUTTI_SECRET and start with prterun -x TUTTI_SECRET ... (the name only, so that"
        + " the secret is on no command line).";
  }

  @Override
  public Presence presence(Variables variables) {
    return variables.has(RANK) && variables.has(NAMESPACE) ? Presence.COMPLETE : Presence.NONE;
  }

  @Override
  public Placement placement(Variables variables) {
    if (!variables.has(Launchers.SIZE)) {
      throw variables.missing(
          Launchers.SIZE,
          "the number of ranks, which PRRTE does not tell; for example: " + EXAMPLE);
    }
    int size = variables.size(Launchers.SIZE);
    return Placement.unplaced(variables.rank(RANK, size), size);
  }

  @Override
  public URI meetingPoint(Variables variables, Placement placement) {
    if (!placement.isOneHost()) {
      throw variables.nowhere("PRRTE does not tell whether all ranks are on one host", EXAMPLE);
    }
    return PrivateDirectory.meetingPoint(
        variables, "prrte", variables.text(NAMESPACE, "the name of the job"));
  }
}
