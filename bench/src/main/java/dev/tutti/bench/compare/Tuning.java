package dev.tutti.bench.compare;

import dev.tutti.bench.measure.BenchCollective;
import dev.tutti.bench.netlab.Lab;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A way to run a peer. The label names its parts, joined by `+`:
///
/// | part | meaning |
/// |---|---|
/// | `default` | as installed; more Open MPI ranks than cores yield when idle, or it would take 8 ms per operation |
/// | `thp` | the measured buffers are on huge pages |
/// | `malloc` | the library's temporary buffers stay mapped and are on huge pages |
/// | `smcoll` | Open MPI: its shared-memory collectives |
/// | `ucx` | Open MPI: over UCX, with shared memory and CMA, or with TCP |
/// | `alg3`, `alg4`, `alg6` | Open MPI: recursive doubling, ring, Rabenseifner's algorithm |
/// | `cubic` | its connections use the congestion control CUBIC |
/// | `ring`, `bcube`, `old_hd`, ... | Gloo: the algorithm |
///
/// Over TCP, Open MPI uses `btl tcp` (`pml ob1`) and MPICH UCX's TCP; both are told not to use the
/// memory that ranks of one host share.
///
/// @param peer the library
/// @param label the parts
public record Tuning(PeerLibrary peer, String label) {
  /// The label of a library that is run as installed.
  public static final String DEFAULT = "default";

  private static final String CUBIC = "cubic";
  private static final String LOOPBACK = "lo";

  /// Returns the tunings worth trying; one of them has been the fastest somewhere.
  ///
  /// @param ranks number of ranks
  public static List<Tuning> of(
      PeerLibrary peer, BenchCollective collective, int ranks, Network network) {
    List<String> labels =
        switch (network) {
          case Network.SharedMemory _ -> overMemory(peer, collective, ranks);
          case Network.Loopback _ -> overLoopback(peer, collective, ranks);
          case Network.InLab _ -> inLab(peer, collective);
        };
    return labels.stream().map(label -> new Tuning(peer, label)).toList();
  }

  private static List<String> overMemory(PeerLibrary peer, BenchCollective collective, int ranks) {
    boolean allReduce = collective == BenchCollective.ALL_REDUCE;
    return switch (peer) {
      case OPENMPI -> openMpi(allReduce, ranks);
      case MPICH ->
          ranks > 2 ? List.of(DEFAULT, "thp+malloc") : List.of(DEFAULT, "thp", "thp+malloc");
      case GLOO -> allReduce ? List.of("ring", "old_hd") : gloo(collective);
      case IPERF3 -> List.of();
    };
  }

  private static List<String> openMpi(boolean allReduce, int ranks) {
    if (!allReduce) {
      return List.of(DEFAULT, "smcoll+malloc", "ucx+thp", "ucx+thp+malloc");
    }
    return ranks > 2
        ? List.of(DEFAULT, "thp", "smcoll+malloc", "ucx", "ucx+thp+malloc", "alg6+thp")
        : List.of(DEFAULT, "smcoll", "smcoll+malloc", "ucx+thp", "ucx+thp+malloc", "alg6+thp");
  }

  private static List<String> overLoopback(
      PeerLibrary peer, BenchCollective collective, int ranks) {
    return switch (peer) {
      case OPENMPI -> List.of(DEFAULT, "thp+malloc", "thp+malloc+cubic", "ucx+thp+malloc");
      // More ranks than cores take 8 ms per operation however they are tuned.
      case MPICH ->
          ranks > 2 ? List.of(DEFAULT) : List.of(DEFAULT, "thp+malloc", "thp+malloc+cubic");
      case GLOO -> gloo(collective);
      case IPERF3 -> iperf(collective);
    };
  }

  private static List<String> inLab(PeerLibrary peer, BenchCollective collective) {
    boolean allReduce = collective == BenchCollective.ALL_REDUCE;
    return switch (peer) {
      case OPENMPI -> allReduce ? List.of(DEFAULT, "alg4", "alg6") : List.of(DEFAULT);
      case MPICH -> List.of(DEFAULT);
      case GLOO -> gloo(collective);
      case IPERF3 -> iperf(collective);
    };
  }

  private static List<String> gloo(BenchCollective collective) {
    return switch (collective) {
      case ALL_REDUCE -> List.of("ring", "bcube", "old_hd");
      case BROADCAST, ALL_GATHER, BARRIER -> List.of("ring");
      case REDUCE_SCATTER -> List.of("halving_doubling");
      case REDUCE, GATHER, SCATTER, ALL_TO_ALL, ALL_TO_ALL_V, SCAN -> List.of();
      case SEND_RECV, SEND_STREAM, PUT, GET, ACCUMULATE, PUT_STREAM -> List.of();
    };
  }

  private static List<String> iperf(BenchCollective collective) {
    return collective == BenchCollective.SEND_STREAM ? List.of(DEFAULT, CUBIC) : List.of();
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

  /// Returns the congestion control of its connections, null for the kernel's choice.
  @Nullable String congestion() {
    return parts().contains(CUBIC) ? CUBIC : null;
  }

  /// Returns the environment of the peer's processes.
  Map<String, String> environment(Network network) {
    Map<String, String> variables = new HashMap<>();
    if (parts().contains("malloc")) {
      variables.put("MALLOC_MMAP_MAX_", "0");
      variables.put("MALLOC_TRIM_THRESHOLD_", Long.toString(64L << 30));
      variables.put("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1");
    }
    boolean isUcx = parts().contains("ucx") || (peer == PeerLibrary.MPICH && network.isTcp());
    if (isUcx) {
      variables.put("UCX_TLS", network.isTcp() ? "tcp,self" : "posix,cma,self");
    }
    if (isUcx && network.isTcp()) {
      variables.put("UCX_NET_DEVICES", device(network));
    }
    if (peer == PeerLibrary.MPICH && network.isTcp()) {
      variables.put("MPIR_CVAR_NOLOCAL", "1");
    }
    if (peer == PeerLibrary.OPENMPI && network instanceof Network.InLab in) {
      // The launcher's own connections: its ranks are on other hosts.
      variables.put("PMIX_MCA_ptl_tcp_if_include", in.lab().launcherInterface());
      variables.put("PMIX_MCA_ptl_tcp_remote_connections", "1");
    }
    return variables;
  }

  private static String device(Network network) {
    return network instanceof Network.InLab ? Lab.HOST_INTERFACE : LOOPBACK;
  }

  /// Returns the words in front of the measuring program that start it as MPI ranks.
  List<String> mpiLauncher(int ranks, Network network) {
    List<String> words = new ArrayList<>();
    words.add(peer.launcher());
    if (peer == PeerLibrary.OPENMPI) {
      words.addAll(List.of("--allow-run-as-root", "--oversubscribe"));
      boolean yields = ranks > Runtime.getRuntime().availableProcessors();
      parameter(words, "mpi_yield_when_idle", yields ? "1" : "0");
      if (network.isTcp() && !parts().contains("ucx")) {
        parameter(words, "pml", "ob1");
        parameter(words, "btl", "tcp,self");
        parameter(words, "btl_tcp_if_include", device(network));
      }
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
      case "alg3", "alg4", "alg6" -> {
        parameter(words, "coll_tuned_use_dynamic_rules", "1");
        parameter(words, "coll_tuned_allreduce_algorithm", part.substring(3));
      }
      default -> {} // the environment or the measuring program does it
    }
  }

  private static void parameter(List<String> words, String name, String value) {
    words.addAll(List.of("--mca", name, value));
  }
}
