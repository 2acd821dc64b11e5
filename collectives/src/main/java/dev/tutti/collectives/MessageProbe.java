package dev.tutti.collectives;

import dev.tutti.collectives.kernel.Kernels;
import dev.tutti.collectives.kernel.ReductionKernel;
import dev.tutti.topology.probe.MessageCosts;
import dev.tutti.topology.probe.MessageCosts.Step;
import dev.tutti.topology.probe.Profile;
import dev.tutti.topology.probe.RoundRobin;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/// Measures what messages and sums cost the ranks, with messages from rank to rank alone: what a
/// prediction needs beside the links ([MessageCosts]).
///
/// Takes some tenths of a second; large sizes are left out where they would take long.
final class MessageProbe {
  private static final long[] SIZES = {16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20, 16 << 20};
  private static final long SMALL = 8;
  private static final int GAPS = 16;

  // Warm is who has not become faster for a while, after so many batches at least.
  private static final long[] WARM_UP_SIZES = {SMALL, 16 << 10, 256 << 10, 2 << 20};
  private static final double WARM_UP_BATCH_SECONDS = 0.01; // for each size
  private static final int MOST_TURNS = 1000;
  private static final int LEAST_BATCHES = 25;
  private static final double FASTER = 0.95;
  private static final double STILL_SECONDS = 0.3;
  private static final double MOST_WARM_UP_SECONDS = 1.5;
  private static final double SIZE_SECONDS = 0.02; // for each size and way
  private static final double MOST_SECONDS = 0.02; // a larger size is left out
  private static final int LEAST_SAMPLES = 3;
  private static final int MOST_SAMPLES = 60;
  private static final int FIRST_SAMPLES = 3;

  // Where a message of a mebibyte takes longer, it is a link that limits, and may have saved up.
  private static final long BURST_MESSAGE = 1 << 20;
  private static final double SLOW_SECONDS = 2e-3;
  private static final long PAUSE_NANOS = 15_000_000;
  private static final int SLICE_BYTES = 1 << 20;
  private static final Path SOCKET_SIZES = Path.of("/proc/sys/net/ipv4/tcp_wmem");

  private final Communicator communicator;
  private final int peer; // -1: this rank only waits
  private final boolean first;
  private final MemorySegment out;
  private final MemorySegment in;
  private final MemorySegment sum;
  private final ReductionKernel kernel = Kernels.of(DataType.FLOAT32, ReduceOp.SUM);

  private MessageProbe(Communicator communicator, int peer) {
    this.communicator = communicator;
    this.peer = peer;
    this.first = communicator.rank() < peer;
    long most = SIZES[SIZES.length - 1];
    this.out = communicator.allocate(most);
    this.in = communicator.allocate(most);
    this.sum = communicator.allocate(most);
    out.fill((byte) 0);
    in.fill((byte) 0);
    sum.fill((byte) 0);
  }

  /// Adds the costs to a profile. Collective.
  static Profile add(Communicator communicator, Profile profile) {
    if (communicator.size() == 1) {
      return profile;
    }
    long start = System.nanoTime();
    MessageProbe probe = new MessageProbe(communicator, peer(communicator.rank(), profile));
    MessageCosts costs = probe.run();
    communicator.barrier();
    communicator.free(probe.out);
    communicator.free(probe.in);
    communicator.free(probe.sum);
    double seconds = (System.nanoTime() - start) * 1e-9;
    return profile.withMessages(costs, ProbeGather.most(communicator, seconds));
  }

  /// Returns whom a rank exchanges messages with, -1 for nobody.
  private static int peer(int rank, Profile profile) {
    List<Integer> players = new ArrayList<>(profile.probers());
    if (players.size() == 1) {
      players.clear();
      profile.places().forEach(place -> players.add(place.rank()));
    }
    for (RoundRobin.Pair pair : RoundRobin.rounds(players.size()).getFirst()) {
      if (players.get(pair.a()) == rank) {
        return players.get(pair.b());
      }
      if (players.get(pair.b()) == rank) {
        return players.get(pair.a());
      }
    }
    return -1;
  }

  private MessageCosts run() {
    warmUp();
    double latency = median(() -> oneWay(SMALL), MOST_SAMPLES) / 2;
    double many = median(() -> train(), MOST_SAMPLES);
    double gap = Math.max(0, (many - 2 * latency) / GAPS);
    List<Step> steps = new ArrayList<>();
    double burst = 0;
    for (long size : SIZES) {
      double bothWays = timed(() -> bothWays(size));
      double oneWay = Math.max(0, timed(() -> oneWay(size)) - latency);
      double reduce = timed(() -> reduce(size));
      double copy = timed(() -> copy(size));
      steps.add(new Step(size, oneWay, bothWays, reduce, copy));
      if (size == BURST_MESSAGE && bothWays > SLOW_SECONDS) {
        double rested = median(this::oneWayRested, LEAST_SAMPLES) - 2 * latency;
        burst = Math.max(0, size - size / bothWays * rested);
      }
      if (bothWays > MOST_SECONDS) {
        break;
      }
    }
    return new MessageCosts(latency, gap, burst, bufferBytes(), steps);
  }

  /// Returns what the send buffer of a TCP connection grows to by itself on every host, 0 if that
  /// is not known or other connections are used.
  private double bufferBytes() {
    double[] least = {communicator.transport().contains("tcp") ? socketBytes() : 0};
    communicator.allReduce(least, ReduceOp.MIN);
    return least[0];
  }

  private static double socketBytes() {
    try {
      String[] sizes = Files.readString(SOCKET_SIZES, StandardCharsets.UTF_8).strip().split("\\s+");
      return Double.parseDouble(sizes[sizes.length - 1]); // least, default, greatest
    } catch (IOException | NumberFormatException _) {
      return 0;
    }
  }

  /// Runs what will be timed until the compiler has done its work.
  private void warmUp() {
    int[] turns = new int[WARM_UP_SIZES.length];
    for (int i = 0; i < turns.length; i++) {
      long size = WARM_UP_SIZES[i];
      double once = median(() -> bothWays(size), FIRST_SAMPLES);
      turns[i] = (int) Math.clamp(WARM_UP_BATCH_SECONDS / once, 1, MOST_TURNS);
    }
    double spent = 0;
    double best = Double.MAX_VALUE;
    double still = 0;
    for (int batches = 0;
        spent < MOST_WARM_UP_SECONDS && (batches < LEAST_BATCHES || still < STILL_SECONDS);
        batches++) {
      long start = System.nanoTime();
      for (int size = 0; size < turns.length; size++) {
        for (int i = 0; i < turns[size] && peer >= 0; i++) {
          long _ = bothWays(WARM_UP_SIZES[size]);
          long _ = oneWay(WARM_UP_SIZES[size]);
          long _ = reduce(WARM_UP_SIZES[size]);
        }
      }
      double seconds = ProbeGather.most(communicator, (System.nanoTime() - start) * 1e-9);
      spent += seconds;
      still = seconds < FASTER * best ? 0 : still + seconds;
      best = Math.min(best, seconds);
    }
  }

  /// Returns the median of as many samples as there is time for.
  private double timed(LongSupplier nanos) {
    double first = median(nanos, FIRST_SAMPLES);
    return median(nanos, (int) Math.clamp(SIZE_SECONDS / first, LEAST_SAMPLES, MOST_SAMPLES));
  }

  /// Returns the median over samples and over the ranks that take part; the same on all.
  private double median(LongSupplier nanos, int samples) {
    communicator.barrier();
    double[] mine = new double[samples];
    for (int i = 0; i < samples && peer >= 0; i++) {
      mine[i] = nanos.getAsLong() * 1e-9;
    }
    double[] all =
        Arrays.stream(ProbeGather.all(communicator, mine))
            .mapToDouble(MessageProbe::median)
            .filter(value -> value > 0)
            .sorted()
            .toArray();
    return (all[(all.length - 1) / 2] + all[all.length / 2]) / 2;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /// A message of some bytes and a small one back.
  private long oneWay(long bytes) {
    long start = System.nanoTime();
    if (first) {
      communicator.send(out, bytes, DataType.INT8, peer);
      communicator.receive(in, SMALL, DataType.INT8, peer);
      return System.nanoTime() - start;
    }
    communicator.receive(in, bytes, DataType.INT8, peer);
    communicator.send(out, SMALL, DataType.INT8, peer);
    return 0; // the one who begins tells
  }

  private long oneWayRested() {
    if (first) {
      for (long end = System.nanoTime() + PAUSE_NANOS; System.nanoTime() < end; ) {
        LockSupport.parkNanos(end - System.nanoTime());
      }
    }
    return oneWay(BURST_MESSAGE);
  }

  private long bothWays(long bytes) {
    MessageGroup group =
        communicator
            .group()
            .send(out, bytes, DataType.INT8, peer)
            .receive(in, bytes, DataType.INT8, peer);
    long start = System.nanoTime();
    group.run();
    return System.nanoTime() - start;
  }

  /// Small messages one after the other, and one back.
  private long train() {
    long start = System.nanoTime();
    if (first) {
      for (int i = 0; i <= GAPS; i++) {
        communicator.send(out, SMALL, DataType.INT8, peer);
      }
      communicator.receive(in, SMALL, DataType.INT8, peer);
      return System.nanoTime() - start;
    }
    for (int i = 0; i <= GAPS; i++) {
      communicator.receive(in, SMALL, DataType.INT8, peer);
    }
    communicator.send(out, SMALL, DataType.INT8, peer);
    return 0;
  }

  /// Adds what has arrived in slices, each still in the cache, to as much of the rank's own.
  private long reduce(long bytes) {
    long start = System.nanoTime();
    for (long at = 0; at < bytes; at += SLICE_BYTES) {
      long count = Math.min(SLICE_BYTES, bytes - at) / DataType.FLOAT32.bytes();
      kernel.combine(sum.address() + at, out.address() + at, in.address(), count);
    }
    return System.nanoTime() - start;
  }

  private long copy(long bytes) {
    long start = System.nanoTime();
    MemorySegment.copy(out, 0, sum, 0, bytes);
    return System.nanoTime() - start;
  }
}
