package dev.tutti.bench.launch;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The hosts of a job and how many ranks each may run: `a:4,user@b:4,[fd00::1]:2`.
///
/// Ranks fill the hosts in the order of the list.
///
/// @param slots the ranks of each host, in order; a host that is listed twice has the sum
public record HostList(Map<String, Integer> slots) {
  // A name must not look like an option of ssh.
  private static final Pattern ITEM =
      Pattern.compile(
          "((?:[A-Za-z0-9_.-]+@)?(?:[A-Za-z0-9_.][A-Za-z0-9_.-]*|\\[[0-9A-Fa-f:.%]+]))"
              + "(?::([0-9]{1,6}))?");

  /// Copies the map, keeping its order.
  public HostList {
    slots = Collections.unmodifiableMap(new LinkedHashMap<>(slots));
  }

  /// Reads a list; a host without number has one slot.
  ///
  /// @throws IllegalArgumentException if it is malformed; names the item
  public static HostList parse(String text) {
    Map<String, Integer> slots = new LinkedHashMap<>();
    for (String item : text.split(",", -1)) {
      Matcher matcher = ITEM.matcher(item.strip());
      int count = 0;
      if (matcher.matches() && !item.strip().startsWith("-")) {
        count = matcher.group(2) == null ? 1 : Integer.parseInt(matcher.group(2));
      }
      if (count < 1) {
        throw new IllegalArgumentException(
            "\"" + item + "\" is not host:ranks, such as node-1:4 or user@[fd00::1]:4");
      }
      slots.merge(matcher.group(1), count, Math::addExact);
    }
    return new HostList(slots);
  }

  /// Returns the number of ranks for which there is room.
  public int capacity() {
    return slots.values().stream().mapToInt(Integer::intValue).reduce(0, Math::addExact);
  }

  /// Returns where each of `ranks` ranks runs.
  ///
  /// @throws IllegalArgumentException if there are more ranks than slots
  List<Seat> seats(int ranks) {
    if (ranks > capacity()) {
      throw new IllegalArgumentException(
          ranks + " ranks do not fit on " + slots + ", which has room for " + capacity());
    }
    List<Seat> result = new ArrayList<>();
    slots.forEach((host, count) -> {
      int local = Math.min(count, ranks - result.size());
      for (int i = 0; i < local; i++) {
        result.add(new Seat(host, i, local));
      }
    });
    return result;
  }

  /// Where a rank runs.
  ///
  /// @param host as ssh knows it
  /// @param localRank rank within the host
  /// @param localSize ranks on the host
  record Seat(String host, int localRank, int localSize) {}
}
