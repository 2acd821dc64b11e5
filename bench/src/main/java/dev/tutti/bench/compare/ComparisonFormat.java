package dev.tutti.bench.compare;

import dev.tutti.bench.compare.Comparison.Cell;
import dev.tutti.bench.compare.Targets.Verdict;
import dev.tutti.bench.measure.BufferKind;
import dev.tutti.bench.measure.RowFormat;
import dev.tutti.bench.measure.Sizes;
import dev.tutti.bench.report.Figures;
import dev.tutti.bench.report.Palette;
import dev.tutti.bench.report.TextTable;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// A way to show a comparison: all medians, then Tutti against the best peer and the peers as
/// installed.
public enum ComparisonFormat {
  /// Aligned columns.
  TABLE,
  /// Markdown tables.
  MARKDOWN,
  /// One JSON object per contestant and size.
  JSON;

  private static final long BANDWIDTH_FROM = 64 << 10;

  /// Returns the lines of a comparison.
  public List<String> lines(Comparison comparison, Palette palette) {
    return switch (this) {
      case TABLE -> tables(comparison, palette);
      case MARKDOWN -> tables(comparison, Palette.PLAIN);
      case JSON -> json(comparison);
    };
  }

  private List<String> tables(Comparison comparison, Palette palette) {
    List<String> lines = new ArrayList<>();
    lines.add(title(comparison));
    lines.add("");
    lines.addAll(show(medians(comparison)));
    lines.add("");
    comparison
        .failures()
        .forEach((contestant, reason) ->
            lines.add(
                mark(
                    palette.bad("no figures")
                        + " of "
                        + contestant.library()
                        + " "
                        + contestant.tuning()
                        + ": "
                        + reason)));
    if (!comparison.failures().isEmpty()) {
      lines.add("");
    }
    lines.add(mark("Tutti against its peers: time of the peer / time of Tutti, larger is better"));
    lines.add("");
    lines.addAll(show(ratios(comparison)));
    List<String> targets = targets(comparison, palette);
    if (!targets.isEmpty()) {
      lines.add("");
      lines.addAll(targets);
    }
    lines.add("");
    return lines;
  }

  private String title(Comparison comparison) {
    return (this == MARKDOWN ? "#### " : "# ")
        + String.format(
            Locale.ROOT,
            "%s, float32, %d ranks%s: median us of the launches' medians [best launch]%s",
            comparison.what().collective().label(),
            comparison.what().ranks(),
            comparison.what().network().isTcp()
                ? " over " + comparison.what().network().describe()
                : "",
            (bound(comparison) > 0
                    ? String.format(
                        Locale.ROOT, " = %% of the bound, %.1f MB/s", bound(comparison) * 1e-6)
                    : " = algorithm bandwidth in GB/s")
                + "; (!) disturbed");
  }

  private static double bound(Comparison comparison) {
    return comparison.what().network().bound(comparison.what().collective());
  }

  private String mark(String text) {
    return this == MARKDOWN ? text : "# " + text;
  }

  private List<String> show(TextTable table) {
    return this == MARKDOWN ? table.markdown() : table.plain();
  }

  private TextTable medians(Comparison comparison) {
    List<String> head = new ArrayList<>(List.of("library", "tuning"));
    comparison.sizes().forEach(bytes -> head.add(size(bytes)));
    TextTable table = new TextTable(2, head);
    for (Contestant contestant : comparison.contestants()) {
      List<String> row = new ArrayList<>();
      String version = comparison.version(contestant);
      row.add(contestant.library() + (version.isEmpty() ? "" : " " + version));
      row.add(contestant.tuning());
      for (long bytes : comparison.sizes()) {
        boolean best = contestant.equals(comparison.bestPeer(bytes));
        row.add(cell(comparison, contestant, bytes, best));
      }
      table.add(row);
    }
    return table;
  }

  private String cell(Comparison comparison, Contestant contestant, long bytes, boolean isBest) {
    Cell cell = comparison.cell(contestant, bytes);
    if (cell == null) {
      return "-";
    }
    if (cell.wrong() > 0) {
      return "wrong";
    }
    String text =
        Figures.shortMicros(cell.median())
            + " ["
            + Figures.shortMicros(cell.best())
            + "]"
            + (cell.isDisturbed() ? " (!)" : "");
    if (bound(comparison) > 0) {
      text += " = " + Figures.percent(comparison.percentOfBound(contestant, bytes)) + "%";
    } else if (bytes >= BANDWIDTH_FROM) {
      text += " = " + Figures.bandwidth(bytes / cell.median() * 1e-3);
    }
    if (!isBest) {
      return text;
    }
    return this == MARKDOWN ? "**" + text + "**" : "*" + text;
  }

  private static TextTable ratios(Comparison comparison) {
    List<Contestant> own = comparison.contestants().stream().filter(Contestant::isTutti).toList();
    List<String> head = new ArrayList<>(List.of("size", "best peer"));
    head.add("us");
    for (Contestant contestant : own) {
      head.add(contestant.tuning() + " us");
      head.add("/ best");
      comparison.defaultPeers().forEach(peer -> head.add("/ " + peer.library()));
      if (bound(comparison) > 0) {
        head.add("%bound");
      }
      if (hasLimit(comparison, contestant)) {
        head.add("%limit");
      }
    }
    TextTable table = new TextTable(2, head);
    for (long bytes : comparison.sizes()) {
      table.add(ratioRow(comparison, own, bytes));
    }
    return table;
  }

  private static List<String> ratioRow(Comparison comparison, List<Contestant> own, long bytes) {
    List<String> row = new ArrayList<>();
    Contestant best = comparison.bestPeer(bytes);
    row.add(size(bytes));
    row.add(best == null ? "-" : best.library() + " " + best.tuning());
    row.add(median(best == null ? null : comparison.cell(best, bytes)));
    for (Contestant contestant : own) {
      Cell cell = comparison.cell(contestant, bytes);
      row.add(median(cell));
      row.add(best == null ? "-" : ratio(comparison.ratio(contestant, best, bytes)));
      for (Contestant peer : comparison.defaultPeers()) {
        row.add(ratio(comparison.ratio(contestant, peer, bytes)));
      }
      if (bound(comparison) > 0) {
        double percent = comparison.percentOfBound(contestant, bytes);
        row.add(percent == 0 ? "-" : Figures.percent(percent));
      }
      if (hasLimit(comparison, contestant)) {
        boolean limited = cell != null && cell.percentOfLimit() > 0;
        row.add(limited && cell != null ? Figures.percent(cell.percentOfLimit()) : "-");
      }
    }
    return row;
  }

  /// Returns whether the memory-copy limit means something to a contestant.
  private static boolean hasLimit(Comparison comparison, Contestant contestant) {
    return !comparison.what().network().isTcp()
        && contestant.tuning().equals(BufferKind.REGISTERED.label());
  }

  private static String median(@Nullable Cell cell) {
    return cell == null ? "-" : Figures.shortMicros(cell.median());
  }

  private static String ratio(double value) {
    return value == 0 ? "-" : Figures.ratio(value);
  }

  private static String size(long bytes) {
    return bytes == 0 ? "-" : Sizes.format(bytes) + "B";
  }

  private List<String> targets(Comparison comparison, Palette palette) {
    List<String> lines = new ArrayList<>();
    for (long bytes : comparison.sizes()) {
      List<Verdict> verdicts = Targets.judge(comparison, bytes);
      if (verdicts.isEmpty()) {
        continue;
      }
      List<String> missed =
          verdicts.stream().filter(v -> !v.isReached()).map(Verdict::describe).toList();
      String verdict =
          missed.isEmpty()
              ? palette.good("reached")
              : palette.bad("missed") + ": " + String.join("; ", missed);
      lines.add((this == MARKDOWN ? "* " : "# ") + size(bytes) + ": " + verdict);
    }
    if (!lines.isEmpty()) {
      lines.addFirst("");
      lines.addFirst(mark("Targets (foreign/x and registered/x: ratio to x; see Targets.java)"));
    }
    return lines;
  }

  private static List<String> json(Comparison comparison) {
    List<String> lines = new ArrayList<>();
    for (long bytes : comparison.sizes()) {
      Contestant best = comparison.bestPeer(bytes);
      for (Contestant contestant : comparison.contestants()) {
        Cell cell = comparison.cell(contestant, bytes);
        if (cell != null) {
          double ratio =
              best == null || !contestant.isTutti() ? 0 : comparison.ratio(contestant, best, bytes);
          lines.add(json(comparison, contestant, bytes, cell, ratio));
        }
      }
    }
    return lines;
  }

  private static String json(
      Comparison comparison, Contestant contestant, long bytes, Cell cell, double ratio) {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
      out.writeStartObject();
      out.writeStringProperty("collective", comparison.what().collective().label());
      out.writeNumberProperty("ranks", comparison.what().ranks());
      out.writeNumberProperty("bytes", bytes);
      out.writeStringProperty("library", contestant.library());
      out.writeStringProperty("version", comparison.version(contestant));
      out.writeStringProperty("tuning", contestant.tuning());
      number(out, "time_us_median", cell.median());
      number(out, "time_us_best", cell.best());
      out.writeNumberProperty("launches", cell.launches());
      out.writeBooleanProperty("disturbed", cell.isDisturbed());
      out.writeNumberProperty("wrong", cell.wrong());
      out.writeStringProperty("network", comparison.what().network().describe());
      double percentOfBound = comparison.percentOfBound(contestant, bytes);
      if (percentOfBound > 0) {
        number(out, "percent_of_bound", percentOfBound);
      }
      if (contestant.isTutti()) {
        number(out, "percent_of_limit", cell.percentOfLimit());
        number(out, "ratio_to_best_peer", ratio);
      }
      out.writeNumberProperty("schema", RowFormat.SCHEMA);
      out.writeEndObject();
    }
    return text.toString();
  }

  private static void number(JsonGenerator out, String key, double value) {
    out.writeName(key);
    out.writeNumber(RowFormat.decimal(value));
  }
}
