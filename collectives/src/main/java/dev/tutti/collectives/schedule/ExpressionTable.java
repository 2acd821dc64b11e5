package dev.tutti.collectives.schedule;

import java.util.Arrays;

/// Expression trees over rank ids, each stored once.
///
/// Ids below `ranks` are the contributions of the ranks; each further id is the sum of two smaller
/// trees. Equal trees have equal ids, where `+` is commutative (true of IEEE floats) but not
/// associative. With each tree go the set of its ranks, as bits, a hash that does not depend on
/// this table, and whether it is in rank order: it and all its subtrees cover ranges of
/// neighbouring ranks. A tree costs 28 + ranks / 8 bytes, a sum O(ranks / 64).
final class ExpressionTable {
  /// Returned by [#add] if a rank would be counted twice.
  static final int OVERLAP = -1;

  private static final int UNORDERED = -2;

  private final int words;
  private int size;
  private long[] bits;
  private long[] hash;
  private int[] left;
  private int[] right;
  private int[] first; // lowest rank
  private int[] last; // highest rank, UNORDERED if the tree is not in rank order
  private int[] index;

  ExpressionTable(int ranks) {
    words = (ranks + 63) / 64;
    size = ranks;
    int capacity = Math.max(16, 2 * ranks);
    bits = new long[Math.multiplyExact(capacity, words)];
    hash = new long[capacity];
    left = new int[capacity];
    right = new int[capacity];
    first = new int[capacity];
    last = new int[capacity];
    index = new int[Integer.highestOneBit(capacity) * 4];
    Arrays.fill(index, -1);
    for (int r = 0; r < ranks; r++) {
      bits[r * words + r / 64] = 1L << r;
      hash[r] = mix(r + 1L);
      first[r] = r;
      last[r] = r;
    }
  }

  /// Returns the tree a + b, or [#OVERLAP].
  int add(int a, int b) {
    if (size == hash.length) {
      grow(); // before the place in the index is sought
    }
    int lo = Math.min(a, b);
    int hi = Math.max(a, b);
    int mask = index.length - 1;
    int slot = (int) mix(((long) lo << 32) | hi) & mask;
    while (index[slot] >= 0) {
      int id = index[slot];
      if (left[id] == lo && right[id] == hi) {
        return id;
      }
      slot = (slot + 1) & mask;
    }
    for (int w = 0; w < words; w++) {
      if ((bits[a * words + w] & bits[b * words + w]) != 0) {
        return OVERLAP;
      }
    }
    index[slot] = size;
    return append(lo, hi);
  }

  private int append(int lo, int hi) {
    int id = size++;
    left[id] = lo;
    right[id] = hi;
    for (int w = 0; w < words; w++) {
      bits[id * words + w] = bits[lo * words + w] | bits[hi * words + w];
    }
    hash[id] = mix(mix(hash[lo]) + mix(hash[hi])); // a sum: commutative
    int lower = first[lo] < first[hi] ? lo : hi;
    int upper = lower == lo ? hi : lo;
    first[id] = first[lower];
    last[id] = last[lower] + 1 == first[upper] ? last[upper] : UNORDERED;
    return id;
  }

  private void grow() {
    int capacity = Math.multiplyExact(2, size);
    bits = Arrays.copyOf(bits, Math.multiplyExact(capacity, words));
    hash = Arrays.copyOf(hash, capacity);
    left = Arrays.copyOf(left, capacity);
    right = Arrays.copyOf(right, capacity);
    first = Arrays.copyOf(first, capacity);
    last = Arrays.copyOf(last, capacity);
    int[] old = index;
    index = new int[old.length * 2];
    Arrays.fill(index, -1);
    int mask = index.length - 1;
    for (int id : old) {
      if (id >= 0) {
        int slot = (int) mix(((long) left[id] << 32) | right[id]) & mask;
        while (index[slot] >= 0) {
          slot = (slot + 1) & mask;
        }
        index[slot] = id;
      }
    }
  }

  /// Returns the canonical tree over ranks `lo` to `hi - 1`, see
  /// [VerificationReport#isCanonical()].
  int canonical(int lo, int hi) {
    if (hi - lo == 1) {
      return lo;
    }
    int middle = lo + Integer.highestOneBit(hi - lo - 1);
    return add(canonical(lo, middle), canonical(middle, hi));
  }

  /// Returns the lowest rank of a tree.
  int first(int tree) {
    return first[tree];
  }

  /// Returns whether a tree and all its subtrees cover ranges of neighbouring ranks.
  boolean isInRankOrder(int tree) {
    return last[tree] != UNORDERED;
  }

  /// Returns the smallest rank that a tree lacks, or a number not below `ranks` if it lacks none.
  int firstMissing(int tree) {
    for (int w = 0; w < words; w++) {
      long absent = ~bits[tree * words + w];
      if (absent != 0) {
        return w * 64 + Long.numberOfTrailingZeros(absent);
      }
    }
    return words * 64;
  }

  /// Returns the smallest rank of a tree that is not below `from`, -1 if there is none.
  int firstFrom(int tree, int from) {
    for (int w = from / 64; w < words; w++) {
      long present = bits[tree * words + w] & (w == from / 64 ? -1L << (from % 64) : -1L);
      if (present != 0) {
        return w * 64 + Long.numberOfTrailingZeros(present);
      }
    }
    return -1;
  }

  /// Returns a rank that two trees share.
  int firstShared(int a, int b) {
    for (int w = 0; w < words; w++) {
      long both = bits[a * words + w] & bits[b * words + w];
      if (both != 0) {
        return w * 64 + Long.numberOfTrailingZeros(both);
      }
    }
    throw new IllegalArgumentException("the trees share no rank");
  }

  /// Returns a hash of the tree, never 0.
  long hash(int tree) {
    return hash[tree] == 0 ? 1 : hash[tree];
  }

  /// The finalizer of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
  private static long mix(long z) {
    z += 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
