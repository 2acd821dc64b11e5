package dev.tutti.collectives;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.IntStream;

/// Threads of this JVM that are ranks of a world whose only transport is TCP.
final class TcpThreads {
  private static final String SECRET = "000102030405060708090a0b0c0d0e0f";
  private static final String REGION_BYTES = Long.toString(64 << 20);

  private TcpThreads() {}

  /// Returns what the ranks return.
  static <T> List<T> run(
      int ranks, CommunicatorConfig.Builder config, Function<Communicator, T> program)
      throws Exception {
    URI meeting = URI.create("tcp://127.0.0.1:" + RankProcess.freePort());
    CommunicatorConfig.Builder overTcp =
        config
            .size(ranks)
            .rendezvous(meeting)
            .secret(SECRET)
            .set("transport", "tcp")
            .set("regionBytes", REGION_BYTES);
    List<CommunicatorConfig> configs =
        IntStream.range(0, ranks).mapToObj(rank -> overTcp.rank(rank).build()).toList();
    List<T> results = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(ranks)) {
      List<Future<T>> ends =
          configs.stream()
              .map(own ->
                  threads.submit(() -> {
                    try (Communicator world = Communicator.join(own)) {
                      return program.apply(world);
                    }
                  }))
              .toList();
      for (Future<T> end : ends) {
        results.add(end.get());
      }
    }
    return results;
  }
}
