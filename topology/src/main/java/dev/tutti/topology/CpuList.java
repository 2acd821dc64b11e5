package dev.tutti.topology;

import java.util.BitSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The kernel's way to write a set of CPUs or memory domains: `0-15,64-79`.
public final class CpuList {
  private static final int MAX = 1 << 16;
  private static final Pattern RANGE = Pattern.compile("\\s*([0-9]{1,6})(?:-([0-9]{1,6}))?\\s*");

  private CpuList() {}

  /// Returns the set, null if the text is not a list of numbers below 65,536. An empty text is the
  /// empty set.
  public static @Nullable BitSet parse(@Nullable String text) {
    if (text == null) {
      return null;
    }
    BitSet set = new BitSet();
    if (text.isBlank()) {
      return set;
    }
    for (String range : text.strip().split(",", -1)) {
      Matcher ends = RANGE.matcher(range);
      if (!ends.matches()) {
        return null;
      }
      int first = Integer.parseInt(ends.group(1));
      int last = ends.group(2) == null ? first : Integer.parseInt(ends.group(2));
      if (last < first || last >= MAX) {
        return null;
      }
      set.set(first, last + 1);
    }
    return set;
  }

  /// Returns the shortest list of a set.
  public static String format(BitSet set) {
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
  public static boolean within(BitSet inner, BitSet outer) {
    if (inner.isEmpty()) {
      return false;
    }
    BitSet rest = (BitSet) inner.clone();
    rest.andNot(outer);
    return rest.isEmpty();
  }
}
