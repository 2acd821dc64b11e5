package dev.tutti.topology.probe;

import dev.tutti.topology.probe.NetworkMap.Observation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// All flows seen so far, and how well groups of probers explain them.
///
/// A flow that got less than its ports could carry was held up somewhere. Groups explain it if it
/// leaves one that sends out as much as it ever does, or enters one that takes in as much as it
/// ever does, in that round: then the uplink of that group was full. Sums over a group do not
/// depend on how fairly flows share. Where several flows each way cross a group's border at once,
/// the sums are not asked: that they compete is explanation enough.
final class Sightings {
  // A loss up to this is noise: readings on a busy machine are off by a few percent.
  private static final double NOISE = 0.12;
  // An uplink that carries this part of the most it ever carried is full.
  private static final double FULL = 0.9;
  // A group whose members' ports are used by this part is not held up by its uplink.
  private static final double PORTS = 0.92;
  // Where so many flows of each direction compete for an uplink, TCP takes long to fill either,
  // because acknowledgements wait behind data: what it carries then says little.
  private static final int JAM = 2;

  private final int probers;
  private final double[] out;
  private final double[] in;
  private int rounds;
  // One entry per flow.
  private int size;
  private int[] from = new int[64];
  private int[] to = new int[64];
  private int[] round = new int[64];
  private double[] rate = new double[64];
  // Derived from all entries, when they are complete.
  private double[] ports = new double[0];
  private double[] loss = new double[0];

  Sightings(int probers) {
    this.probers = probers;
    this.out = new double[probers];
    this.in = new double[probers];
  }

  void add(List<Flow> flows, double[] rates) {
    while (size + rates.length > from.length) {
      from = Arrays.copyOf(from, 2 * from.length);
      to = Arrays.copyOf(to, 2 * to.length);
      round = Arrays.copyOf(round, 2 * round.length);
      rate = Arrays.copyOf(rate, 2 * rate.length);
    }
    for (int f = 0; f < rates.length; f++) {
      Flow flow = flows.get(f);
      from[size] = flow.from();
      to[size] = flow.to();
      round[size] = rounds;
      rate[size] = rates[f];
      size++;
      out[flow.from()] = Math.max(out[flow.from()], rates[f]);
      in[flow.to()] = Math.max(in[flow.to()], rates[f]);
    }
    rounds++;
  }

  /// Derives what depends on all flows.
  void complete() {
    ports = new double[size];
    loss = new double[size];
    double[] least = new double[probers * probers];
    Arrays.fill(least, 1);
    for (int i = 0; i < size; i++) {
      ports[i] = Math.min(out[from[i]], in[to[i]]);
      loss[i] = ports[i] == 0 ? 0 : Math.max(0, 1 - rate[i] / ports[i] - NOISE);
      int pair = from[i] * probers + to[i];
      least[pair] = Math.min(least[pair], loss[i]);
    }
    for (int i = 0; i < size; i++) {
      // Once it was as fast as its ports: then nothing that is shared has to hold it up.
      loss[i] = least[from[i] * probers + to[i]] == 0 ? 0 : loss[i];
    }
  }

  /// Returns how many flows each prober has when all pairs have met.
  int expected() {
    return 2 * (probers - 1);
  }

  int rounds() {
    return rounds;
  }

  List<Observation> all() {
    List<Observation> all = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      all.add(new Observation(round[i], new Flow(from[i], to[i]), rate[i]));
    }
    return all;
  }

  double[] out() {
    return out;
  }

  double[] in() {
    return in;
  }

  /// Returns the mean loss between two probers, by the one and the other; 0 where they never met.
  double[][] meanLoss() {
    double[][] sum = new double[probers][probers];
    int[][] count = new int[probers][probers];
    for (int i = 0; i < size; i++) {
      int a = Math.min(from[i], to[i]);
      int b = Math.max(from[i], to[i]);
      sum[a][b] += loss[i];
      count[a][b]++;
    }
    for (int a = 0; a < probers; a++) {
      for (int b = a + 1; b < probers; b++) {
        sum[a][b] /= Math.max(1, count[a][b]);
        sum[b][a] = sum[a][b];
      }
    }
    return sum;
  }

  /// Returns the loss that groups leave unexplained.
  ///
  /// @param levels what is known of each level
  double unexplained(List<Traffic> levels) {
    double sum = 0;
    for (int i = 0; i < size; i++) {
      if (loss[i] > 0) {
        boolean explained = false;
        for (int l = 0; l < levels.size() && !explained; l++) {
          explained = levels.get(l).explains(i);
        }
        sum += explained ? 0 : loss[i];
      }
    }
    return sum;
  }

  /// Sums up what passed the borders of groups.
  ///
  /// @param groupOf number of each prober's group
  Traffic traffic(int[] groupOf) {
    return new Traffic(groupOf);
  }

  /// What passed the borders of one level's groups, by group and round.
  final class Traffic {
    private final int[] groupOf;
    private final int groups;
    private final double[] sent; // [group * rounds + round]
    private final double[] received;
    private final double[] sentAtMost; // what the ports of the flows could carry
    private final double[] receivedAtMost;
    private final int[] sending; // how many flows
    private final int[] receiving;
    private final double[] mostSent; // [group]
    private final double[] mostReceived;

    private Traffic(int[] groupOf) {
      this.groupOf = groupOf;
      int highest = 0;
      for (int group : groupOf) {
        highest = Math.max(highest, group);
      }
      groups = highest + 1;
      sent = new double[groups * rounds];
      received = new double[groups * rounds];
      sentAtMost = new double[groups * rounds];
      receivedAtMost = new double[groups * rounds];
      sending = new int[groups * rounds];
      receiving = new int[groups * rounds];
      for (int i = 0; i < size; i++) {
        int a = groupOf[from[i]];
        int b = groupOf[to[i]];
        if (a != b) {
          sending[a * rounds + round[i]]++;
          receiving[b * rounds + round[i]]++;
          sent[a * rounds + round[i]] += rate[i];
          received[b * rounds + round[i]] += rate[i];
          sentAtMost[a * rounds + round[i]] += ports[i];
          receivedAtMost[b * rounds + round[i]] += ports[i];
        }
      }
      mostSent = most(sent);
      mostReceived = most(received);
    }

    private double[] most(double[] used) {
      double[] most = new double[groups];
      for (int g = 0; g < groups; g++) {
        for (int r = 0; r < rounds; r++) {
          most[g] = Math.max(most[g], used[g * rounds + r]);
        }
      }
      return most;
    }

    private boolean explains(int i) {
      int a = groupOf[from[i]];
      int b = groupOf[to[i]];
      if (a == b) {
        return false;
      }
      int up = a * rounds + round[i];
      int down = b * rounds + round[i];
      return isUpFull(a, up) || isDownFull(b, down) || isJammed(a, up) || isJammed(b, down);
    }

    private boolean isUpFull(int group, int at) {
      return isFull(sent[at], mostSent[group], sentAtMost[at]);
    }

    private boolean isDownFull(int group, int at) {
      return isFull(received[at], mostReceived[group], receivedAtMost[at]);
    }

    /// Returns whether flows of one direction may have waited for those of the other. What has once
    /// carried all that these could send in both directions was not full, so nobody waited for it.
    private boolean isJammed(int group, int at) {
      return sending[at] >= JAM
          && receiving[at] >= JAM
          && (mostSent[group] < PORTS * sentAtMost[at]
              || mostReceived[group] < PORTS * receivedAtMost[at]);
    }

    /// Returns whether the border of some group was seen full by several flows of one direction,
    /// which nothing else explains: not a slow port, not flows that waited for others.
    boolean isConfirmed() {
      for (int group = 0; group < groups; group++) {
        for (int r = 0; r < rounds; r++) {
          int at = group * rounds + r;
          boolean up = sending[at] >= JAM && receiving[at] < JAM;
          boolean down = receiving[at] >= JAM && sending[at] < JAM;
          if ((up && isUpFull(group, at)) || (down && isDownFull(group, at))) {
            return true;
          }
        }
      }
      return false;
    }

    private static boolean isFull(double used, double most, double ports) {
      return used >= FULL * most && used < PORTS * ports;
    }

    /// Returns what a group can send out: the median of the rounds in which its uplink was full;
    /// null if it never was.
    @Nullable Double up(int group) {
      return median(group, sent, mostSent[group], sentAtMost);
    }

    /// Returns what a group can take in, as [#up].
    @Nullable Double down(int group) {
      return median(group, received, mostReceived[group], receivedAtMost);
    }

    private @Nullable Double median(int group, double[] used, double most, double[] atMost) {
      double[] full = new double[rounds];
      int n = 0;
      for (int r = 0; r < rounds; r++) {
        int i = group * rounds + r;
        if (most > 0 && isFull(used[i], most, atMost[i])) {
          full[n++] = used[i];
        }
      }
      Arrays.sort(full, 0, n);
      return n == 0 ? null : Double.valueOf((full[(n - 1) / 2] + full[n / 2]) / 2);
    }
  }
}
