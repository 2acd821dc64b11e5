package dev.tutti.collectives.simulate;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What the pairs of a [Program] use of a [Fabric], as a [FlowNetwork] with one flow for each pair.
///
/// Resources that can never be full are left out: those whose capacity is at least what all pairs
/// that ever use them could carry alone.
///
/// With a symmetry each pair stands for its *orbit*: the pair and its shifts by 1, 2, ... units.
/// The flows of an orbit are active at the same times. Their max-min rates are equal if all of them
/// meet equal resources: if each flow of an orbit has the same cap and the same multiset of (class
/// of resource, share), where two resources are of one class when they have the same capacity and
/// carry the same multiset of (orbit, share). For then progressive filling fills all resources of a
/// class at the same level, step after step. Orbits and classes are an equitable partition of the
/// graph of flows and resources, and the network of classes has the rates of the whole. That is
/// checked here, on every flow of the whole world. Multisets are compared by 64-bit sums of hashes.
///
/// Latencies may differ inside an orbit: every 32nd host of a ring is behind another leaf switch
/// than the next. All flows then get the mean, so that what goes round all hosts takes as long as
/// it does.
///
/// Resources that carry the same flows in the same shares, like the links from a device to each of
/// its switches, count as one with the least of their capacities.
final class Sharing {
  private static final double SLACK = 1e-9;
  private static final double SHARE_STEPS = 1L << 40;

  private final Fabric fabric;
  private final Program program;
  private final int units;
  private final int flows; // of the whole world: flow p * units + u is pair p shifted by u units
  private final int[] start; // of each flow's entries
  private int[] resource = new int[1024];
  private double[] share = new double[1024];
  private final double[] latency; // by pair
  private final double[] cap;
  private boolean alike = true; // all flows of each orbit have the same cap

  /// A network with a flow for each pair, and until when what it carries arrives.
  record Shared(FlowNetwork network, double[] latencySeconds) {}

  private Sharing(Fabric fabric, Program program) {
    this.fabric = fabric;
    this.program = program;
    this.units = program.ranks / program.unit;
    int pairs = program.pairs.size();
    this.flows = Math.multiplyExact(pairs, units);
    this.start = new int[flows + 1];
    this.latency = new double[pairs];
    this.cap = new double[pairs];
  }

  /// Makes the network of a program.
  ///
  /// @return null if the program has a symmetry that the fabric has not
  static @Nullable Shared of(Fabric fabric, Program program) {
    Sharing sharing = new Sharing(fabric, program);
    sharing.findWays();
    if (!sharing.alike) {
      return null;
    }
    sharing.leaveOutWhatIsNeverFull();
    return sharing.folded();
  }

  private void findWays() {
    int size = 0;
    for (int p = 0; p < latency.length && alike; p++) {
      for (int u = 0; u < units; u++) {
        int from = (program.sender(p) + u * program.unit) % program.ranks;
        int to = (program.receiver(p) + u * program.unit) % program.ranks;
        Fabric.Way way = fabric.way(from, to);
        latency[p] += way.latencySeconds() / units;
        cap[p] = u == 0 ? way.bytesPerSecond() : cap[p];
        alike &= near(cap[p], way.bytesPerSecond());
        for (int i = 0; i < way.resources().length; i++) {
          if (way.shares()[i] > 0) {
            if (size == resource.length) {
              resource = Arrays.copyOf(resource, 2 * size);
              share = Arrays.copyOf(share, 2 * size);
            }
            resource[size] = way.resources()[i];
            share[size++] = way.shares()[i];
          }
        }
        start[p * units + u + 1] = size;
      }
    }
  }

  private static boolean near(double a, double b) {
    return Math.abs(a - b) <= SLACK * Math.max(a, b);
  }

  private void leaveOutWhatIsNeverFull() {
    double[] demand = new double[fabric.resources()];
    for (int f = 0; f < flows; f++) {
      for (int e = start[f]; e < start[f + 1]; e++) {
        demand[resource[e]] += share[e] * cap[f / units];
      }
    }
    int kept = 0;
    for (int f = 0; f < flows; f++) {
      int begin = start[f];
      start[f] = kept;
      for (int e = begin; e < start[f + 1]; e++) {
        if (demand[resource[e]] > fabric.capacity(resource[e]) * (1 + SLACK)) {
          resource[kept] = resource[e];
          share[kept++] = share[e];
        }
      }
    }
    start[flows] = kept;
  }

  /// Makes the network of classes, or returns null if they are no equitable partition.
  private @Nullable Shared folded() {
    long[] signature = new long[fabric.resources()];
    for (int f = 0; f < flows; f++) {
      for (int e = start[f]; e < start[f + 1]; e++) {
        signature[resource[e]] += hash(hash(f / units) ^ inSteps(share[e]));
      }
    }
    LongTable classes = new LongTable();
    int[] classOf = new int[start[flows]]; // by entry
    int[] representative = new int[start[flows]]; // by class
    for (int e = 0; e < start[flows]; e++) {
      int r = resource[e];
      long name = signature[r];
      if (units > 1) {
        name ^= Double.doubleToLongBits(fabric.capacity(r));
      }
      name = hash(name) >>> 1;
      int before = classes.size();
      classOf[e] = classes.add(name);
      int c = classOf[e];
      if (classes.size() > before || fabric.capacity(r) < fabric.capacity(representative[c])) {
        representative[c] = r;
      }
    }
    return orbitsMeetEqualClasses(classOf)
        ? network(classes.size(), classOf, representative)
        : null;
  }

  private boolean orbitsMeetEqualClasses(int[] classOf) {
    for (int p = 0; p < latency.length; p++) {
      long first = 0;
      for (int u = 0; u < units; u++) {
        long met = 0;
        for (int e = start[p * units + u]; e < start[p * units + u + 1]; e++) {
          met += hash(hash(classOf[e]) ^ inSteps(share[e]));
        }
        if (u == 0) {
          first = met;
        } else if (met != first) {
          return false;
        }
      }
    }
    return true;
  }

  /// Makes a network in which each class is one resource, with the weights of the flows that its
  /// representative carries.
  private Shared network(int classes, int[] classOf, int[] representative) {
    double[] capacity = new double[classes];
    for (int c = 0; c < classes; c++) {
      capacity[c] = fabric.capacity(representative[c]);
    }
    int pairs = latency.length;
    int[] entryStart = new int[pairs + 1];
    int[] entryClass = new int[16];
    double[] weight = new double[16];
    int size = 0;
    int[] entryOf = new int[classes]; // of the pair at hand, if not below its first entry
    Arrays.fill(entryOf, -1);
    for (int p = 0; p < pairs; p++) {
      for (int e = start[p * units]; e < start[(p + 1) * units]; e++) {
        int c = classOf[e];
        if (resource[e] != representative[c]) {
          continue;
        }
        if (entryOf[c] < entryStart[p]) {
          if (size == weight.length) {
            entryClass = Arrays.copyOf(entryClass, 2 * size);
            weight = Arrays.copyOf(weight, 2 * size);
          }
          entryOf[c] = size;
          entryClass[size++] = c;
        }
        weight[entryOf[c]] += share[e];
      }
      entryStart[p + 1] = size;
    }
    return new Shared(
        new FlowNetwork(
            capacity,
            cap,
            entryStart,
            Arrays.copyOf(entryClass, size),
            Arrays.copyOf(weight, size)),
        latency);
  }

  private static long inSteps(double value) {
    return Math.round(value * SHARE_STEPS);
  }

  /// Mixes bits (the finalizer of SplitMix64).
  private static long hash(long value) {
    long h = value + 0x9E3779B97F4A7C15L;
    h = (h ^ (h >>> 30)) * 0xBF58476D1CE4E5B9L;
    h = (h ^ (h >>> 27)) * 0x94D049BB133111EBL;
    return h ^ (h >>> 31);
  }
}
