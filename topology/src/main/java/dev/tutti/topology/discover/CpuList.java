package dev.tutti.topology.discover;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/// The kernel's way to write a set of CPUs or memory domains: `0-15,64-79`.
final class CpuList {
  private static final int MAX = 1 << 16;

  private CpuList() {}

  /// Returns the set, null if the text is not a list of numbers below 65,536. An empty text is the
  /// empty set.
  static @Nullable BitSet parse(@Nullable String text) {
    if (text == null) {
      return null;
    }
    BitSet set = new BitSet();
    if (text.isBlank()) {
      return set;
    }
    for (String range : text.strip().split(",", -1)) {
      int dash = range.indexOf('-', 1);
      Long first = SystemFiles.parse(dash < 0 ? range : range.substring(0, dash));
      Long last = dash < 0 ? first : SystemFiles.parse(range.substring(dash + 1));
      if (first == null || last == null || first < 0 || last < first || last >= MAX) {
        return null;
      }
      set.set(first.intValue(), last.intValue() + 1);
    }
    return set;
  }

  /// Returns the shortest list of a set.
  static String format(BitSet set) {
    StringBuilder text = new StringBuilder();
    for (int first = set.nextSetBit(0); first >= 0; ) {
      int last = set.nextClearBit(first) - 1;
      text.append(text.isEmpty() ? "" : ",").append(first);
      if (last > first) {
        text.append('-').append(last);
      }
      first = set.nextSetBit(last + 1);
    }
    return text.toString();
  }

  /// Tells whether all of a set are in another. The empty set is in none: that would tell nothing.
  static boolean within(BitSet inner, BitSet outer) {
    if (inner.isEmpty()) {
      return false;
    }
    BitSet rest = (BitSet) inner.clone();
    rest.andNot(outer);
    return rest.isEmpty();
  }
}
