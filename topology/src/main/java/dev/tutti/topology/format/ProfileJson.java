package dev.tutti.topology.format;

import dev.tutti.topology.TopologyFormatException;
import dev.tutti.topology.format.JsonTree.Members;
import dev.tutti.topology.format.JsonTree.Scalar;
import dev.tutti.topology.format.JsonTree.Value;
import dev.tutti.topology.probe.Estimate;
import dev.tutti.topology.probe.Flow;
import dev.tutti.topology.probe.MessageCosts;
import dev.tutti.topology.probe.NetworkGroup;
import dev.tutti.topology.probe.NetworkMap;
import dev.tutti.topology.probe.NetworkMap.Observation;
import dev.tutti.topology.probe.PairProfile;
import dev.tutti.topology.probe.Profile;
import dev.tutti.topology.probe.RailProfile;
import dev.tutti.topology.probe.RankPlace;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// Profiles as JSON: everything a [Profile] holds. `docs/topology.md` has the schema.
public final class ProfileJson {
  private static final String MARK = "tutti-profile";
  private static final int VERSION = 1;

  private ProfileJson() {}

  // Writing

  /// Returns the text of a profile, on one line.
  public static String text(Profile profile) {
    StringWriter text = new StringWriter();
    JsonGenerator json =
        JsonFactory.builder().build().createGenerator(ObjectWriteContext.empty(), text);
    json.writeStartObject();
    json.writeStringProperty("format", MARK);
    json.writeNumberProperty("version", VERSION);
    json.writeStringProperty("fingerprint", profile.fingerprint());
    json.writeStringProperty("transport", profile.transport());
    json.writeNumberProperty("seconds", profile.seconds());
    json.writeArrayPropertyStart("ranks");
    profile.places().forEach(place -> place(json, place));
    json.writeEndArray();
    json.writeArrayPropertyStart("probers");
    profile.probers().forEach(json::writeNumber);
    json.writeEndArray();
    json.writeArrayPropertyStart("pairs");
    profile.pairs().forEach(pair -> pair(json, pair));
    json.writeEndArray();
    if (profile.network() != null) {
      network(json, profile.network());
    }
    if (!profile.rails().isEmpty()) {
      json.writeArrayPropertyStart("rails");
      profile.rails().forEach(rail -> rail(json, rail));
      json.writeEndArray();
    }
    if (profile.messages() != null) {
      messages(json, profile.messages());
    }
    json.writeEndObject();
    json.close();
    return text.toString();
  }

  private static void place(JsonGenerator json, RankPlace place) {
    json.writeStartObject();
    json.writeNumberProperty("rank", place.rank());
    json.writeStringProperty("host", place.host());
    json.writeArrayPropertyStart("interfaces");
    place.interfaces().forEach(json::writeString);
    json.writeEndArray();
    json.writeArrayPropertyStart("addresses");
    place.addresses().forEach(json::writeString);
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void pair(JsonGenerator json, PairProfile pair) {
    json.writeStartObject();
    json.writeNumberProperty("from", pair.from());
    json.writeNumberProperty("to", pair.to());
    estimate(json, "latencySeconds", pair.latencySeconds());
    estimate(json, "bytesPerSecond", pair.bytesPerSecond());
    estimate(json, "aloneBytesPerSecond", pair.aloneBytesPerSecond());
    json.writeEndObject();
  }

  private static void rail(JsonGenerator json, RailProfile rail) {
    json.writeStartObject();
    json.writeNumberProperty("from", rail.from());
    json.writeNumberProperty("to", rail.to());
    json.writeNumberProperty("rail", rail.rail());
    estimate(json, "bytesPerSecond", rail.bytesPerSecond());
    json.writeEndObject();
  }

  private static void estimate(JsonGenerator json, String name, @Nullable Estimate estimate) {
    if (estimate != null) {
      json.writeObjectPropertyStart(name);
      json.writeNumberProperty("median", estimate.median());
      json.writeNumberProperty("low", estimate.low());
      json.writeNumberProperty("high", estimate.high());
      json.writeNumberProperty("samples", estimate.samples());
      json.writeEndObject();
    }
  }

  private static void network(JsonGenerator json, NetworkMap map) {
    json.writeObjectPropertyStart("network");
    json.writeNumberProperty("rounds", map.rounds());
    json.writeArrayPropertyStart("ports");
    for (int p = 0; p < map.outBytesPerSecond().size(); p++) {
      json.writeStartObject();
      json.writeNumberProperty("prober", p);
      json.writeNumberProperty("outBytesPerSecond", map.outBytesPerSecond().get(p));
      json.writeNumberProperty("inBytesPerSecond", map.inBytesPerSecond().get(p));
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeName("group");
    group(json, map.root());
    json.writeArrayPropertyStart("flows");
    for (Observation seen : map.observations()) {
      json.writeStartObject();
      json.writeNumberProperty("round", seen.round());
      json.writeNumberProperty("from", seen.flow().from());
      json.writeNumberProperty("to", seen.flow().to());
      json.writeNumberProperty("bytesPerSecond", seen.bytesPerSecond());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void messages(JsonGenerator json, MessageCosts costs) {
    json.writeObjectPropertyStart("messages");
    json.writeNumberProperty("latencySeconds", costs.latencySeconds());
    json.writeNumberProperty("gapSeconds", costs.gapSeconds());
    json.writeNumberProperty("burstBytes", costs.burstBytes());
    if (costs.bufferBytes() > 0) {
      json.writeNumberProperty("bufferBytes", costs.bufferBytes());
    }
    json.writeArrayPropertyStart("steps");
    for (MessageCosts.Step step : costs.steps()) {
      json.writeStartObject();
      json.writeNumberProperty("bytes", step.bytes());
      json.writeNumberProperty("oneWaySeconds", step.oneWaySeconds());
      json.writeNumberProperty("bothWaysSeconds", step.bothWaysSeconds());
      json.writeNumberProperty("reduceSeconds", step.reduceSeconds());
      json.writeNumberProperty("copySeconds", step.copySeconds());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void group(JsonGenerator json, NetworkGroup group) {
    json.writeStartObject();
    json.writeArrayPropertyStart("probers");
    group.members().forEach(json::writeNumber);
    json.writeEndArray();
    rate(json, "upBytesPerSecond", group.upBytesPerSecond());
    rate(json, "downBytesPerSecond", group.downBytesPerSecond());
    if (!group.parts().isEmpty()) {
      json.writeArrayPropertyStart("groups");
      group.parts().forEach(part -> group(json, part));
      json.writeEndArray();
    }
    json.writeEndObject();
  }

  private static void rate(JsonGenerator json, String name, @Nullable Double rate) {
    if (rate != null) {
      json.writeNumberProperty(name, rate);
    }
  }

  // Reading

  /// Tells whether a file seems to be a profile.
  public static boolean recognises(SourceFile file) {
    return file.head().stripLeading().startsWith("{") && file.head().contains('"' + MARK + '"');
  }

  /// Reads a profile.
  ///
  /// @throws TopologyFormatException if the file is none
  public static Profile read(SourceFile file) {
    Members root = JsonTree.object(JsonTree.parse(file, new ArrayList<>()));
    root.requireFormat(MARK, VERSION);
    Members network = root.object("network");
    return new Profile(
        root.requireText("fingerprint"),
        root.requireText("transport"),
        root.objects("ranks").stream().map(ProfileJson::place).toList(),
        numbers(root, "probers"),
        root.objects("pairs").stream().map(ProfileJson::pair).toList(),
        network == null ? null : network(network),
        root.objects("rails").stream().map(ProfileJson::rail).toList(),
        messages(root.object("messages")),
        root.requireNumber("seconds"));
  }

  private static RankPlace place(Members place) {
    return new RankPlace(
        place.requireInt("rank"),
        place.requireText("host"),
        texts(place, "interfaces"),
        texts(place, "addresses"));
  }

  private static PairProfile pair(Members pair) {
    return new PairProfile(
        pair.requireInt("from"),
        pair.requireInt("to"),
        estimate(pair.object("latencySeconds")),
        estimate(pair.object("bytesPerSecond")),
        estimate(pair.object("aloneBytesPerSecond")));
  }

  private static RailProfile rail(Members rail) {
    return new RailProfile(
        rail.requireInt("from"),
        rail.requireInt("to"),
        rail.requireInt("rail"),
        required(JsonTree.object(rail.require("bytesPerSecond"))));
  }

  private static @Nullable Estimate estimate(@Nullable Members estimate) {
    return estimate == null ? null : required(estimate);
  }

  private static Estimate required(Members estimate) {
    return new Estimate(
        estimate.requireNumber("median"),
        estimate.requireNumber("low"),
        estimate.requireNumber("high"),
        estimate.requireInt("samples"));
  }

  private static NetworkMap network(Members network) {
    List<Members> ports = network.objects("ports");
    return new NetworkMap(
        ports.stream().map(port -> port.requireNumber("outBytesPerSecond")).toList(),
        ports.stream().map(port -> port.requireNumber("inBytesPerSecond")).toList(),
        group(JsonTree.object(network.require("group"))),
        network.requireInt("rounds"),
        network.objects("flows").stream().map(ProfileJson::observation).toList());
  }

  private static @Nullable MessageCosts messages(@Nullable Members costs) {
    if (costs == null) {
      return null;
    }
    if (costs.objects("steps").isEmpty()) {
      throw costs.place().wrong("expected 'steps' with at least one size");
    }
    Double buffer = costs.number("bufferBytes"); // missing in older profiles
    return new MessageCosts(
        costs.requireNumber("latencySeconds"),
        costs.requireNumber("gapSeconds"),
        costs.requireNumber("burstBytes"),
        buffer == null ? 0 : buffer,
        costs.objects("steps").stream()
            .map(step ->
                new MessageCosts.Step(
                    (long) step.requireNumber("bytes"),
                    step.requireNumber("oneWaySeconds"),
                    step.requireNumber("bothWaysSeconds"),
                    step.requireNumber("reduceSeconds"),
                    step.requireNumber("copySeconds")))
            .toList());
  }

  private static Observation observation(Members flow) {
    return new Observation(
        flow.requireInt("round"),
        new Flow(flow.requireInt("from"), flow.requireInt("to")),
        flow.requireNumber("bytesPerSecond"));
  }

  private static NetworkGroup group(Members group) {
    return new NetworkGroup(
        numbers(group, "probers"),
        group.objects("groups").stream().map(ProfileJson::group).toList(),
        group.number("upBytesPerSecond"),
        group.number("downBytesPerSecond"));
  }

  private static List<Integer> numbers(Members owner, String key) {
    List<Integer> numbers = new ArrayList<>();
    for (Value value : owner.list(key)) {
      try {
        numbers.add(Integer.valueOf(text(value)));
      } catch (NumberFormatException _) {
        throw value.place().wrong("expected a whole number");
      }
    }
    return numbers;
  }

  private static List<String> texts(Members owner, String key) {
    return owner.list(key).stream().map(ProfileJson::text).toList();
  }

  private static String text(Value value) {
    if (value instanceof Scalar scalar && scalar.text() != null) {
      return scalar.text();
    }
    throw value.place().wrong("expected a string or number");
  }
}
