package dev.tutti.transport.rendezvous.launch;

import java.net.URI;

/// Open MPI's `mpirun`, also the one of Open MPI 5, which is PRRTE underneath.
///
/// Ranks of one host meet in a private directory, under the name of the job. Others need
/// `TUTTI_RENDEZVOUS`.
final class OpenMpiLauncher implements Launcher {
  private static final String RANK = "OMPI_COMM_WORLD_RANK";
  private static final String SIZE = "OMPI_COMM_WORLD_SIZE";
  private static final String LOCAL_RANK = "OMPI_COMM_WORLD_LOCAL_RANK";
  private static final String LOCAL_SIZE = "OMPI_COMM_WORLD_LOCAL_SIZE";
  private static final String NAMESPACE = "PMIX_NAMESPACE";
  private static final String OLD_JOB = "OMPI_MCA_ess_base_jobid";

  // A random key of the job, which tells apart jobs that get the same number one after the other.
  private static final String JOB_KEY = "OMPI_MCA_orte_precondition_transports";

  private static final String EXAMPLE =
      "mpirun -x TUTTI_RENDEZVOUS=tcp://HOST_OF_RANK_0:29600 -x TUTTI_SECRET ...";

  @Override
  public String title() {
    return "Open MPI";
  }

  @Override
  public String secretAdvice() {
    return "Export TUTTI_SECRET and start with mpirun -x TUTTI_SECRET ... (the name only, so that"
        + " the secret is on no command line).";
  }

  @Override
  public Presence presence(Variables variables) {
    return variables.hasAny(RANK, SIZE) ? Presence.COMPLETE : Presence.NONE;
  }

  @Override
  public Placement placement(Variables variables) {
    int size = variables.size(SIZE);
    int rank = variables.rank(RANK, size);
    if (!variables.hasAny(LOCAL_RANK, LOCAL_SIZE)) {
      return Placement.unplaced(rank, size);
    }
    return variables.placement(rank, size, LOCAL_RANK, LOCAL_SIZE);
  }

  @Override
  public URI meetingPoint(Variables variables, Placement placement) {
    variables.requireOneHost(placement, LOCAL_SIZE, EXAMPLE);
    if (!variables.hasAny(NAMESPACE, OLD_JOB)) {
      throw variables.nowhere(
          "neither " + NAMESPACE + " nor " + OLD_JOB + " names the job", EXAMPLE);
    }
    return PrivateDirectory.meetingPoint(
        variables,
        "openmpi",
        variables.textOr(NAMESPACE, ""),
        variables.textOr(OLD_JOB, ""),
        variables.textOr(JOB_KEY, ""));
  }
}
