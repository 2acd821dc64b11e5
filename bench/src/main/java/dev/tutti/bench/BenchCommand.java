package dev.tutti.bench;

import dev.tutti.bench.measure.BenchCollective;
import dev.tutti.bench.measure.BenchOptions;
import dev.tutti.bench.measure.BenchWorkerMain;
import dev.tutti.bench.measure.BufferKind;
import dev.tutti.bench.measure.CallStyle;
import dev.tutti.bench.measure.LateRanks;
import dev.tutti.bench.measure.Placement;
import dev.tutti.bench.measure.RankMode;
import dev.tutti.bench.measure.Sizes;
import dev.tutti.bench.measure.StartedEvent;
import dev.tutti.bench.measure.TypeNames;
import dev.tutti.bench.report.BenchReport;
import dev.tutti.bench.report.MachineInfo;
import dev.tutti.bench.report.Palette;
import dev.tutti.bench.report.ReportFormat;
import dev.tutti.bench.report.RunHeader;
import dev.tutti.bench.report.Terminal;
import dev.tutti.bench.session.BenchSession;
import dev.tutti.bench.session.JoinedBench;
import dev.tutti.collectives.Communicator;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `tutti bench`: measures a collective on this host.
@Command(
    name = "bench",
    subcommands = BenchSuiteCommand.class,
    sortOptions = false,
    description = {
      "Measures the time and bandwidth of a collective operation among ranks on this host.%n",
      "Starts the ranks, checks every element of every result, times operations back to back, and"
          + " prints the table of nccl-tests. Sizes take K, M, G = 2^10, 2^20, 2^30 bytes; times are"
          + " medians in microseconds, each operation's time being that of its slowest rank;"
          + " bandwidths are GB/s = 10^9 bytes per second. %%limit is the share of the time that"
          + " reading every input once and writing every output once takes here, measured in the"
          + " same run with the JVM's memory copy.%n"
    },
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all results were right",
      "1:internal error",
      "2:usage error",
      "3:an element of a result was wrong",
      "6:a rank died or failed"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  tutti bench all-reduce",
      "  tutti bench all-reduce -b 1M -e 256M -f 2 --registered --ranks 4",
      "  tutti bench reduce-scatter -d bfloat16 -o avg --threads --format csv > run.csv",
      "  tutti bench all-reduce -b 64K -e 64K --algorithm ring --repeat 5",
      "  tutti bench barrier --ranks 8",
      "  tutti netlab run --ranks-per-host 1 -- tutti bench all-reduce --join -b 4M -e 4M"
    })
final class BenchCommand implements Callable<Integer> {
  private static final long DEFAULT_MAX = 64L << 20;
  private static final long DEFAULT_FACTOR = 4;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      index = "0",
      arity = "0..1", // a subcommand needs none
      paramLabel = "COLLECTIVE",
      converter = Converters.CollectiveConverter.class,
      description =
          "all-reduce, broadcast, all-gather, reduce-scatter, reduce, gather, scatter, all-to-all,"
              + " all-to-all-v (skewed), scan, barrier, send-recv (a ping-pong"
              + " between ranks 0 and 1), send-stream (rank 0 to rank 1, back to back), or what rank 0"
              + " does to rank 1's window: put, get, accumulate, put-stream.")
  private @Nullable BenchCollective collective;

  @Option(
      names = {"-b", "--min-bytes"},
      paramLabel = "SIZE",
      defaultValue = "4",
      converter = Converters.SizeConverter.class,
      description = "Smallest size. Default: ${DEFAULT-VALUE}.")
  private long minBytes;

  @Option(
      names = {"-e", "--max-bytes"},
      paramLabel = "SIZE",
      converter = Converters.SizeConverter.class,
      description = "Largest size. Default: 64M, or the smallest if that is larger.")
  private @Nullable Long maxBytes;

  @Option(
      names = {"-f", "--step-factor"},
      paramLabel = "FACTOR",
      description = "Ratio of one size to the one before. Default: 4.")
  private @Nullable Long stepFactor;

  @Option(
      names = {"-i", "--step-bytes"},
      paramLabel = "SIZE",
      converter = Converters.SizeConverter.class,
      description = "Difference between one size and the one before, instead of a ratio.")
  private @Nullable Long stepBytes;

  @Option(
      names = {"-d", "--datatype"},
      paramLabel = "TYPE",
      defaultValue = "float32",
      description =
          "Element type: int8, uint8, int32, uint32, int64, uint64, float16, bfloat16, float32,"
              + " float64, float8-e4m3, float8-e5m2, or all. Default: ${DEFAULT-VALUE}.")
  private String datatype = "";

  @Option(
      names = {"-o", "--op"},
      paramLabel = "OP",
      defaultValue = "sum",
      description = "Reduction: sum, prod, min, max, avg, or all. Default: ${DEFAULT-VALUE}.")
  private String op = "";

  @Option(
      names = {"-r", "--root"},
      paramLabel = "RANK",
      defaultValue = "0",
      description = "Root of a broadcast. Default: ${DEFAULT-VALUE}.")
  private int root;

  @Option(
      names = {"-n", "--iters"},
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Timed operations per measurement. Default: as many as --time allows, at least 4, at most"
              + " 5000.")
  private int iterations;

  @Option(
      names = "--time",
      paramLabel = "SECONDS",
      defaultValue = "0.12",
      description =
          "Time that the timed operations of one measurement take together; the warm-up changes in"
              + " proportion, but not above its usual time. Default: ${DEFAULT-VALUE}.")
  private double seconds;

  @Option(
      names = {"-w", "--warmup-iters"},
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Operations before the timed ones, on top of those that the JIT compiler needs: 1 s at"
              + " the start, 0.3 s per algorithm, 0.05 s per measurement. Default: ${DEFAULT-VALUE}.")
  private int warmupIterations;

  @Option(
      names = {"-c", "--check"},
      paramLabel = "0|1",
      defaultValue = "1",
      description =
          "Whether every element of the results is compared, exactly. Default: ${DEFAULT-VALUE}.")
  private int check;

  @Option(
      names = "--ranks",
      paramLabel = "N",
      description = "Number of ranks. Default: one per core, at least 2.")
  private @Nullable Integer ranks;

  @Option(
      names = "--join",
      description =
          "Is one of the ranks, which a launcher has started, on several hosts if need be; rank 0"
              + " prints.")
  private boolean join;

  @Option(
      names = "--late",
      paramLabel = "RANK=TIME",
      split = ",",
      converter = Converters.LateConverter.class,
      description =
          "A rank that comes so much later to each timed operation than it could, in us, ms or s;"
              + " may be repeated. Times count from the end of the operation before.")
  private List<LateRanks.Late> late = new ArrayList<>();

  @ArgGroup private Mode mode = new Mode();

  private static final class Mode {
    @Option(names = "--processes", description = "Ranks are processes (the default).")
    @SuppressWarnings("UnusedVariable") // excludes --threads, and is the default
    private boolean processes;

    @Option(names = "--threads", description = "Ranks are threads of one process.")
    private boolean threads;
  }

  @Option(
      names = "--algorithm",
      paramLabel = "NAME",
      description = "The algorithm to use, for example ring. Default: the fastest, as planned.")
  private @Nullable String algorithm;

  @Option(
      names = "--transport",
      paramLabel = "NAME",
      description =
          "The transport to use: shm, tcp, ucx, shm+ucx or inproc. Default: what fits the"
              + " ranks.")
  private @Nullable String transport;

  @ArgGroup private Buffers buffers = new Buffers();

  private static final class Buffers {
    @Option(
        names = "--registered",
        description = "Buffers come from Communicator.allocate. Default: ordinary memory.")
    private boolean registered;

    @Option(names = "--huge-pages", description = "Buffers are ordinary memory on huge pages.")
    private boolean hugePages;

    @Option(
        names = "--buffers",
        paramLabel = "KIND",
        split = ",",
        converter = Converters.BufferKindConverter.class,
        description = "Several of foreign, huge-pages, registered; one table each.")
    private @Nullable List<BufferKind> kinds;
  }

  @Option(
      names = "--placement",
      paramLabel = "WHERE",
      defaultValue = "both",
      description = "out-of-place, in-place or both. Default: ${DEFAULT-VALUE}.")
  private String placement = "";

  @ArgGroup private Style style = new Style();

  private static final class Style {
    @Option(names = "--blocking", description = "Plain blocking calls (the default).")
    @SuppressWarnings("UnusedVariable") // excludes --prepared, and is the default
    private boolean blocking;

    @Option(names = "--prepared", description = "Operations are prepared once and then run.")
    private boolean prepared;
  }

  @Option(
      names = "--repeat",
      paramLabel = "K",
      defaultValue = "1",
      description =
          "Measures everything K times, in new processes each time, and shows the medians."
              + " Default: ${DEFAULT-VALUE}.")
  private int repeat;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "table, json (one object per line) or csv. Default: ${DEFAULT-VALUE}.")
  private ReportFormat format = ReportFormat.TABLE;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description =
          "Also writes every row of every launch to FILE: CSV if it ends in .csv, a table if in"
              + " .txt, else JSON.")
  private @Nullable Path output;

  @Option(
      names = "--color",
      paramLabel = "WHEN",
      defaultValue = "auto",
      description = "auto, always or never. Default: ${DEFAULT-VALUE}.")
  private Terminal.ColorMode color = Terminal.ColorMode.AUTO;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this help.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it
  private boolean help;

  /// For picocli.
  BenchCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (join) {
      return joined();
    }
    BenchOptions options = options();
    MachineInfo machine = MachineInfo.read();
    checkMemory(options, machine);
    if (repeat < 1) {
      throw usage("--repeat must be at least 1, but it is " + repeat);
    }
    List<BenchReport> live = new ArrayList<>();
    BenchReport shown = format.report(System.out, Terminal.palette(color), options);
    try (PrintStream file = open(output)) {
      if (file != null && output != null) {
        live.add(ReportFormat.of(output).report(file, Palette.PLAIN, options));
      }
      return new BenchSession(
              options, repeat, started -> header(options, machine, started), live, List.of(shown))
          .run();
    }
  }

  /// Is one of the ranks.
  private int joined() {
    if (ranks != null || repeat != 1 || mode.threads) {
      throw usage("--join excludes --ranks, --repeat and --threads: ranks are the launcher's");
    }
    BenchWorkerMain.prefer(algorithm, transport);
    return BenchWorkerMain.reportingFailures(() -> {
      try (Communicator world = Communicator.join();
          PrintStream file = open(world.rank() == 0 ? output : null)) {
        ranks = world.size();
        BenchOptions options = options();
        List<BenchReport> reports = new ArrayList<>();
        reports.add(format.report(System.out, Terminal.palette(color), options));
        if (file != null && output != null) {
          reports.add(ReportFormat.of(output).report(file, Palette.PLAIN, options));
        }
        MachineInfo machine = MachineInfo.read();
        return JoinedBench.run(
            world, options, started -> header(options, machine, started), reports);
      }
    });
  }

  private RunHeader header(BenchOptions options, MachineInfo machine, StartedEvent started) {
    return new RunHeader(
        Tutti.version(),
        Invocation.words(spec),
        Invocation.date(),
        machine,
        options,
        repeat,
        started);
  }

  private @Nullable PrintStream open(@Nullable Path file) {
    if (file == null) {
      return null;
    }
    try {
      return new PrintStream(new FileOutputStream(file.toFile()), true, StandardCharsets.UTF_8);
    } catch (FileNotFoundException e) {
      throw usage("--output: cannot write " + file + ": " + e.getMessage());
    }
  }

  /// Turns what was written into what is meant.
  ///
  /// @throws ParameterException if it contradicts itself
  BenchOptions options() {
    if (collective == null) {
      throw usage("Missing required parameter: 'COLLECTIVE'");
    }
    int cores = Runtime.getRuntime().availableProcessors();
    try {
      return new BenchOptions(
          collective,
          ranks == null ? Math.max(2, cores) : ranks,
          mode.threads ? RankMode.THREADS : RankMode.PROCESSES,
          sizes(),
          TypeNames.types(datatype),
          TypeNames.ops(op),
          root,
          iterations,
          warmupIterations,
          seconds,
          check != 0,
          kinds(),
          placements(),
          style.prepared ? CallStyle.PREPARED : CallStyle.BLOCKING,
          algorithm,
          transport,
          LateRanks.of(late));
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
  }

  private List<Long> sizes() {
    long max = maxBytes == null ? Math.max(minBytes, DEFAULT_MAX) : maxBytes;
    if (stepBytes != null) {
      if (stepFactor != null) {
        throw usage("-i (--step-bytes) and -f (--step-factor) exclude each other");
      }
      return Sizes.linear(minBytes, max, stepBytes);
    }
    return Sizes.geometric(minBytes, max, stepFactor == null ? DEFAULT_FACTOR : stepFactor);
  }

  private List<BufferKind> kinds() {
    if (buffers.kinds != null) {
      return buffers.kinds.stream().distinct().toList();
    }
    return List.of(
        buffers.registered
            ? BufferKind.REGISTERED
            : buffers.hugePages ? BufferKind.HUGE_PAGES : BufferKind.FOREIGN);
  }

  private List<Placement> placements() {
    return switch (placement) {
      case "both" -> List.of(Placement.values());
      case "out-of-place" -> List.of(Placement.OUT_OF_PLACE);
      case "in-place" -> List.of(Placement.IN_PLACE);
      default ->
          throw usage("--placement must be out-of-place, in-place or both, but it is " + placement);
    };
  }

  private void checkMemory(BenchOptions options, MachineInfo machine) {
    int buffers = options.placements().contains(Placement.OUT_OF_PLACE) ? 2 : 1;
    double needed = (double) buffers * options.ranks() * options.sizes().getLast();
    if (machine.availableBytes() > 0 && needed > machine.availableBytes()) {
      throw usage(
          String.format(
              "the buffers of %d ranks need %.1f GiB, but only %.1f GiB of memory are available;"
                  + " choose a smaller -e (--max-bytes) or fewer --ranks",
              options.ranks(),
              needed / (1L << 30),
              machine.availableBytes() / (double) (1L << 30)));
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
