package dev.tutti.bench.launch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.transport.rendezvous.Secret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Worlds whose ranks were started by somebody else: by real MPI launchers, and by hand with the
/// documented variables of those that are not here.
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class ForeignLaunchersProcessIT {
  private static final List<String> FOREIGN =
      List.of("TUTTI_", "OMPI_", "PMIX_", "PMI_", "MPI_", "SLURM_", "JOB_COMPLETION_INDEX");

  @TempDir private Path directory;

  private final List<Process> started = new ArrayList<>();

  private Process start(Map<String, String> environment, List<String> command) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(directory.resolve("out-" + started.size()).toFile())
            .redirectError(directory.resolve("err-" + started.size()).toFile());
    builder.environment().keySet().removeIf(name -> FOREIGN.stream().anyMatch(name::startsWith));
    builder.environment().putAll(environment);
    Process process = builder.start();
    started.add(process);
    return process;
  }

  /// Waits for all processes and returns what they printed, sorted.
  private List<String> finish() throws Exception {
    List<String> lines = new ArrayList<>();
    try {
      for (int i = 0; i < started.size(); i++) {
        assertThat(started.get(i).waitFor(40, TimeUnit.SECONDS)).isTrue();
        String errors = Files.readString(directory.resolve("err-" + i));
        assertThat(started.get(i).exitValue()).as(errors).isZero();
        String output = Files.readString(directory.resolve("out-" + i), StandardCharsets.UTF_8);
        output.lines().filter(line -> line.startsWith("rank")).forEach(lines::add);
      }
    } finally {
      started.forEach(Process::destroyForcibly);
    }
    return lines.stream().sorted().toList();
  }

  /// Starts one process per rank with the variables that its launcher would set.
  private List<String> runByHand(
      int ranks, String hosts, IntFunction<Map<String, String>> environment) throws Exception {
    List<String> options = new ArrayList<>();
    if (!hosts.isEmpty()) {
      Path file = Files.writeString(directory.resolve("hosts"), hosts);
      options.add("-Djdk.net.hosts.file=" + file);
    }
    for (int rank = ranks - 1; rank >= 0; rank--) {
      start(environment.apply(rank), Programs.java(JoinMain.class, options));
    }
    return finish();
  }

  private static Map<String, String> with(Map<String, String> base, String... more) {
    Map<String, String> result = new HashMap<>(base);
    for (int i = 0; i < more.length; i += 2) {
      result.put(more[i], more[i + 1]);
    }
    return result;
  }

  @Test
  void shouldJoinUnderOpenMpiWithoutAnyOption() throws Exception {
    String mpirun = Programs.orSkip("mpirun.openmpi", "mpirun");
    Process version = start(Map.of(), List.of(mpirun, "--version"));
    version.waitFor();
    started.clear();
    if (!Files.readString(directory.resolve("out-0")).matches("(?s).*(Open MPI|OpenRTE).*")) {
      var _ = Programs.skip(mpirun + " is not Open MPI's");
    }
    List<String> command =
        new ArrayList<>(List.of(mpirun, "--allow-run-as-root", "--oversubscribe", "-n", "3"));
    command.addAll(Programs.java(JoinMain.class, List.of()));

    start(Map.of(), command);

    assertThat(finish())
        .containsExactly("rank 0 of 3 sum 6.0", "rank 1 of 3 sum 6.0", "rank 2 of 3 sum 6.0");
  }

  @Test
  void shouldJoinUnderMpichAndKeepTwoJobsApart() throws Exception {
    String mpiexec = Programs.orSkip("mpiexec.mpich", "mpiexec.hydra");
    List<String> command = new ArrayList<>(List.of(mpiexec, "-n", "2"));
    command.addAll(Programs.java(JoinMain.class, List.of()));

    start(Map.of(), command);
    start(Map.of(), command);

    assertThat(finish())
        .containsExactly(
            "rank 0 of 2 sum 3.0",
            "rank 0 of 2 sum 3.0",
            "rank 1 of 2 sum 3.0",
            "rank 1 of 2 sum 3.0");
  }

  @Test
  void shouldJoinWithTheVariablesOfTorchrunWhileItsStoreHoldsThePort() throws Exception {
    try (ServerSocket store = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Map<String, String> base =
          Map.of(
              "WORLD_SIZE",
              "2",
              "LOCAL_WORLD_SIZE",
              "2",
              "MASTER_ADDR",
              "localhost",
              "MASTER_PORT",
              Integer.toString(store.getLocalPort()));

      List<String> output =
          runByHand(2, "", rank -> with(base, "RANK", "" + rank, "LOCAL_RANK", "" + rank));

      assertThat(output).containsExactly("rank 0 of 2 sum 3.0", "rank 1 of 2 sum 3.0");
    }
  }

  @Test
  void shouldJoinWithTheVariablesOfSlurmOnTwoNodes() throws Exception {
    Map<String, String> base =
        Map.of(
            "SLURM_NTASKS",
            "2",
            "SLURM_JOB_ID",
            Long.toString(ProcessHandle.current().pid()),
            "SLURM_STEP_ID",
            "0",
            "SLURM_STEP_NODELIST",
            "gpu[07,12]",
            "SLURM_STEP_TASKS_PER_NODE",
            "1(x2)",
            "TUTTI_SECRET",
            Secret.random().toHex());

    List<String> output =
        runByHand(
            2,
            "127.0.0.1 gpu07\n",
            rank ->
                with(
                    base,
                    "SLURM_PROCID",
                    "" + rank,
                    "SLURM_NODEID",
                    "" + rank,
                    "SLURM_LOCALID",
                    "0"));

    assertThat(output).containsExactly("rank 0 of 2 sum 3.0", "rank 1 of 2 sum 3.0");
  }

  @Test
  void shouldJoinWithTheVariablesOfAKubernetesIndexedJob() throws Exception {
    Map<String, String> base =
        Map.of(
            "TUTTI_SIZE",
            "2",
            "TUTTI_SERVICE",
            "workers",
            "TUTTI_PORT",
            Integer.toString(Programs.freePort()),
            "TUTTI_SECRET",
            Secret.random().toHex());

    List<String> output =
        runByHand(
            2,
            "127.0.0.1 train-0.workers\n",
            rank -> with(base, "JOB_COMPLETION_INDEX", "" + rank, "HOSTNAME", "train-" + rank));

    assertThat(output).containsExactly("rank 0 of 2 sum 3.0", "rank 1 of 2 sum 3.0");
  }

  @Test
  void shouldSayHowThisLauncherPassesASecretWhenThereIsNone() throws Exception {
    Map<String, String> environment =
        Map.of(
            "RANK",
            "1",
            "WORLD_SIZE",
            "2",
            "LOCAL_RANK",
            "0",
            "LOCAL_WORLD_SIZE",
            "1",
            "MASTER_ADDR",
            "192.0.2.1",
            "MASTER_PORT",
            "29500");

    Process rank = start(environment, Programs.java(JoinMain.class, List.of()));

    assertThat(rank.waitFor()).isEqualTo(1);
    assertThat(directory.resolve("err-0"))
        .content()
        .contains("AuthenticationException: the ranks meet at tcp://192.0.2.1:29501")
        .contains(
            "Export the same TUTTI_SECRET or TUTTI_SECRET_FILE on every host before torchrun");
  }
}
