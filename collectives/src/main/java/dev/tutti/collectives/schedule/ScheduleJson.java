package dev.tutti.collectives.schedule;

import java.io.StringWriter;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// The JSON form of schedules, for other programs; read back without loss.
///
/// ```json
/// {
///   "schema": "tutti-schedule/1",
///   "collective": "all-reduce",
///   "ranks": 2,
///   "root": 0,
///   "partition": {"even": 2},
///   "schedules": [
///     {"rank": 0, "scratchCopies": 0, "lanes": [[
///       {"kind": "send", "source": "I0", "to": 1},
///       {"kind": "recv-reduce", "target": "O1", "source": "I1", "from": 1, "after": [[1, 4]]}
///     ]]},
///     ...
///   ]
/// }
/// ```
///
/// A partition is `{"even": chunks}` or `{"weights": [3, 1, 2]}`. `source`, `target`, `from` and
/// `to` stand exactly where the kind has them; `after` lists dependencies as `[lane, step]` and may
/// be absent. All other fields are mandatory, unknown and repeated ones are errors, their order is
/// free.
///
/// Stateless; any thread may call.
public final class ScheduleJson {
  private static final JsonFactory JSON = new JsonFactory();

  private ScheduleJson() {}

  /// Returns the JSON form of a set, one line per step.
  public static String write(ScheduleSet set) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeStringProperty("schema", FormatLimits.SCHEMA);
      json.writeStringProperty("collective", set.collective().label());
      json.writeNumberProperty("ranks", set.ranks());
      json.writeNumberProperty("root", set.root());
      write(set.partition(), json);
      json.writeArrayPropertyStart("schedules");
      for (Schedule schedule : set.schedules()) {
        write(schedule, json);
      }
      json.writeEndArray();
      json.writeRaw('\n');
      json.writeEndObject();
    }
    return text.append('\n').toString();
  }

  /// Reads the JSON form of a set.
  ///
  /// @throws ScheduleFormatException if the text is not JSON, not of this form, or too large; names
  ///   line and column
  public static ScheduleSet parse(String json) {
    return JsonScheduleReader.read(json);
  }

  private static void write(Partition partition, JsonGenerator json) {
    json.writeObjectPropertyStart("partition");
    if (partition.isEven() && partition.weight(0) == 1) {
      json.writeNumberProperty("even", partition.chunks());
    } else {
      json.writeArrayPropertyStart("weights");
      for (int c = 0; c < partition.chunks(); c++) {
        json.writeNumber(partition.weight(c));
      }
      json.writeEndArray();
    }
    json.writeEndObject();
  }

  private static void write(Schedule schedule, JsonGenerator json) {
    json.writeRaw('\n');
    json.writeStartObject();
    json.writeNumberProperty("rank", schedule.rank());
    json.writeNumberProperty("scratchCopies", schedule.scratchCopies());
    json.writeArrayPropertyStart("lanes");
    for (Lane lane : schedule.lanes()) {
      json.writeStartArray();
      for (Step step : lane.steps()) {
        write(step, json);
      }
      json.writeEndArray();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void write(Step step, JsonGenerator json) {
    json.writeRaw("\n  ");
    json.writeStartObject();
    json.writeStringProperty("kind", ScheduleText.format(step.kind()));
    Operand target = step.target();
    if (target != null) {
      json.writeStringProperty("target", ScheduleText.format(target));
    }
    Operand source = step.source();
    if (source != null) {
      json.writeStringProperty("source", ScheduleText.format(source));
    }
    if (step.receivePeer() != Step.NO_PEER) {
      json.writeNumberProperty("from", step.receivePeer());
    }
    if (step.sendPeer() != Step.NO_PEER) {
      json.writeNumberProperty("to", step.sendPeer());
    }
    if (!step.after().isEmpty()) {
      json.writeArrayPropertyStart("after");
      for (Dependency d : step.after()) {
        json.writeStartArray();
        json.writeNumber(d.lane());
        json.writeNumber(d.step());
        json.writeEndArray();
      }
      json.writeEndArray();
    }
    json.writeEndObject();
  }
}
