package dev.tutti.transport.rendezvous.launch;

import java.net.URI;

/// Slurm's `srun`.
///
/// Ranks of one node meet in a private directory, under the name of job and step. Others meet on
/// the first node of the step, where rank 0 runs unless `--distribution` says otherwise, on a port
/// derived from job and step: 20000 + (16 × job + step) mod 10000, or `TUTTI_PORT`.
final class SlurmLauncher implements Launcher {
  static final int FIRST_PORT = 20_000;
  static final int PORTS = 10_000;

  private static final String RANK = "SLURM_PROCID";
  private static final String SIZE = "SLURM_NTASKS";
  private static final String STEP_SIZE = "SLURM_STEP_NUM_TASKS";
  private static final String LOCAL_RANK = "SLURM_LOCALID";
  private static final String NODE = "SLURM_NODEID";
  private static final String JOB = "SLURM_JOB_ID";
  private static final String STEP = "SLURM_STEP_ID";
  private static final String RESTARTS = "SLURM_RESTART_COUNT";
  private static final String STEP_NODES = "SLURM_STEP_NODELIST";
  private static final String JOB_NODES = "SLURM_JOB_NODELIST";
  private static final String STEP_TASKS = "SLURM_STEP_TASKS_PER_NODE";
  private static final String JOB_TASKS = "SLURM_TASKS_PER_NODE";

  @Override
  public String title() {
    return "Slurm";
  }

  @Override
  public String secretAdvice() {
    return "Export TUTTI_SECRET or TUTTI_SECRET_FILE before srun, which passes the environment on"
        + " (with --export=NONE it does not: name it, --export=TUTTI_SECRET).";
  }

  /// Tells whether this is a task of a step; a job script is not.
  static boolean isStep(Variables variables) {
    return variables.has(RANK) && variables.hasAny(STEP, STEP_NODES);
  }

  @Override
  public Presence presence(Variables variables) {
    return variables.has(RANK) && variables.hasAny(SIZE, STEP_SIZE)
        ? Presence.COMPLETE
        : Presence.NONE;
  }

  @Override
  public Placement placement(Variables variables) {
    int size = variables.size(variables.has(STEP_SIZE) ? STEP_SIZE : SIZE);
    int rank = variables.rank(RANK, size);
    if (size > 1 && !isStep(variables)) {
      throw variables.missing(
          STEP,
          "the step of "
              + size
              + " tasks that this process is a task of; a job script is none: start the program with"
              + " srun, or unset SLURM_PROCID to run it alone");
    }
    int localSize = localSize(variables, size);
    if (localSize == -1 || !variables.has(LOCAL_RANK)) {
      return Placement.unplaced(rank, size);
    }
    return new Placement(rank, size, variables.rank(LOCAL_RANK, localSize), localSize);
  }

  private static int localSize(Variables variables, int size) {
    if (size == 1 || nodes(variables).size() == 1) {
      return size;
    }
    String name = variables.has(STEP_TASKS) ? STEP_TASKS : JOB_TASKS;
    if (!variables.has(name) || !variables.has(NODE)) {
      return -1;
    }
    SlurmTaskCounts counts;
    try {
      counts = SlurmTaskCounts.parse(variables.text(name, "the tasks of each node"));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          variables.wrong(name, "the tasks of each node, such as 2(x3),1").getMessage(), e);
    }
    int node = (int) variables.number(NODE, 0, Integer.MAX_VALUE, "the number of this node");
    int tasks = counts.onNode(node);
    return tasks >= 1 && tasks <= size ? tasks : -1;
  }

  @Override
  public URI meetingPoint(Variables variables, Placement placement) {
    if (placement.isOneHost()) {
      return PrivateDirectory.meetingPoint(
          variables,
          "slurm",
          variables.text(JOB, "the number of the job"),
          variables.textOr(STEP, "0"),
          variables.textOr(RESTARTS, "0"));
    }
    return Launchers.tcp(nodes(variables).first(), port(variables));
  }

  private static SlurmNodeList nodes(Variables variables) {
    String name = variables.has(STEP_NODES) ? STEP_NODES : JOB_NODES;
    String value = variables.text(name, "the nodes of the step, such as gpu[01-03,7],login1");
    try {
      return SlurmNodeList.parse(value);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          variables
              .wrong(name, "nodes such as gpu[01-03,7],login1: " + e.getMessage())
              .getMessage(),
          e);
    }
  }

  private static int port(Variables variables) {
    if (variables.has(Launchers.PORT)) {
      return variables.port(Launchers.PORT);
    }
    long job = variables.number(JOB, 0, 1L << 40, "the number of the job");
    long step =
        variables.has(STEP) ? variables.number(STEP, 0, 1L << 40, "the number of the step") : 0;
    return FIRST_PORT + (int) ((16 * job + step) % PORTS);
  }
}
