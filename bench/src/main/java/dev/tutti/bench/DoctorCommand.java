package dev.tutti.bench;

import dev.tutti.bench.doctor.DoctorReport;
import dev.tutti.bench.doctor.Examination;
import dev.tutti.bench.doctor.Section;
import dev.tutti.bench.report.Terminal;
import dev.tutti.bench.session.ExitCodes;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `tutti doctor`: what was found on this host, and what to do about the rest.
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Looks for all that Tutti can make use of on this host: shared memory, networks, libraries,"
          + " devices and the links between them, limits and permissions; says what to do about"
          + " what is missing (not there) or broken (there, but it does not work).%n",
      "By itself Tutti needs Java 25, shared memory between processes and TCP. The rest may be"
          + " missing."
    },
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all that Tutti needs by itself works",
      "2:usage error",
      "8:something that Tutti needs does not work"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  tutti doctor",
      "  tutti doctor --verbose",
      "  tutti run -n 2 -- tutti doctor --format json"
    })
final class DoctorCommand implements Callable<Integer> {
  private enum Format {
    TABLE,
    JSON
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "table or json (one object). Default: table.")
  private Format format = Format.TABLE;

  @Option(
      names = {"-v", "--verbose"},
      description =
          "Print every place that was searched for a library, and what its version lacks."
              + " JSON always has them.")
  private boolean isVerbose;

  @Option(
      names = "--color",
      paramLabel = "WHEN",
      description = "auto, always or never. Default: auto.")
  private Terminal.ColorMode color = Terminal.ColorMode.AUTO;

  /// For picocli.
  DoctorCommand() {}

  @Override
  public Integer call() {
    List<Section> sections = Examination.run(System.getenv());
    PrintWriter out = spec.commandLine().getOut();
    if (format == Format.JSON) {
      out.println(DoctorReport.json(sections));
    } else {
      DoctorReport.lines(sections, isVerbose, Terminal.palette(color)).forEach(out::println);
    }
    out.flush();
    if (DoctorReport.failures(sections).isEmpty()) {
      return ExitCodes.OK;
    }
    PrintWriter err = spec.commandLine().getErr();
    err.println("tutti doctor: " + DoctorReport.verdict(sections));
    err.flush();
    return ExitCodes.UNFIT;
  }
}
