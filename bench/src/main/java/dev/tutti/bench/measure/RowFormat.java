package dev.tutti.bench.measure;

import java.io.StringWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// A measurement as named values: one line of JSON, or one of CSV. The names and their meaning are
/// part of the tool's interface; `schema` changes when they do.
public final class RowFormat {
  /// Version of the names.
  public static final int SCHEMA = 1;

  private static final JsonFactory JSON = new JsonFactory();

  /// A named value of a row: text, a truth value, an integer or a double.
  private record Column(String name, Function<BenchRow, Object> value) {}

  private static final List<Column> COLUMNS =
      List.of(
          new Column("collective", BenchRow::collective),
          new Column("ranks", BenchRow::ranks),
          new Column("bytes", BenchRow::bytes),
          new Column("count", BenchRow::count),
          new Column("type", BenchRow::type),
          new Column("op", BenchRow::op),
          new Column("root", BenchRow::root),
          new Column("in_place", row -> row.placement() == Placement.IN_PLACE),
          new Column("registered", row -> row.kind() == BufferKind.REGISTERED),
          new Column("algorithm", BenchRow::algorithm),
          new Column("transport", BenchRow::transport),
          new Column("time_us_p50", BenchRow::p50Micros),
          new Column("time_us_p99", BenchRow::p99Micros),
          new Column("time_us_min", BenchRow::minMicros),
          new Column("algbw_gbs", BenchRow::algorithmBandwidth),
          new Column("busbw_gbs", BenchRow::busBandwidth),
          new Column("percent_of_limit", BenchRow::percentOfLimit),
          new Column("wrong", BenchRow::wrong),
          new Column("time_us_avg", BenchRow::averageMicros),
          new Column("limit_us", BenchRow::limitMicros),
          new Column("iterations", BenchRow::iterations),
          new Column("launch", BenchRow::launch),
          new Column("mode", row -> row.mode().label()),
          new Column("call", row -> row.style().label()),
          new Column("buffers", row -> row.kind().label()),
          new Column("form", BenchRow::form),
          new Column("late", BenchRow::late),
          new Column("schema", row -> SCHEMA));

  private RowFormat() {}

  /// Returns a row as one line of JSON, without a line break.
  public static String json(BenchRow row) {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      out.writeStartObject();
      for (Column column : COLUMNS) {
        out.writeName(column.name);
        switch (column.value.apply(row)) {
          case Boolean truth -> out.writeBoolean(truth);
          case Double number -> out.writeNumber(decimal(number));
          case Number number -> out.writeNumber(number.longValue());
          case Object value -> out.writeString(value.toString());
        }
      }
      out.writeEndObject();
    }
    return text.toString();
  }

  /// Returns the names as the first line of a CSV file, without a line break.
  public static String csvHeader() {
    return String.join(",", COLUMNS.stream().map(Column::name).toList());
  }

  /// Returns a row as one line of CSV, without a line break.
  public static String csv(BenchRow row) {
    List<String> values = new ArrayList<>();
    for (Column column : COLUMNS) {
      Object value = column.value.apply(row);
      values.add(quoted(value instanceof Double number ? decimal(number) : value.toString()));
    }
    return String.join(",", values);
  }

  private static String quoted(String text) {
    boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n');
    return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
  }

  /// Returns a number with at most 4 decimals (a tenth of a nanosecond, of a megabyte per second)
  /// and without trailing zeros.
  public static String decimal(double value) {
    String text = String.format(Locale.ROOT, "%.4f", value);
    int end = text.length();
    while (text.charAt(end - 1) == '0') {
      end--;
    }
    return text.substring(0, text.charAt(end - 1) == '.' ? end - 1 : end);
  }

  /// Returns the row of a line that [#json] made; null if the line is something else.
  public static @Nullable BenchRow read(String line) {
    Map<String, String> values = fields(line);
    if (values == null || !values.containsKey("time_us_p50")) {
      return null;
    }
    Fields from = new Fields(values);
    return new BenchRow(
        from.text("collective"),
        (int) from.number("ranks"),
        RankMode.valueOf(from.constant("mode")),
        (long) from.number("bytes"),
        (long) from.number("count"),
        from.text("type"),
        from.text("op"),
        (int) from.number("root"),
        from.text("in_place").equals("true") ? Placement.IN_PLACE : Placement.OUT_OF_PLACE,
        BufferKind.valueOf(from.constant("buffers")),
        CallStyle.valueOf(from.constant("call")),
        from.text("algorithm"),
        from.text("form"),
        from.text("transport"),
        from.number("time_us_p50"),
        from.number("time_us_p99"),
        from.number("time_us_min"),
        from.number("time_us_avg"),
        from.number("limit_us"),
        (long) from.number("wrong"),
        (int) from.number("iterations"),
        (int) from.number("launch"),
        values.getOrDefault("late", "")); // older rows have none
  }

  /// Returns the fields of a flat JSON object as text; null if the line is not one.
  public static @Nullable Map<String, String> fields(String line) {
    if (!line.startsWith("{")) {
      return null;
    }
    Map<String, String> values = new HashMap<>();
    try (JsonParser in = JSON.createParser(ObjectReadContext.empty(), line)) {
      in.nextToken();
      while (in.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = in.currentName();
        in.nextToken();
        values.put(name, in.getString());
      }
    } catch (JacksonException e) {
      return null;
    }
    return values;
  }

  /// The fields of one line.
  private record Fields(Map<String, String> values) {
    String text(String key) {
      String value = values.get(key);
      if (value == null) {
        throw new IllegalArgumentException("the row has no field " + key);
      }
      return value;
    }

    double number(String key) {
      return Double.parseDouble(text(key));
    }

    String constant(String key) {
      return text(key).toUpperCase(Locale.ROOT).replace('-', '_');
    }
  }
}
