package dev.tutti.bench;

import dev.tutti.bench.launch.HostList;
import dev.tutti.bench.launch.LaunchResult;
import dev.tutti.bench.launch.Launcher;
import dev.tutti.bench.launch.LineSink;
import dev.tutti.bench.launch.Words;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `tutti run`: starts a command as all ranks of a world, on this host or through ssh on others.
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Runs a command as N ranks on this host, or on --hosts, and waits for their end.%n",
      "Each process finds its rank, the number of ranks, the address where they meet and the"
          + " job's secret in its environment (TUTTI_RANK, TUTTI_SIZE, TUTTI_LOCAL_RANK,"
          + " TUTTI_LOCAL_SIZE, TUTTI_RENDEZVOUS, TUTTI_SECRET, TUTTI_SERVED, TUTTI_JOB);"
          + " Communicator.join() reads it. Rank 0 reads standard input, unless --hosts is given.%n",
      "If a rank fails, the others have a grace to report it and are then ended, unless"
          + " --keep-going is given. Ctrl-C and SIGTERM"
          + " end all ranks, and so does the end of this process by any other cause.%n",
      "With --hosts, each rank is started through a connection of ssh, which must work without a"
          + " question (keys, known hosts). The command, the working directory and Java must be"
          + " there as they are here; variables that begin with TUTTI_ and those of --env are passed"
          + " on, never on a command line.%n",
      "A Java command needs its own options: java --enable-native-access=ALL-UNNAMED"
          + " --add-modules jdk.incubator.vector ..."
    },
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:every rank ended with 0; with --keep-going, at least one did",
      "2:usage error",
      "127:the command could not be started",
      "255:a host could not be reached, or the connection to it broke",
      "128+S:the first rank that failed was killed by signal S, or this process was",
      "other:the exit code of the rank that failed first"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  tutti run --ranks 4 -- java -cp app.jar com.example.Train --epochs 3",
      "  tutti run --ranks 2 --env LOG=debug --no-prefix -- ./train.sh",
      "  tutti run --ranks 2 sh -c 'echo I am $TUTTI_RANK of $TUTTI_SIZE'",
      "  tutti run --hosts node-1:4,node-2:4 -- java -cp app.jar com.example.Train",
      "  tutti run --hosts a,b --ssh 'ssh -p 2222 -i key' --listen 10.0.0.1 -- ./train.sh"
    })
final class RunCommand implements Callable<Integer> {
  private static final int CANNOT_START = 127;
  private static final Pattern ADDRESS =
      Pattern.compile("([A-Za-z0-9.-]+|\\[[0-9A-Fa-f:.%]+])(?::([0-9]{1,5}))?");

  private CommandSpec spec = CommandSpec.create();

  @Option(
      names = {"-n", "--ranks"},
      paramLabel = "N",
      description =
          "Number of ranks to start. Default with --hosts: as many as they have room for.")
  private @Nullable Integer ranks;

  @Option(
      names = "--hosts",
      paramLabel = "HOST:N,...",
      description =
          "Where to start them, and at most how many on each, filled in this order. Without a"
              + " number: one.")
  private @Nullable String hosts;

  @Option(
      names = "--ssh",
      paramLabel = "COMMAND",
      defaultValue = "ssh",
      description =
          "How to run a command on another host; may have arguments. Default: ${DEFAULT-VALUE}.")
  private String ssh = "ssh";

  @Option(
      names = "--listen",
      paramLabel = "ADDRESS[:PORT]",
      description =
          "Where the ranks on other hosts meet. Default: the address of this host on the way to"
              + " each, and any free port.")
  private @Nullable String listen;

  @ArgGroup private Prefix prefix = new Prefix();

  @Option(
      names = "--grace",
      paramLabel = "SECONDS",
      defaultValue = "2",
      description =
          "How long the other ranks may go on after one failed, and how long a rank has between"
              + " SIGTERM and SIGKILL. Default: ${DEFAULT-VALUE}.")
  private double grace;

  @Option(
      names = "--keep-going",
      description =
          "Lets the other ranks run on after one failed, for programs that go on without it"
              + " (Communicator.shrink). The exit code is 0 if a rank ended with 0.")
  private boolean keepGoing;

  @Option(
      names = "--env",
      paramLabel = "NAME=VALUE",
      description = "Sets a variable in the environment of every rank; may be repeated.")
  private Map<String, String> environment = new LinkedHashMap<>();

  @Parameters(
      arity = "1..*",
      paramLabel = "COMMAND",
      description = "The command and its arguments; everything after it belongs to it.")
  private List<String> command = new ArrayList<>();

  /// For picocli.
  RunCommand() {}

  @Spec
  void setSpec(CommandSpec injected) {
    spec = injected;
    // Options after the command's name are the command's.
    spec.parser().stopAtPositional(true);
  }

  @SuppressWarnings("UnusedVariable") // `tagged` names the default, to be asked for or not
  private static final class Prefix {
    @Option(
        names = "--tag-output",
        description = "Puts [rank] in front of every line of output (the default).")
    private boolean tagged;

    @Option(names = "--no-prefix", description = "Passes lines on as they are, each in one piece.")
    private boolean plain;
  }

  @Override
  public Integer call() throws InterruptedException {
    CommandLine commandLine = spec.commandLine();
    if (!(grace >= 0 && grace <= 86_400)) {
      throw new ParameterException(commandLine, "--grace must be 0 to 86400 seconds, is " + grace);
    }
    Duration graceTime = Duration.ofMillis(Math.round(grace * 1000));
    // Not System.out: it encodes, and it hides a broken pipe.
    OutputStream stdout = new FileOutputStream(FileDescriptor.out);
    OutputStream stderr = new FileOutputStream(FileDescriptor.err);
    Launcher.Builder launcher =
        launcher()
            .environment(environment)
            .output(prefix.plain ? LineSink.plain(stdout, stderr) : LineSink.tagged(stdout, stderr))
            .input(Launcher.Input.RANK_ZERO)
            .failureGrace(graceTime)
            .keepGoing(keepGoing)
            .terminationGrace(graceTime)
            .diagnostics(line -> commandLine.getErr().println("tutti run: " + line));
    try {
      LaunchResult result = launcher.run();
      return result.exitCode();
    } catch (IOException e) {
      commandLine.getErr().println("tutti run: " + e.getMessage());
      return CANNOT_START;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(commandLine, String.valueOf(e.getMessage()), e);
    }
  }

  /// Describes what to run where.
  private Launcher.Builder launcher() {
    try {
      HostList list = hosts == null ? null : HostList.parse(hosts);
      if (list == null && ranks == null) {
        throw new IllegalArgumentException("Missing required option: '--ranks=N' or '--hosts'");
      }
      int count = ranks != null ? ranks : Objects.requireNonNull(list).capacity();
      if (count < 1) {
        throw new IllegalArgumentException("--ranks must be at least 1, is " + count);
      }
      Launcher.Builder builder = Launcher.builder(count, command);
      if (list != null) {
        builder.hosts(list).ssh(Words.split(ssh));
        if (listen != null) {
          builder.listen(address(listen));
        }
      } else if (listen != null) {
        throw new IllegalArgumentException("--listen goes with --hosts");
      }
      return builder;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  /// Reads `host`, `host:port`, `[fd00::1]` or `[fd00::1]:port`.
  private static InetSocketAddress address(String text) {
    Matcher matcher = ADDRESS.matcher(text);
    int port = 0;
    if (matcher.matches() && matcher.group(2) != null) {
      port = Integer.parseInt(matcher.group(2));
    }
    if (!matcher.matches() || port > 65_535) {
      throw new IllegalArgumentException(
          "--listen "
              + text
              + " is not ADDRESS or ADDRESS:PORT, such as 10.0.0.1 or [fd00::1]:4000");
    }
    return new InetSocketAddress(matcher.group(1), port);
  }
}
