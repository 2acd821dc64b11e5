package dev.tutti.bench.stat;

import dev.tutti.collectives.record.Counter;
import dev.tutti.collectives.record.Dump;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// Rows as one JSON object per look.
public final class StatJson {
  private static final String SCHEMA = "tutti-stat/1";
  private static final JsonFactory JSON = new JsonFactory();

  private StatJson() {}

  /// Returns the object, on one line.
  public static String line(List<StatRow> rows, Instant time) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeStringProperty("schema", SCHEMA);
      json.writeStringProperty("time", time.toString());
      json.writeArrayPropertyStart("ranks");
      for (StatRow row : rows) {
        write(row, json);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    return text.toString();
  }

  private static void write(StatRow row, JsonGenerator json) {
    Dump dump = row.dump();
    json.writeStartObject();
    json.writeNumberProperty("pid", row.processId());
    json.writeStringProperty("job", dump.identity().job());
    json.writeStringProperty("communicator", dump.identity().communicator());
    json.writeNumberProperty("rank", dump.identity().rank());
    json.writeNumberProperty("size", dump.identity().size());
    json.writeStringProperty("transport", dump.identity().transport());
    for (Counter counter : Counter.values()) {
      json.writeNumberProperty(counter.name().toLowerCase(Locale.ROOT), dump.counter(counter));
    }
    json.writeNumberProperty("operationsPerSecond", row.operationsPerSecond());
    json.writeNumberProperty("bytesPerSecond", row.bytesPerSecond());
    json.writeNumberProperty("stallsPerSecond", row.stallsPerSecond());
    json.writeNumberProperty("waiting", row.waiting());
    json.writeNumberProperty("parkedShare", row.parked());
    json.writeStringProperty("now", row.state());
    json.writeEndObject();
  }
}
