package dev.tutti.bench.compare;

import dev.tutti.bench.compare.Contestant.CompareCase;
import dev.tutti.bench.measure.BenchCollective;
import dev.tutti.bench.measure.BufferKind;
import dev.tutti.bench.report.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A comparison from the choice of contestants to the tables.
public final class CompareSession {
  private final Request request;
  private final Consumer<String> notes;
  private final List<Peer> peers = new ArrayList<>();
  private @Nullable Path congestionLibrary;

  /// A peer that is here.
  private record Peer(PeerLibrary library, Path program) {}

  /// What is asked for.
  ///
  /// @param collective the operation
  /// @param network where the ranks run and over what they talk
  /// @param ranks numbers of ranks, one comparison each
  /// @param sizes sizes in bytes, ascending
  /// @param launches launches of each contestant
  /// @param extraRounds more launches for those that were disturbed
  /// @param peers libraries to compare with, if installed
  /// @param tunings labels of tunings to use, empty for all
  /// @param kinds memory of Tutti's buffers
  /// @param targetSeconds time of the timed operations of one size
  /// @param limit time that one launch may take
  /// @param ownVersion Tutti's version
  public record Request(
      BenchCollective collective,
      Network network,
      List<Integer> ranks,
      List<Long> sizes,
      int launches,
      int extraRounds,
      List<PeerLibrary> peers,
      List<String> tunings,
      List<BufferKind> kinds,
      double targetSeconds,
      Duration limit,
      String ownVersion) {}

  /// Makes a session.
  ///
  /// @param notes takes lines for the user
  public CompareSession(Request request, Consumer<String> notes) {
    this.request = request;
    this.notes = notes;
  }

  /// Builds the measuring programs of the peers that are installed and names those that are not.
  ///
  /// @throws IOException if the sources of the measuring programs are not there
  public void prepare() throws IOException, InterruptedException {
    PeerPrograms programs = PeerPrograms.find();
    for (PeerLibrary library : request.peers) {
      if (tunings(library, request.ranks.getFirst()).isEmpty()) {
        continue; // nothing to compare with
      }
      if (!library.isInstalled()) {
        notes.accept(
            library.label()
                + " is not installed and is left out; on Debian: apt-get install "
                + library.debianPackages());
        continue;
      }
      try {
        peers.add(new Peer(library, programs.program(library)));
      } catch (IOException e) {
        notes.accept(library.label() + " is left out: " + e.getMessage());
      }
    }
    boolean congestion =
        peers.stream()
            .flatMap(peer -> tunings(peer.library, request.ranks.getFirst()).stream())
            .anyMatch(tuning -> needsCongestionLibrary(tuning));
    if (congestion) {
      try {
        congestionLibrary = programs.congestionLibrary();
      } catch (IOException e) {
        notes.accept("peers keep the kernel's congestion control: " + e.getMessage());
      }
    }
  }

  private static boolean needsCongestionLibrary(Tuning tuning) {
    return tuning.congestion() != null && tuning.peer() != PeerLibrary.IPERF3;
  }

  private List<Tuning> tunings(PeerLibrary library, int ranks) {
    return Tuning.of(library, request.collective, ranks, request.network).stream()
        .filter(tuning -> request.tunings.isEmpty() || request.tunings.contains(tuning.label()))
        .toList();
  }

  /// Runs the comparisons, one per number of ranks.
  ///
  /// @param raw takes every row as it comes
  /// @param done takes every comparison when it is complete
  public void run(Consumer<ComparedRow> raw, Consumer<Comparison> done)
      throws IOException, InterruptedException {
    int steps =
        request.ranks.stream()
            .mapToInt(ranks -> contestants(ranks).size() * request.launches)
            .sum();
    LaunchRunner runner = new LaunchRunner(request.ownVersion, request.limit);
    CompareRun run = new CompareRun(runner, request.launches, request.extraRounds, raw);
    try (Progress progress = Progress.start("compare", steps)) {
      for (int ranks : request.ranks) {
        CompareCase what =
            new CompareCase(
                request.collective, request.network, ranks, request.sizes, request.targetSeconds);
        Comparison comparison = run.run(what, contestants(ranks), progress);
        progress.clear();
        done.accept(comparison);
      }
    }
  }

  private List<Contestant> contestants(int ranks) {
    List<Contestant> contestants = new ArrayList<>();
    for (Peer peer : peers) {
      for (Tuning tuning : tunings(peer.library, ranks)) {
        if (congestionLibrary != null || !needsCongestionLibrary(tuning)) {
          contestants.add(new Contestant.Peer(tuning, peer.program, congestionLibrary));
        }
      }
    }
    request.kinds.forEach(kind -> contestants.add(new Contestant.Own(kind)));
    return contestants;
  }
}
