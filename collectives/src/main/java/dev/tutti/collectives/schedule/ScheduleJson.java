package dev.tutti.collectives.schedule;

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
  private ScheduleJson() {}

  /// Returns the JSON form of a set, one line per step.
  public static String write(ScheduleSet set) {
    // Names and labels are fixed words and the rest are integers: nothing ever needs escaping.
    StringBuilder json = new StringBuilder("{\n  \"schema\": \"").append(FormatLimits.SCHEMA);
    json.append("\",\n  \"collective\": \"").append(set.collective().label());
    json.append("\",\n  \"ranks\": ").append(set.ranks());
    json.append(",\n  \"root\": ").append(set.root());
    json.append(",\n  \"partition\": ");
    write(set.partition(), json);
    json.append(",\n  \"schedules\": [");
    for (Schedule schedule : set.schedules()) {
      json.append(schedule.rank() == 0 ? "\n    " : ",\n    ");
      write(schedule, json);
    }
    return json.append("\n  ]\n}\n").toString();
  }

  /// Reads the JSON form of a set.
  ///
  /// @throws ScheduleFormatException if the text is not JSON, not of this form, or too large; names
  ///   line and column
  public static ScheduleSet parse(String json) {
    return JsonScheduleReader.read(json);
  }

  private static void write(Partition partition, StringBuilder json) {
    if (partition.isEven() && partition.weight(0) == 1) {
      json.append("{\"even\": ").append(partition.chunks()).append('}');
      return;
    }
    json.append("{\"weights\": [");
    for (int c = 0; c < partition.chunks(); c++) {
      json.append(c == 0 ? "" : ", ").append(partition.weight(c));
    }
    json.append("]}");
  }

  private static void write(Schedule schedule, StringBuilder json) {
    json.append("{\"rank\": ").append(schedule.rank());
    json.append(", \"scratchCopies\": ").append(schedule.scratchCopies());
    json.append(", \"lanes\": [");
    String laneSeparator = "[";
    for (Lane lane : schedule.lanes()) {
      json.append(laneSeparator);
      laneSeparator = ", [";
      String separator = "\n      ";
      for (Step step : lane.steps()) {
        json.append(separator);
        separator = ",\n      ";
        write(step, json);
      }
      json.append(lane.steps().isEmpty() ? "]" : "\n    ]");
    }
    json.append("]}");
  }

  private static void write(Step step, StringBuilder json) {
    json.append("{\"kind\": \"").append(ScheduleText.format(step.kind())).append('"');
    Operand target = step.target();
    if (target != null) {
      json.append(", \"target\": \"").append(ScheduleText.format(target)).append('"');
    }
    Operand source = step.source();
    if (source != null) {
      json.append(", \"source\": \"").append(ScheduleText.format(source)).append('"');
    }
    if (step.receivePeer() != Step.NO_PEER) {
      json.append(", \"from\": ").append(step.receivePeer());
    }
    if (step.sendPeer() != Step.NO_PEER) {
      json.append(", \"to\": ").append(step.sendPeer());
    }
    String separator = ", \"after\": [";
    for (Dependency d : step.after()) {
      json.append(separator).append('[').append(d.lane()).append(", ");
      json.append(d.step()).append(']');
      separator = ", ";
    }
    json.append(step.after().isEmpty() ? "}" : "]}");
  }
}
