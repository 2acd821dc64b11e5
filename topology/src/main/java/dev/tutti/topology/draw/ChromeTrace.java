package dev.tutti.topology.draw;

import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import dev.tutti.topology.draw.Overlay.Frame;
import dev.tutti.topology.draw.Overlay.Transfer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// The frames of an overlay as a timeline for Perfetto and `chrome://tracing`: a process for each
/// host, in it a track for what each node sends and one for what it receives, and an arrow for each
/// transfer. Times are microseconds.
public final class ChromeTrace {
  /// The format's name.
  public static final String NAME = "chrome-trace";

  private final Topology topology;
  private final Overlay overlay;
  private final Map<String, Integer> processes = new LinkedHashMap<>();
  private final Map<String, Integer> tracks = new LinkedHashMap<>();

  private ChromeTrace(Topology topology, Overlay overlay) {
    this.topology = topology;
    this.overlay = overlay;
  }

  /// Writes a timeline. The stream stays open.
  ///
  /// @throws IOException if the stream fails
  /// @throws IllegalArgumentException if the overlay names a node that the topology has not
  public static void write(Topology topology, Overlay overlay, OutputStream out)
      throws IOException {
    overlay.requireIn(topology);
    java.io.StringWriter text = new java.io.StringWriter();
    try (JsonGenerator json =
        JsonFactory.builder().build().createGenerator(ObjectWriteContext.empty(), text)) {
      new ChromeTrace(topology, overlay).emit(json);
    }
    out.write(text.append('\n').toString().getBytes(StandardCharsets.UTF_8));
  }

  private void emit(JsonGenerator json) {
    json.writeStartObject();
    json.writeStringProperty("displayTimeUnit", "ns");
    json.writeObjectPropertyStart("otherData");
    json.writeStringProperty("topology", topology.name());
    json.writeStringProperty("title", overlay.title());
    json.writeEndObject();
    json.writeArrayPropertyStart("traceEvents");
    names(json);
    int flow = 0;
    for (int step = 0; step < overlay.frames().size(); step++) {
      for (Transfer move : overlay.frames().get(step).transfers()) {
        transfer(json, overlay.frames().get(step), step, move, flow++);
      }
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  /// Names hosts and tracks, in the order of ranks.
  private void names(JsonGenerator json) {
    List<String> ids = new ArrayList<>(topology.ranks().values());
    for (Frame frame : overlay.frames()) {
      for (Transfer move : frame.transfers()) {
        ids.add(move.from());
        ids.add(move.to());
      }
    }
    for (String id : ids) {
      Node host = topology.enclosing(id, NodeKind.HOST);
      String process = host == null ? "" : host.id();
      if (!processes.containsKey(process)) {
        processes.put(process, processes.size() + 1);
        String name = host == null ? topology.name() : host.name();
        metadata(json, "process_name", number(process), 0, name);
      }
      if (!tracks.containsKey(id)) {
        tracks.put(id, 2 * tracks.size() + 1);
        metadata(json, "thread_name", number(process), track(id), name(id) + " sends");
        metadata(json, "thread_name", number(process), track(id) + 1, name(id) + " receives");
      }
    }
  }

  private int number(String process) {
    return processes.getOrDefault(process, 0);
  }

  private int track(String id) {
    return tracks.getOrDefault(id, 0);
  }

  private int process(String id) {
    Node host = topology.enclosing(id, NodeKind.HOST);
    return number(host == null ? "" : host.id());
  }

  private String name(String id) {
    List<Integer> ranks = topology.ranksOn(id);
    String name = topology.node(id).name();
    return ranks.isEmpty() ? name : "rank " + ranks.getFirst() + " (" + name + ")";
  }

  private static void metadata(
      JsonGenerator json, String what, int process, int track, String name) {
    json.writeStartObject();
    json.writeStringProperty("ph", "M");
    json.writeStringProperty("name", what);
    json.writeNumberProperty("pid", process);
    json.writeNumberProperty("tid", track);
    json.writeObjectPropertyStart("args");
    json.writeStringProperty("name", name);
    json.writeEndObject();
    json.writeEndObject();
  }

  private void transfer(JsonGenerator json, Frame frame, int step, Transfer move, int flow) {
    double start = micros(frame.startSeconds());
    double duration = micros(frame.endSeconds() - frame.startSeconds());
    String label = move.label().isEmpty() ? "step " + step : move.label();
    slice(json, label + " → " + name(move.to()), move.from(), 0, start, duration);
    arguments(json, step, move);
    slice(json, label + " ← " + name(move.from()), move.to(), 1, start, duration);
    arguments(json, step, move);
    arrow(json, "s", move.from(), 0, start, flow);
    arrow(json, "f", move.to(), 1, start + duration, flow);
  }

  /// Returns microseconds to the picosecond.
  private static double micros(double seconds) {
    return Math.rint(seconds * 1e12) / 1e6;
  }

  private void slice(
      JsonGenerator json, String name, String id, int side, double start, double duration) {
    json.writeStartObject();
    json.writeStringProperty("ph", "X");
    json.writeStringProperty("cat", "transfer");
    json.writeStringProperty("name", name);
    json.writeNumberProperty("pid", process(id));
    json.writeNumberProperty("tid", track(id) + side);
    json.writeNumberProperty("ts", start);
    json.writeNumberProperty("dur", duration);
  }

  private static void arguments(JsonGenerator json, int step, Transfer move) {
    json.writeObjectPropertyStart("args");
    json.writeNumberProperty("step", step);
    json.writeNumberProperty("bytes", move.bytes());
    json.writeStringProperty("from", move.from());
    json.writeStringProperty("to", move.to());
    json.writeEndObject();
    json.writeEndObject();
  }

  private void arrow(JsonGenerator json, String phase, String id, int side, double time, int flow) {
    json.writeStartObject();
    json.writeStringProperty("ph", phase);
    json.writeStringProperty("cat", "transfer");
    json.writeStringProperty("name", "transfer");
    if (phase.equals("f")) {
      json.writeStringProperty("bp", "e"); // ends at the slice that encloses it
    }
    json.writeNumberProperty("id", flow);
    json.writeNumberProperty("pid", process(id));
    json.writeNumberProperty("tid", track(id) + side);
    json.writeNumberProperty("ts", time);
    json.writeEndObject();
  }
}
