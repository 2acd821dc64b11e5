package dev.tutti.bench;

import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The root of the command line: `tutti <subcommand> ...`.
@Command(
    name = "tutti",
    description = "Collective communication for the JVM.",
    mixinStandardHelpOptions = true,
    versionProvider = Tutti.Version.class)
public final class Tutti implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  /// For picocli.
  public Tutti() {}

  /// Runs one command and ends the process with its exit code.
  public static void main(String[] args) {
    System.exit(new CommandLine(new Tutti()).execute(args));
  }

  /// Called where no subcommand was given, which is a usage error.
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Missing a subcommand");
  }

  /// Prints the version that the build wrote into the jar's manifest.
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Tutti.class.getPackage().getImplementationVersion();
      return new String[] {"tutti " + Objects.requireNonNullElse(version, "(not packaged)")};
    }
  }
}
