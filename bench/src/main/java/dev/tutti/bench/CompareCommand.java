package dev.tutti.bench;

import dev.tutti.bench.compare.CompareSession;
import dev.tutti.bench.compare.Comparison;
import dev.tutti.bench.compare.ComparisonFormat;
import dev.tutti.bench.compare.CongestionControl;
import dev.tutti.bench.compare.Network;
import dev.tutti.bench.compare.PeerLibrary;
import dev.tutti.bench.compare.Tuning;
import dev.tutti.bench.measure.BenchCollective;
import dev.tutti.bench.measure.BufferKind;
import dev.tutti.bench.measure.Sizes;
import dev.tutti.bench.netlab.Lab;
import dev.tutti.bench.netlab.LabException;
import dev.tutti.bench.netlab.LabSpec;
import dev.tutti.bench.report.MachineInfo;
import dev.tutti.bench.report.Palette;
import dev.tutti.bench.report.Terminal;
import dev.tutti.bench.session.ExitCodes;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `tutti compare`: measures Tutti beside other libraries.
@Command(
    name = "compare",
    sortOptions = false,
    description = {
      "Measures Open MPI, MPICH and Gloo, as installed and tuned, and Tutti in turn, launch by"
          + " launch, and prints the ratios.%n",
      "All are measured the same way (float32 sum among processes; see 'tutti bench"
          + " --help'): through shared memory, over TCP on the loopback interface (--transport tcp),"
          + " or on hosts with shaped links (--lab, see 'tutti netlab --help'). The measuring programs of the peers are built from bench/peers when they are"
          + " first needed. Launches during which others used more than 0.15 cores are left out"
          + " where there are undisturbed ones.%n"
    },
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:measured, whatever the ratios are",
      "1:internal error",
      "2:usage error",
      "3:an element of a result of Tutti was wrong",
      "5:no lab can be made here",
      "6:Tutti has no figures: its ranks died or failed"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  tutti compare all-reduce",
      "  tutti compare all-reduce --ranks 2,4,8 --output raw.jsonl --format markdown",
      "  tutti compare broadcast --sizes 64K,1M,16M --peers openmpi --tunings default",
      "  tutti compare all-reduce --transport tcp --ranks 2,4",
      "  tutti compare send-stream --transport tcp --sizes 1M",
      "  tutti compare all-reduce --lab racks"
    })
final class CompareCommand implements Callable<Integer> {
  private static final long KIB = 1 << 10;
  private static final long MIB = 1 << 20;
  private static final int LAUNCHES = 5;
  private static final int LAB_LAUNCHES = 3;
  private static final int LAUNCH_SECONDS = 90;
  private static final int LAB_SECONDS = 300;
  private static final double TARGET_SECONDS = 0.12;
  private static final double CROWDED_TARGET_SECONDS = 1;
  private static final double LAB_TARGET_SECONDS = 1.5;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      index = "0",
      paramLabel = "COLLECTIVE",
      converter = Converters.CollectiveConverter.class,
      description =
          "all-reduce, broadcast, all-gather, reduce-scatter, reduce, gather, scatter, all-to-all,"
              + " all-to-all-v, scan, barrier, send-recv, or send-stream"
              + " (rank 0 to rank 1, back to back).")
  private BenchCollective collective = BenchCollective.ALL_REDUCE;

  @Option(
      names = "--transport",
      paramLabel = "NAME",
      description =
          "shm (memory that processes of this host share) or tcp (over loopback). Default: shm.")
  private @Nullable String transport;

  @Option(
      names = "--lab",
      paramLabel = "LAB",
      description =
          "Runs over TCP on hosts with shaped links, and prints %%%% of what the network allows:"
              + " uniform, slow, racks, pods (made for this run), or the name of a lab of 'tutti"
              + " netlab up'. Needs root.")
  private @Nullable String lab;

  @Option(
      names = "--ranks",
      paramLabel = "N",
      split = ",",
      description =
          "Numbers of ranks, one comparison each; in a lab multiples of its hosts."
              + " Default: 2; in a lab one per host.")
  private @Nullable List<Integer> ranks;

  @Option(
      names = "--sizes",
      paramLabel = "SIZE",
      split = ",",
      converter = Converters.SizeConverter.class,
      description =
          "Sizes. Default: 4,1K,64K,1M,16M,256M; over TCP 4,1K,4K,64K,1M,16M,64M; in a lab"
              + " 1M,16M,64M.")
  private @Nullable List<Long> sizes;

  @Option(
      names = {"-b", "--min-bytes"},
      paramLabel = "SIZE",
      converter = Converters.SizeConverter.class,
      description = "Smallest size, instead of --sizes.")
  private @Nullable Long minBytes;

  @Option(
      names = {"-e", "--max-bytes"},
      paramLabel = "SIZE",
      converter = Converters.SizeConverter.class,
      description = "Largest size. Default: 256M.")
  private @Nullable Long maxBytes;

  @Option(
      names = {"-f", "--step-factor"},
      paramLabel = "FACTOR",
      defaultValue = "4",
      description = "Ratio of one size to the one before. Default: ${DEFAULT-VALUE}.")
  private long stepFactor;

  @Option(
      names = "--launches",
      paramLabel = "K",
      description = "Launches of each contestant. Default: 5; in a lab 3.")
  private @Nullable Integer launches;

  @Option(
      names = "--extra-launches",
      paramLabel = "K",
      defaultValue = "2",
      description = "More launches for contestants that were disturbed. Default: ${DEFAULT-VALUE}.")
  private int extraLaunches;

  @Option(
      names = "--peers",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "openmpi,mpich,gloo,iperf3",
      description =
          "Libraries to compare with, where installed; iperf3 for send-stream over TCP only."
              + " Default: ${DEFAULT-VALUE}.")
  private List<PeerLibrary> peers = List.of();

  @Option(
      names = "--tunings",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "all",
      description =
          "Tunings of the peers: all, default (as installed), or names, for example"
              + " smcoll+malloc. Default: ${DEFAULT-VALUE}.")
  private List<String> tunings = List.of();

  @Option(
      names = "--buffers",
      paramLabel = "KIND",
      split = ",",
      converter = Converters.BufferKindConverter.class,
      description =
          "Memory of Tutti's buffers. Default: foreign,huge-pages,registered; in a lab foreign.")
  private @Nullable List<BufferKind> kinds;

  @Option(
      names = "--time",
      paramLabel = "SECONDS",
      description =
          "Time that the timed operations of one size take together. Default: 0.12; 1 over TCP among"
              + " more ranks than cores and 1.5 in a lab, where less would measure what is not warm.")
  private @Nullable Double seconds;

  @Option(
      names = "--launch-timeout",
      paramLabel = "SECONDS",
      description = "Time that one launch may take before it is ended. Default: 90; in a lab 300.")
  private @Nullable Integer launchTimeout;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "table",
      description =
          "table, markdown, or json (one object per contestant and size)."
              + " Default: ${DEFAULT-VALUE}.")
  private ComparisonFormat format = ComparisonFormat.TABLE;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Also writes every row of every launch to FILE, as JSON lines.")
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
  CompareCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (lab == null) {
      return compare(request(memoryOrLoopback()));
    }
    if (transport != null && !transport.equals(Network.TCP)) {
      throw usage(
          "--lab is a network: --transport must be tcp or left out, but it is " + transport);
    }
    String wanted = lab;
    return NetlabCommand.with(
        spec,
        () -> {
          try (Lab made = openLab(wanted)) {
            return compare(request(new Network.InLab(made)));
          }
        });
  }

  private Network memoryOrLoopback() {
    return switch (transport == null ? "shm" : transport) {
      case "shm" -> new Network.SharedMemory();
      case Network.TCP -> new Network.Loopback();
      default -> throw usage("--transport must be shm or tcp, but it is " + transport);
    };
  }

  private static Lab openLab(String wanted) throws LabException {
    for (LabSpec.Scenario scenario : LabSpec.Scenario.values()) {
      if (scenario.label().equals(wanted)) {
        return Lab.createTemporary("compare", LabSpec.of(scenario, LabSpec.Changes.NONE));
      }
    }
    return NetlabCommand.find(wanted);
  }

  private int compare(CompareSession.Request request) throws IOException, InterruptedException {
    CompareSession session = new CompareSession(request, System.err::println);
    AtomicBoolean wrong = new AtomicBoolean();
    AtomicBoolean measured = new AtomicBoolean();
    Palette palette = Terminal.palette(color);
    try (PrintStream raw = open(output)) {
      session.prepare();
      printHeader(request.network());
      session.run(
          row -> {
            measured.compareAndSet(false, row.isTutti());
            wrong.compareAndSet(false, row.isTutti() && row.wrong() > 0);
            if (raw != null) {
              raw.println(row.json());
            }
          },
          comparison -> print(comparison, palette));
    }
    return wrong.get()
        ? ExitCodes.WRONG_RESULTS
        : measured.get() ? ExitCodes.OK : ExitCodes.RANK_FAILED;
  }

  private void printHeader(Network network) {
    if (format == ComparisonFormat.JSON) {
      return;
    }
    String mark = format == ComparisonFormat.TABLE ? "# " : "    ";
    MachineInfo machine = MachineInfo.read();
    System.out.println(mark + "tutti " + Tutti.version());
    System.out.println(mark + "command: " + Invocation.words(spec));
    System.out.println(mark + "date:    " + Invocation.date());
    System.out.println(mark + "machine: " + machine.describe());
    System.out.println(mark + "java:    " + machine.java());
    if (network.isTcp()) {
      System.out.println(
          mark + "network: " + network.describe() + ", " + CongestionControl.describe());
    }
    System.out.println();
    System.out.flush();
  }

  private void print(Comparison comparison, Palette palette) {
    format.lines(comparison, palette).forEach(System.out::println);
    System.out.flush();
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

  private CompareSession.Request request(Network network) {
    boolean inLab = network instanceof Network.InLab;
    int count = launches == null ? (inLab ? LAB_LAUNCHES : LAUNCHES) : launches;
    int limit = launchTimeout == null ? (inLab ? LAB_SECONDS : LAUNCH_SECONDS) : launchTimeout;
    if (count < 1 || extraLaunches < 0 || limit < 1) {
      throw usage(
          "--launches and --launch-timeout must be at least 1, --extra-launches at least 0");
    }
    List<Integer> worlds = worlds(network);
    double time = seconds == null ? usualSeconds(network, worlds) : seconds;
    if (!(time > 0)) {
      throw usage("--time must be positive");
    }
    return new CompareSession.Request(
        collective,
        network,
        worlds,
        sizes(network),
        count,
        extraLaunches,
        peers,
        tunings.contains("all") ? List.of() : checkedTunings(network, worlds),
        kinds(inLab),
        time,
        Duration.ofSeconds(limit),
        Tutti.version());
  }

  private static double usualSeconds(Network network, List<Integer> worlds) {
    if (network instanceof Network.InLab) {
      return LAB_TARGET_SECONDS;
    }
    int cores = Runtime.getRuntime().availableProcessors();
    boolean crowded = worlds.stream().anyMatch(ranks -> ranks > cores);
    return crowded && !(network instanceof Network.SharedMemory)
        ? CROWDED_TARGET_SECONDS
        : TARGET_SECONDS;
  }

  private List<BufferKind> kinds(boolean inLab) {
    if (kinds != null) {
      return kinds.stream().distinct().toList();
    }
    return inLab
        ? List.of(BufferKind.FOREIGN)
        : List.of(BufferKind.FOREIGN, BufferKind.HUGE_PAGES, BufferKind.REGISTERED);
  }

  private List<Integer> worlds(Network network) {
    int hosts = network instanceof Network.InLab in ? in.lab().spec().hosts() : 1;
    List<Integer> worlds = ranks == null ? List.of(hosts == 1 ? 2 : hosts) : ranks;
    if (collective.isOneSided()) {
      throw usage(collective.label() + " has no peer to be compared with; see tutti bench");
    }
    int least = collective.isPointToPoint() ? 2 : 1;
    for (int n : worlds) {
      if (n < least) {
        throw usage("--ranks must be at least " + least + ", but one is " + n);
      }
      if (n % hosts != 0) {
        throw usage("--ranks must be multiples of the lab's " + hosts + " hosts, but one is " + n);
      }
    }
    return worlds;
  }

  private static List<Long> defaultSizes(Network network) {
    return switch (network) {
      case Network.SharedMemory _ -> List.of(4L, KIB, 64 * KIB, MIB, 16 * MIB, 256 * MIB);
      case Network.Loopback _ -> List.of(4L, KIB, 4 * KIB, 64 * KIB, MIB, 16 * MIB, 64 * MIB);
      case Network.InLab _ -> List.of(MIB, 16 * MIB, 64 * MIB);
    };
  }

  private List<Long> sizes(Network network) {
    if (minBytes == null && maxBytes == null) {
      return sizes == null ? defaultSizes(network) : sizes.stream().sorted().distinct().toList();
    }
    if (sizes != null) {
      throw usage("--sizes and -b, -e (--min-bytes, --max-bytes) exclude each other");
    }
    long min = minBytes == null ? 4 : minBytes;
    try {
      return Sizes.geometric(
          min, maxBytes == null ? Math.max(min, 256 * MIB) : maxBytes, stepFactor);
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
  }

  private List<String> checkedTunings(Network network, List<Integer> worlds) {
    List<String> known =
        peers.stream()
            .flatMap(peer ->
                worlds.stream().flatMap(n -> Tuning.of(peer, collective, n, network).stream()))
            .map(Tuning::label)
            .distinct()
            .toList();
    for (String label : tunings) {
      if (!known.contains(label)) {
        throw usage(
            "unknown tuning '" + label + "'; there are " + String.join(", ", known) + ", all");
      }
    }
    return tunings;
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
