package dev.tutti.bench.launch;

import dev.tutti.transport.rendezvous.LaunchEnvironment;
import dev.tutti.transport.rendezvous.RendezvousException;
import dev.tutti.transport.rendezvous.RendezvousServer;
import dev.tutti.transport.rendezvous.Secret;
import java.io.IOException;
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

/// Runs one command as all ranks of a world, on this host or on several.
///
/// Every process gets the variables of [LaunchEnvironment] with a secret made for this run, and
/// `TUTTI_JOB`, by which stragglers are found. The rendezvous is served here, on the loopback
/// address or, for other hosts, where they reach it. Java options are left to the command.
///
/// How it ends: when all ranks have ended. If one fails, the others have a grace to notice and
/// report it themselves, then they are ended (SIGTERM, after another grace SIGKILL); if one cannot
/// even be started, they are ended at once. Whatever a rank left running in the background ends
/// with the job. If this JVM is told to end (Ctrl-C, SIGTERM), a shutdown hook ends the job first;
/// if it is killed, a [Watchdog] does, and on other hosts the shell of [RemoteScript].
public final class Launcher {
  private final Builder options;
  private final JobProcesses job;
  private final RankStarter starter;
  // Written by the running thread, read by the shutdown hook too.
  private final List<Process> processes = Collections.synchronizedList(new ArrayList<>());
  private final BlockingQueue<Exit> exits = new LinkedBlockingQueue<>();
  private final AtomicBoolean stopping = new AtomicBoolean();

  private record Exit(int rank, int code) {}

  private Launcher(Builder options) {
    this.options = options;
    this.job = new JobProcesses(HexFormat.of().formatHex(Secret.randomBytes(16)));
    this.starter =
        options.hosts == null
            ? new LocalRanks(options, job)
            : new RemoteRanks(options, options.hosts, job);
  }

  /// Starts describing a run of `command` as `ranks` processes.
  public static Builder builder(int ranks, List<String> command) {
    return new Builder(ranks, command);
  }

  private LaunchResult run() throws IOException, InterruptedException {
    Secret secret = Secret.random();
    Thread hook = new Thread(this::stopForShutdown, "tutti-launcher-shutdown");
    try (RendezvousServer server = serve(secret);
        Watchdog _ = Watchdog.over(job.name())) {
      Runtime.getRuntime().addShutdownHook(hook);
      try {
        for (int rank = 0; rank < options.ranks && !stopping.get() && !hasFailedToStart(); rank++) {
          start(rank, server, secret);
        }
        return await(server);
      } finally {
        starter.terminate(List.copyOf(processes), options.terminationGrace);
        starter.drain();
        removeHook(hook);
      }
    }
  }

  private RendezvousServer serve(Secret secret) throws IOException {
    try {
      return RendezvousServer.start(starter.listen(), options.ranks, secret);
    } catch (RendezvousException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private void start(int rank, RendezvousServer server, Secret secret)
      throws IOException, InterruptedException {
    Process process = starter.start(rank, starter.describe(rank, server, secret));
    processes.add(process);
    var _ = process.onExit().thenAccept(ended -> exits.add(new Exit(rank, ended.exitValue())));
  }

  private boolean hasFailedToStart() {
    return exits.stream().anyMatch(exit -> !starter.ending(exit.rank, exit.code).started());
  }

  private LaunchResult await(RendezvousServer server) throws InterruptedException {
    List<Integer> codes =
        new ArrayList<>(Collections.nCopies(options.ranks, LaunchResult.NOT_STARTED));
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
        starter.terminate(List.copyOf(processes), options.terminationGrace);
        continue;
      }
      running--;
      codes.set(exit.rank, exit.code);
      RankStarter.Ending ending = starter.ending(exit.rank, exit.code);
      server.reportExit(exit.rank, "its process " + ending.words() + " before it joined");
      if ((exit.code != 0 || !ending.started()) && failedRank < 0) {
        failedRank = exit.rank;
        exitCode = exit.code == 0 ? RemoteShell.CONNECTION_LOST : exit.code;
        waitingToTerminate = !options.keepGoing || !ending.started();
        terminateAt = System.nanoTime() + (ending.started() ? options.failureGrace.toNanos() : 0);
        if (!stopping.get()) {
          options.diagnostics.accept("rank " + exit.rank + " " + ending.words());
        }
      }
    }
    boolean survived = options.keepGoing && codes.contains(0);
    return new LaunchResult(survived ? 0 : exitCode, failedRank, List.copyOf(codes));
  }

  private void stopForShutdown() {
    stopping.set(true);
    starter.terminate(List.copyOf(processes), options.terminationGrace);
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
    private boolean keepGoing;
    private Duration failureGrace = Duration.ofSeconds(2);
    private Duration terminationGrace = Duration.ofSeconds(2);
    private Consumer<String> diagnostics = _ -> {};
    private @Nullable HostList hosts;
    private List<String> ssh = List.of("ssh");
    private @Nullable InetSocketAddress listen;

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

    /// Lets the other ranks run to their end after a rank failed; the job has succeeded if one of
    /// them has.
    public Builder keepGoing(boolean value) {
      keepGoing = value;
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

    /// Runs the ranks on these hosts instead of this one; no rank reads standard input then.
    ///
    /// @throws IllegalArgumentException if there is no room for all ranks
    public Builder hosts(HostList list) {
      var _ = list.seats(ranks);
      hosts = list;
      return this;
    }

    /// Sets the program that runs a command on another host, with its first arguments; by default
    /// `ssh`.
    public Builder ssh(List<String> words) {
      ssh = List.copyOf(words);
      return this;
    }

    /// Sets where the rendezvous of a job on several hosts listens; port 0 takes any free one. By
    /// default the addresses by which the hosts reach this one.
    public Builder listen(InetSocketAddress address) {
      listen = address;
      return this;
    }

    int ranks() {
      return ranks;
    }

    List<String> command() {
      return command;
    }

    Map<String, String> environment() {
      return environment;
    }

    @Nullable Path directory() {
      return directory;
    }

    @Nullable LineSink sink() {
      return sink;
    }

    Input input() {
      return input;
    }

    Duration terminationGrace() {
      return terminationGrace;
    }

    List<String> ssh() {
      return ssh;
    }

    @Nullable InetSocketAddress listen() {
      return listen;
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
