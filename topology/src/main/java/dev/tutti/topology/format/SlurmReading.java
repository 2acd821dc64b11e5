package dev.tutti.topology.format;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One reading of a `topology.conf`; [SlurmTopologyConf] says what becomes what.
final class SlurmReading {
  private static final Pattern KEY = Pattern.compile("\\s*([A-Za-z]+)\\s*=\\s*");
  private static final Pattern SPEED =
      Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)\\s*([GgMm])(b|bit|bps|b/s|bit/s|B/s|B)");

  private final SourceFile file;
  private final Topology.Builder builder;
  private final Ids ids;
  private final Complaints complaints = new Complaints();
  private final Map<String, Line> switches = new LinkedHashMap<>();
  private final Map<String, Line> blocks = new LinkedHashMap<>();
  private final Map<String, String> hosts = new HashMap<>();

  /// A line of the file: its settings by lower-case key.
  private record Line(Place place, Map<String, String> settings) {
    @Nullable String get(String key) {
      return settings.get(key);
    }
  }

  SlurmReading(SourceFile file) {
    this.file = file;
    builder = Topology.builder(Ids.baseName(file)).attribute(Attributes.SOURCE, file.name());
    ids = new Ids(builder);
  }

  Reading read() {
    parse();
    if (switches.isEmpty() && blocks.isEmpty()) {
      throw Place.line(file, 0).wrong("has no SwitchName= and no BlockName=");
    }
    Map<String, List<String>> below = new LinkedHashMap<>();
    switches.forEach((name, line) -> below.put(name, childrenOf(name, line)));
    refuseCycles(below);
    blocks
        .keySet()
        .forEach(name -> {
          builder.node("block:" + name, NodeKind.GROUP, name, null);
          builder.node("network:" + name, NodeKind.NETWORK, "network of " + name, "block:" + name);
        });
    switches.keySet().forEach(name -> builder.node("switch:" + name, NodeKind.SWITCH, name, null));
    blocks.forEach(this::block);
    switches.forEach((name, line) -> {
      for (String child : below.getOrDefault(name, List.of())) {
        join(line, "switch:" + name, "switch:" + child);
      }
      for (String node : names(line, "nodes")) {
        join(line, "switch:" + name, host(node, null));
      }
    });
    return new Reading(SlurmTopologyConf.NAME, builder.build(), complaints.inOrder());
  }

  private void parse() {
    StringBuilder pending = new StringBuilder();
    int begin = 0;
    int number = 0;
    for (String raw : file.text().lines().toList()) {
      number++;
      begin = pending.isEmpty() ? number : begin;
      int comment = raw.indexOf('#');
      String line = (comment < 0 ? raw : raw.substring(0, comment)).stripTrailing();
      if (line.endsWith("\\")) {
        pending.append(line, 0, line.length() - 1).append(' ');
        continue;
      }
      parse(pending.append(line).toString().strip(), Place.line(file, begin));
      pending.setLength(0);
    }
    parse(pending.toString().strip(), Place.line(file, begin));
  }

  private void parse(String text, Place place) {
    if (text.isEmpty()) {
      return;
    }
    Map<String, String> settings = new LinkedHashMap<>();
    Matcher matcher = KEY.matcher(text);
    int at = 0;
    while (at < text.length() && matcher.region(at, text.length()).lookingAt()) {
      int end = endOfValue(text, matcher.end());
      String value = text.substring(matcher.end(), end).replace("\"", "");
      if (settings.put(matcher.group(1).toLowerCase(Locale.ROOT), value) != null) {
        complaints.warning(place, "has " + matcher.group(1) + " twice; the last counts");
      }
      at = end;
    }
    if (!text.substring(at).isBlank()) {
      complaints.warning(
          place, "'" + text.substring(at).strip() + "' is not understood, expected key=value");
    }
    Line line = new Line(place, settings);
    String name = line.get("switchname");
    String block = line.get("blockname");
    if (name != null) {
      define(
          switches,
          "SwitchName",
          name,
          line,
          Set.of("switchname", "switches", "nodes", "linkspeed"));
    } else if (block != null) {
      define(blocks, "BlockName", block, line, Set.of("blockname", "nodes"));
    } else {
      settings.forEach((key, value) -> {
        builder.attribute(key, value);
        if (!key.equals("blocksizes")) {
          complaints.note(place, key + " is not known here and was kept as an attribute");
        }
      });
    }
  }

  /// Returns where a value ends: at a space outside of brackets and quotes.
  private static int endOfValue(String text, int from) {
    int depth = 0;
    boolean quoted = false;
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      quoted ^= c == '"';
      depth += c == '[' ? 1 : c == ']' ? -1 : 0;
      if (Character.isWhitespace(c) && depth <= 0 && !quoted) {
        return i;
      }
    }
    return text.length();
  }

  private void define(
      Map<String, Line> all, String key, String names, Line line, Set<String> known) {
    for (String name : HostLists.expand(names, line.place())) {
      Line other = all.putIfAbsent(name, line);
      if (other != null) {
        complaints.warning(
            line.place(),
            key
                + " "
                + name
                + " was defined in line "
                + other.place().line()
                + " already; this one was left out");
      }
    }
    for (String setting : line.settings().keySet()) {
      if (!known.contains(setting)) {
        complaints.noteOnce(setting, line.place(), setting + " is not known here and was left out");
      }
    }
  }

  private static List<String> names(Line line, String key) {
    String value = line.get(key);
    return value == null ? List.of() : HostLists.expand(value, line.place());
  }

  private List<String> childrenOf(String name, Line line) {
    List<String> children = new ArrayList<>();
    for (String child : names(line, "switches")) {
      if (!switches.containsKey(child)) {
        complaints.warning(
            line.place(), name + " has the switch " + child + ", which is not defined");
      } else {
        children.add(child);
      }
    }
    if (line.get("switches") == null && line.get("nodes") == null) {
      complaints.warning(line.place(), name + " has neither Switches nor Nodes");
    }
    return children;
  }

  /// Peels off switches without children that are left, until none is; what remains is a cycle.
  private void refuseCycles(Map<String, List<String>> below) {
    Map<String, List<String>> above = new HashMap<>();
    Map<String, Integer> open = new LinkedHashMap<>();
    below.forEach((name, children) -> {
      open.put(name, children.size());
      children.forEach(child -> above.computeIfAbsent(child, _ -> new ArrayList<>()).add(name));
    });
    List<String> done = new ArrayList<>();
    below.forEach((name, children) -> {
      if (children.isEmpty()) {
        done.add(name);
      }
    });
    Set<String> peeled = new HashSet<>(done);
    while (!done.isEmpty()) {
      for (String parent : above.getOrDefault(done.removeLast(), List.of())) {
        if (open.merge(parent, -1, Integer::sum) == 0 && peeled.add(parent)) {
          done.add(parent);
        }
      }
    }
    below.keySet().stream()
        .filter(name -> !peeled.contains(name))
        .findFirst()
        .ifPresent(name -> {
          Line line = switches.get(name);
          throw (line == null ? Place.line(file, 0) : line.place())
              .wrong("switch " + name + " is above itself");
        });
  }

  private void block(String name, Line line) {
    for (String node : names(line, "nodes")) {
      if (hosts.containsKey(node)) {
        complaints.warning(line.place(), node + " is in a second block");
      }
      join(line, "network:" + name, host(node, "block:" + name));
    }
  }

  private String host(String name, @Nullable String parent) {
    String known = hosts.get(name);
    if (known != null) {
      return known;
    }
    String id = ids.unused(name);
    builder.node(id, NodeKind.HOST, name, parent);
    hosts.put(name, id);
    return id;
  }

  private void join(Line line, String above, String below) {
    String speed = line.get("linkspeed");
    Link link = Link.of(above, below, LinkKind.UNKNOWN, capacity(speed), SlurmTopologyConf.NAME);
    builder.cable(speed == null ? link : link.withAttribute("linkSpeed", speed));
  }

  private static @Nullable Double capacity(@Nullable String speed) {
    Matcher matcher = SPEED.matcher(speed == null ? "" : speed);
    if (!matcher.matches()) {
      return null;
    }
    boolean bytes = matcher.group(3).startsWith("B");
    double unit = matcher.group(2).equalsIgnoreCase("G") ? 1e9 : 1e6;
    return Double.parseDouble(matcher.group(1)) * unit / (bytes ? 1 : 8);
  }
}
