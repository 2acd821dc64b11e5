package dev.tutti.collectives;

import dev.tutti.collectives.plan.HostProfile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Measures what the cost model needs when a world is formed: α from barriers, β from all-gathers
/// of registered memory. All ranks agree on the slowest.
///
/// The code that is timed has hardly been compiled by then, so each figure is the best of many; it
/// takes some 20 ms. A deep measurement is another matter.
final class ProfileProbe {
  private static final int BARRIERS = 400;
  private static final int COPIES = 12;

  // What one host can plausibly do; beyond it the machine was busy and the figure means nothing.
  private static final double LEAST_ALPHA = 30e-9;
  private static final double MOST_ALPHA = 400e-9;
  private static final double MOST_TURN = 2e-6; // a context switch, where ranks share a core
  private static final double LEAST_BETA = 1 / 100e9;
  private static final double MOST_BETA = 1 / 10e9;
  private static final long COPY_BYTES = 256 << 10;

  private ProfileProbe() {}

  static HostProfile measure(Communicator communicator, WorldContext world) {
    HostProfile typical = HostProfile.typical(world.ranksPerCore(), world.cacheBytes());
    if (communicator.size() == 1) {
      return typical;
    }
    int turns = world.ranksPerCore(); // the model multiplies by it
    double mostAlpha = turns == 1 ? MOST_ALPHA : MOST_TURN;
    double alpha = Math.clamp(bestBarrierSeconds(communicator) / turns, LEAST_ALPHA, mostAlpha);
    double gather = bestGatherSeconds(communicator) / turns;
    double beta = Math.clamp(gather / (COPY_BYTES * communicator.size()), LEAST_BETA, MOST_BETA);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment agreed = arena.allocateFrom(ValueLayout.JAVA_DOUBLE, alpha, beta);
      communicator.prepareAllReduce(agreed, agreed, 2, DataType.FLOAT64, ReduceOp.MAX).run();
      return new HostProfile(
          agreed.getAtIndex(ValueLayout.JAVA_DOUBLE, 0),
          agreed.getAtIndex(ValueLayout.JAVA_DOUBLE, 1),
          typical.ranksPerCore(),
          typical.cacheBytes());
    }
  }

  private static double bestBarrierSeconds(Communicator communicator) {
    PreparedOperation barrier = communicator.prepareBarrier();
    long best = Long.MAX_VALUE;
    for (int i = 0; i < BARRIERS; i++) {
      long start = System.nanoTime();
      barrier.run();
      best = Math.min(best, System.nanoTime() - start);
    }
    return Math.max(best, 20) * 1e-9;
  }

  /// Times all-gathers of registered memory, in which every rank copies what the others wrote.
  private static double bestGatherSeconds(Communicator communicator) {
    MemorySegment send = communicator.allocate(COPY_BYTES);
    MemorySegment receive = communicator.allocate(COPY_BYTES * communicator.size());
    PreparedOperation gather =
        communicator.prepareAllGather(send, receive, COPY_BYTES, DataType.INT8);
    long best = Long.MAX_VALUE;
    for (int i = 0; i < COPIES; i++) {
      send.fill((byte) i);
      communicator.barrier();
      long start = System.nanoTime();
      gather.run();
      best = Math.min(best, System.nanoTime() - start);
    }
    communicator.barrier();
    communicator.free(send);
    communicator.free(receive);
    return Math.max(best, 1000) * 1e-9;
  }
}
