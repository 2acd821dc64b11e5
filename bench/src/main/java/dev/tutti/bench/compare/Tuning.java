package dev.tutti.bench.compare;

import dev.tutti.bench.measure.BenchCollective;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A way to run a peer. The label names its parts, joined by `+`:
///
/// | part | meaning |
/// |---|---|
/// | `default` | as installed; more Open MPI ranks than cores yield when idle, or it would take 8 ms per operation |
/// | `thp` | the measured buffers are on huge pages |
/// | `malloc` | the library's temporary buffers stay mapped and are on huge pages |
/// | `smcoll` | Open MPI: its shared-memory collectives |
/// | `ucx` | Open MPI: over UCX with shared memory and CMA |
/// | `alg6` | Open MPI: Rabenseifner's algorithm |
/// | `ring`, `old_hd`, ... | Gloo: the algorithm |
///
/// @param peer the library
/// @param label the parts
public record Tuning(PeerLibrary peer, String label) {
  /// The label of a library that is run as installed.
  public static final String DEFAULT = "default";

  /// Returns the tunings worth trying; one of them has been the fastest somewhere.
  ///
  /// @param ranks number of ranks
  public static List<Tuning> of(PeerLibrary peer, BenchCollective collective, int ranks) {
    boolean allReduce = collective == BenchCollective.ALL_REDUCE;
    List<String> labels =
        switch (peer) {
          case OPENMPI -> openMpi(allReduce, ranks);
          case MPICH ->
              ranks > 2 ? List.of(DEFAULT, "thp+malloc") : List.of(DEFAULT, "thp", "thp+malloc");
          case GLOO ->
              switch (collective) {
                case ALL_REDUCE -> List.of("ring", "old_hd");
                case BROADCAST, ALL_GATHER, BARRIER -> List.of("ring");
                case REDUCE_SCATTER -> List.of("halving_doubling");
                case SEND_RECV, SEND_STREAM -> List.of();
              };
        };
    return labels.stream().map(label -> new Tuning(peer, label)).toList();
  }

  private static List<String> openMpi(boolean allReduce, int ranks) {
    if (!allReduce) {
      return List.of(DEFAULT, "smcoll+malloc", "ucx+thp", "ucx+thp+malloc");
    }
    return ranks > 2
        ? List.of(DEFAULT, "thp", "smcoll+malloc", "ucx", "ucx+thp+malloc", "alg6+thp")
        : List.of(DEFAULT, "smcoll", "smcoll+malloc", "ucx+thp", "ucx+thp+malloc", "alg6+thp");
  }

  /// Returns whether the library is run as installed.
  public boolean isDefault() {
    return label.equals(DEFAULT);
  }

  private List<String> parts() {
    return List.of(label.split("\\+"));
  }

  boolean usesHugePages() {
    return parts().contains("thp");
  }

  /// Returns the environment of the peer's processes.
  Map<String, String> environment() {
    Map<String, String> variables = new HashMap<>();
    if (parts().contains("malloc")) {
      variables.put("MALLOC_MMAP_MAX_", "0");
      variables.put("MALLOC_TRIM_THRESHOLD_", Long.toString(64L << 30));
      variables.put("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1");
    }
    if (parts().contains("ucx")) {
      variables.put("UCX_TLS", "posix,cma,self");
    }
    return variables;
  }

  /// Returns the words in front of the measuring program that start it as MPI ranks.
  List<String> mpiLauncher(int ranks) {
    List<String> words = new ArrayList<>();
    words.add(peer.launcher());
    if (peer == PeerLibrary.OPENMPI) {
      words.addAll(List.of("--allow-run-as-root", "--oversubscribe"));
      boolean yields = ranks > Runtime.getRuntime().availableProcessors();
      parameter(words, "mpi_yield_when_idle", yields ? "1" : "0");
      for (String part : parts()) {
        openMpiParameters(words, part);
      }
    }
    words.addAll(List.of("-n", Integer.toString(ranks)));
    return words;
  }

  private static void openMpiParameters(List<String> words, String part) {
    switch (part) {
      case "smcoll" -> {
        parameter(words, "coll_sm_priority", "100");
        parameter(words, "coll", "sm,tuned,basic,libnbc,self,inter");
      }
      case "ucx" -> {
        parameter(words, "pml", "ucx");
        parameter(words, "opal_common_ucx_tls", "any");
        parameter(words, "opal_common_ucx_devices", "any");
      }
      case "alg6" -> {
        parameter(words, "coll_tuned_use_dynamic_rules", "1");
        parameter(words, "coll_tuned_allreduce_algorithm", "6");
      }
      default -> {} // the environment or the measuring program does it
    }
  }

  private static void parameter(List<String> words, String name, String value) {
    words.addAll(List.of("--mca", name, value));
  }
}
