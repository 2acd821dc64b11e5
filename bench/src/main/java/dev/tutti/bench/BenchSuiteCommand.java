package dev.tutti.bench;

import dev.tutti.bench.measure.BenchCollective;
import dev.tutti.bench.measure.BenchOptions;
import dev.tutti.bench.measure.BufferKind;
import dev.tutti.bench.measure.CallStyle;
import dev.tutti.bench.measure.Placement;
import dev.tutti.bench.measure.RankMode;
import dev.tutti.bench.measure.Sizes;
import dev.tutti.bench.measure.StartedEvent;
import dev.tutti.bench.report.MachineInfo;
import dev.tutti.bench.report.ReportFormat;
import dev.tutti.bench.report.RunHeader;
import dev.tutti.bench.report.Terminal;
import dev.tutti.bench.session.ExitCodes;
import dev.tutti.bench.suite.Suite;
import dev.tutti.bench.suite.SuiteFile;
import dev.tutti.bench.suite.SuitePage;
import dev.tutti.bench.suite.SuiteRun;
import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import dev.tutti.topology.format.WholeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `tutti bench suite`: measures a standard set and writes a report as a page.
@Command(
    name = "suite",
    sortOptions = false,
    mixinStandardHelpOptions = true,
    description = {
      "Measures all collectives over several transports and writes one page with curves against"
          + " the limit, and against earlier runs.%n",
      "The rows of a run are kept beside the page, as JSON lines, for later comparisons; what"
          + " 'tutti bench --format json' prints can be compared with, too. float32, sum, out of"
          + " place, registered buffers. What cannot be measured is named in the report, and the"
          + " rest is measured all the same.%n"
    },
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:everything was measured, and all results were right",
      "1:internal error",
      "2:usage error",
      "3:an element of a result was wrong",
      "6:ranks died or failed"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  tutti bench suite",
      "  tutti bench suite --quick --ranks 4 --transports shm -o four.html",
      "  tutti bench suite --against tutti-suite.jsonl -o after.html",
      "  tutti bench suite --from after.jsonl --against before.jsonl -o both.html"
    })
final class BenchSuiteCommand implements Callable<Integer> {
  private static final long SMALLEST = 64;
  private static final long FACTOR = 4;
  private static final long QUICK_FACTOR = 64;
  private static final double SECONDS = 0.12;
  private static final double QUICK_SECONDS = 0.03;
  private static final String ENDING = ".html";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--ranks",
      paramLabel = "N",
      description = "Number of ranks. Default: one per core, at least 2.")
  private @Nullable Integer ranks;

  @Option(
      names = "--transports",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "shm,tcp",
      description = "What to measure over: shm, tcp, ucx, shm+ucx. Default: ${DEFAULT-VALUE}.")
  private List<String> transports = List.of();

  @Option(
      names = "--collectives",
      paramLabel = "NAME",
      split = ",",
      converter = Converters.CollectiveConverter.class,
      description = "What to measure. Default: everything that 'tutti bench' can.")
  private @Nullable List<BenchCollective> collectives;

  @Option(
      names = {"-e", "--max-bytes"},
      paramLabel = "SIZE",
      defaultValue = "64M",
      converter = Converters.SizeConverter.class,
      description = "Largest size. The smallest is 64. Default: ${DEFAULT-VALUE}.")
  private long maxBytes;

  @Option(
      names = "--repeat",
      paramLabel = "K",
      defaultValue = "1",
      description = "Measures everything K times and shows medians. Default: ${DEFAULT-VALUE}.")
  private int repeat;

  @Option(
      names = "--quick",
      description = "Few sizes and little time for each: to see that all works.")
  private boolean quick;

  @Option(
      names = "--against",
      paramLabel = "FILE",
      split = ",",
      description = "Earlier runs to show beside this one.")
  private List<Path> against = List.of();

  @Option(
      names = "--from",
      paramLabel = "FILE",
      description = "Measures nothing; the report is about the run in this file.")
  private @Nullable Path from;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      defaultValue = "tutti-suite.html",
      description =
          "The page; the rows go beside it, in a file that ends in .jsonl. Default:"
              + " ${DEFAULT-VALUE}.")
  private Path output = Path.of("tutti-suite.html");

  @Option(
      names = "--color",
      paramLabel = "WHEN",
      defaultValue = "auto",
      description = "auto, always or never. Default: ${DEFAULT-VALUE}.")
  private Terminal.ColorMode color = Terminal.ColorMode.AUTO;

  /// For picocli.
  BenchSuiteCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    checkOutput();
    List<SuiteRun> earlier = new ArrayList<>();
    for (Path file : against) {
      earlier.add(read(file));
    }
    if (from != null) {
      write(read(from), earlier);
      return ExitCodes.OK;
    }
    MachineInfo machine = MachineInfo.read();
    Suite suite = new Suite(parts(), repeat, (part, started) -> header(part, machine, started));
    suite.run(part -> ReportFormat.TABLE.report(System.out, Terminal.palette(color), part));
    suite.failures().forEach(failure -> System.err.println("not measured: " + failure));
    if (suite.rows().isEmpty()) {
      return suite.exitCode();
    }
    SuiteRun run =
        new SuiteRun(
            "this run",
            Tutti.version(),
            Invocation.words(spec),
            Invocation.date(),
            machine.describe(),
            machine.java(),
            repeat,
            suite.failures(),
            suite.rows());
    Path rows = rowsFile();
    SuiteFile.write(run, rows);
    System.out.println("# rows:   " + rows);
    write(run, earlier);
    return suite.exitCode();
  }

  /// Nobody wants to learn after minutes that the report cannot be written.
  private void checkOutput() {
    Path folder = output.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw usage("--output: cannot write " + output + ": there is no folder " + folder);
    }
    if (repeat < 1) {
      throw usage("--repeat must be at least 1, but it is " + repeat);
    }
  }

  private SuiteRun read(Path file) throws IOException {
    try {
      return SuiteFile.read(file);
    } catch (NoSuchFileException e) {
      throw usage("there is no file " + file);
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
  }

  private void write(SuiteRun run, List<SuiteRun> earlier) throws IOException {
    List<SuiteRun> runs = new ArrayList<>(List.of(run));
    runs.addAll(earlier);
    byte[] page = SuitePage.write(runs).getBytes(StandardCharsets.UTF_8);
    WholeFile.write(output, out -> out.write(page));
    System.out.println("# report: " + output);
  }

  /// Returns where the rows go: beside the page.
  private Path rowsFile() {
    String name = String.valueOf(output.getFileName());
    String stem = name.endsWith(ENDING) ? name.substring(0, name.length() - ENDING.length()) : name;
    return output.resolveSibling(stem + ".jsonl");
  }

  private List<BenchOptions> parts() {
    int number = ranks == null ? Math.max(2, Runtime.getRuntime().availableProcessors()) : ranks;
    List<BenchCollective> all =
        collectives == null ? List.of(BenchCollective.values()) : collectives;
    List<BenchOptions> parts = new ArrayList<>();
    try {
      for (BenchCollective collective : all) {
        for (String transport : transports) {
          parts.add(part(collective, transport, number));
        }
      }
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
    return parts;
  }

  private BenchOptions part(BenchCollective collective, String transport, int number) {
    return new BenchOptions(
        collective,
        number,
        RankMode.PROCESSES,
        Sizes.geometric(Math.min(SMALLEST, maxBytes), maxBytes, quick ? QUICK_FACTOR : FACTOR),
        List.of(DataType.FLOAT32),
        List.of(ReduceOp.SUM),
        0,
        0,
        0,
        quick ? QUICK_SECONDS : SECONDS,
        true,
        List.of(BufferKind.REGISTERED),
        List.of(Placement.OUT_OF_PLACE),
        CallStyle.BLOCKING,
        null,
        transport);
  }

  private RunHeader header(BenchOptions part, MachineInfo machine, StartedEvent started) {
    return new RunHeader(
        Tutti.version(), Invocation.words(spec), Invocation.date(), machine, part, repeat, started);
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
