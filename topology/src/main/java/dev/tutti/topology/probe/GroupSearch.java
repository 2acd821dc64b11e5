package dev.tutti.topology.probe;

import dev.tutti.topology.probe.Sightings.Traffic;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Searches the groups that explain what was seen best.
///
/// Starts from the cuts of an average-linkage tree, keeps the best few, and improves them by moving
/// one item or joining two groups for as long as that helps. A group costs a little, so that there
/// are no more than needed.
final class GroupSearch {
  private static final int STARTS = 3;
  private static final int MOST_SWEEPS = 20;
  // What a group costs, as a part of the flows of each prober.
  private static final double COST_OF_GROUP = 0.05;

  private final Sightings sightings;

  GroupSearch(Sightings sightings) {
    this.sightings = sightings;
  }

  /// A partition with what it costs: the loss left unexplained and the groups.
  record Found(int[] groupOf, double cost) {
    int groups() {
      return 1 + Arrays.stream(groupOf).max().orElse(0);
    }
  }

  /// Finds the best partition of items.
  ///
  /// @param itemOf number of each prober's item: probers of one item stay together
  /// @param loss mean loss between items
  /// @param known levels of groups that are known already
  Found best(int[] itemOf, double[][] loss, List<int[]> known) {
    List<Traffic> levels = known.stream().map(sightings::traffic).toList();
    List<Found> starts = new ArrayList<>();
    for (int[] cut : Clusters.cuts(profileDistance(loss))) {
      starts.add(new Found(cut, cost(cut, itemOf, levels)));
    }
    for (int[] cut : Clusters.cuts(loss)) {
      starts.add(new Found(cut, cost(cut, itemOf, levels)));
    }
    starts.sort((a, b) -> Double.compare(a.cost(), b.cost()));
    Found best = starts.getFirst();
    for (Found start : starts.subList(0, Math.min(STARTS, starts.size()))) {
      Found found = improve(start, itemOf, new int[start.groupOf().length], levels);
      best = found.cost() < best.cost() ? found : best;
    }
    return best;
  }

  /// Improves a partition of the probers.
  ///
  /// @param start the partition
  /// @param boxOf probers of different boxes stay apart
  /// @param known levels of groups that are known already
  Found improved(int[] start, int[] boxOf, List<int[]> known) {
    List<Traffic> levels = known.stream().map(sightings::traffic).toList();
    int[] each = new int[start.length];
    Arrays.setAll(each, i -> i);
    int[] apart = new int[start.length];
    Arrays.setAll(apart, i -> boxOf[i] * start.length + start[i]);
    int[] groupOf = numbered(apart);
    Found found = new Found(groupOf, cost(groupOf, each, levels));
    return improve(found, each, boxOf, levels);
  }

  /// Returns how much items differ in their losses to all others. One lucky meeting of two items
  /// that are far apart changes little of that.
  private static double[][] profileDistance(double[][] loss) {
    int n = loss.length;
    double[][] distance = new double[n][n];
    for (int a = 0; a < n; a++) {
      for (int b = 0; b < n; b++) {
        double sum = 0;
        for (int other = 0; other < n; other++) {
          double toA = other == a ? loss[a][b] : loss[a][other];
          double toB = other == b ? loss[a][b] : loss[b][other];
          sum += other == a || other == b ? loss[a][b] / 2 : Math.abs(toA - toB);
        }
        distance[a][b] = a == b ? 0 : sum / n;
      }
    }
    return distance;
  }

  private Found improve(Found start, int[] itemOf, int[] boxOf, List<Traffic> levels) {
    Found best = start;
    boolean better = true;
    for (int sweep = 0; better && sweep < MOST_SWEEPS; sweep++) {
      Found swept = moveEach(best, itemOf, boxOf, levels);
      swept = joinPairs(swept, itemOf, boxOf, levels);
      better = swept.cost() < best.cost() - 1e-9;
      best = swept;
    }
    return best;
  }

  private Found moveEach(Found start, int[] itemOf, int[] boxOf, List<Traffic> levels) {
    Found best = start;
    for (int item = 0; item < start.groupOf().length; item++) {
      int groups = best.groups();
      for (int group = 0; group <= groups; group++) {
        if (group != best.groupOf()[item]
            && boxOf[item] == box(best.groupOf(), group, boxOf, boxOf[item])) {
          int[] moved = best.groupOf().clone();
          moved[item] = group;
          best = better(best, numbered(moved), itemOf, levels);
        }
      }
    }
    return best;
  }

  private Found joinPairs(Found start, int[] itemOf, int[] boxOf, List<Traffic> levels) {
    Found best = start;
    for (int a = 0; a < best.groups(); a++) {
      for (int b = a + 1; b < best.groups(); b++) {
        if (box(best.groupOf(), a, boxOf, 0) != box(best.groupOf(), b, boxOf, 0)) {
          continue;
        }
        int[] joined = best.groupOf().clone();
        for (int item = 0; item < joined.length; item++) {
          joined[item] = joined[item] == b ? a : joined[item];
        }
        best = better(best, numbered(joined), itemOf, levels);
      }
    }
    return best;
  }

  /// Returns the box of a group, which its first item tells; that of nobody if it is empty.
  private static int box(int[] groupOf, int group, int[] boxOf, int ofNobody) {
    for (int item = 0; item < groupOf.length; item++) {
      if (groupOf[item] == group) {
        return boxOf[item];
      }
    }
    return ofNobody;
  }

  private Found better(Found best, int[] candidate, int[] itemOf, List<Traffic> levels) {
    double cost = cost(candidate, itemOf, levels);
    return cost < best.cost() - 1e-9 ? new Found(candidate, cost) : best;
  }

  /// Numbers groups by their first items, without gaps.
  static int[] numbered(int[] groupOf) {
    Map<Integer, Integer> numbers = new HashMap<>();
    int[] result = new int[groupOf.length];
    for (int i = 0; i < groupOf.length; i++) {
      Integer number = numbers.get(groupOf[i]);
      if (number == null) {
        number = numbers.size();
        numbers.put(groupOf[i], number);
      }
      result[i] = number;
    }
    return result;
  }

  private double cost(int[] groupOfItem, int[] itemOf, List<Traffic> levels) {
    int[] groupOf = new int[itemOf.length];
    int groups = 0;
    for (int i = 0; i < itemOf.length; i++) {
      groupOf[i] = groupOfItem[itemOf[i]];
      groups = Math.max(groups, groupOf[i]);
    }
    List<Traffic> all = new ArrayList<>(levels);
    all.add(sightings.traffic(groupOf));
    return sightings.unexplained(all) + COST_OF_GROUP * sightings.expected() * groups;
  }
}
