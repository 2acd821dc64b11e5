package dev.tutti.transport.rendezvous.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What each launcher's documented variables mean, and what is said about those that mean nothing.
final class LaunchersTest {
  private static final String TORCHRUN =
      "RANK=5 WORLD_SIZE=8 LOCAL_RANK=1 LOCAL_WORLD_SIZE=4 MASTER_ADDR=node-1 MASTER_PORT=29500";
  private static final String OPEN_MPI =
      "OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=2 OMPI_COMM_WORLD_LOCAL_RANK=1"
          + " OMPI_COMM_WORLD_LOCAL_SIZE=2 PMIX_RANK=1 PMIX_NAMESPACE=prterun-vm-77@1";
  private static final String MPICH =
      "PMI_RANK=1 PMI_SIZE=4 PMI_FD=6 MPI_LOCALRANKID=1 MPI_LOCALNRANKS=2";
  private static final String SLURM =
      "SLURM_PROCID=3 SLURM_NTASKS=5 SLURM_LOCALID=1 SLURM_NODEID=1 SLURM_JOB_ID=4711"
          + " SLURM_STEP_ID=2 SLURM_STEP_NODELIST=gpu[07-08],login1 SLURM_STEP_TASKS_PER_NODE=2(x2),1"
          + " SLURM_JOB_NODELIST=gpu[01-08],login1";
  private static final String KUBERNETES =
      "JOB_COMPLETION_INDEX=2 TUTTI_SIZE=4 TUTTI_SERVICE=train HOSTNAME=train-7-2";
  private static final String PRRTE =
      "PMIX_RANK=0 PMIX_NAMESPACE=prterun-vm-77@1 TUTTI_SIZE=2 TUTTI_RENDEZVOUS=tcp://127.0.0.1:9";

  private static Map<String, String> environment(String text) {
    Map<String, String> result = new HashMap<>();
    for (String each : text.split(" ")) {
      int equals = each.indexOf('=');
      result.put(each.substring(0, equals), each.substring(equals + 1));
    }
    return result;
  }

  private static LaunchedRank detect(String text) {
    return Objects.requireNonNull(Launchers.detect(environment(text)));
  }

  private static void assertComplaint(String text, String message) {
    assertThatThrownBy(() -> Launchers.detect(environment(text)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void shouldFindNoLauncherInAnOrdinaryEnvironment() {
    assertThat(Launchers.detect(environment("PATH=/bin RANK=7 HOSTNAME=a"))).isNull();
    assertThat(Launchers.detect(environment("SLURM_NTASKS=4 SLURM_JOB_NODELIST=a"))).isNull();
  }

  @Test
  void shouldReadTorchrunAndMeetBesideItsStore() {
    LaunchedRank rank = detect(TORCHRUN);

    assertThat(rank.placement()).isEqualTo(new Placement(5, 8, 1, 4));
    assertThat(rank.rendezvous()).hasToString("tcp://node-1:29501");
    assertThat(detect(TORCHRUN + " TUTTI_PORT=4000").rendezvous()).hasToString("tcp://node-1:4000");
    assertThat(detect(TORCHRUN + " MASTER_ADDR=fd00::1 MASTER_PORT=65535").rendezvous())
        .hasToString("tcp://[fd00::1]:65534");
    assertThat(detect(TORCHRUN + " LOCAL_WORLD_SIZE=8").rendezvous())
        .hasToString("tcp://127.0.0.1:29501");
  }

  @Test
  void shouldReadOpenMpiAndMeetUnderTheNameOfTheJob() {
    LaunchedRank rank = detect(OPEN_MPI);

    assertThat(rank.placement()).isEqualTo(new Placement(1, 2, 1, 2));
    assertThat(rank.rendezvous().toString())
        .matches("file:///.*/tutti.*\\?job=openmpi-prterun-vm-77-1-[0-9a-f-]+");
    assertThat(detect(OPEN_MPI + " PMIX_NAMESPACE=prterun-vm-78@1").rendezvous())
        .isNotEqualTo(rank.rendezvous());
    assertThat(detect(OPEN_MPI + " OMPI_COMM_WORLD_LOCAL_RANK=0").rendezvous())
        .isEqualTo(rank.rendezvous());
  }

  @Test
  void shouldReadMpichAndPreferItToTheSlurmItRunsIn() {
    String here = " TUTTI_RENDEZVOUS=tcp://node-1:4000";

    assertThat(detect(MPICH + here).placement()).isEqualTo(new Placement(1, 4, 1, 2));
    assertThat(detect(MPICH + " " + SLURM + here).launcher()).isEqualTo("MPICH");
    assertThat(detect(MPICH + here).rendezvous()).hasToString("tcp://node-1:4000");
    assertThat(
            detect("PMI_ID=3 PMI_PORT=a:1 MPI_LOCALRANKID=3 MPI_LOCALNRANKS=4 TUTTI_SIZE=4" + here)
                .placement())
        .isEqualTo(new Placement(3, 4, 3, 4));
  }

  @Test
  void shouldReadSlurmAndMeetOnTheFirstNode() {
    LaunchedRank rank = detect(SLURM);

    assertThat(rank.placement()).isEqualTo(new Placement(3, 5, 1, 2));
    assertThat(rank.rendezvous()).hasToString("tcp://gpu07:" + (20_000 + (16 * 4711 + 2) % 10_000));
    assertThat(detect(SLURM + " PMI_RANK=3 PMI_SIZE=5 PMI_FD=9").launcher()).isEqualTo("Slurm");
    assertThat(detect(SLURM + " TUTTI_PORT=4000").rendezvous()).hasToString("tcp://gpu07:4000");
  }

  @Test
  void shouldMeetPrivatelyWhenSlurmUsesOneNode() {
    String one = SLURM + " SLURM_STEP_NODELIST=gpu07 SLURM_STEP_TASKS_PER_NODE=5 SLURM_LOCALID=3";

    assertThat(detect(one).placement()).isEqualTo(new Placement(3, 5, 3, 5));
    assertThat(detect(one).rendezvous().toString()).contains("?job=slurm-4711-2-0-");
  }

  @Test
  void shouldNotTakeAJobScriptForATask() {
    String script = "SLURM_PROCID=0 SLURM_NTASKS=4 SLURM_JOB_ID=1 SLURM_JOB_NODELIST=a";

    assertComplaint(
        script,
        "Slurm: SLURM_STEP_ID is missing, expected the step of 4 tasks that this process is a task"
            + " of; a job script is none: start the program with srun, or unset SLURM_PROCID to run"
            + " it alone");
    assertThat(detect(script + " SLURM_NTASKS=1").placement()).isEqualTo(new Placement(0, 1, 0, 1));
  }

  @Test
  void shouldReadKubernetesAndMeetAtTheFirstPod() {
    assertThat(detect(KUBERNETES).placement()).isEqualTo(new Placement(2, 4, -1, -1));
    assertThat(detect(KUBERNETES).rendezvous()).hasToString("tcp://train-7-0.train:29600");
    assertThat(
            detect("JOB_COMPLETION_INDEX=1 TUTTI_SIZE=2 TUTTI_PORT=5 HOSTNAME=j-1.svc.ns.local")
                .rendezvous())
        .hasToString("tcp://j-0.svc.ns.local:5");
  }

  @Test
  void shouldReadPrrteWithTheHelpOfTuttisVariables() {
    assertThat(detect(PRRTE).placement()).isEqualTo(new Placement(0, 2, -1, -1));
    assertThat(detect(PRRTE + " " + SLURM + " TUTTI_SIZE=5").launcher()).isEqualTo("Slurm");
  }

  @Test
  void shouldPreferTuttisOwnVariablesToAllOthers() {
    String own = "TUTTI_RANK=0 TUTTI_SIZE=3 TUTTI_RENDEZVOUS=tcp://127.0.0.1:9 ";

    LaunchedRank rank = detect(own + TORCHRUN + " " + OPEN_MPI + " " + MPICH + " " + SLURM);

    assertThat(rank.launcher()).isEqualTo("Tutti");
    assertThat(rank.placement()).isEqualTo(new Placement(0, 3, -1, -1));
  }

  @Test
  void shouldSayWhatToExportWhenNothingTellsWhereToMeet() {
    assertComplaint(
        OPEN_MPI + " OMPI_COMM_WORLD_SIZE=4",
        "Open MPI: TUTTI_RENDEZVOUS is missing, expected where the ranks meet, because the ranks are"
            + " on several hosts (OMPI_COMM_WORLD_LOCAL_SIZE=2); for example: mpirun -x"
            + " TUTTI_RENDEZVOUS=tcp://HOST_OF_RANK_0:29600 -x TUTTI_SECRET ...");
    assertComplaint(
        MPICH + " MPI_LOCALNRANKS=4",
        "MPICH: TUTTI_RENDEZVOUS is missing, expected where the ranks meet, because no"
            + " hydra_pmi_proxy is among the ancestors of this process to name the job; for example:"
            + " export TUTTI_RENDEZVOUS=tcp://HOST_OF_RANK_0:29600; mpiexec -genvlist"
            + " TUTTI_RENDEZVOUS,TUTTI_SECRET ...");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          WORLD_SIZE=four RANK=0 | torchrun: WORLD_SIZE=four, expected the number of ranks, a whole number of at least 1
          WORLD_SIZE=2 MASTER_ADDR=a | torchrun: RANK is missing, expected the rank of this process
          WORLD_SIZE=2 RANK=2 | torchrun: RANK=2, expected the rank of this process, a whole number from 0 to 1
          WORLD_SIZE=2 RANK=1 | torchrun: MASTER_ADDR is missing, expected the address or name of the host of rank 0
          WORLD_SIZE=2 RANK=1 MASTER_ADDR=a/b MASTER_PORT=1 TUTTI_PORT=2 | torchrun: MASTER_ADDR=a/b, expected the address or name of the host of rank 0
          WORLD_SIZE=2 RANK=1 MASTER_ADDR=a MASTER_PORT=0 | torchrun: MASTER_PORT=0, expected a port, a whole number from 1 to 65535
          OMPI_COMM_WORLD_SIZE=2 | Open MPI: OMPI_COMM_WORLD_RANK is missing, expected the rank of this process
          OMPI_COMM_WORLD_SIZE=2 OMPI_COMM_WORLD_RANK=0 TUTTI_SIZE=3 | Open MPI: TUTTI_SIZE=3, expected 2, the number of ranks the launcher has started
          OMPI_COMM_WORLD_SIZE=2 OMPI_COMM_WORLD_RANK=0 TUTTI_RENDEZVOUS= | Open MPI: TUTTI_RENDEZVOUS=, expected tcp://host:port or file:///directory?job=name
          PMI_RANK=0 | MPICH: PMI_SIZE is missing, expected the number of ranks
          PMI_ID=0 PMI_PORT=a:1 | MPICH: TUTTI_SIZE is missing, expected the number of ranks
          SLURM_PROCID=0 SLURM_NTASKS=2 SLURM_STEP_ID=0 | Slurm: SLURM_JOB_NODELIST is missing, expected the nodes of the step, such as gpu[01-03,7],login1
          SLURM_PROCID=0 SLURM_NTASKS=2 SLURM_STEP_NODELIST=a[1 | Slurm: SLURM_STEP_NODELIST=a[1, expected nodes such as gpu[01-03,7],login1: a bracket is not closed
          SLURM_PROCID=0 SLURM_NTASKS=2 SLURM_STEP_NODELIST=a,b SLURM_NODEID=0 SLURM_TASKS_PER_NODE=x | Slurm: SLURM_TASKS_PER_NODE=x, expected the tasks of each node, such as 2(x3),1
          SLURM_PROCID=0 SLURM_NTASKS=2 SLURM_STEP_NODELIST=a,b | Slurm: SLURM_JOB_ID is missing, expected the number of the job
          JOB_COMPLETION_INDEX=0 | Kubernetes: TUTTI_SIZE is missing, expected the job's .spec.completions, in the env of the pod template
          JOB_COMPLETION_INDEX=0 TUTTI_SIZE=2 HOSTNAME=web | Kubernetes: HOSTNAME=web, expected <job>-0, the name of the pod's host
          JOB_COMPLETION_INDEX=0 TUTTI_SIZE=2 HOSTNAME=j-0 | Kubernetes: TUTTI_SERVICE is missing, expected the name of the headless service, which is the subdomain of the pods
          """)
  void shouldNameLauncherVariableValueAndExpectation(String environment, String message) {
    assertComplaint(environment, message);
  }
}
