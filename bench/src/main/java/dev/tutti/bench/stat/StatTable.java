package dev.tutti.bench.stat;

import dev.tutti.collectives.record.Counter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Rows as a table for a terminal.
public final class StatTable {
  private static final List<String> HEAD =
      List.of(
          "PID",
          "RANK",
          "COMMUNICATOR",
          "VIA",
          "OPERATIONS",
          "OPS/S",
          "GB/S",
          "STALLS/S",
          "WAIT%",
          "SLEEP%",
          "NOW");
  private static final int NOW = HEAD.size() - 1;

  private StatTable() {}

  /// Returns the lines, head first, none longer than `width`.
  public static List<String> lines(List<StatRow> rows, int width) {
    List<List<String>> cells = new ArrayList<>();
    cells.add(HEAD);
    rows.forEach(row -> cells.add(cells(row)));
    int[] widths = new int[HEAD.size()];
    for (List<String> line : cells) {
      for (int c = 0; c < widths.length; c++) {
        widths[c] = Math.max(widths[c], line.get(c).length());
      }
    }
    return cells.stream().map(line -> line(line, widths, width)).toList();
  }

  private static String line(List<String> cells, int[] widths, int width) {
    StringBuilder line = new StringBuilder();
    for (int c = 0; c < widths.length; c++) {
      String padding = " ".repeat(widths[c] - cells.get(c).length());
      boolean isText = c == 2 || c == 3 || c == NOW;
      line.append(isText ? cells.get(c) + padding : padding + cells.get(c)).append("  ");
    }
    String text = line.toString().stripTrailing();
    return text.length() > width ? text.substring(0, width) : text;
  }

  private static List<String> cells(StatRow row) {
    return List.of(
        Long.toString(row.processId()),
        row.dump().identity().rank() + "/" + row.dump().identity().size(),
        row.dump().identity().communicator(),
        row.dump().identity().transport(),
        String.format(Locale.ROOT, "%,d", row.dump().counter(Counter.OPERATIONS)),
        String.format(Locale.ROOT, "%,.0f", row.operationsPerSecond()),
        String.format(Locale.ROOT, "%.3f", row.bytesPerSecond() / 1e9),
        String.format(Locale.ROOT, "%,.0f", row.stallsPerSecond()),
        String.format(Locale.ROOT, "%.1f", 100 * row.waiting()),
        String.format(Locale.ROOT, "%.1f", 100 * row.parked()),
        row.state());
  }
}
