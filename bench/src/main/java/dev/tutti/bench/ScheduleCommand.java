package dev.tutti.bench;

import dev.tutti.bench.session.ExitCodes;
import dev.tutti.bench.topo.ScheduleSvg;
import dev.tutti.collectives.algorithm.Algorithm;
import dev.tutti.collectives.algorithm.Algorithms;
import dev.tutti.collectives.algorithm.LateRankAllReduce;
import dev.tutti.collectives.plan.TopologySchedules;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.ScheduleJson;
import dev.tutti.collectives.schedule.ScheduleSet;
import dev.tutti.collectives.schedule.ScheduleText;
import dev.tutti.collectives.schedule.VerificationReport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `tutti schedule`: prints and proves the schedule of an algorithm, or one from a file.
@Command(
    name = "schedule",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Prints the schedule of an algorithm, or one read from a file, and proves it.%n",
      "The proof goes to standard error. Operands: I input, O output, S scratch, with the chunk."
    },
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the schedule is proven",
      "2:usage error, or the file is malformed",
      "3:the schedule has defects"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  tutti schedule all-reduce --algorithm ring --ranks 3",
      "  tutti schedule --collective all-gather --algorithm ring --ranks 4 --format svg > ring.svg",
      "  tutti schedule broadcast --algorithm binomial-tree --ranks 8 --root 2 --format json",
      "  tutti schedule all-reduce --groups 0,0,1,1",
      "  tutti schedule all-reduce --order 0,2,1,3 --order 3,1,2,0",
      "  tutti schedule all-reduce --rates 1,1,1,0.5",
      "  tutti schedule all-gather --algorithm packed-trees --preset hgx-h100",
      "  tutti schedule --file mine.json --format none"
    })
final class ScheduleCommand implements Callable<Integer> {
  private enum Format {
    TEXT,
    JSON,
    SVG,
    NONE
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      arity = "0..1",
      paramLabel = "COLLECTIVE",
      description =
          "all-reduce, broadcast, all-gather, reduce-scatter, barrier, reduce, gather, scatter,"
              + " all-to-all, scan or exclusive-scan.")
  private @Nullable String positional;

  @Option(names = "--collective", paramLabel = "NAME", description = "The same, as an option.")
  private @Nullable String option;

  @Option(
      names = "--file",
      paramLabel = "FILE",
      description = "Read the schedule from a file in text or JSON form instead.")
  private @Nullable Path file;

  @Option(
      names = "--algorithm",
      paramLabel = "NAME",
      description =
          "Algorithm. Default: hierarchical with --groups, multi-ring with --order, nested-rings"
              + " with --rates, packed-trees with --from or --preset, late-rank with --late, else the"
              + " first that supports the collective.")
  private @Nullable String algorithm;

  @Option(
      names = "--ranks",
      paramLabel = "N",
      description =
          "Number of ranks. Default: as many as --groups, --order or --rates names, or as are"
              + " placed on the topology, else 4.")
  private @Nullable Integer ranks;

  @Option(
      names = "--groups",
      paramLabel = "G,G,...",
      description =
          "Number of each rank's group, by rank, for hierarchical all-reduce. Once for each level,"
              + " the innermost first.")
  private List<String> groups = List.of();

  @Option(
      names = "--order",
      paramLabel = "R,R,...",
      description = "Order of the ranks in a ring, for multi-ring. Once for each ring.")
  private List<String> orders = List.of();

  @Option(
      names = "--rates",
      paramLabel = "B,B,...",
      description = "Rate of each rank's port, by rank, in any unit, for nested-rings.")
  private @Nullable String rates;

  @Option(
      names = "--late",
      paramLabel = "R",
      description = "The rank that comes last, for late-rank.")
  private @Nullable Integer late;

  @Option(
      names = "--lanes",
      paramLabel = "N",
      description = "Lanes that late-rank, nested-rings and packed-trees may use. Default: 64.")
  private int lanes = 64;

  @Mixin private TopologySource source = new TopologySource();

  @Option(names = "--root", paramLabel = "R", description = "Root of a broadcast. Default: 0.")
  private int root;

  @Option(
      names = "--pieces",
      paramLabel = "K",
      description =
          "Pieces into which trees, hierarchical, late-rank and nested-rings cut what they pipeline."
              + " Default: 1.")
  private int pieces = 1;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description =
          "text, json, svg (a picture: messages between ranks, round after round) or none. Default:"
              + " text.")
  private Format format = Format.TEXT;

  /// For picocli.
  ScheduleCommand() {}

  @Override
  public Integer call() throws IOException {
    ScheduleSet set = file == null ? generate() : read(file);
    VerificationReport report = VerifyCommand.verify(set, null);
    PrintWriter out = spec.commandLine().getOut();
    switch (format) {
      case TEXT -> out.print(ScheduleText.write(set));
      case JSON -> out.print(ScheduleJson.write(set));
      case SVG -> out.print(report.isValid() ? svg(set) : "");
      case NONE -> {}
    }
    out.flush();
    spec.commandLine().getErr().println(report.describe());
    spec.commandLine().getErr().flush();
    return report.isValid() ? ExitCodes.OK : ExitCodes.WRONG_RESULTS;
  }

  private String svg(ScheduleSet set) throws IOException {
    ByteArrayOutputStream picture = new ByteArrayOutputStream();
    String by = algorithm == null ? "" : " by " + algorithm;
    try {
      ScheduleSvg.write(set.collective().label() + by, set, picture);
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
    return picture.toString(StandardCharsets.UTF_8);
  }

  private ScheduleSet generate() {
    if (positional != null && option != null && !positional.equals(option)) {
      throw wrong("there are two collectives: " + positional + " and " + option);
    }
    String name = positional == null ? option : positional;
    if (name == null) {
      throw wrong("missing a collective, or --file");
    }
    Collective kind = Collective.named(name);
    if (kind == null) {
      throw wrong(
          "unknown collective '"
              + name
              + "'; there are "
              + Arrays.stream(Collective.values()).map(Collective::label).toList());
    }
    if (late != null || LateRankAllReduce.NAME.equals(algorithm)) {
      return lateRank(kind);
    }
    SpecialSchedules special =
        new SpecialSchedules(spec, source, algorithm, groups, orders, rates, ranks);
    if (special.isAsked()) {
      return special.generate(new TopologySchedules.Request(kind, root, pieces, lanes));
    }
    int size = ranks != null ? ranks : 4;
    if (size < 1 || root < 0 || root >= size || pieces < 1) {
      throw wrong("expected ranks and pieces of at least 1 and a root below ranks");
    }
    List<Algorithm> supporting = Algorithms.supporting(kind, size);
    List<String> names = supporting.stream().map(Algorithm::name).toList();
    String wanted = algorithm == null ? names.getFirst() : algorithm;
    return supporting.stream()
        .filter(a -> a.name().equals(wanted))
        .findFirst()
        .orElseThrow(() ->
            wrong(
                "no "
                    + name
                    + " by '"
                    + wanted
                    + "'; there are "
                    + names
                    + " and "
                    + SpecialSchedules.names()))
        .scheduleSet(kind, size, root, pieces);
  }

  private ScheduleSet lateRank(Collective kind) {
    if (late == null) {
      throw wrong(LateRankAllReduce.NAME + " needs the rank that comes last, for example --late 3");
    }
    if (algorithm != null && !LateRankAllReduce.NAME.equals(algorithm)) {
      throw wrong(
          "--late is for " + LateRankAllReduce.NAME + ", but --algorithm is '" + algorithm + "'");
    }
    if (kind != Collective.ALL_REDUCE) {
      throw wrong(LateRankAllReduce.NAME + " is an all-reduce, not a " + kind.label());
    }
    try {
      return LateRankAllReduce.scheduleSet(ranks == null ? 4 : ranks, late, pieces, lanes);
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  private ScheduleSet read(Path path) {
    try {
      return VerifyCommand.read(path.toString());
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
