package dev.tutti.topology.draw;

import java.util.ArrayList;
import java.util.List;

/// Cells in rows like words in lines, all rows about equally long.
///
/// @param rows the cells of each row
/// @param gap between two cells
record Rows(List<List<Cell>> rows, double gap) {
  private static final double SHAPE = 1.9;

  /// Makes rows that fit into a width, or into more where there is much to place, so that the whole
  /// keeps the shape of a page.
  static Rows of(List<Cell> cells, double gap, double least) {
    double total = cells.stream().mapToDouble(cell -> cell.width + gap).sum();
    double area =
        cells.stream().mapToDouble(cell -> (cell.width + gap) * (cell.height + gap)).sum();
    double width = Math.max(least, Math.sqrt(area * SHAPE));
    int count = (int) Math.max(1, Math.ceil(total / width - 0.05));
    int each = each(Math.max(1, cells.size()), count);
    List<List<Cell>> rows = new ArrayList<>();
    for (int i = 0; i < cells.size(); i += each) {
      rows.add(cells.subList(i, Math.min(cells.size(), i + each)));
    }
    return new Rows(rows, gap);
  }

  /// Returns how many come into a row: about as many as `count` rows need, so that the last row is
  /// not much shorter than the others.
  private static int each(int cells, int count) {
    int best = Math.ceilDiv(cells, count);
    int least = best;
    for (int rows = Math.max(1, count - 2); rows <= count + 1; rows++) {
      int each = Math.ceilDiv(cells, rows);
      int missing = each * Math.ceilDiv(cells, each) - cells;
      if (count > 2 && missing < best * Math.ceilDiv(cells, best) - cells) {
        best = each;
      }
    }
    return count > 2 ? best : least;
  }

  double width() {
    return rows.stream().mapToDouble(this::width).max().orElse(0);
  }

  private double width(List<Cell> row) {
    return row.stream().mapToDouble(cell -> cell.width + gap).sum() - gap;
  }

  /// Places all cells and returns the lower edge.
  double place(double x, double y) {
    double at = y;
    for (List<Cell> row : rows) {
      double height = row.stream().mapToDouble(cell -> cell.height).max().orElse(0);
      double left = rows.size() == 1 ? x + (width() - width(row)) / 2 : x;
      for (Cell cell : row) {
        cell.moveTo(left, at);
        left += cell.width + gap;
      }
      at += height + gap;
    }
    return rows.isEmpty() ? y : at - gap;
  }
}
