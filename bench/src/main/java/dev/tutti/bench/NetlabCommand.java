package dev.tutti.bench;

import dev.tutti.bench.netlab.Lab;
import dev.tutti.bench.netlab.LabException;
import dev.tutti.bench.netlab.LabSpec;
import dev.tutti.bench.netlab.LabSupport;
import dev.tutti.bench.session.ExitCodes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `tutti netlab`: hosts with shaped links between them, on one machine.
@Command(
    name = "netlab",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "Makes hosts on this machine (network namespaces) that are joined by links of a given rate"
          + " (veth pairs with tbf, a bridge per rack), and runs commands on them. Needs root.%n",
      "Scenarios: uniform (4 hosts, 1 Gbit/s each), slow (the last host has 100 Mbit/s), racks"
          + " (2 + 2 hosts, 200 Mbit/s between the racks), pods (2 pods of 2 racks of 2 hosts), down (a"
          + " host's link goes down while a command runs).%n"
    },
    subcommands = {
      NetlabUpCommand.class,
      NetlabCommand.Down.class,
      NetlabCommand.Status.class,
      NetlabCommand.Link.class,
      NetlabCommand.Exec.class,
      NetlabRunCommand.class,
      NetlabCheckCommand.class
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  tutti netlab up racks --name demo",
      "  tutti netlab check demo",
      "  tutti netlab exec --lab demo host0 -- ip addr",
      "  tutti netlab run --lab demo --ranks-per-host 2 -- java -cp app.jar com.example.Train",
      "  tutti netlab down demo",
      "  tutti netlab run --scenario slow --slow-rate 10mbit -- ./train.sh",
      "  tutti netlab run --scenario pods --shuffle 1 -- tutti probe --join"
    })
final class NetlabCommand implements Runnable {
  /// The name of a lab that got none.
  static final String DEFAULT_NAME = "lab";

  /// Exit code where no lab can be made or changed.
  static final int NO_LAB = 5;

  @Spec private CommandSpec spec = CommandSpec.create();

  /// For picocli.
  NetlabCommand() {}

  /// Called where no subcommand was given, which is a usage error.
  @Override
  public void run() {
    throw Invocation.missingCommand(spec);
  }

  /// Something that is done with labs.
  @FunctionalInterface
  interface Action {
    /// Does it and returns the exit code.
    int run() throws IOException, InterruptedException;
  }

  /// Does something with labs; says in one line why that is impossible here.
  static int with(CommandSpec spec, Action action) throws IOException, InterruptedException {
    String missing = LabSupport.missing();
    if (missing != null) {
      complain(spec, missing);
      return NO_LAB;
    }
    try {
      return action.run();
    } catch (LabException e) {
      complain(spec, String.valueOf(e.getMessage()));
      return NO_LAB;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private static void complain(CommandSpec spec, String message) {
    CommandLine commandLine = spec.commandLine();
    commandLine.getErr().println(spec.qualifiedName() + ": " + message);
    commandLine.getErr().flush();
  }

  /// Finds a lab that must be there.
  static Lab find(String name) throws LabException {
    Lab lab = Lab.find(name);
    if (lab == null) {
      String there =
          Lab.all().stream()
              .filter(each -> !each.isTemporary())
              .map(Lab::name)
              .collect(Collectors.joining(", "));
      throw new IllegalArgumentException(
          "there is no lab '"
              + name
              + "'; "
              + (there.isEmpty() ? "make one with: tutti netlab up" : "there are: " + there));
    }
    return lab;
  }

  /// Reads `host3` or `3`.
  static int host(String word) {
    try {
      return Integer.parseInt(word.startsWith("host") ? word.substring(4) : word);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'" + word + "' is not a host; hosts are host0, host1 ...", e);
    }
  }

  /// `tutti netlab down`.
  @Command(
      name = "down",
      mixinStandardHelpOptions = true,
      description = "Ends what runs in a lab and removes it.")
  static final class Down implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Parameters(
        arity = "0..1",
        paramLabel = "NAME",
        description = "The lab. Default: " + DEFAULT_NAME + ".")
    private @Nullable String name;

    @Option(
        names = "--all",
        description = "Removes all labs, also those of running commands and of crashed ones.")
    private boolean all;

    /// For picocli.
    Down() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
      if (all && name != null) {
        throw new ParameterException(spec.commandLine(), "--all and a name exclude each other");
      }
      return with(
          spec,
          () -> {
            if (all) {
              List<String> removed = Lab.destroyAll();
              System.out.println(
                  "removed " + (removed.isEmpty() ? "nothing" : String.join(", ", removed)));
            } else {
              find(name == null ? DEFAULT_NAME : name).destroy();
            }
            return ExitCodes.OK;
          });
    }
  }

  /// `tutti netlab status`.
  @Command(
      name = "status",
      mixinStandardHelpOptions = true,
      description = "Shows the labs of this machine.")
  static final class Status implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    /// For picocli.
    Status() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
      return with(
          spec,
          () -> {
            List<Lab> labs = Lab.all();
            if (labs.isEmpty()) {
              System.out.println("no labs");
            }
            for (Lab lab : labs) {
              show(lab);
            }
            return ExitCodes.OK;
          });
    }

    private static String joints(LabSpec spec) {
      if (spec.trunk() == null) {
        return "";
      }
      String trunk = ", trunk " + spec.trunk();
      return spec.isTree()
          ? ", "
              + spec.rackCount()
              + " racks"
              + trunk
              + (spec.podTrunk() == null
                  ? ""
                  : ", " + spec.podCount() + " pods, pod trunk " + spec.podTrunk())
          : trunk;
    }

    private static String place(LabSpec spec, int host) {
      String rack = "rack" + spec.racks().get(host);
      return spec.podTrunk() == null ? rack : "pod" + spec.podOf(host) + "/" + rack;
    }

    /// Prints a lab as a heading and a line per host.
    static void show(Lab lab) throws LabException {
      String trunk = joints(lab.spec());
      String owner = lab.isTemporary() ? ", of process " + lab.creator() : "";
      System.out.printf(
          Locale.ROOT,
          "%s: %s, %d hosts%s%s; this machine is %s there%n",
          lab.name(),
          lab.spec().scenario().label(),
          lab.spec().hosts(),
          trunk,
          owner,
          lab.launcherAddress().getHostAddress());
      List<Integer> processes = lab.processCounts();
      for (int host = 0; host < processes.size(); host++) {
        System.out.printf(
            Locale.ROOT,
            "  %-7s %-12s %-6s %-9s %-5s %d %s%n",
            "host" + host,
            lab.address(host).getHostAddress(),
            place(lab.spec(), host),
            lab.spec().rates().get(host),
            lab.link(host).name().toLowerCase(Locale.ROOT),
            processes.get(host),
            processes.get(host) == 1 ? "process" : "processes");
      }
    }
  }

  /// `tutti netlab link`.
  @Command(
      name = "link",
      mixinStandardHelpOptions = true,
      description = "Takes the link of a host down or up, as if its cable were pulled.")
  static final class Link implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
        names = "--lab",
        paramLabel = "NAME",
        defaultValue = DEFAULT_NAME,
        description = "The lab. Default: ${DEFAULT-VALUE}.")
    private String name = "";

    @Parameters(index = "0", paramLabel = "HOST", description = "For example host3.")
    private String host = "";

    @Parameters(index = "1", paramLabel = "up|down", description = "What it becomes.")
    private Lab.LinkState state = Lab.LinkState.UP;

    /// For picocli.
    Link() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
      return with(
          spec,
          () -> {
            find(name).setLink(host(host), state);
            return ExitCodes.OK;
          });
    }
  }

  /// `tutti netlab exec`.
  @Command(
      name = "exec",
      mixinStandardHelpOptions = true,
      description = "Runs a command on a host and ends with its exit code.")
  static final class Exec implements Callable<Integer> {
    private CommandSpec spec = CommandSpec.create();

    @Option(
        names = "--lab",
        paramLabel = "NAME",
        defaultValue = DEFAULT_NAME,
        description = "The lab. Default: ${DEFAULT-VALUE}.")
    private String name = "";

    @Parameters(index = "0", paramLabel = "HOST", description = "For example host3.")
    private String host = "";

    @Parameters(
        index = "1..*",
        arity = "1..*",
        paramLabel = "COMMAND",
        description = "The command and its arguments; everything after it belongs to it.")
    private List<String> command = new ArrayList<>();

    /// For picocli.
    Exec() {}

    @Spec
    void setSpec(CommandSpec injected) {
      spec = injected;
      spec.parser().stopAtPositional(true);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
      return with(
          spec,
          () -> {
            List<String> words =
                command.getFirst().equals("--") ? command.subList(1, command.size()) : command;
            if (words.isEmpty()) {
              throw new IllegalArgumentException("there is no command to run");
            }
            return find(name).run(host(host), words);
          });
    }
  }
}
