package dev.tutti.collectives;

import dev.tutti.collectives.plan.HostProfile;
import dev.tutti.collectives.plan.NetworkProfile;
import dev.tutti.collectives.plan.Planner;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Measures what the cost model needs when a world is formed: α from barriers, β from all-gathers,
/// of registered memory where all share it. All ranks agree on the slowest.
///
/// The code that is timed has hardly been compiled by then, so each figure is the best of many; it
/// takes some 20 ms. A deep measurement is another matter.
final class ProfileProbe {
  private static final int BARRIERS = 400;
  private static final int COPIES = 12;
  private static final int NETWORK_BARRIERS = 30;
  private static final int NETWORK_COPIES = 4;

  // What one host can plausibly do; beyond it the machine was busy and the figure means nothing.
  private static final double LEAST_ALPHA = 30e-9;
  private static final double MOST_ALPHA = 400e-9;
  private static final double MOST_TURN = 2e-6; // a context switch, where ranks share a core
  private static final double LEAST_BETA = 1 / 100e9;
  private static final double MOST_BETA = 1 / 10e9;
  private static final long COPY_BYTES = 256 << 10;
  private static final long LEAST_COPY_BYTES = 4 << 10;
  private static final long MOST_GATHERED_BYTES = 4 << 20;

  // What a clock can tell, and what a measurement may take before it is cut short.
  private static final long LEAST_NANOS = 20;
  private static final long BUDGET_NANOS = 10_000_000;
  private static final int FIRST_ATTEMPTS = 4;

  private ProfileProbe() {}

  /// Measures and tells the planner.
  static void measure(Communicator communicator, CommunicatorCore core) {
    WorldContext world = core.world;
    Planner planner = core.planner();
    if (communicator.size() == 1) {
      return;
    }
    if (world.endpoint() == null) {
      planner.profile(host(communicator, world));
    } else {
      planner.network(network(communicator));
      JoinGroups.find(communicator, core);
      double[] agreed = agree(communicator, world.ranksPerCore(), world.cacheBytes());
      planner.profile(HostProfile.typical((int) agreed[0], (long) agreed[1]));
    }
  }

  private static HostProfile host(Communicator communicator, WorldContext world) {
    HostProfile typical = HostProfile.typical(world.ranksPerCore(), world.cacheBytes());
    int turns = world.ranksPerCore(); // the model multiplies by it
    double mostAlpha = turns == 1 ? MOST_ALPHA : MOST_TURN;
    double alpha =
        Math.clamp(bestBarrierSeconds(communicator, BARRIERS) / turns, LEAST_ALPHA, mostAlpha);
    double gather = bestGatherSeconds(communicator, COPIES) / turns;
    double beta =
        Math.clamp(gather / (copyBytes(communicator) * communicator.size()), LEAST_BETA, MOST_BETA);
    double[] agreed =
        agree(communicator, alpha, beta, typical.ranksPerCore(), typical.cacheBytes());
    return new HostProfile(agreed[0], agreed[1], (int) agreed[2], (long) agreed[3]);
  }

  /// A barrier takes ⌈log2 n⌉ rounds; in an all-gather a rank receives from n - 1 others.
  private static NetworkProfile network(Communicator communicator) {
    int n = communicator.size();
    int rounds = Integer.SIZE - Integer.numberOfLeadingZeros(n - 1);
    double alpha = bestBarrierSeconds(communicator, NETWORK_BARRIERS) / rounds;
    double gather = bestGatherSeconds(communicator, NETWORK_COPIES);
    double beta =
        Math.max(gather - (n - 1) * alpha, gather / 2) / (copyBytes(communicator) * (n - 1.0));
    double[] agreed = agree(communicator, alpha, beta);
    return new NetworkProfile(agreed[0], agreed[1]);
  }

  /// Returns the greatest values of all ranks.
  private static double[] agree(Communicator communicator, double... values) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment agreed = arena.allocateFrom(ValueLayout.JAVA_DOUBLE, values);
      communicator
          .prepareAllReduce(agreed, agreed, values.length, DataType.FLOAT64, ReduceOp.MAX)
          .run();
      return agreed.toArray(ValueLayout.JAVA_DOUBLE);
    }
  }

  private static double bestBarrierSeconds(Communicator communicator, int attempts) {
    PreparedOperation barrier = communicator.prepareBarrier();
    return bestSeconds(communicator, attempts, barrier, () -> {});
  }

  /// Times all-gathers of registered memory, in which every rank copies what the others wrote.
  private static double bestGatherSeconds(Communicator communicator, int attempts) {
    long bytes = copyBytes(communicator);
    MemorySegment send = communicator.allocate(bytes);
    MemorySegment receive = communicator.allocate(bytes * communicator.size());
    PreparedOperation gather = communicator.prepareAllGather(send, receive, bytes, DataType.INT8);
    double best =
        bestSeconds(
            communicator,
            attempts,
            gather,
            () -> {
              send.fill((byte) 1);
              communicator.barrier();
            });
    communicator.barrier();
    communicator.free(send);
    communicator.free(receive);
    return best;
  }

  /// Returns how much each rank contributes: of many ranks less, so that all need not allocate and
  /// copy a great deal.
  private static long copyBytes(Communicator communicator) {
    long share = MOST_GATHERED_BYTES / communicator.size() & -LEAST_COPY_BYTES;
    return Math.clamp(share, LEAST_COPY_BYTES, COPY_BYTES);
  }

  /// Returns the shortest time of some attempts; of fewer where they take long, which all ranks
  /// decide together.
  private static double bestSeconds(
      Communicator communicator, int attempts, PreparedOperation operation, Runnable before) {
    long best = Long.MAX_VALUE;
    long spent = 0;
    int done = 0;
    for (int next = FIRST_ATTEMPTS; done < attempts; next *= 4) {
      long begin = System.nanoTime();
      for (int until = Math.min(attempts, done + next); done < until; done++) {
        before.run();
        long start = System.nanoTime();
        operation.run();
        best = Math.min(best, System.nanoTime() - start);
      }
      spent += System.nanoTime() - begin;
      if (done < attempts && agree(communicator, spent)[0] > BUDGET_NANOS) {
        break;
      }
    }
    return Math.max(best, LEAST_NANOS) * 1e-9;
  }
}
