package dev.tutti.bench.compare;

import dev.tutti.bench.launch.Launcher;
import dev.tutti.bench.launch.LineSink;
import dev.tutti.bench.measure.BenchCollective;
import dev.tutti.bench.measure.BenchOptions;
import dev.tutti.bench.measure.BufferKind;
import dev.tutti.bench.measure.CallStyle;
import dev.tutti.bench.measure.Placement;
import dev.tutti.bench.measure.RankMode;
import dev.tutti.bench.session.WorkerCommandLine;
import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// Something that is measured in a comparison: a library with a tuning.
public sealed interface Contestant {
  /// The name of this library among the contestants.
  String TUTTI = "tutti";

  /// Returns the library's name.
  String library();

  /// Returns how the library is run.
  String tuning();

  /// Returns whether this is a peer as installed.
  default boolean isDefaultPeer() {
    return !isTutti() && tuning().equals(Tuning.DEFAULT);
  }

  /// Returns whether this is Tutti.
  default boolean isTutti() {
    return library().equals(TUTTI);
  }

  /// Returns a launch that has no output yet.
  Launcher.Builder launch(CompareCase what, Path scratch);

  /// What is measured.
  ///
  /// @param collective the operation
  /// @param ranks number of ranks
  /// @param sizes sizes in bytes, ascending
  /// @param targetSeconds time of the timed operations of one size
  record CompareCase(
      BenchCollective collective, int ranks, List<Long> sizes, double targetSeconds) {
    String sizeList() {
      return sizes.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
  }

  /// Another library.
  ///
  /// @param run how it is run
  /// @param program its measuring program
  record Peer(Tuning run, Path program) implements Contestant {
    /// MPICH spins: with more ranks than cores an operation takes milliseconds, and fewer must do.
    private static final double SLOW_TARGET_SECONDS = 0.04;

    @Override
    public String library() {
      return run.peer().label();
    }

    @Override
    public String tuning() {
      return run.label();
    }

    @Override
    public Launcher.Builder launch(CompareCase what, Path scratch) {
      List<String> command = new ArrayList<>();
      boolean gloo = run.peer() == PeerLibrary.GLOO;
      if (!gloo) {
        command.addAll(run.mpiLauncher(what.ranks));
      }
      command.add(program.toString());
      command.addAll(List.of("--collective", what.collective.label()));
      command.addAll(List.of("--sizes", what.sizeList()));
      command.addAll(List.of("--target", Double.toString(target(what))));
      if (gloo) {
        command.addAll(List.of("--store", scratch.toString(), "--algorithm", run.label()));
      } else {
        command.addAll(List.of("--huge-pages", run.usesHugePages() ? "1" : "0"));
      }
      return Launcher.builder(gloo ? what.ranks : 1, command).environment(run.environment());
    }

    private double target(CompareCase what) {
      boolean slow =
          run.peer() == PeerLibrary.MPICH
              && what.ranks > Runtime.getRuntime().availableProcessors();
      return slow ? Math.min(SLOW_TARGET_SECONDS, what.targetSeconds) : what.targetSeconds;
    }
  }

  /// Tutti.
  ///
  /// @param kind memory of the buffers
  record Own(BufferKind kind) implements Contestant {
    @Override
    public String library() {
      return TUTTI;
    }

    @Override
    public String tuning() {
      return kind.label();
    }

    @Override
    public Launcher.Builder launch(CompareCase what, Path scratch) {
      return Launcher.builder(what.ranks, WorkerCommandLine.of(options(what)));
    }

    private BenchOptions options(CompareCase what) {
      // MPI broadcasts in place only.
      Placement placement =
          what.collective == BenchCollective.BROADCAST
              ? Placement.IN_PLACE
              : Placement.OUT_OF_PLACE;
      return new BenchOptions(
          what.collective,
          what.ranks,
          RankMode.PROCESSES,
          what.sizes,
          List.of(DataType.FLOAT32),
          List.of(ReduceOp.SUM),
          0,
          0,
          0,
          what.targetSeconds,
          true,
          List.of(kind),
          List.of(placement),
          CallStyle.BLOCKING,
          null,
          null);
    }
  }

  /// Returns a sink that passes standard output and error on as text lines.
  static LineSink lines(
      java.util.function.Consumer<String> stdout, java.util.function.Consumer<String> stderr) {
    return (_, source, line) -> {
      String text = new String(line, java.nio.charset.StandardCharsets.UTF_8);
      (source == LineSink.Source.STDOUT ? stdout : stderr).accept(text);
    };
  }
}
