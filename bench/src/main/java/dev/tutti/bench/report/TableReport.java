package dev.tutti.bench.report;

import dev.tutti.bench.measure.BenchRow;
import dev.tutti.bench.measure.BufferKind;
import dev.tutti.bench.measure.Placement;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/// The table of nccl-tests, with three more columns: the 99th percentile of the time, the share of
/// the memory-copy limit, and the algorithm that ran.
public final class TableReport implements BenchReport {
  private static final String LEFT = "%12s %12s %11s %6s %5s";
  private static final String GROUP = "  %8s %8s %7s %7s %6s %6s";
  private static final int GROUP_WIDTH =
      String.format(Locale.ROOT, GROUP, "", "", "", "", "", "").length();

  private final PrintStream out;
  private final Palette palette;
  private final List<Placement> placements;
  private @Nullable BenchRow pending; // out of place, waiting for its partner
  private @Nullable BufferKind kind; // of the section that is being printed
  private double busBandwidthSum;
  private int rows;
  private long wrong;
  private boolean unchecked;

  /// Makes a table.
  ///
  /// @param placements which groups of columns there are, in the order in which their rows come
  public TableReport(PrintStream out, Palette palette, List<Placement> placements) {
    this.out = out;
    this.palette = palette;
    this.placements = placements;
  }

  @Override
  public void begin(RunHeader header) {
    header.lines().forEach(line -> out.println("# " + line));
    out.flush();
  }

  @Override
  public void row(BenchRow row) {
    rows++;
    busBandwidthSum += row.busBandwidth();
    wrong += Math.max(0, row.wrong());
    unchecked |= row.wrong() < 0;
    if (row.kind() != kind) {
      kind = row.kind();
      printHead(row);
    }
    boolean first = row.placement() == placements.getFirst();
    if (first && placements.size() > 1 && row.bytes() > 0) {
      pending = row;
      return;
    }
    BenchRow partner = pending;
    pending = null;
    print(partner == null ? List.of(row) : List.of(partner, row));
  }

  private void printHead(BenchRow row) {
    out.println("#");
    if (row.bytes() > 0) {
      out.println("# buffers: " + row.kind().label());
    }
    String indent = " ".repeat(String.format(Locale.ROOT, LEFT, "", "", "", "", "").length() - 1);
    if (row.bytes() > 0) {
      StringBuilder groups = new StringBuilder("#" + indent);
      placements.forEach(placement -> groups.append(centred(placement.label())));
      out.println(groups.toString().stripTrailing());
    }
    int groups = row.bytes() > 0 ? placements.size() : 1;
    String names = group("time", "p99", "algbw", "busbw", "%limit", "#wrong").repeat(groups);
    String units = group("(us)", "(us)", "(GB/s)", "(GB/s)", "", "").repeat(groups);
    out.println(hash(left("size", "count", "type", "redop", "root") + names + "  algorithm"));
    out.println(hash(left("(B)", "(elements)", "", "", "") + units).stripTrailing());
    out.flush();
  }

  private static String hash(String line) {
    return "#" + line.substring(1);
  }

  private static String centred(String text) {
    int before = (GROUP_WIDTH - text.length() + 2) / 2;
    return " ".repeat(before) + text + " ".repeat(GROUP_WIDTH - before - text.length());
  }

  private void print(List<BenchRow> line) {
    BenchRow row = line.getFirst();
    StringBuilder text =
        new StringBuilder(
            left(
                Long.toString(row.bytes()),
                Long.toString(row.count()),
                row.type(),
                row.op(),
                Integer.toString(row.root())));
    StringJoiner algorithms = new StringJoiner(" | ");
    String previous = "";
    for (BenchRow each : line) {
      text.append(figures(each));
      String algorithm =
          each.form().isEmpty() ? each.algorithm() : each.algorithm() + ", " + each.form();
      if (!algorithm.equals(previous)) {
        algorithms.add(algorithm);
        previous = algorithm;
      }
    }
    out.println(text + "  " + algorithms);
    out.flush();
  }

  private String figures(BenchRow row) {
    boolean moves = row.bytes() > 0;
    String text =
        group(
            Figures.micros(row.p50Micros()),
            Figures.micros(row.p99Micros()),
            moves ? Figures.bandwidth(row.algorithmBandwidth()) : "-",
            moves ? Figures.bandwidth(row.busBandwidth()) : "-",
            row.limitMicros() > 0 ? Figures.percent(row.percentOfLimit()) : "-",
            row.wrong() < 0 ? "N/A" : Long.toString(row.wrong()));
    return row.wrong() > 0 ? palette.bad(text) : text;
  }

  private static String left(String... cells) {
    return String.format(Locale.ROOT, LEFT, (Object[]) cells);
  }

  private static String group(String... cells) {
    return String.format(Locale.ROOT, GROUP, (Object[]) cells);
  }

  @Override
  public void end() {
    BenchRow alone = pending;
    pending = null;
    if (alone != null) {
      print(List.of(alone));
    }
    if (rows == 0) {
      return;
    }
    String verdict = wrong > 0 ? palette.bad(wrong + " FAILED") : palette.good("0 OK");
    out.println("#");
    out.println("# wrong elements:        " + (unchecked && wrong == 0 ? "not checked" : verdict));
    out.println("# average bus bandwidth: " + Figures.bandwidth(busBandwidthSum / rows) + " GB/s");
    out.flush();
  }
}
