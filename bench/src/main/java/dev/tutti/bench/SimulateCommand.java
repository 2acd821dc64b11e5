package dev.tutti.bench;

import dev.tutti.bench.measure.LateRanks;
import dev.tutti.bench.session.ExitCodes;
import dev.tutti.bench.simulate.SimulatedRow;
import dev.tutti.bench.simulate.SimulatedRows;
import dev.tutti.bench.simulate.Simulation;
import dev.tutti.bench.topo.PlanOverlay;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.simulate.MessageModel;
import dev.tutti.collectives.simulate.SimulationLimitException;
import dev.tutti.collectives.simulate.SimulationOptions;
import dev.tutti.topology.Topology;
import dev.tutti.topology.discover.LocalTopology;
import dev.tutti.topology.draw.ChromeTrace;
import dev.tutti.topology.draw.Overlay;
import dev.tutti.topology.format.Reading;
import dev.tutti.topology.format.WholeFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `tutti simulate`: predicts how long algorithms take on a topology.
@Command(
    name = "simulate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Predicts how long a collective takes on a topology, algorithm by algorithm, best first, beside"
          + " the least time possible.%n",
      "Messages are flows that share links max-min fairly. docs/simulator.md has the model."
    },
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:there are predictions",
      "2:usage error, or the topology does not say enough",
      "4:every algorithm was too large to simulate"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  tutti simulate --preset hgx-h800 --hosts 64 --bytes 1G",
      "  tutti simulate --from profile.json --bytes 1M,64M --format json",
      "  tutti simulate --preset hgx-a100 --algorithm ring --bytes 64M --trace ring.json",
      "  tutti simulate --preset hgx-a100 --bytes 64M --late 3=200us"
    })
final class SimulateCommand implements Callable<Integer> {
  private enum Format {
    TABLE,
    JSON
  }

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private TopologySource source = new TopologySource();

  @Option(
      names = "--collective",
      paramLabel = "NAME",
      description =
          "all-reduce, broadcast, all-gather, reduce-scatter or barrier. Default: all-reduce.")
  private String collective = "all-reduce";

  @Option(
      names = "--bytes",
      paramLabel = "SIZE",
      split = ",",
      converter = Converters.SizeConverter.class,
      description = "Size of the full vector, or several. Default: 64M.")
  private List<Long> bytes = List.of(64L << 20);

  @Option(
      names = "--algorithm",
      paramLabel = "NAME",
      split = ",",
      description = "Algorithm, or several. Default: all that could run.")
  private List<String> algorithms = new ArrayList<>();

  @Option(names = "--root", paramLabel = "R", description = "Root of a broadcast. Default: 0.")
  private int root;

  @Option(
      names = "--pieces",
      paramLabel = "K",
      description = "Pieces that a tree or hierarchical all-reduce pipelines. Default: as planned.")
  private @Nullable Integer pieces;

  @Option(
      names = "--slice",
      paramLabel = "SIZE",
      converter = Converters.SizeConverter.class,
      description = "What is passed on at once. Default: 512K among devices, else 1M.")
  private @Nullable Long slice;

  @Option(
      names = "--message-us",
      paramLabel = "X",
      description =
          "Microseconds that each message costs its two ends beside the latency of links. Default:"
              + " what a profile says, else 2 among devices and 6 among others.")
  private @Nullable Double messageMicros;

  @Option(
      names = "--late",
      paramLabel = "RANK=TIME",
      split = ",",
      converter = Converters.LateConverter.class,
      description =
          "A rank that begins so much later than the others, in us, ms or s; may be repeated. Where"
              + " it is one rank of an all-reduce, late-rank is among the algorithms.")
  private List<LateRanks.Late> late = new ArrayList<>();

  @Option(names = "--format", paramLabel = "FORMAT", description = "table or json. Default: table.")
  private Format format = Format.TABLE;

  @Option(
      names = "--trace",
      paramLabel = "FILE",
      description =
          "Also writes every message of one algorithm as a timeline for Perfetto and"
              + " chrome://tracing.")
  private @Nullable Path trace;

  /// For picocli.
  SimulateCommand() {}

  @Override
  public Integer call() throws IOException {
    try {
      return simulate();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private int simulate() throws IOException {
    Collective kind = PlanOverlay.collective(collective);
    if (pieces != null && pieces < 1) {
      throw new IllegalArgumentException("--pieces is " + pieces + ", expected at least 1");
    }
    if (trace != null && (algorithms.size() != 1 || bytes.size() != 1)) {
      throw new IllegalArgumentException("--trace shows one --algorithm and one size of --bytes");
    }
    Reading reading = source.read(LocalTopology::discover);
    Topology topology = reading.topology();
    TopoCommand.print(spec, reading.findings());
    PrintWriter err = spec.commandLine().getErr();
    Simulation simulation =
        new Simulation(
            topology,
            kind,
            root,
            pieces == null ? 0 : pieces,
            vector -> options(topology, vector),
            line -> {
              err.println(line);
              err.flush();
            });
    List<String> names = algorithms.isEmpty() ? simulation.names() : algorithms;
    List<SimulatedRow> rows = new ArrayList<>();
    for (long size : bytes) {
      rows.addAll(simulation.run(names, size));
    }
    if (simulation.unknownLinks() > 0) {
      err.println(
          "nobody knows the capacity of "
              + simulation.unknownLinks()
              + " links in use: they count as no bottleneck");
    }
    err.flush();
    print(topology, kind, rows, simulation.optimum());
    if (trace != null) {
      write(topology, simulation, trace);
    }
    return rows.isEmpty() ? ExitCodes.NOTHING_FOUND : ExitCodes.OK;
  }

  /// Returns what is assumed for a vector: what a profile tells, else what is usual, and what the
  /// command line says before both.
  private SimulationOptions options(Topology topology, long vectorBytes) {
    SimulationOptions usual = SimulationOptions.usual(topology).withLate(LateRanks.of(late));
    SimulationOptions options = MessageModel.options(usual, source.profile(), vectorBytes);
    if (slice != null) {
      options = options.withSliceBytes(slice);
    }
    if (messageMicros != null) {
      options =
          options.withCosts(
              messageMicros * 1e-6, options.reduceSecondsPerByte(), options.copySecondsPerByte());
    }
    return options;
  }

  private void print(
      Topology topology, Collective kind, List<SimulatedRow> rows, @Nullable String optimum) {
    PrintWriter out = spec.commandLine().getOut();
    if (format == Format.JSON) {
      SimulatedRows.json(rows, out);
      return;
    }
    out.println("# " + kind.label() + " on " + topology);
    if (optimum != null) {
      out.println("# optimum: " + optimum);
    }
    if (!late.isEmpty()) {
      out.println("# late: " + LateRanks.describe(LateRanks.of(late)));
    }
    SimulatedRows.table(rows, out);
  }

  private void write(Topology topology, Simulation simulation, Path file) throws IOException {
    Overlay overlay;
    try {
      overlay = simulation.timeline(algorithms.getFirst(), bytes.getFirst());
    } catch (SimulationLimitException e) {
      throw new IllegalArgumentException("--trace: " + e.getMessage(), e);
    }
    try {
      WholeFile.write(file, out -> ChromeTrace.write(topology, overlay, out));
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot write " + file + ": " + e, e);
    }
  }
}
