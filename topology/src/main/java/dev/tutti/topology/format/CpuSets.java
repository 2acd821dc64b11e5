package dev.tutti.topology.format;

import dev.tutti.topology.CpuList;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Sets of CPUs as masks, as Linux and hwloc write them, and as lists.
final class CpuSets {
  private static final int MAX_CPUS = 1 << 16;
  private static final int GROUP = 32;

  private CpuSets() {}

  /// Returns the list (`0-15,64-79`) of a mask of groups of 32 bits, highest first: `ff,ffff0000`
  /// or `0x000000ff,0xffff0000`; null if the text is no mask.
  static @Nullable String listOfMask(String mask) {
    String[] groups = mask.strip().split(",", -1);
    if (groups.length * GROUP > MAX_CPUS) {
      return null;
    }
    BitSet cpus = new BitSet();
    for (int i = 0; i < groups.length; i++) {
      String digits = groups[groups.length - 1 - i].strip();
      if (digits.startsWith("0x")) {
        digits = digits.substring(2);
      }
      // hwloc leaves groups without a bit empty
      if (digits.isEmpty() && groups.length > 1) {
        continue;
      }
      if (digits.isEmpty() || digits.length() > 8 || !digits.matches("[0-9a-fA-F]+")) {
        return null;
      }
      long bits = Long.parseLong(digits, 16);
      for (int bit = 0; bit < GROUP; bit++) {
        if ((bits >>> bit & 1) != 0) {
          cpus.set(i * GROUP + bit);
        }
      }
    }
    return CpuList.format(cpus);
  }

  /// Tells whether a list has every CPU of another, which has at least one.
  static boolean contains(@Nullable String list, @Nullable String other) {
    BitSet whole = CpuList.parse(list);
    BitSet part = CpuList.parse(other);
    return whole != null && part != null && CpuList.within(part, whole);
  }

  /// Returns the mask of a list, in groups of 8 digits; null if the text is no list.
  static @Nullable String maskOfList(String list) {
    BitSet cpus = CpuList.parse(list);
    if (cpus == null) {
      return null;
    }
    List<String> groups = new ArrayList<>();
    for (int group = Math.max(0, cpus.length() - 1) / GROUP; group >= 0; group--) {
      long bits = 0;
      for (int bit = 0; bit < GROUP; bit++) {
        bits |= cpus.get(group * GROUP + bit) ? 1L << bit : 0;
      }
      groups.add(String.format(Locale.ROOT, "%08x", bits));
    }
    return String.join(",", groups);
  }
}
