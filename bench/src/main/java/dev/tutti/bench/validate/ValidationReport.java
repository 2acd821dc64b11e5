package dev.tutti.bench.validate;

import dev.tutti.bench.measure.RowFormat;
import dev.tutti.bench.report.Figures;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// A comparison as a table for people and as lines of JSON for programs.
public final class ValidationReport {
  private static final String LINE = "%-16s %-20s %-12s %12s %12s %12s %8s%n";

  private ValidationReport() {}

  /// Prints a table, and the mean of the errors below it.
  public static void table(Recording recording, List<ComparedRow> rows, PrintWriter out) {
    out.println("# " + recording.machine() + ", " + recording.java() + ", " + recording.date());
    out.println(
        "# "
            + recording.profile().ranks()
            + " ranks on "
            + recording.profile().hosts().size()
            + " hosts over "
            + recording.profile().transport());
    out.printf(
        Locale.ROOT,
        LINE,
        "# collective",
        "algorithm",
        "form",
        "size",
        "measured",
        "predicted",
        "error");
    out.printf(Locale.ROOT, LINE, "#", "", "", "(B)", "(us)", "(us)", "(%)");
    int predicted = 0;
    double greatest = 0;
    for (ComparedRow row : rows) {
      MeasuredRow measured = row.measured();
      Double error = row.error();
      predicted += error == null ? 0 : 1;
      greatest = error == null ? greatest : Math.max(greatest, Math.abs(error));
      out.printf(
          Locale.ROOT,
          LINE,
          measured.collective().label(),
          measured.algorithm(),
          measured.form(),
          measured.bytes(),
          Figures.micros(measured.seconds().median() * 1e6),
          micros(row.predictedSeconds()),
          error == null ? "-" : String.format(Locale.ROOT, "%+.1f", error * 100));
    }
    out.printf(
        Locale.ROOT,
        "# mean absolute error of %d predictions: %.1f %%, greatest %.1f %%; %d not predicted%n",
        predicted,
        Validation.meanAbsoluteError(rows) * 100,
        greatest * 100,
        rows.size() - predicted);
    out.flush();
  }

  private static String micros(@Nullable Double seconds) {
    return seconds == null ? "-" : Figures.micros(seconds * 1e6);
  }

  /// Prints an object for each row.
  public static void json(List<ComparedRow> rows, PrintWriter out) {
    for (ComparedRow row : rows) {
      StringWriter text = new StringWriter();
      try (JsonGenerator json =
          new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
        json.writeStartObject();
        json.writeStringProperty("collective", row.measured().collective().label());
        json.writeStringProperty("algorithm", row.measured().algorithm());
        json.writeStringProperty("form", row.measured().form());
        json.writeNumberProperty("bytes", row.measured().bytes());
        decimal(json, "measured_us", row.measured().seconds().median() * 1e6);
        decimal(json, "measured_low_us", row.measured().seconds().low() * 1e6);
        decimal(json, "measured_high_us", row.measured().seconds().high() * 1e6);
        Double predicted = row.predictedSeconds();
        decimal(json, "predicted_us", predicted == null ? null : Double.valueOf(predicted * 1e6));
        decimal(json, "error", row.error());
        json.writeEndObject();
      }
      out.println(text);
    }
    out.flush();
  }

  private static void decimal(JsonGenerator json, String name, @Nullable Double value) {
    json.writeName(name);
    if (value == null) {
      json.writeNull();
    } else {
      json.writeNumber(RowFormat.decimal(value));
    }
  }
}
