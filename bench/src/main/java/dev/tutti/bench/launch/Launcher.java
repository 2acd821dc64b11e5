package dev.tutti.bench.launch;

import dev.tutti.transport.rendezvous.LaunchEnvironment;
import dev.tutti.transport.rendezvous.RendezvousServer;
import dev.tutti.transport.rendezvous.Secret;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Runs one command as all ranks of a world on this host.
///
/// Every process gets the variables of [LaunchEnvironment] with a secret made for this run, and
/// `TUTTI_JOB`, by which stragglers are found. The rendezvous is served here, on the loopback
/// address. Java options are left to the command.
///
/// How it ends: when all ranks have ended. If one fails, the others have a grace to notice and
/// report it themselves, then they are ended (SIGTERM, after another grace SIGKILL). Whatever a
/// rank left running in the background ends with the job. If this JVM is told to end (Ctrl-C,
/// SIGTERM), a shutdown hook ends the job first; if it is killed, a [Watchdog] does.
public final class Launcher {
  private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(1);
  private static final String NULL_DEVICE = "/dev/null";

  private final Builder options;
  private final JobProcesses job;
  private final String jobName;
  // Written by the running thread, read by the shutdown hook too.
  private final List<Process> processes = Collections.synchronizedList(new ArrayList<>());
  private final List<Thread> pumps = new ArrayList<>();
  private final BlockingQueue<Exit> exits = new LinkedBlockingQueue<>();
  private final AtomicBoolean stopping = new AtomicBoolean();

  private record Exit(int rank, int code) {}

  private Launcher(Builder options) {
    this.options = options;
    this.jobName = HexFormat.of().formatHex(Secret.randomBytes(16));
    this.job = new JobProcesses(jobName);
  }

  /// Starts describing a run of `command` as `ranks` processes.
  public static Builder builder(int ranks, List<String> command) {
    return new Builder(ranks, command);
  }

  private LaunchResult run() throws IOException, InterruptedException {
    Secret secret = Secret.random();
    InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    Thread hook = new Thread(this::stopForShutdown, "tutti-launcher-shutdown");
    try (RendezvousServer server = RendezvousServer.start(loopback, options.ranks, secret);
        Watchdog _ = Watchdog.over(jobName)) {
      Runtime.getRuntime().addShutdownHook(hook);
      try {
        for (int rank = 0; rank < options.ranks && !stopping.get(); rank++) {
          start(rank, server, secret);
        }
        return await(server);
      } finally {
        job.terminate(List.copyOf(processes), options.terminationGrace);
        drain();
        removeHook(hook);
      }
    }
  }

  private void start(int rank, RendezvousServer server, Secret secret) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(options.command);
    builder.environment().keySet().removeIf(name -> name.startsWith("TUTTI_SECRET"));
    builder.environment().putAll(options.environment);
    builder
        .environment()
        .putAll(
            new LaunchEnvironment(
                    rank,
                    options.ranks,
                    rank,
                    options.ranks,
                    server.uri(),
                    secret,
                    LaunchEnvironment.Server.LAUNCHER)
                .toEnvironment());
    builder.environment().put(JobProcesses.VARIABLE, jobName);
    if (options.directory != null) {
      builder.directory(options.directory.toFile());
    }
    boolean readsInput = rank == 0 && options.input == Input.RANK_ZERO;
    builder.redirectInput(readsInput ? Redirect.INHERIT : Redirect.from(new File(NULL_DEVICE)));
    LineSink sink = options.sink;
    if (sink == null) {
      builder.redirectOutput(Redirect.INHERIT).redirectError(Redirect.INHERIT);
    }
    Process process = builder.start();
    processes.add(process);
    if (sink != null) {
      pump(new OutputPump(rank, LineSink.Source.STDOUT, process.getInputStream(), sink));
      pump(new OutputPump(rank, LineSink.Source.STDERR, process.getErrorStream(), sink));
    }
    var _ = process.onExit().thenAccept(ended -> exits.add(new Exit(rank, ended.exitValue())));
  }

  private void pump(OutputPump pump) {
    pumps.add(Thread.ofPlatform().daemon().name("tutti-output").start(pump));
  }

  private LaunchResult await(RendezvousServer server) throws InterruptedException {
    List<Integer> codes = new ArrayList<>(Collections.nCopies(options.ranks, 0));
    int failedRank = -1;
    int exitCode = 0;
    long terminateAt = 0; // meaningful while a rank has failed and the rest is not told to end
    boolean waitingToTerminate = false;
    for (int running = processes.size(); running > 0; ) {
      Exit exit =
          waitingToTerminate
              ? exits.poll(terminateAt - System.nanoTime(), TimeUnit.NANOSECONDS)
              : exits.take();
      if (exit == null) {
        waitingToTerminate = false;
        job.terminate(List.copyOf(processes), options.terminationGrace);
        continue;
      }
      running--;
      codes.set(exit.rank, exit.code);
      server.reportExit(exit.rank, "its process " + describe(exit.code) + " before it joined");
      if (exit.code != 0 && failedRank < 0) {
        failedRank = exit.rank;
        exitCode = exit.code;
        waitingToTerminate = true;
        terminateAt = System.nanoTime() + options.failureGrace.toNanos();
        if (!stopping.get()) {
          options.diagnostics.accept("rank " + exit.rank + " " + describe(exit.code));
        }
      }
    }
    return new LaunchResult(exitCode, failedRank, List.copyOf(codes));
  }

  private static String describe(int code) {
    return code > 128 && code < 128 + 65
        ? "was killed by signal " + (code - 128)
        : "ended with exit code " + code;
  }

  private void stopForShutdown() {
    stopping.set(true);
    job.terminate(List.copyOf(processes), options.terminationGrace);
  }

  private void drain() {
    long deadline = System.nanoTime() + DRAIN_TIMEOUT.toNanos();
    boolean interrupted = false;
    for (Thread pump : pumps) {
      try {
        long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        pump.join(Math.max(1, millis)); // a process that escaped may hold the stream open
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // The JVM is going down: the hook runs or has run.
    }
  }

  /// Which rank reads this process's standard input; the others read nothing.
  public enum Input {
    /// No rank.
    NONE,
    /// Rank 0.
    RANK_ZERO
  }

  /// Describes a run. Not safe for use by several threads.
  public static final class Builder {
    private final int ranks;
    private final List<String> command;
    private final Map<String, String> environment = new LinkedHashMap<>();
    private @Nullable Path directory;
    private @Nullable LineSink sink;
    private Input input = Input.NONE;
    private Duration failureGrace = Duration.ofSeconds(2);
    private Duration terminationGrace = Duration.ofSeconds(2);
    private Consumer<String> diagnostics = _ -> {};

    private Builder(int ranks, List<String> command) {
      if (ranks < 1) {
        throw new IllegalArgumentException("ranks must be at least 1, is " + ranks);
      }
      if (command.isEmpty()) {
        throw new IllegalArgumentException("there is no command to run");
      }
      this.ranks = ranks;
      this.command = List.copyOf(command);
    }

    /// Adds variables to the environment of every rank; the variables of Tutti win.
    public Builder environment(Map<String, String> variables) {
      environment.putAll(variables);
      return this;
    }

    /// Sets the working directory of the ranks; by default that of this process.
    public Builder directory(Path path) {
      directory = path;
      return this;
    }

    /// Sends the output of the ranks to `lines`; by default they inherit this process's streams.
    public Builder output(LineSink lines) {
      sink = lines;
      return this;
    }

    /// Says who reads this process's standard input; by default no rank.
    public Builder input(Input reader) {
      input = reader;
      return this;
    }

    /// Sets how long the others may go on after a rank failed; by default 2 s.
    public Builder failureGrace(Duration grace) {
      failureGrace = grace;
      return this;
    }

    /// Sets how long a rank has between SIGTERM and SIGKILL; by default 2 s.
    public Builder terminationGrace(Duration grace) {
      terminationGrace = grace;
      return this;
    }

    /// Sets who is told in words, at once, which rank failed first.
    public Builder diagnostics(Consumer<String> lines) {
      diagnostics = lines;
      return this;
    }

    /// Runs the job and waits for its end.
    ///
    /// @throws IOException if the command cannot be started; ranks already started are ended
    /// @throws InterruptedException if this thread is interrupted; the job is ended first
    public LaunchResult run() throws IOException, InterruptedException {
      return new Launcher(this).run();
    }
  }
}
