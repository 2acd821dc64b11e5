package dev.tutti.bench.compare;

import dev.tutti.bench.compare.Contestant.CompareCase;
import dev.tutti.bench.compare.Contestant.Place;
import dev.tutti.bench.launch.Launcher;
import dev.tutti.bench.netlab.Lab;
import dev.tutti.bench.netlab.LabJob;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The commands that start peers.
final class PeerLaunch {
  /// MPICH spins: with more ranks than cores an operation takes milliseconds, and fewer must do.
  private static final double SLOW_TARGET_SECONDS = 0.04;

  private static final String PRELOAD = "LD_PRELOAD";
  private static final String CONGESTION = "TUTTI_PEER_CONGESTION";

  private final Contestant.Peer peer;
  private final Tuning run;
  private final CompareCase what;
  private final Place place;

  PeerLaunch(Contestant.Peer peer, CompareCase what, Place place) {
    this.peer = peer;
    this.run = peer.run();
    this.what = what;
    this.place = place;
  }

  /// Returns the launch.
  Launcher.Builder builder() {
    Launcher.Builder builder =
        switch (run.peer()) {
          case OPENMPI, MPICH -> Launcher.builder(1, command());
          case GLOO, IPERF3 ->
              place.job() == null
                  ? Launcher.builder(what.ranks(), command())
                  : place.job().launcher(command());
        };
    return builder.environment(environment());
  }

  /// Returns the command: one for all ranks where the peer has a launcher, else that of each rank.
  List<String> command() {
    return switch (run.peer()) {
      case OPENMPI, MPICH -> mpi();
      case GLOO -> gloo();
      case IPERF3 -> iperf();
    };
  }

  /// Returns the variables of all its processes.
  Map<String, String> environment() {
    Map<String, String> variables = new HashMap<>(run.environment(what.network()));
    String congestion = run.congestion();
    boolean asks = run.peer() == PeerLibrary.IPERF3; // it has an option for that
    if (congestion != null && peer.congestionLibrary() != null && !asks) {
      variables.put(PRELOAD, peer.congestionLibrary().toString());
      variables.put(CONGESTION, congestion);
    }
    return variables;
  }

  private List<String> mpi() {
    List<String> program = new ArrayList<>(List.of(peer.program().toString()));
    program.addAll(common());
    program.addAll(List.of("--huge-pages", run.usesHugePages() ? "1" : "0"));
    if (run.peer() == PeerLibrary.MPICH && what.network().isTcp()) {
      program.addAll(List.of("--hard-exit", "1")); // it may hang in MPI_Finalize
    }
    List<String> command = new ArrayList<>(run.mpiLauncher(what.ranks(), what.network()));
    command.addAll(
        what.network() instanceof Network.InLab in
            ? LabJob.wrap(
                in.lab(), in.ranksPerHost(what.ranks()), run.peer().rankVariable(), program)
            : program);
    return command;
  }

  private List<String> gloo() {
    List<String> command = new ArrayList<>(List.of(peer.program().toString()));
    command.addAll(common());
    command.addAll(List.of("--store", place.scratch().toString(), "--algorithm", run.label()));
    if (what.network() instanceof Network.InLab) {
      command.addAll(List.of("--interface", Lab.HOST_INTERFACE));
    }
    return command;
  }

  private List<String> common() {
    return List.of(
        "--collective",
        what.collective().label(),
        "--sizes",
        what.sizeList(),
        "--target",
        Double.toString(targetSeconds()));
  }

  private double targetSeconds() {
    boolean slow =
        run.peer() == PeerLibrary.MPICH
            && what.ranks() > Runtime.getRuntime().availableProcessors();
    return slow ? Math.min(SLOW_TARGET_SECONDS, what.targetSeconds()) : what.targetSeconds();
  }

  private List<String> iperf() {
    String address =
        what.network() instanceof Network.InLab in
            ? in.lab().address(1 / in.ranksPerHost(what.ranks())).getHostAddress()
            : "127.0.0.1";
    String congestion = run.congestion();
    List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", IperfScript.TEXT, "iperf3"));
    command.addAll(
        List.of(peer.program().toString(), address, congestion == null ? "" : congestion));
    what.sizes().forEach(size -> command.add(Long.toString(size)));
    return command;
  }
}
