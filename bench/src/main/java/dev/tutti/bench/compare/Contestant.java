package dev.tutti.bench.compare;

import dev.tutti.bench.launch.Launcher;
import dev.tutti.bench.launch.LineSink;
import dev.tutti.bench.measure.BenchCollective;
import dev.tutti.bench.measure.BenchOptions;
import dev.tutti.bench.measure.BufferKind;
import dev.tutti.bench.measure.CallStyle;
import dev.tutti.bench.measure.Placement;
import dev.tutti.bench.measure.RankMode;
import dev.tutti.bench.netlab.LabJob;
import dev.tutti.bench.session.WorkerCommandLine;
import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

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
  Launcher.Builder launch(CompareCase what, Place place);

  /// What is measured.
  ///
  /// @param collective the operation
  /// @param network where the ranks run and over what they talk
  /// @param ranks number of ranks
  /// @param sizes sizes in bytes, ascending
  /// @param targetSeconds time of the timed operations of one size
  record CompareCase(
      BenchCollective collective,
      Network network,
      int ranks,
      List<Long> sizes,
      double targetSeconds) {
    String sizeList() {
      return sizes.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
  }

  /// What one launch may use.
  ///
  /// @param scratch an empty folder with an empty folder `control`
  /// @param job the world in a lab, null outside of labs
  record Place(Path scratch, @Nullable LabJob job) {}

  /// Another library.
  ///
  /// @param run how it is run
  /// @param program its measuring program
  /// @param congestionLibrary the library that, loaded in front, sets the congestion control of its
  ///   connections; null if there is none
  record Peer(Tuning run, Path program, @Nullable Path congestionLibrary) implements Contestant {
    @Override
    public String library() {
      return run.peer().label();
    }

    @Override
    public String tuning() {
      return run.label();
    }

    @Override
    public Launcher.Builder launch(CompareCase what, Place place) {
      return new PeerLaunch(this, what, place).builder();
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
    public Launcher.Builder launch(CompareCase what, Place place) {
      List<String> command = WorkerCommandLine.of(options(what));
      return place.job == null
          ? Launcher.builder(what.ranks, command)
          : place.job.launcher(command);
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
          what.network.transport(what.ranks));
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
