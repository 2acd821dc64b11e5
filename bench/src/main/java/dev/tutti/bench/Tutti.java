package dev.tutti.bench;

import dev.tutti.bench.measure.BenchWorkerMain;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/// The root of the command line: `tutti <subcommand> ...`.
///
/// Only the subcommand that is called is built in full; of the others the parser knows name and
/// description. A worker process gets no parser at all.
@Command(
    name = "tutti",
    description = "Collective communication for the JVM.",
    mixinStandardHelpOptions = true,
    versionProvider = Tutti.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = "%nRun 'tutti COMMAND --help' for the options of a command.")
public final class Tutti implements Runnable {
  /// A subcommand that is made when it is called.
  private record Subcommand(String description, Supplier<Object> command) {}

  private static final Map<String, Subcommand> SUBCOMMANDS = subcommands();

  @Spec private CommandSpec spec = CommandSpec.create();

  /// For picocli.
  public Tutti() {}

  private static Map<String, Subcommand> subcommands() {
    Map<String, Subcommand> commands = new LinkedHashMap<>();
    commands.put(
        "analyze",
        new Subcommand("Says from dumps which rank or link is to blame.", AnalyzeCommand::new));
    commands.put(
        "bench",
        new Subcommand("Measures a collective among ranks on this host.", BenchCommand::new));
    commands.put(
        "compare",
        new Subcommand(
            "Measures Tutti beside Open MPI, MPICH and Gloo in one go.", CompareCommand::new));
    commands.put(
        "doctor",
        new Subcommand(
            "Says what was found on this host, and what to do about the rest.",
            DoctorCommand::new));
    commands.put(
        "plan",
        new Subcommand("Plans a collective for a topology, whole or damaged.", PlanCommand::new));
    commands.put(
        "probe",
        new Subcommand(
            "Measures what ranks can send each other and what they share.", ProbeCommand::new));
    commands.put("run", new Subcommand("Runs a command as N ranks on this host.", RunCommand::new));
    commands.put(
        "schedule",
        new Subcommand("Prints and proves the schedule of an algorithm.", ScheduleCommand::new));
    commands.put(
        "netlab",
        new Subcommand(
            "Makes hosts with shaped links between them on this machine.", NetlabCommand::new));
    commands.put(
        "simulate",
        new Subcommand(
            "Predicts how long a collective takes on a topology.", SimulateCommand::new));
    commands.put(
        "stat", new Subcommand("Shows what the ranks on this host are doing.", StatCommand::new));
    commands.put(
        "topo",
        new Subcommand("Shows, converts, checks and compares topologies.", TopoCommand::new));
    commands.put(
        "validate",
        new Subcommand(
            "Compares what the simulator predicts with what is measured.", ValidateCommand::new));
    commands.put("verify", new Subcommand("Proves a schedule from a file.", VerifyCommand::new));
    return commands;
  }

  /// Runs one command and ends the process with its exit code.
  public static void main(String[] args) {
    System.exit(execute(args));
  }

  /// Runs one command and returns its exit code.
  static int execute(String... args) {
    if (args.length > 0 && args[0].equals(BenchWorkerMain.COMMAND)) {
      return BenchWorkerMain.run(List.of(args).subList(1, args.length));
    }
    return commandLine(args).execute(args);
  }

  /// Returns the parser for some arguments.
  static CommandLine commandLine(String... args) {
    CommandLine root = new CommandLine(new Tutti());
    SUBCOMMANDS.forEach((name, subcommand) -> {
      boolean called = Arrays.asList(args).contains(name);
      root.addSubcommand(name, called ? subcommand.command.get() : stub(name, subcommand));
    });
    root.setCaseInsensitiveEnumValuesAllowed(true);
    root.setUsageHelpAutoWidth(true);
    CommandLine run = root.getSubcommands().get("run");
    if (run != null) {
      run.setStopAtPositional(true); // what follows belongs to the command that is run
    }
    root.setParameterExceptionHandler((e, _) -> explain(e));
    return root;
  }

  private static CommandSpec stub(String name, Subcommand subcommand) {
    CommandSpec stub = CommandSpec.create().name(name);
    stub.usageMessage().description(subcommand.description);
    return stub;
  }

  /// Says in few lines what is wrong, what may have been meant, and where to read more.
  private static int explain(ParameterException e) {
    CommandLine command = e.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    command.getErr().println(name + ": " + e.getMessage());
    String meant = meant(e);
    if (meant != null) {
      command.getErr().println("Did you mean " + meant + "?");
    }
    command.getErr().println("Try '" + name + " --help'.");
    command.getErr().flush();
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }

  private static @Nullable String meant(ParameterException e) {
    if (!(e instanceof UnmatchedArgumentException unmatched)
        || unmatched.getUnmatched().isEmpty()) {
      return null;
    }
    CommandLine command = e.getCommandLine();
    String word = unmatched.getUnmatched().getFirst();
    int equals = word.indexOf('=');
    return unmatched.isUnknownOption()
        ? Suggestions.nearest(
            equals < 0 ? word : word.substring(0, equals),
            command.getCommandSpec().optionsMap().keySet())
        : Suggestions.nearest(word, command.getSubcommands().keySet());
  }

  /// Called where no subcommand was given, which is a usage error.
  @Override
  public void run() {
    throw Invocation.missingCommand(spec);
  }

  /// Returns the version that the build wrote into the jar's manifest.
  static String version() {
    String version = Tutti.class.getPackage().getImplementationVersion();
    return Objects.requireNonNullElse(version, "(not packaged)");
  }

  /// Prints the version.
  static final class Version implements IVersionProvider {
    /// For picocli.
    Version() {}

    @Override
    public String[] getVersion() {
      return new String[] {"tutti " + version()};
    }
  }
}
