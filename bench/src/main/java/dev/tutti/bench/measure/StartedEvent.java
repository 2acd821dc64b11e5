package dev.tutti.bench.measure;

import java.io.StringWriter;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// Told by rank 0 once all ranks have joined, as one line of JSON.
///
/// @param transport what the ranks communicate over
/// @param kernel implementation of the reductions
public record StartedEvent(String transport, String kernel) {

  /// Returns the line, without a line break.
  String write() {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
      out.writeStartObject();
      out.writeStringProperty("event", "started");
      out.writeStringProperty("transport", transport);
      out.writeStringProperty("kernel", kernel);
      out.writeEndObject();
    }
    return text.toString();
  }

  /// Returns the event of a line; null if the line is something else.
  public static @Nullable StartedEvent read(String line) {
    Map<String, String> fields = RowFormat.fields(line);
    if (fields == null || !"started".equals(fields.get("event"))) {
      return null;
    }
    return new StartedEvent(
        fields.getOrDefault("transport", ""), fields.getOrDefault("kernel", ""));
  }
}
