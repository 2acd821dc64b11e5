package dev.tutti.bench.simulate;

import dev.tutti.bench.report.Figures;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// Predictions as a table for people and as JSON for programs.
public final class SimulatedRows {
  private static final String LINE = "%-20s %14s %12s %9s %9s %12s %6s %7s%s%n";

  private SimulatedRows() {}

  /// Prints a table in the style of nccl-tests, in the order of the rows.
  public static void table(List<SimulatedRow> rows, PrintWriter out) {
    out.printf(
        Locale.ROOT,
        LINE,
        "# algorithm",
        "size",
        "time",
        "algbw",
        "busbw",
        "optimum",
        "%opt",
        "pieces",
        "");
    out.printf(Locale.ROOT, LINE, "#", "(B)", "(us)", "(GB/s)", "(GB/s)", "(us)", "", "", "");
    for (SimulatedRow row : rows) {
      Double percent = row.percentOfOptimum();
      out.printf(
          Locale.ROOT,
          LINE,
          row.algorithm(),
          row.bytes(),
          Figures.micros(row.micros()),
          row.bytes() == 0 ? "-" : Figures.bandwidth(row.algorithmBandwidth()),
          row.bytes() == 0 ? "-" : Figures.bandwidth(row.busBandwidth()),
          row.optimumSeconds() == null ? "-" : Figures.micros(row.optimumSeconds() * 1e6),
          percent == null ? "-" : Figures.percent(percent),
          row.pieces(),
          row.form().isEmpty() ? "" : "  " + row.form());
    }
    out.flush();
  }

  /// Prints a JSON array with an object for each row.
  public static void json(List<SimulatedRow> rows, PrintWriter out) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json =
        JsonFactory.builder().build().createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartArray();
      rows.forEach(row -> write(row, json));
      json.writeEndArray();
    }
    out.println(text.toString().replace("},{", "},\n {"));
    out.flush();
  }

  private static void write(SimulatedRow row, JsonGenerator json) {
    json.writeStartObject();
    json.writeStringProperty("algorithm", row.algorithm());
    json.writeStringProperty("form", row.form());
    json.writeStringProperty("collective", row.collective().label());
    json.writeNumberProperty("ranks", row.prediction().ranks());
    json.writeNumberProperty("bytes", row.bytes());
    json.writeNumberProperty("time_us", row.micros());
    json.writeNumberProperty("algbw_gbs", row.algorithmBandwidth());
    json.writeNumberProperty("busbw_gbs", row.busBandwidth());
    Double optimum = row.optimumSeconds();
    number(json, "optimum_us", optimum == null ? null : Double.valueOf(optimum * 1e6));
    number(json, "percent_of_optimum", row.percentOfOptimum());
    json.writeNumberProperty("pieces", row.pieces());
    json.writeNumberProperty("simulated_ranks", row.prediction().simulatedRanks());
    json.writeNumberProperty("messages", row.prediction().messages());
    json.writeNumberProperty("slice_bytes", row.prediction().sliceBytes());
    json.writeObjectPropertyStart("late_us");
    row.late().forEach((rank, seconds) -> json.writeNumberProperty("" + rank, seconds * 1e6));
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void number(JsonGenerator json, String name, @Nullable Double value) {
    if (value == null) {
      json.writeNullProperty(name);
    } else {
      json.writeNumberProperty(name, value);
    }
  }
}
