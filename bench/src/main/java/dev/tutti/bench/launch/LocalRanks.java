package dev.tutti.bench.launch;

import dev.tutti.transport.rendezvous.LaunchEnvironment;
import dev.tutti.transport.rendezvous.RendezvousServer;
import dev.tutti.transport.rendezvous.Secret;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/// Ranks that are children of this process.
final class LocalRanks implements RankStarter {
  private static final String NULL_DEVICE = "/dev/null";

  private final Launcher.Builder options;
  private final JobProcesses job;
  private final OutputPumps pumps = new OutputPumps();

  LocalRanks(Launcher.Builder options, JobProcesses job) {
    this.options = options;
    this.job = job;
  }

  @Override
  public InetSocketAddress listen() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  @Override
  public LaunchEnvironment describe(int rank, RendezvousServer server, Secret secret) {
    return new LaunchEnvironment(
        rank,
        options.ranks(),
        rank,
        options.ranks(),
        server.uri(),
        secret,
        LaunchEnvironment.Server.LAUNCHER);
  }

  @Override
  public Process start(int rank, LaunchEnvironment environment) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(options.command());
    builder.environment().keySet().removeIf(name -> name.startsWith(LaunchEnvironment.SECRET));
    builder.environment().putAll(options.environment());
    builder.environment().putAll(environment.toEnvironment());
    builder.environment().put(JobProcesses.VARIABLE, job.name());
    if (options.directory() != null) {
      builder.directory(options.directory().toFile());
    }
    boolean readsInput = rank == 0 && options.input() == Launcher.Input.RANK_ZERO;
    builder.redirectInput(readsInput ? Redirect.INHERIT : Redirect.from(new File(NULL_DEVICE)));
    LineSink sink = options.sink();
    if (sink == null) {
      builder.redirectOutput(Redirect.INHERIT).redirectError(Redirect.INHERIT);
    }
    Process process = builder.start();
    if (sink != null) {
      pumps.start(rank, process, sink);
    }
    return process;
  }

  @Override
  public Ending ending(int rank, int code) {
    return Ending.of(code);
  }

  @Override
  public void terminate(List<Process> processes, Duration grace) {
    job.terminate(processes, grace);
  }

  @Override
  public void drain() {
    pumps.drain();
  }
}
