package dev.tutti.transport.rendezvous.launch;

import java.util.ArrayList;
import java.util.List;

/// A list of hosts in Slurm's compressed form: `gpu[01-03,7],login1`, `r[1-2]n[0-3]`.
///
/// Only the first host and the number of hosts are of interest; nothing is expanded, so that no
/// list is too long.
///
/// @param first the first host
/// @param size number of hosts
record SlurmNodeList(String first, long size) {
  /// Reads a list.
  ///
  /// @throws IllegalArgumentException if it is malformed; tells where
  static SlurmNodeList parse(String text) {
    String first = "";
    long size = 0;
    for (String item : split(text)) {
      SlurmNodeList hosts = item(item);
      first = size == 0 ? hosts.first : first;
      size = Math.addExact(size, hosts.size);
    }
    return new SlurmNodeList(first, size);
  }

  /// Cuts at the commas outside brackets.
  private static List<String> split(String text) {
    List<String> result = new ArrayList<>();
    int start = 0;
    boolean inside = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '[' || c == ']') {
        if (inside == (c == '[')) {
          throw new IllegalArgumentException("unexpected " + c + " at character " + (i + 1));
        }
        inside = c == '[';
      } else if (c == ',' && !inside) {
        result.add(text.substring(start, i));
        start = i + 1;
      }
    }
    if (inside) {
      throw new IllegalArgumentException("a bracket is not closed");
    }
    result.add(text.substring(start));
    return result;
  }

  private static SlurmNodeList item(String item) {
    StringBuilder first = new StringBuilder();
    long size = 1;
    int position = 0;
    while (position < item.length()) {
      int open = item.indexOf('[', position);
      if (open < 0) {
        first.append(item, position, item.length());
        break;
      }
      int close = item.indexOf(']', open);
      first.append(item, position, open);
      SlurmNodeList numbers = numbers(item.substring(open + 1, close));
      first.append(numbers.first);
      size = Math.multiplyExact(size, numbers.size);
      position = close + 1;
    }
    if (!first.toString().matches("[A-Za-z0-9._-]+")) {
      throw new IllegalArgumentException("\"" + item + "\" is no host name");
    }
    return new SlurmNodeList(first.toString(), size);
  }

  /// Reads what is between brackets: `01-03,7`.
  private static SlurmNodeList numbers(String text) {
    String first = "";
    long size = 0;
    for (String range : text.split(",", -1)) {
      if (!range.matches("\\d{1,9}(-\\d{1,9})?")) {
        throw new IllegalArgumentException("\"" + range + "\" is neither a number nor a range");
      }
      int dash = range.indexOf('-');
      String from = dash < 0 ? range : range.substring(0, dash);
      String to = dash < 0 ? range : range.substring(dash + 1);
      long count = Long.parseLong(to) - Long.parseLong(from) + 1;
      if (count < 1) {
        throw new IllegalArgumentException("the range \"" + range + "\" runs backwards");
      }
      first = size == 0 ? from : first;
      size = Math.addExact(size, count);
    }
    return new SlurmNodeList(first, size);
  }
}
