package dev.tutti.bench;

import dev.tutti.bench.netlab.Lab;
import dev.tutti.bench.netlab.LabCheck;
import dev.tutti.bench.session.ExitCodes;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `tutti netlab check`: whether links are as fast as they should be.
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Measures a lab's links with TCP streams from each host to the next: one at a time, and"
            + " all at once. Mbit/s of user data; 'configured' is what the rate leaves after"
            + " headers.")
final class NetlabCheckCommand implements Callable<Integer> {
  private static final double TOLERATED_PERCENT = 10;
  private static final double BYTES_PER_MEGABIT = 125_000;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      arity = "0..1",
      paramLabel = "NAME",
      description = "The lab. Default: " + NetlabCommand.DEFAULT_NAME + ".")
  private @Nullable String name;

  @Option(
      names = "--time",
      paramLabel = "SECONDS",
      defaultValue = "1.5",
      description = "How long each stream is, at least 0.5. Default: ${DEFAULT-VALUE}.")
  private double seconds;

  /// For picocli.
  NetlabCheckCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    return NetlabCommand.with(
        spec,
        () -> {
          if (!(seconds >= 0.5 && seconds <= 60)) {
            throw new IllegalArgumentException(
                "--time must be 0.5 to 60 seconds, but it is " + seconds);
          }
          Lab lab = NetlabCommand.find(name == null ? NetlabCommand.DEFAULT_NAME : name);
          print(LabCheck.run(lab, Duration.ofMillis(Math.round(seconds * 1000))));
          return ExitCodes.OK;
        });
  }

  private static void print(List<LabCheck.Figure> figures) {
    System.out.printf(
        Locale.ROOT, "# %-16s %10s %10s %12s%n", "stream", "configured", "alone", "all at once");
    for (LabCheck.Figure figure : figures) {
      System.out.printf(
          Locale.ROOT,
          "  %-16s %10.1f %10.1f %12.1f%s%n",
          "host" + figure.from() + " -> host" + figure.to(),
          figure.configured() / BYTES_PER_MEGABIT,
          figure.alone() / BYTES_PER_MEGABIT,
          figure.together() / BYTES_PER_MEGABIT,
          figure.isWithin(TOLERATED_PERCENT) ? "" : "  off by more than 10 %");
    }
  }
}
