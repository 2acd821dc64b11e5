package dev.tutti.bench.launch;

import dev.tutti.transport.rendezvous.LaunchEnvironment;
import dev.tutti.transport.rendezvous.RendezvousServer;
import dev.tutti.transport.rendezvous.Secret;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Ranks on other hosts, each behind a connection of its own that `ssh` makes.
final class RemoteRanks implements RankStarter {
  /// Of one host; an sshd with standard settings turns away the eleventh.
  private static final int CONNECTING_AT_ONCE = 6;

  /// For the way to the other host and back, on top of the grace that the rank has.
  private static final Duration END_MARGIN = Duration.ofSeconds(3);

  // So that Ctrl-C reaches this process only, which then ends the ranks in order.
  private static final Path SETSID = Path.of("/usr/bin/setsid");

  private final Launcher.Builder options;
  private final JobProcesses job;
  private final Path directory;
  private final RemoteShell shell;
  private final List<HostList.Seat> seats;
  private final Map<String, Semaphore> connecting = new HashMap<>();
  private final Map<Integer, RemoteRank> ranks = new ConcurrentHashMap<>();
  private final Map<Integer, OutputPumps> pumps = new ConcurrentHashMap<>();
  private final ListenAddress addresses;
  private final LineSink sink;

  RemoteRanks(Launcher.Builder options, HostList hosts, JobProcesses job) {
    this.options = options;
    this.job = job;
    this.sink = options.sink() == null ? LineSink.plain(System.out, System.err) : options.sink();
    this.directory = Objects.requireNonNullElse(options.directory(), Path.of("")).toAbsolutePath();
    this.shell = new RemoteShell(options.ssh());
    this.seats = hosts.seats(options.ranks());
    this.addresses = ListenAddress.of(options.listen(), shell, hosts.slots().keySet());
  }

  @Override
  public InetSocketAddress listen() throws IOException {
    return addresses.bind();
  }

  @Override
  public LaunchEnvironment describe(int rank, RendezvousServer server, Secret secret) {
    HostList.Seat seat = seats.get(rank);
    return new LaunchEnvironment(
        rank,
        options.ranks(),
        seat.localRank(),
        seat.localSize(),
        addresses.uri(seat.host(), server),
        secret,
        LaunchEnvironment.Server.LAUNCHER);
  }

  @Override
  public Process start(int rank, LaunchEnvironment environment)
      throws IOException, InterruptedException {
    String host = seats.get(rank).host();
    byte[] script = script(environment);
    Semaphore free = connecting.computeIfAbsent(host, _ -> new Semaphore(CONNECTING_AT_ONCE));
    free.acquire();
    List<String> command = new ArrayList<>();
    if (Files.isExecutable(SETSID)) {
      command.add(SETSID.toString());
    }
    command.addAll(shell.command(host, RemoteScript.BOOT));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.startsWith(LaunchEnvironment.SECRET));
    builder.environment().put(JobProcesses.VARIABLE, job.name());
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      free.release();
      throw e;
    }
    RemoteRank remote = new RemoteRank(host, process, script, sink, free::release);
    ranks.put(rank, remote);
    OutputPumps ofRank = new OutputPumps();
    pumps.put(rank, ofRank);
    ofRank.start(rank, process, remote);
    var _ = process.onExit().thenRun(remote::settle);
    return process;
  }

  private byte[] script(LaunchEnvironment environment) {
    Map<String, String> variables = new LinkedHashMap<>();
    // Options of Tutti that are set here hold there.
    System.getenv()
        .forEach((name, value) -> {
          if (name.startsWith("TUTTI_") && !name.startsWith(LaunchEnvironment.SECRET)) {
            variables.put(name, value);
          }
        });
    variables.remove(JobProcesses.VARIABLE);
    variables.putAll(options.environment());
    variables.putAll(environment.toEnvironment());
    // The dot keeps the mark of one rank from being the beginning of another's.
    String mark = HexFormat.of().formatHex(Secret.randomBytes(16)) + ".";
    return new RemoteScript(
            mark, variables, directory, options.command(), options.terminationGrace())
        .bytes();
  }

  @Override
  public Ending ending(int rank, int code) {
    RemoteRank remote = Objects.requireNonNull(ranks.get(rank));
    if (remote.isReady()) {
      String doubt =
          code == RemoteShell.CONNECTION_LOST ? ", or the connection to the host was lost" : "";
      return new Ending(Ending.of(code).words() + " on host " + remote.host() + doubt, true);
    }
    Objects.requireNonNull(pumps.get(rank)).drain(); // the complaint comes with the exit code
    String complaint = remote.complaint();
    return new Ending(
        "could not be started on host "
            + remote.host()
            + ": "
            + Objects.requireNonNullElse(
                complaint, shell.name() + " ended with exit code " + code + " and said nothing"),
        false);
  }

  @Override
  public void terminate(List<Process> processes, Duration grace) {
    ranks.values().forEach(RemoteRank::end);
    long deadline = System.nanoTime() + grace.plus(END_MARGIN).toNanos();
    boolean interrupted = false;
    for (Process process : processes) {
      try {
        long nanos = Math.max(0, deadline - System.nanoTime());
        boolean _ = process.waitFor(nanos, TimeUnit.NANOSECONDS);
      } catch (InterruptedException _) {
        interrupted = true;
        break;
      }
    }
    job.terminate(processes, grace);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void drain() {
    pumps.values().forEach(OutputPumps::drain);
  }
}
