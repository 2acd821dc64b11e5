package dev.tutti.bench;

import dev.tutti.bench.measure.BenchCollective;
import dev.tutti.bench.measure.BenchWorker;
import dev.tutti.bench.report.MachineInfo;
import dev.tutti.bench.session.ExitCodes;
import dev.tutti.bench.validate.ComparedRow;
import dev.tutti.bench.validate.MeasuredTimes;
import dev.tutti.bench.validate.Recording;
import dev.tutti.bench.validate.RecordingFile;
import dev.tutti.bench.validate.Validation;
import dev.tutti.bench.validate.ValidationReport;
import dev.tutti.collectives.Communicator;
import dev.tutti.topology.format.WholeFile;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
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

/// `tutti validate`: what the simulator predicts beside what is measured.
@Command(
    name = "validate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Probes, measures collectives one by one, and compares with what the simulator predicts from"
          + " the probe alone.%n",
      "Without --join it starts ranks on this host. On several hosts every rank calls it with"
          + " --join, under any launcher that Tutti knows; rank 0 prints. --output keeps profile and"
          + " times; --recorded compares such a file again, without any ranks.%n"
    },
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:compared",
      "1:internal error",
      "2:usage error",
      "4:nothing could be measured",
      "6:a rank died or failed"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  tutti validate --transport tcp",
      "  tutti validate all-reduce --algorithm ring,direct --bytes 64K,1M,16M",
      "  tutti netlab run --no-prefix -- tutti validate --join --output lab.jsonl",
      "  tutti validate --recorded lab.jsonl --format json"
    })
final class ValidateCommand implements Callable<Integer> {
  private enum Format {
    TABLE,
    JSON
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  @picocli.CommandLine.Parameters(
      arity = "0..*",
      paramLabel = "COLLECTIVE",
      converter = Converters.CollectiveConverter.class,
      description =
          "Collectives. Default: all-reduce, all-gather, reduce-scatter, broadcast, all-to-all.")
  private List<BenchCollective> collectives = new ArrayList<>();

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
      names = "--join",
      description = "Joins the world that a launcher describes instead of starting ranks.")
  private boolean join;

  @Option(
      names = "--algorithm",
      paramLabel = "NAME",
      split = ",",
      description = "Algorithm, or several. Default: all that support a collective.")
  private List<String> algorithms = new ArrayList<>();

  @Option(
      names = "--bytes",
      paramLabel = "SIZE",
      split = ",",
      converter = Converters.SizeConverter.class,
      description = "Sizes, as 'tutti bench' counts them. Default: 64K,1M,16M.")
  private List<Long> bytes = List.of(64L << 10, 1L << 20, 16L << 20);

  @Option(
      names = "--recorded",
      paramLabel = "FILE",
      description = "Compares what --output kept instead of measuring.")
  private @Nullable Path recorded;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Writes the profile and what was measured there, as JSON lines.")
  private @Nullable Path output;

  @Option(names = "--format", paramLabel = "FORMAT", description = "table or json. Default: table.")
  private Format format = Format.TABLE;

  /// For picocli.
  ValidateCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (recorded != null && (join || ranks != null || output != null)) {
      throw wrong("--recorded excludes --join, --ranks and --output: nothing is measured");
    }
    if (ranks != null && (join || ranks < 2)) {
      throw wrong(
          join
              ? "--join takes the number of ranks from the launcher, not from --ranks"
              : "--ranks is " + ranks + ", expected at least 2");
    }
    OwnRanks.checkWritable(spec, output);
    if (recorded != null) {
      return compare(recorded);
    }
    return join ? measure() : launch(ranks == null ? 2 : ranks);
  }

  private int compare(Path file) {
    try {
      show(RecordingFile.read(file));
      return ExitCodes.OK;
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw wrong("cannot read " + file + ": " + e);
    }
  }

  private void show(Recording recording) {
    PrintWriter out =
        new PrintWriter(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    List<ComparedRow> rows = Validation.of(recording);
    if (format == Format.JSON) {
      ValidationReport.json(rows, out);
    } else {
      ValidationReport.table(recording, rows, out);
    }
  }

  /// Is one of the ranks.
  private int measure() throws IOException {
    return OwnRanks.join(spec, transport, this::measure);
  }

  private int measure(Communicator world) throws IOException {
    BenchWorker.bindToCore(world);
    MeasuredTimes measured = MeasuredTimes.of(world, collectives, algorithms, bytes);
    if (measured.rows().isEmpty()) {
      return ExitCodes.NOTHING_FOUND;
    }
    if (world.rank() == 0) {
      MachineInfo machine = MachineInfo.read();
      Recording recording =
          new Recording(
              Tutti.version(),
              LocalDate.now(ZoneId.systemDefault()).toString(),
              machine.describe(),
              machine.java(),
              measured.profile(),
              measured.rows());
      if (output != null) {
        WholeFile.writeText(output, RecordingFile.text(recording));
      }
      show(recording);
    }
    return ExitCodes.OK;
  }

  /// Starts ranks that are.
  private int launch(int count) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of("validate", "--join"));
    collectives.forEach(collective -> arguments.add(collective.label()));
    arguments.addAll(List.of("--format", format.name().toLowerCase(Locale.ROOT)));
    arguments.addAll(List.of("--bytes", joined(bytes)));
    if (!algorithms.isEmpty()) {
      arguments.addAll(List.of("--algorithm", String.join(",", algorithms)));
    }
    if (transport != null) {
      arguments.addAll(List.of("--transport", transport));
    }
    if (output != null) {
      arguments.addAll(List.of("--output", output.toAbsolutePath().toString()));
    }
    return OwnRanks.launch(count, arguments);
  }

  private static String joined(List<Long> values) {
    return String.join(",", values.stream().map(String::valueOf).toList());
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
