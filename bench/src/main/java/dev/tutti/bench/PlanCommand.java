package dev.tutti.bench;

import dev.tutti.bench.report.Figures;
import dev.tutti.bench.session.ExitCodes;
import dev.tutti.bench.simulate.Rival;
import dev.tutti.bench.simulate.SimulatedRow;
import dev.tutti.bench.simulate.SimulatedRows;
import dev.tutti.bench.simulate.Simulation;
import dev.tutti.bench.topo.Pictures;
import dev.tutti.bench.topo.PlanOverlay;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.ScheduleSet;
import dev.tutti.collectives.simulate.MessageModel;
import dev.tutti.collectives.simulate.SimulationOptions;
import dev.tutti.topology.Topology;
import dev.tutti.topology.discover.LocalTopology;
import dev.tutti.topology.draw.Overlay;
import dev.tutti.topology.format.Reading;
import dev.tutti.topology.format.TopologyWriter;
import dev.tutti.topology.format.WholeFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `tutti plan`: what would run on a machine, and why.
@Command(
    name = "plan",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Plans a collective for a topology, of this machine, a file or one that you do not have, whole"
          + " or damaged: every form of every algorithm that could run, simulated, best first, beside"
          + " the least time possible and what NCCL or HCCL would choose by their constants.%n",
      "docs/planning.md explains it."
    },
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:there is a plan",
      "2:usage error, or the topology does not say enough",
      "4:every algorithm was too large to simulate"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  tutti plan --preset ascend-910b --hosts 1 --bytes 1G --degrade link=0-1:0",
      "  tutti plan --preset hgx-h800 --hosts 2 --bytes 256M --degrade nic=3:0.5 --format json",
      "  tutti plan --from profile.json --bytes 64M --picture plan.html"
    })
final class PlanCommand implements Callable<Integer> {
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
      converter = Converters.SizeConverter.class,
      description = "Size of the full vector. Default: 64M.")
  private long bytes = 64L << 20;

  @Option(names = "--root", paramLabel = "R", description = "Root of a broadcast. Default: 0.")
  private int root;

  @Option(names = "--format", paramLabel = "FORMAT", description = "table or json. Default: table.")
  private Format format = Format.TABLE;

  @Option(
      names = "--picture",
      paramLabel = "FILE",
      description =
          "Also draws the plan over the topology; the ending says how: .svg, .png or .html.")
  private @Nullable Path picture;

  /// For picocli.
  PlanCommand() {}

  @Override
  public Integer call() throws IOException {
    try {
      return plan();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private int plan() throws IOException {
    Collective kind = PlanOverlay.collective(collective);
    String pictureFormat = picture == null ? "" : Pictures.format(picture);
    Reading reading = source.read(LocalTopology::discover);
    Topology topology = reading.topology();
    TopoCommand.print(spec, reading.findings());
    PrintWriter err = spec.commandLine().getErr();
    Simulation simulation =
        new Simulation(
            topology,
            kind,
            root,
            0,
            vector ->
                MessageModel.options(SimulationOptions.usual(topology), source.profile(), vector),
            line -> {
              err.println(line);
              err.flush();
            });
    long start = System.nanoTime();
    List<Simulation.Planned> plans = simulation.plan(bytes);
    double seconds = (System.nanoTime() - start) * 1e-9;
    if (plans.isEmpty()) {
      return ExitCodes.NOTHING_FOUND;
    }
    List<SimulatedRow> rows = plans.stream().map(Simulation.Planned::row).toList();
    List<Chosen> rivals = kind == Collective.ALL_REDUCE ? rivals(topology, simulation) : List.of();
    print(topology, kind, rows, rivals, simulation.optimum(), seconds);
    if (picture != null) {
      Simulation.Planned best = plans.getFirst();
      ScheduleSet set = ScheduleSet.of(best.source().ranks(), best.source().scheduleOfRank());
      Overlay overlay = PlanOverlay.of(topology, best.row().algorithm(), set, bytes);
      TopologyWriter writer = Pictures.of(pictureFormat, overlay);
      WholeFile.write(picture, out -> writer.write(topology, out));
    }
    return ExitCodes.OK;
  }

  /// What another library would run, and how long that is predicted to take.
  private record Chosen(Rival rival, SimulatedRow row) {}

  private List<Chosen> rivals(Topology topology, Simulation simulation) {
    List<Chosen> chosen = new ArrayList<>();
    for (Rival rival : Rival.of(topology, simulation.names(), bytes)) {
      for (SimulatedRow row : simulation.run(List.of(rival.candidate()), bytes)) {
        chosen.add(new Chosen(rival, row));
      }
    }
    return chosen;
  }

  private void print(
      Topology topology,
      Collective kind,
      List<SimulatedRow> rows,
      List<Chosen> rivals,
      @Nullable String optimum,
      double seconds) {
    PrintWriter out = spec.commandLine().getOut();
    if (format == Format.JSON) {
      List<SimulatedRow> all = new ArrayList<>(rows);
      rivals.forEach(
          chosen -> all.add(chosen.row().withForm(chosen.rival().library() + "'s choice")));
      SimulatedRows.json(all, out);
      return;
    }
    out.println("# " + kind.label() + " on " + topology);
    if (optimum != null) {
      out.println("# optimum: " + optimum);
    }
    out.printf(Locale.ROOT, "# planned in %.2f s%n", seconds);
    SimulatedRows.table(rows, out);
    double best = rows.getFirst().prediction().seconds();
    for (Chosen chosen : rivals) {
      out.printf(
          Locale.ROOT,
          "# %s would run %s (%s): %s us, %.2f x the plan above%n",
          chosen.rival().library(),
          chosen.rival().algorithm(),
          chosen.rival().why(),
          Figures.micros(chosen.row().prediction().seconds() * 1e6),
          chosen.row().prediction().seconds() / best);
    }
    out.flush();
  }
}
