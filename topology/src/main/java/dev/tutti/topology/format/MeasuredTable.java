package dev.tutti.topology.format;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Measurement;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Ranks and a table of sizes, times and rates, made into a measured topology.
final class MeasuredTable {
  private static final int MAX_TABLE = 4096;

  /// A line of the table; the rate counts as bus bandwidth.
  record Row(long bytes, double micros, double bytesPerSecond) {}

  private final String format;
  private final Topology.Builder builder;
  private final Ids ids;
  private final Map<String, String> hosts = new HashMap<>();
  private final Set<String> ranks = new LinkedHashSet<>();
  private final List<Row> rows = new ArrayList<>();
  final Complaints complaints = new Complaints();

  MeasuredTable(SourceFile file, String format) {
    this.format = format;
    builder = Topology.builder(Ids.baseName(file)).attribute(Attributes.SOURCE, file.name());
    ids = new Ids(builder);
  }

  void attribute(String key, @Nullable String value) {
    if (value != null && !value.isBlank()) {
      builder.attribute(key, value);
    }
  }

  /// Adds a rank on a device of a host.
  void rank(int rank, String host, String device, @Nullable String busId, String model, Place at) {
    if (builder.ranks().containsKey(rank)) {
      complaints.warning(at, "rank " + rank + " is there twice; the second was left out");
      return;
    }
    String hostId =
        hosts.computeIfAbsent(
            host,
            _ -> {
              String id = ids.unused(host);
              builder.node(id, NodeKind.HOST, host, null);
              return id;
            });
    Map<String, String> attributes = new LinkedHashMap<>();
    attributes.put(Attributes.INDEX, device);
    if (busId != null) {
      attributes.put("bus", busId);
    }
    if (!model.isBlank()) {
      attributes.put(Attributes.MODEL, model.strip());
    }
    // several ranks may share a device
    String id = hostId + "/gpu" + device;
    if (!builder.hasNode(id)) {
      builder.node(new Node(id, NodeKind.DEVICE, "GPU " + device, hostId, attributes));
    }
    place(rank, id);
  }

  /// Adds a rank of which only the number is known.
  void rank(int rank) {
    String id = "rank" + rank;
    builder.node(id, NodeKind.CORE, "rank " + rank, null);
    place(rank, id);
  }

  private void place(int rank, String id) {
    builder.rank(rank, id);
    ranks.add(id);
  }

  int ranks() {
    return builder.ranks().size();
  }

  void row(long bytes, double micros, double bytesPerSecond) {
    rows.add(new Row(bytes, micros, bytesPerSecond));
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }

  private @Nullable Row smallest() {
    return rows.stream()
        .filter(row -> row.micros() > 0)
        .min((a, b) -> Long.compare(a.bytes(), b.bytes()))
        .orElse(null);
  }

  double best() {
    return rows.stream().mapToDouble(Row::bytesPerSecond).max().orElse(0);
  }

  /// Joins two ranks by what was measured between them.
  void joinPair(double bytesPerSecond, @Nullable Double latencySeconds) {
    if (ranks.size() == 2) {
      Measurement measured = new Measurement(bytesPerSecond, null, null, latencySeconds);
      List<String> ends = List.copyOf(ranks);
      Link link =
          Link.of(ends.getFirst(), ends.getLast(), LinkKind.UNKNOWN, null, format)
              .withMeasured(measured);
      builder.link(link).link(link.reversed().withMeasured(measured));
    }
  }

  /// Joins every rank to one network by the best rate.
  void joinAll(String test) {
    String network = ids.unused("network");
    builder.node(network, NodeKind.NETWORK, "measured by " + test, null);
    for (String node : ranks) {
      Measurement measured = Measurement.ofRate(best());
      Link link = Link.of(node, network, LinkKind.UNKNOWN, null, format).withMeasured(measured);
      builder.link(link).link(link.reversed().withMeasured(measured));
    }
  }

  Reading finish() {
    Row smallest = smallest();
    if (smallest != null) {
      builder.attribute("smallestBytes", String.valueOf(smallest.bytes()));
      builder.attribute("smallestMicroseconds", String.valueOf(smallest.micros()));
    }
    if (best() > 0) {
      builder.attribute("bestBytesPerSecond", String.format(Locale.ROOT, "%.0f", best()));
    }
    StringBuilder table = new StringBuilder();
    for (Row row : rows) {
      table.append(table.isEmpty() ? "" : "; ").append(row.bytes()).append(' ');
      table.append(row.micros()).append(' ').append(row.bytesPerSecond());
      if (table.length() > MAX_TABLE) {
        break;
      }
    }
    if (!table.isEmpty() && table.length() <= MAX_TABLE) {
      builder.attribute("table", "bytes us B/s: " + table);
    }
    return new Reading(format, builder.build(), complaints.inOrder());
  }
}
