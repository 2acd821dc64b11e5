package dev.tutti.bench.report;

import java.util.ArrayList;
import java.util.List;

/// A table of text: aligned columns for a terminal, or Markdown. The first columns are aligned to
/// the left, the others to the right.
public final class TextTable {
  private final int leftColumns;
  private final List<List<String>> rows = new ArrayList<>();

  /// Makes a table.
  ///
  /// @param leftColumns number of columns aligned to the left
  public TextTable(int leftColumns, List<String> head) {
    this.leftColumns = leftColumns;
    rows.add(List.copyOf(head));
  }

  /// Adds a row of as many cells as the head has.
  public void add(List<String> row) {
    rows.add(List.copyOf(row));
  }

  /// Returns the lines for a terminal; the head is marked with `#`.
  public List<String> plain() {
    int columns = rows.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int c = 0; c < columns; c++) {
        widths[c] = Math.max(widths[c], row.get(c).length());
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder(lines.isEmpty() ? "# " : "  ");
      for (int c = 0; c < columns; c++) {
        String padding = " ".repeat(widths[c] - row.get(c).length());
        line.append(c < leftColumns ? row.get(c) + padding : padding + row.get(c)).append("  ");
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }

  /// Returns the lines of a Markdown table.
  public List<String> markdown() {
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      lines.add("| " + String.join(" | ", row) + " |");
      if (lines.size() == 1) {
        int columns = row.size();
        lines.add("|" + "---|".repeat(leftColumns) + "---:|".repeat(columns - leftColumns));
      }
    }
    return lines;
  }
}
