package dev.tutti.bench;

import dev.tutti.bench.report.Palette;
import dev.tutti.bench.report.ProbeReport;
import dev.tutti.bench.report.Terminal;
import dev.tutti.bench.session.ExitCodes;
import dev.tutti.topology.Topology;
import dev.tutti.topology.draw.HeatMap;
import dev.tutti.topology.format.ProfileJson;
import dev.tutti.topology.format.TopologyJson;
import dev.tutti.topology.format.WholeFile;
import dev.tutti.topology.probe.MeasuredTopology;
import dev.tutti.topology.probe.ProbeDepth;
import dev.tutti.topology.probe.Profile;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `tutti probe`: measures what ranks can send each other.
@Command(
    name = "probe",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures latency and rate between ranks, and finds out from that which hosts share what.%n",
      "Inside a host every pair of ranks is measured; between hosts one rank of each measures for"
          + " all. Pairs meet in rounds, disjoint pairs at once; groups of hosts that hold each"
          + " other up are found, put to the test, and the capacity of what joins them measured.%n",
      "Without --join it starts ranks on this host. On several hosts every rank calls it with"
          + " --join, under any launcher that Tutti knows; rank 0 prints.%n"
    },
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:everything was measured",
      "1:internal error",
      "2:usage error",
      "6:a rank died or failed"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  tutti probe --ranks 4",
      "  tutti probe --ranks 2 --transport tcp --quick --format json",
      "  tutti run --hosts node-1,node-2,node-3 -- tutti probe --join --output profile.json",
      "  tutti netlab run --scenario racks -- tutti probe --join",
      "  tutti probe --ranks 4 --topology measured.json"
    })
final class ProbeCommand implements Callable<Integer> {
  private enum Format {
    TABLE,
    JSON,
    NONE
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = {"-n", "--ranks"},
      paramLabel = "N",
      description = "Number of ranks to start on this host. Default: 2.")
  private @Nullable Integer ranks;

  @Option(
      names = "--transport",
      paramLabel = "NAME",
      description = "How the ranks talk: auto, shm, tcp or ucx. Default: auto.")
  private @Nullable String transport;

  @Option(
      names = "--quick",
      description =
          "Short flows, each pair once: rough, above all between hosts. Otherwise flows are longer,"
              + " and up to 8 hosts pairs are measured alone, too.")
  private boolean quick;

  @Option(
      names = "--cache",
      paramLabel = "FOLDER",
      description =
          "Takes the profile that is kept there for these hosts if a quick measurement shows that it"
              + " still holds; keeps a new one there otherwise.")
  private @Nullable Path cache;

  @Option(
      names = "--join",
      description = "Joins the world that a launcher describes instead of starting ranks.")
  private boolean join;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "table, json or none. Default: table.")
  private Format format = Format.TABLE;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Writes the profile there, as JSON.")
  private @Nullable Path output;

  @Option(
      names = "--topology",
      paramLabel = "FILE",
      description =
          "Writes what is inside the hosts and what the measurements show between them there, for"
              + " 'tutti topo' to show, draw or convert.")
  private @Nullable Path topology;

  @Option(
      names = "--heat-map",
      paramLabel = "FILE",
      description = "Draws the matrices as coloured squares there, as SVG.")
  private @Nullable Path heatMap;

  @Option(
      names = "--color",
      paramLabel = "WHEN",
      description = "auto, always or never. Default: auto.")
  private Terminal.ColorMode color = Terminal.ColorMode.AUTO;

  /// For picocli.
  ProbeCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (ranks != null && (join || ranks < 1)) {
      throw wrong(
          join
              ? "--join takes the number of ranks from the launcher, not from --ranks"
              : "--ranks is " + ranks + ", expected at least 1");
    }
    if (quick && cache != null) {
      throw wrong("--quick and --cache exclude each other: what is kept is thorough");
    }
    for (Path file : new Path[] {output, topology, heatMap}) {
      OwnRanks.checkWritable(spec, file);
    }
    return join ? measure() : launch(ranks == null ? 2 : ranks);
  }

  /// Is one of the ranks.
  private int measure() throws IOException {
    return OwnRanks.join(
        spec,
        transport,
        world -> {
          Profile profile =
              cache == null
                  ? world.probe(quick ? ProbeDepth.QUICK : ProbeDepth.DEEP)
                  : world.probe(cache);
          Topology hosts = world.topology();
          if (world.rank() == 0) {
            show(profile, hosts);
          }
          return ExitCodes.OK;
        });
  }

  private void show(Profile profile, Topology hosts) throws IOException {
    PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    Topology measured = MeasuredTopology.of(profile, hosts);
    switch (format) {
      case TABLE -> new ProbeReport(out, Terminal.palette(color)).print(profile, measured);
      case JSON -> out.println(ProfileJson.text(profile));
      case NONE -> {}
    }
    if (output != null) {
      WholeFile.writeText(output, ProfileJson.text(profile) + "\n");
    }
    if (heatMap != null) {
      WholeFile.write(heatMap, file -> HeatMap.write(profile, file));
    }
    if (topology != null) {
      WholeFile.writeText(topology, TopologyJson.text(measured));
    }
  }

  /// Starts ranks that are.
  private int launch(int count) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of("probe", "--join"));
    if (quick) {
      arguments.add("--quick");
    }
    arguments.addAll(List.of("--format", format.name().toLowerCase(Locale.ROOT)));
    boolean colored = Terminal.palette(color) == Palette.ANSI;
    arguments.addAll(List.of("--color", colored ? "always" : "never"));
    add(arguments, "--transport", transport);
    add(arguments, "--cache", absolute(cache));
    add(arguments, "--output", absolute(output));
    add(arguments, "--topology", absolute(topology));
    add(arguments, "--heat-map", absolute(heatMap));
    return quick ? OwnRanks.launchBriefly(count, arguments) : OwnRanks.launch(count, arguments);
  }

  private static @Nullable String absolute(@Nullable Path file) {
    return file == null ? null : file.toAbsolutePath().toString();
  }

  private static void add(List<String> arguments, String option, @Nullable String value) {
    if (value != null) {
      arguments.addAll(List.of(option, value));
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
