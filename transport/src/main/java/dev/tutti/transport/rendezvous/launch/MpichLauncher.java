package dev.tutti.transport.rendezvous.launch;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/// MPICH's `mpiexec`, and others that use Hydra (Intel MPI, MVAPICH).
///
/// With `-pmi-port` Hydra tells the rank but not the number of ranks: `TUTTI_SIZE` must. Tutti does
/// not speak PMI itself: a process that has begun to and ends without saying goodbye makes Hydra
/// kill the job, and the program may want to use MPI.
///
/// Ranks of one host meet in a private directory. Hydra gives the job no name, but all ranks of a
/// host descend from one `hydra_pmi_proxy`: its process number and start time name the job.
final class MpichLauncher implements Launcher {
  private static final String RANK = "PMI_RANK";
  private static final String ID = "PMI_ID";
  private static final String SIZE = "PMI_SIZE";
  private static final String PMI_PORT = "PMI_PORT";
  private static final String LOCAL_RANK = "MPI_LOCALRANKID";
  private static final String LOCAL_SIZE = "MPI_LOCALNRANKS";
  private static final String PROXY = "hydra_pmi_proxy";
  private static final String EXAMPLE =
      "export TUTTI_RENDEZVOUS=tcp://HOST_OF_RANK_0:29600; mpiexec -genvlist"
          + " TUTTI_RENDEZVOUS,TUTTI_SECRET ...";

  @Override
  public String title() {
    return "MPICH";
  }

  @Override
  public String secretAdvice() {
    return "Export TUTTI_SECRET before mpiexec, which passes the environment on (with -genvnone or"
        + " -genvlist, name it: -genvlist TUTTI_SECRET).";
  }

  @Override
  public Presence presence(Variables variables) {
    boolean started =
        variables.hasAny(RANK, SIZE) || (variables.has(ID) && variables.has(PMI_PORT));
    // srun speaks PMI as well; only Hydra says where a rank stands on its host.
    boolean bySlurm = SlurmLauncher.isStep(variables) && !variables.has(LOCAL_RANK);
    return started && !bySlurm ? Presence.COMPLETE : Presence.NONE;
  }

  @Override
  public Placement placement(Variables variables) {
    String sizeName = variables.has(SIZE) || variables.has(RANK) ? SIZE : Launchers.SIZE;
    int size = variables.size(sizeName);
    int rank = variables.rank(variables.has(RANK) || !variables.has(ID) ? RANK : ID, size);
    if (!variables.hasAny(LOCAL_RANK, LOCAL_SIZE)) {
      return Placement.unplaced(rank, size);
    }
    return variables.placement(rank, size, LOCAL_RANK, LOCAL_SIZE);
  }

  @Override
  public URI meetingPoint(Variables variables, Placement placement) {
    variables.requireOneHost(placement, LOCAL_SIZE, EXAMPLE);
    String proxy = proxy(placement);
    if (proxy == null) {
      throw variables.nowhere(
          "no " + PROXY + " is among the ancestors of this process to name the job", EXAMPLE);
    }
    return PrivateDirectory.meetingPoint(variables, "mpich", proxy);
  }

  private static @Nullable String proxy(Placement placement) {
    String found = Ancestors.find(PROXY);
    // Alone there is nobody to agree with.
    return found == null && placement.size() == 1 ? Ancestors.self() : found;
  }
}
