package dev.tutti.bench;

import dev.tutti.bench.session.ExitCodes;
import dev.tutti.bench.topo.Pictures;
import dev.tutti.bench.topo.PlanOverlay;
import dev.tutti.collectives.algorithm.Algorithm;
import dev.tutti.collectives.algorithm.Algorithms;
import dev.tutti.collectives.plan.TopologySchedules;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.ScheduleSet;
import dev.tutti.topology.Topology;
import dev.tutti.topology.discover.LocalTopology;
import dev.tutti.topology.draw.ChromeTrace;
import dev.tutti.topology.draw.Html;
import dev.tutti.topology.draw.Overlay;
import dev.tutti.topology.draw.TopologyWriters;
import dev.tutti.topology.format.NcclTopologyXml;
import dev.tutti.topology.format.Reading;
import dev.tutti.topology.format.TopologyWriter;
import dev.tutti.topology.format.WholeFile;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `tutti topo export`: writes a topology in another format.
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
      "Writes a topology in another format, with --plan also what an algorithm does on it.%n",
      "json (own, loses nothing), dot (Graphviz), graphml, mermaid, svg, png, html (one page that"
          + " needs no network), nccl-xml (for NCCL_TOPO_FILE; one host), chrome-trace (with --plan:"
          + " a timeline for Perfetto)."
    })
final class TopoExportCommand implements Callable<Integer> {
  // Of this many ranks on, a plan has millions of messages.
  private static final int MOST_RANKS = 1024;
  // What a communicator has by default.
  private static final int PLAN_LANES = 64;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private TopologySource source = new TopologySource();

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      required = true,
      description = "The format to write.")
  private String format = "";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Where to write. Default: standard output.")
  private @Nullable Path output;

  @Option(
      names = "--host",
      paramLabel = "ID",
      description = "The only host to write, for nccl-xml: the id of its node.")
  private @Nullable String host;

  @Option(
      names = "--plan",
      paramLabel = "NAME",
      description =
          "Also shows what this algorithm does on the topology: its way, the load of each link, and"
              + " who sends when, with predicted times. For svg, png, html and chrome-trace.")
  private @Nullable String plan;

  @Option(
      names = "--collective",
      paramLabel = "NAME",
      description = "The collective of the plan. Default: all-reduce.")
  private String collective = "all-reduce";

  @Option(
      names = "--bytes",
      paramLabel = "SIZE",
      converter = Converters.SizeConverter.class,
      description = "The size of the plan's vector. Default: 64M.")
  private long bytes = 64L << 20;

  /// For picocli.
  TopoExportCommand() {}

  @Override
  public Integer call() throws IOException {
    try {
      boolean trace = format.equals(ChromeTrace.NAME);
      if (trace && plan == null) {
        throw new IllegalArgumentException(
            ChromeTrace.NAME + " shows a plan: name one with --plan");
      }
      if (plan != null && !trace && !Pictures.FORMATS.contains(format)) {
        throw new IllegalArgumentException(
            "--plan is for "
                + String.join(", ", Pictures.FORMATS)
                + " and "
                + ChromeTrace.NAME
                + ", not for "
                + format);
      }
      TopologyWriter writer = trace ? new Html() : writer();
      Reading reading = source.read(LocalTopology::discover);
      Topology topology = reading.topology();
      Overlay overlay = plan == null ? null : overlay(topology, plan);
      TopoCommand.print(spec, reading.findings());
      WholeFile.Content writing =
          trace && overlay != null
              ? out -> ChromeTrace.write(topology, overlay, out)
              : out ->
                  (overlay == null ? writer : Pictures.of(format, overlay)).write(topology, out);
      if (output == null) {
        OutputStream out =
            new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16);
        writing.write(out);
        out.flush();
      } else {
        WholeFile.write(output, writing);
      }
      return ExitCodes.OK;
    } catch (NotDirectoryException e) {
      throw new ParameterException(
          spec.commandLine(),
          "cannot write " + output + ": there is no folder " + e.getMessage(),
          e);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private TopologyWriter writer() {
    TopologyWriter writer = TopologyWriters.of(format);
    if (host == null) {
      return writer;
    }
    if (writer instanceof NcclTopologyXml) {
      return NcclTopologyXml.ofHost(host);
    }
    throw new IllegalArgumentException("--host is for nccl-xml, not for " + format);
  }

  private Overlay overlay(Topology topology, String name) {
    Collective kind = PlanOverlay.collective(collective);
    int ranks = topology.ranks().size();
    if (ranks < 2 || ranks > MOST_RANKS) {
      throw new IllegalArgumentException(
          "--plan needs 2 to " + MOST_RANKS + " ranks placed on the topology; it has " + ranks);
    }
    if (TopologySchedules.names().contains(name)) {
      TopologySchedules.Request request = new TopologySchedules.Request(kind, 0, 1, PLAN_LANES);
      ScheduleSet special = TopologySchedules.schedules(name, topology, request).schedules();
      return PlanOverlay.of(topology, name, special, bytes);
    }
    List<Algorithm> supporting = Algorithms.supporting(kind, ranks);
    Algorithm algorithm =
        supporting.stream()
            .filter(each -> each.name().equals(name))
            .findFirst()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "no "
                        + kind.label()
                        + " by '"
                        + name
                        + "'; there are "
                        + supporting.stream().map(Algorithm::name).toList()
                        + " and "
                        + TopologySchedules.names()));
    ScheduleSet set = algorithm.scheduleSet(kind, ranks, 0, 1);
    return PlanOverlay.of(topology, name, set, bytes);
  }
}
