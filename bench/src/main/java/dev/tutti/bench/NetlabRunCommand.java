package dev.tutti.bench;

import dev.tutti.bench.launch.LaunchResult;
import dev.tutti.bench.launch.Launcher;
import dev.tutti.bench.launch.LineSink;
import dev.tutti.bench.netlab.Lab;
import dev.tutti.bench.netlab.LabException;
import dev.tutti.bench.netlab.LabJob;
import dev.tutti.bench.netlab.LabSpec;
import dev.tutti.bench.netlab.LinkOutage;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `tutti netlab run`: starts a command as all ranks of a world, spread over the hosts of a lab.
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Runs a command once per rank on the hosts of a lab and waits for their end.%n",
      "Each process finds what 'tutti run' gives it, with the rendezvous at this machine's address"
          + " in the lab, and TUTTI_HOST_ID and TUTTI_INTERFACE. Without --lab the lab is made for"
          + " this run and removed afterwards, also on Ctrl-C.%n"
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:every rank ended with 0",
      "2:usage error",
      "5:no lab can be made here",
      "127:the command could not be started",
      "other:as of 'tutti run'"
    })
final class NetlabRunCommand implements Callable<Integer> {
  private static final int CANNOT_START = 127;

  private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--lab",
      paramLabel = "NAME",
      description = "The lab to run in. Default: one made for this run, see --scenario.")
  private @Nullable String name;

  @Option(
      names = "--scenario",
      paramLabel = "NAME",
      defaultValue = "uniform",
      description = "uniform, slow, racks, pods or down. Default: ${DEFAULT-VALUE}.")
  private LabSpec.Scenario scenario = LabSpec.Scenario.UNIFORM;

  @Mixin private NetlabScenario changes = new NetlabScenario();

  @Option(
      names = {"-n", "--ranks-per-host"},
      paramLabel = "N",
      defaultValue = "1",
      description = "Number of ranks on each host. Default: ${DEFAULT-VALUE}.")
  private int ranksPerHost;

  @Option(
      names = "--down-host",
      paramLabel = "HOST",
      description = "The host whose link goes down. Default: none; in 'down' the last one.")
  private @Nullable String downHost;

  @Option(
      names = "--down-after",
      paramLabel = "SECONDS",
      defaultValue = "2",
      description = "Time from the start until then. Default: ${DEFAULT-VALUE}.")
  private double downAfter;

  @Option(
      names = "--down-for",
      paramLabel = "SECONDS",
      defaultValue = "0",
      description = "Time until it is up again, 0 for never. Default: ${DEFAULT-VALUE}.")
  private double downFor;

  @Option(
      names = "--grace",
      paramLabel = "SECONDS",
      defaultValue = "2",
      description =
          "How long the other ranks may go on after one failed, and how long a rank has between"
              + " SIGTERM and SIGKILL. Default: ${DEFAULT-VALUE}.")
  private double grace;

  @Option(
      names = "--env",
      paramLabel = "NAME=VALUE",
      description = "Sets a variable in the environment of every rank; may be repeated.")
  private Map<String, String> environment = new LinkedHashMap<>();

  @Option(names = "--no-prefix", description = "Passes lines on without [rank] in front.")
  private boolean plain;

  @Parameters(
      arity = "1..*",
      paramLabel = "COMMAND",
      description = "The command and its arguments; everything after it belongs to it.")
  private List<String> command = new ArrayList<>();

  /// For picocli.
  NetlabRunCommand() {}

  @Spec
  void setSpec(CommandSpec injected) {
    spec = injected;
    // Options after the command's name are the command's.
    spec.parser().stopAtPositional(true);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    return NetlabCommand.with(
        spec,
        () -> {
          Duration graceTime = seconds("--grace", grace);
          try (Lab lab =
                  name == null
                      ? Lab.createTemporary("run", changes.of(scenario))
                      : NetlabCommand.find(name);
              LabJob job = LabJob.open(lab, ranksPerHost);
              LinkOutage _ = outage(lab)) {
            return launch(job.launcher(command), graceTime);
          }
        });
  }

  private int launch(Launcher.Builder launcher, Duration graceTime) throws InterruptedException {
    // Not System.out: it encodes, and it hides a broken pipe.
    OutputStream stdout = new FileOutputStream(FileDescriptor.out);
    OutputStream stderr = new FileOutputStream(FileDescriptor.err);
    try {
      LaunchResult result =
          launcher
              .environment(environment)
              .output(plain ? LineSink.plain(stdout, stderr) : LineSink.tagged(stdout, stderr))
              .input(Launcher.Input.RANK_ZERO)
              .failureGrace(graceTime)
              .terminationGrace(graceTime)
              .diagnostics(this::say)
              .run();
      return result.exitCode();
    } catch (IOException e) {
      say(String.valueOf(e.getMessage()));
      return CANNOT_START;
    }
  }

  private LinkOutage outage(Lab lab) throws LabException {
    boolean isDown = downHost != null || lab.spec().scenario() == LabSpec.Scenario.DOWN;
    if (!isDown) {
      return LinkOutage.NONE;
    }
    int host = downHost == null ? lab.spec().hosts() - 1 : NetlabCommand.host(downHost);
    return LinkOutage.plan(
        lab, host, seconds("--down-after", downAfter), seconds("--down-for", downFor), this::say);
  }

  private static Duration seconds(String option, double value) {
    if (!(value >= 0 && value <= 86_400)) {
      throw new IllegalArgumentException(
          option + " must be 0 to 86400 seconds, but it is " + value);
    }
    return Duration.ofMillis(Math.round(value * 1000));
  }

  private void say(String line) {
    spec.commandLine().getErr().println("tutti netlab run: " + line);
  }
}
