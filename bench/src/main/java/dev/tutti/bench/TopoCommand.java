package dev.tutti.bench;

import dev.tutti.bench.report.Palette;
import dev.tutti.bench.report.Terminal;
import dev.tutti.bench.session.ExitCodes;
import dev.tutti.bench.topo.TopologyOutline;
import dev.tutti.topology.Finding;
import dev.tutti.topology.Finding.Severity;
import dev.tutti.topology.Topology;
import dev.tutti.topology.TopologyCheck;
import dev.tutti.topology.TopologyDiff;
import dev.tutti.topology.discover.LocalTopology;
import dev.tutti.topology.draw.TopologyWriters;
import dev.tutti.topology.format.Reading;
import dev.tutti.topology.format.TopologyFormats;
import dev.tutti.topology.format.TopologyJson;
import dev.tutti.topology.format.TopologyReader;
import dev.tutti.topology.format.TopologyWriter;
import dev.tutti.topology.preset.Preset;
import dev.tutti.topology.preset.Presets;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `tutti topo`: shows, converts, checks and compares topologies.
@Command(
    name = "topo",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "Shows what is joined to what and how fast: of this machine, of a file in any format that its"
          + " makers use, or of a known machine.%n"
    },
    subcommands = {
      TopoCommand.Show.class,
      TopoExportCommand.class,
      TopoCommand.Check.class,
      TopoCommand.Diff.class,
      TopoCommand.PresetList.class,
      TopoCommand.FormatList.class
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  tutti topo show",
      "  tutti topo show --from topo.xml",
      "  tutti topo show --preset hgx-h800 --hosts 64",
      "  tutti topo export --from rank_table.json --format html -o topo.html",
      "  nvidia-smi topo -m | tutti topo export --from - --format svg -o topo.svg",
      "  tutti topo export --preset hgx-h800 --plan ring --bytes 64M --format html -o plan.html",
      "  tutti topo check --from topo.xml",
      "  tutti topo diff --from before.json after.json"
    })
final class TopoCommand implements Runnable {
  /// Exit code of a check that found warnings and of a diff that found differences.
  static final int DIFFERENT = 3;

  @Spec private CommandSpec spec = CommandSpec.create();

  /// For picocli.
  TopoCommand() {}

  /// Called where no subcommand was given, which is a usage error.
  @Override
  public void run() {
    throw Invocation.missingCommand(spec);
  }

  /// Prints warnings for people, and how many notes there are beside.
  static void print(CommandSpec spec, List<Finding> findings) {
    PrintWriter err = spec.commandLine().getErr();
    long notes = findings.stream().filter(f -> f.severity() == Severity.NOTE).count();
    findings.stream().filter(f -> f.severity() == Severity.WARNING).forEach(err::println);
    if (notes > 0) {
      err.println(notes + (notes == 1 ? " note" : " notes") + ", told by 'tutti topo check'");
    }
    err.flush();
  }

  /// `tutti topo show`.
  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description = "Prints a topology as an outline, with its bottleneck.")
  static final class Show implements Callable<Integer> {
    private enum Format {
      TEXT,
      JSON
    }

    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private TopologySource source = new TopologySource();

    @Option(names = "--format", paramLabel = "FORMAT", description = "text or json. Default: text.")
    private Format format = Format.TEXT;

    @Option(
        names = "--color",
        paramLabel = "WHEN",
        description = "auto, always or never. Default: auto.")
    private Terminal.ColorMode color = Terminal.ColorMode.AUTO;

    /// For picocli.
    Show() {}

    @Override
    public Integer call() throws IOException {
      Reading reading = source.read(LocalTopology::discover);
      PrintWriter out = spec.commandLine().getOut();
      if (format == Format.JSON) {
        out.print(TopologyJson.text(reading.topology()));
      } else {
        Palette palette = Terminal.palette(color);
        TopologyOutline.lines(reading.topology(), palette::bad).forEach(out::println);
      }
      out.flush();
      print(spec, reading.findings());
      return ExitCodes.OK;
    }
  }

  /// `tutti topo check`.
  @Command(
      name = "check",
      mixinStandardHelpOptions = true,
      description =
          "Looks for what is odd: links in one direction only, missing peers, numbers that"
              + " contradict each other, links that are slower than they should be.",
      exitCodeListHeading = "%nExit codes:%n",
      exitCodeList = {"0:nothing but notes", "2:usage error, or unreadable", "3:warnings"})
  static final class Check implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private TopologySource source = new TopologySource();

    /// For picocli.
    Check() {}

    @Override
    public Integer call() throws IOException {
      Reading reading = source.read(LocalTopology::discover);
      List<Finding> findings = new ArrayList<>(reading.findings());
      findings.addAll(TopologyCheck.check(reading.topology()));
      PrintWriter out = spec.commandLine().getOut();
      findings.forEach(finding -> out.println(finding.toString()));
      long warnings = findings.stream().filter(f -> f.severity() == Severity.WARNING).count();
      out.println(
          reading.topology()
              + " ("
              + reading.format()
              + "): "
              + warnings
              + " warnings, "
              + (findings.size() - warnings)
              + " notes");
      out.flush();
      return warnings > 0 ? DIFFERENT : ExitCodes.OK;
    }
  }

  /// `tutti topo diff`.
  @Command(
      name = "diff",
      mixinStandardHelpOptions = true,
      description = "Says what a second topology has that the first has not, and the reverse.",
      exitCodeListHeading = "%nExit codes:%n",
      exitCodeList = {"0:no difference", "2:usage error, or unreadable", "3:differences"})
  static final class Diff implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private TopologySource source = new TopologySource();

    @Parameters(paramLabel = "FILE", description = "The second topology, in any format.")
    private String second = "";

    /// For picocli.
    Diff() {}

    @Override
    public Integer call() throws IOException {
      Topology before = source.read(LocalTopology::discover).topology();
      Topology after = TopologySource.read(spec, second, null).topology();
      List<TopologyDiff.Change> changes = TopologyDiff.of(before, after);
      PrintWriter out = spec.commandLine().getOut();
      changes.forEach(change -> out.println(change.toString()));
      out.println(changes.isEmpty() ? "no difference" : changes.size() + " differences");
      out.flush();
      return changes.isEmpty() ? ExitCodes.OK : DIFFERENT;
    }
  }

  /// `tutti topo presets`.
  @Command(
      name = "presets",
      mixinStandardHelpOptions = true,
      description = "Lists the known machines and where their figures are from.")
  static final class PresetList implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    /// For picocli.
    PresetList() {}

    @Override
    public Integer call() {
      PrintWriter out = spec.commandLine().getOut();
      for (Preset preset : Presets.all()) {
        out.printf(Locale.ROOT, "%-18s %s%n", preset.name(), preset.description());
        out.printf(Locale.ROOT, "%-18s   %s%n", "", preset.source());
      }
      out.flush();
      return ExitCodes.OK;
    }
  }

  /// `tutti topo formats`.
  @Command(
      name = "formats",
      mixinStandardHelpOptions = true,
      description = "Lists the formats that are read and written.")
  static final class FormatList implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    /// For picocli.
    FormatList() {}

    @Override
    public Integer call() {
      PrintWriter out = spec.commandLine().getOut();
      out.println("read:");
      for (TopologyReader reader : TopologyFormats.readers()) {
        out.printf(Locale.ROOT, "  %-12s %s%n", reader.format(), reader.description());
      }
      out.println("written:");
      for (TopologyWriter writer : TopologyWriters.all()) {
        out.printf(Locale.ROOT, "  %-12s %s%n", writer.format(), writer.description());
      }
      out.flush();
      return ExitCodes.OK;
    }
  }
}
