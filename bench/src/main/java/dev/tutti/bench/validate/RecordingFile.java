package dev.tutti.bench.validate;

import dev.tutti.bench.measure.BenchCollective;
import dev.tutti.bench.measure.RowFormat;
import dev.tutti.topology.TopologyFormatException;
import dev.tutti.topology.format.ProfileJson;
import dev.tutti.topology.format.SourceFile;
import dev.tutti.topology.probe.Estimate;
import dev.tutti.topology.probe.Profile;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// A recording as lines of JSON: what it is, the profile as `tutti probe` writes it, then a line
/// for each row.
public final class RecordingFile {
  private static final String MARK = "tutti-validation";
  private static final int VERSION = 1;
  private static final JsonFactory JSON = new JsonFactory();

  private RecordingFile() {}

  /// Returns a recording as text.
  public static String text(Recording recording) {
    StringBuilder text = new StringBuilder();
    text.append(line(json -> head(json, recording)));
    text.append(ProfileJson.text(recording.profile())).append('\n');
    recording.rows().forEach(row -> text.append(line(json -> row(json, row))));
    return text.toString();
  }

  private static String line(Consumer<JsonGenerator> members) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      members.accept(json);
      json.writeEndObject();
    }
    return text.append('\n').toString();
  }

  private static void head(JsonGenerator json, Recording recording) {
    json.writeStringProperty("format", MARK);
    json.writeNumberProperty("version", VERSION);
    json.writeStringProperty("tutti", recording.version());
    json.writeStringProperty("date", recording.date());
    json.writeStringProperty("machine", recording.machine());
    json.writeStringProperty("java", recording.java());
  }

  private static void row(JsonGenerator json, MeasuredRow row) {
    json.writeStringProperty("collective", row.collective().label());
    json.writeStringProperty("algorithm", row.algorithm());
    json.writeStringProperty("form", row.form());
    json.writeNumberProperty("bytes", row.bytes());
    micros(json, "time_us", row.seconds().median());
    micros(json, "low_us", row.seconds().low());
    micros(json, "high_us", row.seconds().high());
    json.writeNumberProperty("operations", row.seconds().samples());
  }

  private static void micros(JsonGenerator json, String name, double seconds) {
    json.writeName(name);
    json.writeNumber(RowFormat.decimal(seconds * 1e6));
  }

  /// Reads a recording.
  ///
  /// @throws IllegalArgumentException if it is none; names the file and the line
  /// @throws IOException if the file cannot be read
  public static Recording read(Path file) throws IOException {
    return read(file.toString(), SourceFile.read(file).text());
  }

  /// Reads a recording from text.
  ///
  /// @param name of the file, for messages
  /// @throws IllegalArgumentException if it is none; names the file and the line
  public static Recording read(String name, String text) {
    List<String> lines = text.lines().toList();
    Map<String, String> head = lines.isEmpty() ? null : RowFormat.fields(lines.getFirst());
    if (head == null || !MARK.equals(head.get("format")) || lines.size() < 2) {
      throw new IllegalArgumentException(
          name + " is no recording, expected what 'tutti validate --output' writes");
    }
    if (!String.valueOf(VERSION).equals(head.get("version"))) {
      throw new IllegalArgumentException(
          name + " has version " + head.get("version") + ", expected " + VERSION);
    }
    Profile profile;
    try {
      profile = ProfileJson.read(new SourceFile(name + ", line 2", lines.get(1)));
    } catch (TopologyFormatException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    List<MeasuredRow> rows = new ArrayList<>();
    for (int i = 2; i < lines.size(); i++) {
      rows.add(row(name + ", line " + (i + 1), RowFormat.fields(lines.get(i))));
    }
    return new Recording(
        head.getOrDefault("tutti", ""),
        head.getOrDefault("date", ""),
        head.getOrDefault("machine", ""),
        head.getOrDefault("java", ""),
        profile,
        rows);
  }

  private static MeasuredRow row(String place, @Nullable Map<String, String> fields) {
    if (fields == null) {
      throw new IllegalArgumentException(place + ": expected an object");
    }
    Estimate seconds =
        new Estimate(
            seconds(place, fields, "time_us"),
            seconds(place, fields, "low_us"),
            seconds(place, fields, "high_us"),
            (int) number(place, "operations", fields.get("operations")));
    String label = text(place, fields, "collective");
    BenchCollective collective;
    try {
      collective = BenchCollective.valueOf(label.toUpperCase(Locale.ROOT).replace('-', '_'));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(place + ": unknown collective '" + label + "'", e);
    }
    return new MeasuredRow(
        collective,
        text(place, fields, "algorithm"),
        text(place, fields, "form"),
        (long) number(place, "bytes", fields.get("bytes")),
        seconds);
  }

  private static double seconds(String place, Map<String, String> fields, String key) {
    return number(place, key, fields.get(key)) * 1e-6;
  }

  private static String text(String place, Map<String, String> fields, String key) {
    String value = fields.get(key);
    if (value == null) {
      throw new IllegalArgumentException(place + ": missing '" + key + "'");
    }
    return value;
  }

  private static double number(String place, String key, @Nullable String text) {
    try {
      return Double.parseDouble(String.valueOf(text));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          place + ": '" + key + "' is " + text + ", expected a number", e);
    }
  }
}
