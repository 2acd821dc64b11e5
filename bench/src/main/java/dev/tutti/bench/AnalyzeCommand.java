package dev.tutti.bench;

import dev.tutti.bench.analyze.Analysis;
import dev.tutti.bench.analyze.AnalysisReport;
import dev.tutti.bench.analyze.AnalysisReport.Result;
import dev.tutti.bench.analyze.DumpFiles;
import dev.tutti.bench.analyze.RankDumps;
import dev.tutti.bench.report.Terminal;
import dev.tutti.bench.session.ExitCodes;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `tutti analyze`: says from the dumps of several ranks which rank or link is to blame.
@Command(
    name = "analyze",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Reads what the flight recorders of several ranks have written and says in words which rank"
          + " or link is to blame: a rank that is missing, behind or stuck, ranks that called"
          + " different things, a straggler, a slow link.%n",
      "Dumps are written when an operation fails, if the option dumpDirectory is set"
          + " (-Dtutti.dumpDirectory=DIR or TUTTI_DUMP_DIRECTORY=DIR), by Communicator.dump, and by"
          + " 'tutti stat --dump DIR'."
    },
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all consistent",
      "2:usage error, or no dump could be read",
      "7:a rank or link is to blame"
    },
    footerHeading = "%nExamples:%n",
    footer = {"  tutti analyze dumps/", "  tutti analyze --format json a.json b.json"})
final class AnalyzeCommand implements Callable<Integer> {
  private enum Format {
    TEXT,
    JSON
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      arity = "1..*",
      paramLabel = "DUMP",
      description = "Dumps, or folders whose files *.json are dumps.")
  private List<Path> paths = List.of();

  @Option(names = "--format", paramLabel = "FORMAT", description = "text or json. Default: text.")
  private Format format = Format.TEXT;

  @Option(
      names = "--color",
      paramLabel = "WHEN",
      description = "Colours: auto, always or never. Default: auto.")
  private Terminal.ColorMode color = Terminal.ColorMode.AUTO;

  /// For picocli.
  AnalyzeCommand() {}

  @Override
  public Integer call() {
    DumpFiles files = DumpFiles.read(paths);
    PrintWriter err = spec.commandLine().getErr();
    files
        .problems()
        .forEach(each -> err.println("tutti analyze: " + each.file() + ": " + each.text()));
    err.flush();
    List<Result> results =
        RankDumps.group(files.dumps()).stream()
            .map(dumps -> new Result(dumps, Analysis.of(dumps)))
            .toList();
    PrintWriter out = spec.commandLine().getOut();
    switch (format) {
      case TEXT -> AnalysisReport.text(results, out, Terminal.palette(color));
      case JSON -> out.println(AnalysisReport.json(results, files.problems()));
    }
    out.flush();
    if (results.isEmpty()) {
      return ExitCodes.USAGE;
    }
    return results.stream().allMatch(Result::isConsistent) ? ExitCodes.OK : ExitCodes.GUILTY;
  }
}
