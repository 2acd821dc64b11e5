package dev.tutti.topology.format;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Slurm's expressions of many names: `node[00-03,7],login`, `rack[0-1]node[0-3]`.
final class HostLists {
  /// Expressions of more names are refused.
  static final int MAX_NAMES = 65_536;

  private final String text;
  private final Place place;
  private final List<String> names = new ArrayList<>();

  private HostLists(String text, Place place) {
    this.text = text;
    this.place = place;
  }

  /// Returns the names of an expression in its order.
  ///
  /// @throws dev.tutti.topology.TopologyFormatException if it is none, or has too many names
  static List<String> expand(String text, Place place) {
    HostLists lists = new HostLists(text, place);
    int begin = 0;
    int depth = 0;
    for (int i = 0; i <= text.length(); i++) {
      char c = i == text.length() ? ',' : text.charAt(i);
      depth += c == '[' ? 1 : c == ']' ? -1 : 0;
      if (depth < 0 || depth > 1 || (i == text.length() && depth != 0)) {
        throw place.wrong("'" + text + "' has brackets that do not match");
      }
      if (c == ',' && depth == 0) {
        String part = text.substring(begin, i).strip();
        if (!part.isEmpty()) {
          lists.add(part);
        }
        begin = i + 1;
      }
    }
    return lists.names;
  }

  private void add(String part) {
    List<String> made = List.of("");
    int at = 0;
    while (at < part.length()) {
      int open = part.indexOf('[', at);
      String fixed = open < 0 ? part.substring(at) : part.substring(at, open);
      int close = open < 0 ? part.length() - 1 : part.indexOf(']', open);
      List<String> ends = open < 0 ? List.of("") : numbers(part.substring(open + 1, close));
      if (names.size() + (long) made.size() * ends.size() > MAX_NAMES) {
        throw place.wrong("'" + text + "' has more than " + MAX_NAMES + " names");
      }
      List<String> longer = new ArrayList<>();
      for (String begin : made) {
        for (String end : ends) {
          longer.add(begin + fixed + end);
        }
      }
      made = longer;
      at = close + 1;
    }
    names.addAll(made);
  }

  private List<String> numbers(String ranges) {
    List<String> numbers = new ArrayList<>();
    for (String range : ranges.split(",", -1)) {
      String[] ends = range.strip().split("-", -1);
      Long first = ends[0].matches("\\d{1,9}") ? Numbers.whole(ends[0]) : null;
      String end = ends[ends.length - 1];
      Long last = end.matches("\\d{1,9}") ? Numbers.whole(end) : null;
      if (first == null || last == null || ends.length > 2 || last < first) {
        throw place.wrong("'" + text + "' has the range '" + range + "', expected such as 0-3");
      }
      if (numbers.size() + last - first >= MAX_NAMES) {
        throw place.wrong("'" + text + "' has more than " + MAX_NAMES + " names");
      }
      for (long number = first; number <= last; number++) {
        numbers.add(String.format(Locale.ROOT, "%0" + ends[0].length() + "d", number));
      }
    }
    return numbers;
  }
}
