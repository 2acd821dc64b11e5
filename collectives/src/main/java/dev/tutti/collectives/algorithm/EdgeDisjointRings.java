package dev.tutti.collectives.algorithm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Rings over all ranks of which no two use the same directed link.
///
/// Source for the full mesh: Walecki's decomposition of the complete graph into Hamiltonian cycles,
/// as told by Alspach, "The wonderful Walecki construction", Bull. ICA 52 (2008). One rank stands
/// in the middle, the other N = n - 1 on a circle. The zigzag 0, 1, -1, 2, -2, ... (mod N) uses
/// just the pairs whose sum is 0 or 1; turned by i, those of sum 2i and 2i + 1. So the floor(N / 2)
/// turns have no pair in common, each closed through the middle is a cycle, and each cycle is two
/// rings, one for each direction. Example, n = 5 (4 in the middle): 4 0 1 3 2 and 4 1 2 0 3.
public final class EdgeDisjointRings {
  // Steps of the search for one ring; enough for some 16 ranks, and over in milliseconds.
  private static final int SEARCH_STEPS = 200_000;

  private static final int LANES = 64;

  private EdgeDisjointRings() {}

  /// Returns the rings of [#ofFullMesh(int, int)], not more than a communicator has lanes for by
  /// default, at least two where there are.
  static int[][] ofFullMesh(int ranks) {
    return ofFullMesh(ranks, Math.max(2, LANES / ranks));
  }

  /// Returns rings for ranks each of which has a link to each other: n - 1 rings for odd n, n - 2
  /// for even n, one for two ranks; the two directions of a cycle behind each other.
  ///
  /// @param ranks at least 2
  /// @param most how many are wanted at most, at least 1
  public static int[][] ofFullMesh(int ranks, int most) {
    if (ranks < 2 || most < 1) {
      throw new IllegalArgumentException(
          "expected at least 2 ranks and 1 ring, got " + ranks + " and " + most);
    }
    List<int[]> rings = new ArrayList<>();
    int circle = ranks - 1;
    for (int turn = 0; turn < Math.max(1, circle / 2); turn++) {
      int[] ring = new int[ranks];
      ring[0] = circle;
      for (int i = 0; i < circle; i++) {
        int zigzag = i % 2 == 1 ? (i + 1) / 2 : -i / 2;
        ring[1 + i] = Math.floorMod(zigzag + turn, circle);
      }
      rings.add(ring);
      if (ranks > 2) {
        rings.add(reversed(ring));
      }
    }
    return rings.stream().limit(most).toArray(int[][]::new);
  }

  private static int[] reversed(int[] ring) {
    int[] back = new int[ring.length];
    for (int i = 0; i < ring.length; i++) {
      back[i] = ring[ring.length - 1 - i];
    }
    return back;
  }

  /// Searches rings over links that are given.
  ///
  /// One ring after the other, by depth-first search that prefers the links of ranks that have the
  /// most left and turns back where a rank can no longer be entered or left. It finds what there is
  /// in small graphs; in large or sparse ones it may miss rings, but it ends.
  ///
  /// @param links how many rings may use the link from the rank of the row to that of the column
  /// @param most how many are wanted at most
  /// @return the rings, possibly none
  public static int[][] search(int[][] links, int most) {
    int[][] left = new int[links.length][];
    for (int i = 0; i < links.length; i++) {
      if (links[i].length != links.length) {
        throw new IllegalArgumentException(
            "row " + i + " has " + links[i].length + " entries, expected " + links.length);
      }
      left[i] = links[i].clone();
      left[i][i] = 0;
    }
    List<int[]> rings = new ArrayList<>();
    while (links.length > 1 && rings.size() < most) {
      int[] ring = new RingSearch(left).find();
      if (ring == null) {
        break;
      }
      for (int i = 0; i < ring.length; i++) {
        left[ring[i]][ring[(i + 1) % ring.length]]--;
      }
      rings.add(ring);
    }
    return rings.toArray(int[][]::new);
  }

  /// The search for one ring.
  private static final class RingSearch {
    private final int[][] left;
    private final int ranks;
    private final int[] ring;
    private final boolean[] used;
    private int steps;

    RingSearch(int[][] left) {
      this.left = left;
      this.ranks = left.length;
      this.ring = new int[ranks];
      this.used = new boolean[ranks];
    }

    int @Nullable [] find() {
      used[0] = true;
      return extend(1) ? ring : null;
    }

    private boolean extend(int length) {
      int tail = ring[length - 1];
      if (length == ranks) {
        return left[tail][0] > 0;
      }
      if (++steps > SEARCH_STEPS || isHopeless(tail)) {
        return false;
      }
      int[] candidates = candidates(tail);
      for (int next : candidates) {
        ring[length] = next;
        used[next] = true;
        if (extend(length + 1)) {
          return true;
        }
        used[next] = false;
      }
      return false;
    }

    /// Returns where to go on, first the ranks with the most links left in and out.
    private int[] candidates(int tail) {
      long[] keys = new long[ranks];
      int count = 0;
      for (int r = 0; r < ranks; r++) {
        if (!used[r] && left[tail][r] > 0) {
          keys[count++] = ((long) -degree(r) << Integer.SIZE) + r;
        }
      }
      Arrays.sort(keys, 0, count);
      int[] result = new int[count];
      for (int i = 0; i < count; i++) {
        result[i] = (int) keys[i];
      }
      return result;
    }

    private int degree(int rank) {
      int sum = 0;
      for (int r = 0; r < ranks; r++) {
        sum += left[rank][r] + left[r][rank];
      }
      return sum;
    }

    /// Returns whether some rank can no longer be entered or left.
    private boolean isHopeless(int tail) {
      for (int r = 0; r < ranks; r++) {
        if (!used[r]) {
          boolean in = left[tail][r] > 0;
          boolean out = left[r][0] > 0;
          for (int other = 0; other < ranks && !(in && out); other++) {
            if (!used[other] && other != r) {
              in |= left[other][r] > 0;
              out |= left[r][other] > 0;
            }
          }
          if (!in || !out) {
            return true;
          }
        }
      }
      return false;
    }
  }
}
