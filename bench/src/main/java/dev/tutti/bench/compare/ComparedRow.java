package dev.tutti.bench.compare;

import dev.tutti.bench.measure.RowFormat;
import java.io.StringWriter;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// One size of one launch of one library.
///
/// @param library `tutti` or a peer
/// @param version the library's version
/// @param tuning how it was run
/// @param collective the operation
/// @param ranks number of ranks
/// @param bytes size as nccl-tests defines it
/// @param p50Micros median time of an operation
/// @param p99Micros 99th percentile
/// @param minMicros fastest operation
/// @param averageMicros loop time / operations
/// @param percentOfLimit share of the memory-copy limit, 0 if not measured
/// @param transport what it ran over, empty if not known
/// @param algorithm what ran, empty if not known
/// @param iterations timed operations
/// @param wrong wrong elements
/// @param launch number of the launch, from 1
/// @param foreignCores cores that others used meanwhile
/// @param coreNanos time of a cache line between cores, the larger of before and after; 0 if
///   unknown
public record ComparedRow(
    String library,
    String version,
    String tuning,
    String collective,
    int ranks,
    long bytes,
    double p50Micros,
    double p99Micros,
    double minMicros,
    double averageMicros,
    double percentOfLimit,
    String transport,
    String algorithm,
    int iterations,
    long wrong,
    int launch,
    double foreignCores,
    double coreNanos) {
  private static final JsonFactory JSON = new JsonFactory();

  /// Returns the row of a line of a measuring program, null if it is something else.
  static @Nullable ComparedRow read(String line, String library, String tuning, int launch) {
    Map<String, String> fields = RowFormat.fields(line);
    if (fields == null || !fields.containsKey("time_us_p50")) {
      return null;
    }
    return new ComparedRow(
        library,
        fields.getOrDefault("version", ""),
        tuning,
        fields.getOrDefault("collective", ""),
        (int) number(fields, "ranks"),
        (long) number(fields, "bytes"),
        number(fields, "time_us_p50"),
        number(fields, "time_us_p99"),
        number(fields, "time_us_min"),
        number(fields, "time_us_avg"),
        number(fields, "percent_of_limit"),
        fields.getOrDefault("transport", ""),
        fields.getOrDefault("algorithm", ""),
        (int) number(fields, "iterations"),
        (long) number(fields, "wrong"),
        launch,
        0,
        0);
  }

  private static double number(Map<String, String> fields, String key) {
    return Double.parseDouble(fields.getOrDefault(key, "0"));
  }

  /// Returns this row with what is known only after the launch.
  ComparedRow with(String ofVersion, double cores, double nanos) {
    return new ComparedRow(
        library,
        ofVersion,
        tuning,
        collective,
        ranks,
        bytes,
        p50Micros,
        p99Micros,
        minMicros,
        averageMicros,
        percentOfLimit,
        transport,
        algorithm,
        iterations,
        wrong,
        launch,
        cores,
        nanos);
  }

  /// Returns whether this is a row of Tutti.
  public boolean isTutti() {
    return library.equals(Contestant.TUTTI);
  }

  /// Returns the row as one line of JSON.
  public String json() {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      out.writeStartObject();
      out.writeStringProperty("library", library);
      out.writeStringProperty("version", version);
      out.writeStringProperty("tuning", tuning);
      out.writeStringProperty("collective", collective);
      out.writeNumberProperty("ranks", ranks);
      out.writeNumberProperty("bytes", bytes);
      number(out, "time_us_p50", p50Micros);
      number(out, "time_us_p99", p99Micros);
      number(out, "time_us_min", minMicros);
      number(out, "time_us_avg", averageMicros);
      number(out, "percent_of_limit", percentOfLimit);
      out.writeStringProperty("transport", transport);
      out.writeStringProperty("algorithm", algorithm);
      out.writeNumberProperty("iterations", iterations);
      out.writeNumberProperty("wrong", wrong);
      out.writeNumberProperty("launch", launch);
      number(out, "foreign_cores", foreignCores);
      number(out, "core_ns", coreNanos);
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
