package dev.tutti.bench;

import dev.tutti.bench.netlab.Lab;
import dev.tutti.bench.netlab.LabSpec;
import dev.tutti.bench.session.ExitCodes;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `tutti netlab up`: makes a lab that stays.
@Command(
    name = "up",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Makes a lab that stays until 'tutti netlab down'.")
final class NetlabUpCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      arity = "0..1",
      paramLabel = "SCENARIO",
      defaultValue = "uniform",
      description = "uniform, slow, racks, pods or down. Default: ${DEFAULT-VALUE}.")
  private LabSpec.Scenario scenario = LabSpec.Scenario.UNIFORM;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      defaultValue = NetlabCommand.DEFAULT_NAME,
      description = "The lab's name: small letters and digits. Default: ${DEFAULT-VALUE}.")
  private String name = "";

  @Mixin private NetlabScenario changes = new NetlabScenario();

  /// For picocli.
  NetlabUpCommand() {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    return NetlabCommand.with(
        spec,
        () -> {
          NetlabCommand.Status.show(Lab.createLasting(name, changes.of(scenario)));
          return ExitCodes.OK;
        });
  }
}
