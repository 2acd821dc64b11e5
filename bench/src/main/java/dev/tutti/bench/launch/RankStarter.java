package dev.tutti.bench.launch;

import dev.tutti.transport.rendezvous.LaunchEnvironment;
import dev.tutti.transport.rendezvous.RendezvousServer;
import dev.tutti.transport.rendezvous.Secret;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/// Where the ranks of a job run, how they are started and ended.
sealed interface RankStarter permits LocalRanks, RemoteRanks {
  /// Returns where the rendezvous is to listen.
  InetSocketAddress listen() throws IOException;

  /// Describes a rank.
  LaunchEnvironment describe(int rank, RendezvousServer server, Secret secret);

  /// Starts a rank. May wait, so that not too many start at once.
  ///
  /// @return a process that lives as long as the rank and ends with its exit code
  Process start(int rank, LaunchEnvironment environment) throws IOException, InterruptedException;

  /// Tells how a rank ended, in words.
  Ending ending(int rank, int code);

  /// Ends all ranks and what they started: SIGTERM, after `grace` SIGKILL.
  void terminate(List<Process> processes, Duration grace);

  /// Waits until the output of ranks that have ended is through, for a short time.
  void drain();

  /// How a rank ended.
  ///
  /// @param words follows the name of the rank: "ended with exit code 3"
  /// @param started false if the rank never ran
  record Ending(String words, boolean started) {
    static Ending of(int code) {
      return new Ending(
          code > 128 && code < 128 + 65
              ? "was killed by signal " + (code - 128)
              : "ended with exit code " + code,
          true);
    }
  }
}
