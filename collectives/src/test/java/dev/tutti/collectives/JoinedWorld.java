package dev.tutti.collectives;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/// Runs ranks that join by a rendezvous, as processes do, on threads of this JVM.
final class JoinedWorld {
  private static final String SECRET = "000102030405060708090a0b0c0d0e0f";

  private JoinedWorld() {}

  /// Runs a task on each rank of a world.
  ///
  /// @param hosts one letter per rank, equal for ranks that share memory
  /// @param options names and values of options, by turns
  static void run(String hosts, List<String> options, World.RankTask task) {
    ExecutorService threads = Executors.newFixedThreadPool(hosts.length());
    try {
      URI meeting = URI.create("tcp://127.0.0.1:" + RankProcess.freePort());
      List<Future<?>> ranks = new ArrayList<>();
      for (int rank = 0; rank < hosts.length(); rank++) {
        CommunicatorConfig.Builder builder =
            CommunicatorConfig.builder()
                .rank(rank)
                .size(hosts.length())
                .rendezvous(meeting)
                .secret(SECRET)
                .set("regionBytes", Long.toString(1L << 32))
                .set("hostId", hosts.substring(rank, rank + 1));
        for (int i = 0; i < options.size(); i += 2) {
          builder.set(options.get(i), options.get(i + 1));
        }
        CommunicatorConfig config = builder.build();
        ranks.add(
            threads.submit(() -> {
              try (Communicator world = Communicator.join(config)) {
                task.run(world);
              }
              return null;
            }));
      }
      for (Future<?> rank : ranks) {
        rank.get(60, TimeUnit.SECONDS);
      }
    } catch (IOException | InterruptedException | ExecutionException e) {
      throw new AssertionError(e);
    } catch (java.util.concurrent.TimeoutException e) {
      throw new AssertionError("a rank hangs", e);
    } finally {
      threads.shutdownNow();
    }
  }
}
