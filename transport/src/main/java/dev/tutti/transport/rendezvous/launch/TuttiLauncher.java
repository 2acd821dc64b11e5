package dev.tutti.transport.rendezvous.launch;

import java.net.URI;

/// Tutti's own variables: set by `tutti run`, or by hand.
final class TuttiLauncher implements Launcher {
  static final String RANK = "TUTTI_RANK";
  static final String LOCAL_RANK = "TUTTI_LOCAL_RANK";
  static final String LOCAL_SIZE = "TUTTI_LOCAL_SIZE";

  @Override
  public String title() {
    return "Tutti";
  }

  @Override
  public String secretAdvice() {
    return "Set TUTTI_SECRET or TUTTI_SECRET_FILE on every rank.";
  }

  @Override
  public Presence presence(Variables variables) {
    if (variables.has(RANK)) {
      return Presence.COMPLETE;
    }
    return variables.hasAny(Launchers.SIZE, Launchers.RENDEZVOUS)
        ? Presence.PARTIAL
        : Presence.NONE;
  }

  @Override
  public Placement placement(Variables variables) {
    if (!variables.has(RANK)) {
      throw variables.missing(
          RANK,
          "the rank of this process, because "
              + (variables.has(Launchers.SIZE) ? Launchers.SIZE : Launchers.RENDEZVOUS)
              + " is set and no other launcher's variables are");
    }
    int size = variables.size(Launchers.SIZE);
    int rank = variables.rank(RANK, size);
    if (!variables.hasAny(LOCAL_RANK, LOCAL_SIZE)) {
      return new Placement(rank, size, -1, -1);
    }
    return variables.placement(rank, size, LOCAL_RANK, LOCAL_SIZE);
  }

  @Override
  public URI meetingPoint(Variables variables, Placement placement) {
    throw variables.missing(
        Launchers.RENDEZVOUS, "tcp://host:port or file:///directory?job=name, as on every rank");
  }
}
