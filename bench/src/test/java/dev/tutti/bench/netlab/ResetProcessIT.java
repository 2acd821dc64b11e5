package dev.tutti.bench.netlab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.bench.netlab.SteadyJob.Connection;
import dev.tutti.bench.netlab.SteadyRank.Work;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// Connections of running ranks are reset: the kernel drops one end with what is under way and
/// sends the other an RST. Needs root.
///
/// `-Dtutti.faults=20` resets 20 connections of each kind of work.
@Timeout(600)
final class ResetProcessIT {
  private static final int RESETS = Integer.getInteger("tutti.faults", 1);
  private static final int MAX_DELAY_MILLIS = 50;

  @BeforeAll
  static void assumeResetsAreAllowed() throws IOException {
    Labs.skipIf(ResetProcessIT.class, missing());
  }

  /// Returns why connections cannot be reset here, null if they can be.
  private static @Nullable String missing() throws IOException {
    if (Programs.find("ss") == null) {
      return "the program ss is missing; on Debian: apt-get install iproute2";
    }
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket socket = new Socket(server.getInetAddress(), server.getLocalPort());
        Socket accepted = server.accept()) {
      Programs.run(new Connection(socket.getLocalPort(), socket.getPort()).resetCommand());
      accepted.setSoTimeout(1000);
      int _ = accepted.getInputStream().read();
    } catch (SocketException _) {
      return null;
    } catch (LabException | SocketTimeoutException _) {
      // It still lives.
    }
    return "ss -K resets no connection: it needs root, and INET_DIAG_DESTROY in the kernel";
  }

  @Test
  void shouldGoOnWhenConnectionsAreReset() throws Exception {
    Random random = new Random(7);
    try (SteadyJob job = SteadyJob.start(Map.of())) {
      for (Work work : Work.values()) {
        job.does(work);
        for (int i = 0; i < RESETS; i++) {
          int rank = random.nextInt(SteadyJob.RANKS);
          Connection victim = job.connection(rank);
          LockSupport.parkNanos(1_000_000L * random.nextInt(MAX_DELAY_MILLIS));

          job.reset(rank, victim);

          job.goesOn();
          assertThat(job.connection(rank)).isNotEqualTo(victim);
        }
      }
      job.ends();
    }
  }

  /// A closed control connection is a dead process: it is the only way to tell at once.
  @Test
  @EnabledIfSystemProperty(
      named = "tutti.faults",
      matches = "\\d+",
      disabledReason = "it is as if a rank were killed: -Dtutti.faults=20")
  void shouldFailOnEveryRankWhenAControlConnectionIsReset() throws Exception {
    for (int i = 0; i < RESETS; i++) {
      try (SteadyJob job = SteadyJob.start(Map.of())) {
        job.goesOn();

        job.reset(1, job.controlConnection(1));

        for (int rank = 0; rank < SteadyJob.RANKS; rank++) {
          assertThat(job.await(rank, "out ")).contains("RankFailedException");
          assertThat(job.exit(rank)).isEqualTo(6);
        }
      }
    }
  }
}
