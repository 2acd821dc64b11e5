package dev.tutti.collectives.record;

import java.io.StringWriter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// The JSON form of dumps; `docs/observability.md` describes every field.
///
/// ```json
/// {
///   "schema": "tutti-dump/1",
///   "communicator": "world", "rank": 0, "size": 2, "members": [0, 1], "transport": "shm",
///   "host": "a", "hostId": "...", "pid": 4711, "job": "",
///   "time": {"wallNanos": 1, "nanos": 2, "startNanos": 0},
///   "entered": 7, "counters": {"operations": 6, ...},
///   "failure": {"operation": 6, "kind": "...", "message": "...", "wallNanos": 1, "nanos": 2},
///   "waiting": {"peer": 1, "operation": 6, "sinceNanos": 1, "seenNanos": 2},
///   "absent": [1],
///   "peers": [{"worldRank": 0, "waits": 0, ...}, ...],
///   "operations": [{"number": 6, "call": "barrier", "kind": "collective", ...}, ...]
/// }
/// ```
///
/// `failure`, `waiting` and `absent` may be missing. Unknown fields are ignored, so that a later
/// version may add some. Stateless; any thread may call.
public final class DumpJson {
  static final String SCHEMA = "tutti-dump/1";

  private static final JsonFactory JSON = new JsonFactory();

  private DumpJson() {}

  /// Returns the JSON form of a dump, one line per part.
  public static String write(Dump dump) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeStringProperty("schema", SCHEMA);
      write(dump.identity(), json);
      line(json);
      json.writeObjectPropertyStart("time");
      json.writeNumberProperty("wallNanos", dump.wallNanos());
      json.writeNumberProperty("nanos", dump.nanos());
      json.writeNumberProperty("startNanos", dump.startNanos());
      json.writeEndObject();
      line(json);
      json.writeNumberProperty("entered", dump.entered());
      json.writeObjectPropertyStart("counters");
      for (Counter counter : Counter.values()) {
        json.writeNumberProperty(name(counter), dump.counter(counter));
      }
      json.writeEndObject();
      write(dump.failure(), json);
      write(dump.waiting(), json);
      List<Integer> absent = dump.absent();
      if (absent != null) {
        line(json);
        json.writeArrayPropertyStart("absent");
        absent.forEach(json::writeNumber);
        json.writeEndArray();
      }
      writePeers(dump, json);
      writeOperations(dump, json);
      json.writeRaw('\n');
      json.writeEndObject();
    }
    return text.append('\n').toString();
  }

  /// Reads the JSON form of a dump.
  ///
  /// @throws RecordFormatException if the text is not JSON, not of this form, or too large; names
  ///   the place
  public static Dump read(String json) {
    return DumpJsonReader.read(json);
  }

  static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private static void line(JsonGenerator json) {
    json.writeRaw("\n ");
  }

  private static void write(Identity identity, JsonGenerator json) {
    line(json);
    json.writeStringProperty("communicator", identity.communicator());
    json.writeNumberProperty("rank", identity.rank());
    json.writeNumberProperty("size", identity.size());
    json.writeArrayPropertyStart("members");
    identity.members().forEach(json::writeNumber);
    json.writeEndArray();
    json.writeStringProperty("transport", identity.transport());
    line(json);
    json.writeStringProperty("host", identity.host());
    json.writeStringProperty("hostId", identity.hostId());
    json.writeNumberProperty("pid", identity.processId());
    json.writeStringProperty("job", identity.job());
  }

  private static void write(Dump.@Nullable Failure failure, JsonGenerator json) {
    if (failure != null) {
      line(json);
      json.writeObjectPropertyStart("failure");
      json.writeNumberProperty("operation", failure.operation());
      json.writeStringProperty("kind", failure.kind());
      json.writeStringProperty("message", failure.message());
      json.writeNumberProperty("wallNanos", failure.wallNanos());
      json.writeNumberProperty("nanos", failure.nanos());
      json.writeEndObject();
    }
  }

  private static void write(Dump.@Nullable Wait waiting, JsonGenerator json) {
    if (waiting != null) {
      line(json);
      json.writeObjectPropertyStart("waiting");
      json.writeNumberProperty("peer", waiting.peer());
      json.writeNumberProperty("operation", waiting.operation());
      json.writeNumberProperty("sinceNanos", waiting.sinceNanos());
      json.writeNumberProperty("seenNanos", waiting.seenNanos());
      json.writeEndObject();
    }
  }

  private static void writePeers(Dump dump, JsonGenerator json) {
    line(json);
    json.writeArrayPropertyStart("peers");
    for (Dump.Peer peer : dump.peers()) {
      json.writeRaw("\n  ");
      json.writeStartObject();
      json.writeNumberProperty("worldRank", peer.worldRank());
      json.writeNumberProperty("waits", peer.waits());
      json.writeNumberProperty("waitedNanos", peer.waitedNanos());
      json.writeNumberProperty("transfers", peer.transfers());
      json.writeNumberProperty("transferBytes", peer.transferBytes());
      json.writeNumberProperty("transferNanos", peer.transferNanos());
      json.writeNumberProperty("bestBytesPerSecond", peer.bestBytesPerSecond());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void writeOperations(Dump dump, JsonGenerator json) {
    line(json);
    json.writeArrayPropertyStart("operations");
    for (Dump.Operation operation : dump.operations()) {
      json.writeRaw("\n  ");
      json.writeStartObject();
      json.writeNumberProperty("number", operation.number());
      json.writeStringProperty("call", operation.call());
      json.writeStringProperty("kind", name(operation.kind()));
      json.writeNumberProperty("bytes", operation.bytes());
      json.writeStringProperty("algorithm", operation.algorithm());
      json.writeStringProperty("state", name(operation.state()));
      if (operation.beginNanos() != 0) {
        json.writeNumberProperty("beginNanos", operation.beginNanos());
      }
      if (operation.endNanos() != 0) {
        json.writeNumberProperty("endNanos", operation.endNanos());
      }
      json.writeBooleanProperty("stalled", operation.stalled());
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
