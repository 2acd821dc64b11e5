package dev.tutti.bench;

import dev.tutti.bench.report.Terminal;
import dev.tutti.bench.session.ExitCodes;
import dev.tutti.bench.stat.StatJson;
import dev.tutti.bench.stat.StatRow;
import dev.tutti.bench.stat.StatTable;
import dev.tutti.collectives.record.DumpFile;
import dev.tutti.collectives.record.LiveRecords;
import dev.tutti.collectives.record.LiveRecords.Live;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `tutti stat`: shows what the ranks on this host are doing.
@Command(
    name = "stat",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Shows what all Tutti ranks of this user on this host are doing, without disturbing them; on"
          + " a terminal again and again, like top, until Ctrl-C.%n",
      "OPS/S and GB/S count collectives and messages and count x element size of them. A stall is a"
          + " wait that outlasts spinning, WAIT%% the part of the time spent in stalls, SLEEP%% the"
          + " part of it with the thread asleep.%n",
      "A rank is not shown if it runs with the option counters=off or recorderOperations=0."
    },
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:ranks were shown", "2:usage error", "4:there are no ranks to be seen"},
    footerHeading = "%nExamples:%n",
    footer = {
      "  tutti stat",
      "  tutti stat --once --format json",
      "  tutti stat --dump /tmp/dumps && tutti analyze /tmp/dumps"
    })
final class StatCommand implements Callable<Integer> {
  private static final String HOME = "\u001b[H";
  private static final String CLEAR_LINE = "\u001b[K";
  private static final String CLEAR_REST = "\u001b[J";
  private static final int LEAST_WIDTH = 60;

  private enum Format {
    TABLE,
    JSON
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      arity = "0..*",
      paramLabel = "PID",
      description = "Only these processes. Default: all.")
  private List<Long> processIds = List.of();

  @Option(
      names = "--interval",
      paramLabel = "SECONDS",
      description = "Time between two looks, from which the rates are computed. Default: 1.")
  private double interval = 1;

  @Option(
      names = "--once",
      description = "Look once (for one interval) and end; so it does where stdout is no terminal.")
  private boolean once;

  @Option(
      names = "--repeat",
      description = "Go on until Ctrl-C also where standard output is no terminal.")
  private boolean repeat;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "table or json (one object per look). Default: table.")
  private Format format = Format.TABLE;

  @Option(
      names = "--dump",
      paramLabel = "DIR",
      description =
          "Write the flight recorders of the ranks into a folder, for 'tutti analyze', and end."
              + " Works on ranks that hang or are stopped, too.")
  private @Nullable Path dumpFolder;

  /// For picocli.
  StatCommand() {}

  @Override
  public Integer call() throws InterruptedException {
    if (!(interval >= 0.01 && interval <= 3600)) {
      throw new ParameterException(
          spec.commandLine(), "--interval must be 0.01 to 3600 seconds, is " + interval);
    }
    if (once && repeat) {
      throw new ParameterException(
          spec.commandLine(), "--once and --repeat contradict each other: give one of them");
    }
    List<Live> now = look();
    reportUnreadable(now);
    if (now.stream().allMatch(live -> live.dump() == null)) {
      explainNothing();
      if (format == Format.JSON) {
        out().println(StatJson.line(List.of(), Instant.now()));
        out().flush();
      }
      return ExitCodes.NOTHING_FOUND;
    }
    if (dumpFolder != null) {
      dump(now, dumpFolder);
      return ExitCodes.OK;
    }
    watch(now);
    return ExitCodes.OK;
  }

  private void watch(List<Live> first) throws InterruptedException {
    boolean isScreen = format == Format.TABLE && Terminal.isStdout() && !once;
    boolean isOnce = once || (!repeat && !Terminal.isStdout());
    CountDownLatch never = new CountDownLatch(1);
    List<Live> before = first;
    while (!first.isEmpty()) {
      boolean _ = never.await(Math.round(interval * 1000), TimeUnit.MILLISECONDS);
      List<Live> now = look();
      List<StatRow> rows = StatRow.between(before, now);
      show(rows, isScreen);
      if (isOnce || rows.isEmpty()) {
        return;
      }
      before = now;
    }
  }

  private List<Live> look() {
    return LiveRecords.find().stream()
        .filter(live -> processIds.isEmpty() || processIds.contains(live.processId()))
        .toList();
  }

  private void show(List<StatRow> rows, boolean isScreen) {
    PrintWriter out = out();
    if (format == Format.JSON) {
      out.println(StatJson.line(rows, Instant.now()));
    } else if (isScreen) {
      int width = Math.max(LEAST_WIDTH, spec.usageMessage().width());
      StringBuilder screen = new StringBuilder(HOME);
      line(screen, title(rows));
      line(screen, "");
      StatTable.lines(rows, width).forEach(line -> line(screen, line));
      out.print(screen.append(CLEAR_REST));
    } else {
      StatTable.lines(rows, Integer.MAX_VALUE).forEach(out::println);
    }
    out.flush();
  }

  private static void line(StringBuilder screen, String text) {
    screen.append(text).append(CLEAR_LINE).append(System.lineSeparator());
  }

  private String title(List<StatRow> rows) {
    long processes = rows.stream().mapToLong(StatRow::processId).distinct().count();
    return String.format(
        Locale.ROOT,
        "tutti stat  %s  %d ranks in %d processes of %s  every %s s  Ctrl-C ends",
        LocalTime.now(java.time.ZoneId.systemDefault()).truncatedTo(ChronoUnit.SECONDS),
        rows.stream().filter(row -> row.dump().identity().communicator().equals("world")).count(),
        processes,
        System.getProperty("user.name"),
        interval == Math.rint(interval) ? "" + (long) interval : "" + interval);
  }

  private void dump(List<Live> ranks, Path folder) {
    for (Live live : ranks) {
      if (live.dump() != null) {
        try {
          Files.createDirectories(folder);
          out().println(DumpFile.write(live.dump(), folder));
        } catch (IOException e) {
          throw new ParameterException(
              spec.commandLine(), "cannot write a dump into " + folder + ": " + e, e, null, "");
        }
      }
    }
    out().flush();
  }

  private void reportUnreadable(List<Live> ranks) {
    for (Live live : ranks) {
      if (live.dump() == null) {
        err().println("tutti stat: " + live.place() + " " + live.problem());
      }
    }
    err().flush();
  }

  private void explainNothing() {
    String which = processIds.isEmpty() ? "" : " among the processes " + processIds;
    err()
        .println(
            "tutti stat: no Tutti rank of user "
                + System.getProperty("user.name")
                + " runs on this host"
                + which);
    err()
        .println(
            "Ranks of other users cannot be seen, nor can ranks that run with the option"
                + " counters=off or recorderOperations=0.");
    err().flush();
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  private PrintWriter err() {
    return spec.commandLine().getErr();
  }
}
