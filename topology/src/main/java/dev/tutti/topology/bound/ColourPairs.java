package dev.tutti.topology.bound;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/// The nodes of two coloured copies of a graph, by colour: those of a colour in one copy go to
/// those of that colour in the other.
final class ColourPairs {
  private final long[] first;
  private final int[] from;
  private final int[] to;
  private final boolean alike;

  ColourPairs(long[] first, long[] second) {
    this.first = first;
    from = byColour(first);
    to = byColour(second);
    alike = IntStream.range(0, from.length).allMatch(i -> first[from[i]] == second[to[i]]);
  }

  private static int[] byColour(long[] colours) {
    return IntStream.range(0, colours.length)
        .boxed()
        .sorted(Comparator.comparingLong(v -> colours[v]))
        .mapToInt(v -> v)
        .toArray();
  }

  /// Tells whether the copies have the same colours equally often.
  boolean isAlike() {
    return alike;
  }

  private void forEachColour(ColourRange action) {
    for (int begin = 0; begin < from.length; ) {
      int end = begin + 1;
      while (end < from.length && first[from[end]] == first[from[begin]]) {
        end++;
      }
      action.accept(begin, end);
      begin = end;
    }
  }

  private interface ColourRange {
    void accept(int begin, int end);
  }

  /// Returns where each node goes.
  ///
  /// @param moveOn whether nodes of a colour all move on by as many as have to move, otherwise each
  ///   stays where it is if it can
  int[] permutation(boolean moveOn) {
    int[] permutation = new int[from.length];
    forEachColour((begin, end) -> {
      int[] homeless = unmatched(from, to, begin, end);
      int[] vacant = unmatched(to, from, begin, end);
      if (moveOn) {
        int size = end - begin;
        for (int i = 0; i < size; i++) {
          permutation[from[begin + i]] = to[begin + (i + homeless.length) % size];
        }
      } else {
        for (int i = begin; i < end; i++) {
          permutation[from[i]] = from[i];
        }
        for (int i = 0; i < homeless.length; i++) {
          permutation[homeless[i]] = vacant[i];
        }
      }
    });
    return permutation;
  }

  /// Returns a node and where it could go, of the rarest colour that leaves a choice and has to
  /// move; -1 if there is none.
  int[] open() {
    int[] best = {-1, -1, Integer.MAX_VALUE};
    forEachColour((begin, end) -> {
      int size = end - begin;
      if (size > 1 && size < best[2] && unmatched(from, to, begin, end).length > 0) {
        best[0] = from[begin];
        best[1] = to[begin];
        best[2] = size;
      }
    });
    return best;
  }

  /// Returns what is in a range of one list and not in that of the other; both are sorted.
  private static int[] unmatched(int[] list, int[] other, int begin, int end) {
    return Arrays.stream(list, begin, end)
        .filter(v -> Arrays.binarySearch(other, begin, end, v) < 0)
        .toArray();
  }
}
