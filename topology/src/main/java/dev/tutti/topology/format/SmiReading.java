package dev.tutti.topology.format;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
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
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// One reading of a matrix; [NvidiaSmiTopology] says what becomes what.
final class SmiReading {
  private static final String HOST = "host0";
  private static final Set<String> LOCAL = Set.of("PIX", "PXB", "PHB", "NODE");
  private static final Set<String> BRIDGED = Set.of("PIX", "PXB");

  // No device so far has more (H100 to B200); a sum above it cannot be links of its own.
  private static final int MOST_NVLINKS = 18;

  private final SmiMatrix matrix;
  private final Complaints complaints;
  private final Topology.Builder builder;
  private final Ids ids;
  private final List<String> names;
  private final Map<String, String> domains = new HashMap<>();
  private final Map<String, String> nodes = new HashMap<>();

  SmiReading(SourceFile file, SmiMatrix matrix, Complaints complaints) {
    this.matrix = matrix;
    this.complaints = complaints;
    this.names = List.copyOf(matrix.names());
    this.builder = Topology.builder(Ids.baseName(file)).attribute(Attributes.SOURCE, file.name());
    this.ids = new Ids(builder);
  }

  Reading read() {
    builder.node(HOST, NodeKind.HOST, HOST, null);
    symmetry();
    addDomains();
    for (String name : names) {
      addThing(name);
    }
    addBridges();
    addDomainLinks();
    addDeviceLinks();
    return new Reading(NvidiaSmiTopology.NAME, builder.build(), complaints.inOrder());
  }

  private static boolean isDevice(String name) {
    return name.startsWith("GPU");
  }

  /// Returns what relates two things; null if nobody told, or the two entries differ.
  private @Nullable String relation(String a, String b) {
    SmiMatrix.Cell there = matrix.cell(a, b);
    SmiMatrix.Cell back = matrix.cell(b, a);
    if (there == null || back == null) {
      return there == null ? (back == null ? null : back.text()) : there.text();
    }
    return there.text().equals(back.text()) ? there.text() : null;
  }

  private void symmetry() {
    for (int i = 0; i < names.size(); i++) {
      for (int j = i + 1; j < names.size(); j++) {
        SmiMatrix.Cell there = matrix.cell(names.get(i), names.get(j));
        SmiMatrix.Cell back = matrix.cell(names.get(j), names.get(i));
        if (there != null && back != null && !there.text().equals(back.text())) {
          complaints.warning(
              back.place(),
              names.get(j)
                  + " to "
                  + names.get(i)
                  + " is "
                  + back.text()
                  + ", but "
                  + names.get(i)
                  + " to "
                  + names.get(j)
                  + " is "
                  + there.text()
                  + " (line "
                  + there.place().line()
                  + ")");
        }
      }
    }
  }

  /// Returns the sets of things that are related by one of some relations, directly or through
  /// others of `among`.
  private List<Set<String>> related(List<String> among, Set<String> relations) {
    List<Set<String>> groups = new ArrayList<>();
    Set<String> left = new LinkedHashSet<>(among);
    while (!left.isEmpty()) {
      Set<String> group = new LinkedHashSet<>();
      List<String> open = new ArrayList<>();
      open.add(left.iterator().next());
      while (!open.isEmpty()) {
        String next = open.removeLast();
        left.remove(next);
        group.add(next);
        for (String other : left) {
          String relation = relation(next, other);
          if (relation != null && relations.contains(relation) && !open.contains(other)) {
            open.add(other);
          }
        }
      }
      groups.add(new LinkedHashSet<>(among.stream().filter(group::contains).toList()));
    }
    return groups;
  }

  private void addDomains() {
    Map<Integer, Set<String>> cpus = new TreeMap<>();
    Map<String, Integer> own = new HashMap<>();
    for (String name : names) {
      Integer number = Numbers.integer(matrix.affinity(name, SmiMatrix.NUMA_AFFINITY));
      if (number != null) {
        own.put(name, number);
        String list = matrix.affinity(name, SmiMatrix.CPU_AFFINITY);
        cpus.computeIfAbsent(number, _ -> new LinkedHashSet<>()).add(list == null ? "" : list);
      }
    }
    cpus.forEach((number, lists) -> {
      Map<String, String> attributes = new LinkedHashMap<>();
      attributes.put(Attributes.INDEX, number.toString());
      String list = lists.iterator().next();
      if (lists.size() == 1 && !list.isEmpty()) {
        attributes.put(Attributes.CPUS, list);
      }
      String id = HOST + "/numa" + number;
      builder.node(new Node(id, NodeKind.NUMA, "NUMA " + number, HOST, attributes));
    });
    int unnumbered = 0;
    for (Set<String> group : related(names, LOCAL)) {
      Set<Integer> numbers = new LinkedHashSet<>();
      group.stream().filter(own::containsKey).map(own::get).forEach(numbers::add);
      if (numbers.size() > 1) {
        complaints.warning(
            matrix.placeOf(group.iterator().next()),
            group + " are related by PIX, PXB, PHB or NODE, but have NUMA affinities " + numbers);
        group.stream()
            .filter(own::containsKey)
            .forEach(name -> domains.put(name, HOST + "/numa" + own.get(name)));
      } else if (numbers.size() == 1) {
        group.forEach(name -> domains.put(name, HOST + "/numa" + numbers.iterator().next()));
      } else if (group.size() > 1 && related(List.copyOf(group), BRIDGED).size() > 1) {
        String id = HOST + "/numa?" + unnumbered++;
        builder.node(id, NodeKind.NUMA, "NUMA ?", HOST);
        group.forEach(name -> domains.put(name, id));
      }
    }
  }

  private void addThing(String name) {
    boolean device = isDevice(name);
    String domain = domains.get(name);
    Map<String, String> attributes = new LinkedHashMap<>();
    if (device) {
      attributes.put(Attributes.INDEX, name.substring(3));
    }
    put(attributes, Attributes.CPUS, matrix.affinity(name, SmiMatrix.CPU_AFFINITY));
    put(attributes, "numaAffinity", matrix.affinity(name, SmiMatrix.NUMA_AFFINITY));
    put(attributes, "gpuNumaId", matrix.affinity(name, SmiMatrix.GPU_NUMA_ID));
    StringBuilder relations = new StringBuilder();
    for (String other : names) {
      SmiMatrix.Cell cell = matrix.cell(name, other);
      if (cell != null) {
        relations.append(relations.isEmpty() ? "" : " ");
        relations.append(other).append('=').append(cell.text());
      }
    }
    put(attributes, "relations", relations.isEmpty() ? null : relations.toString());
    String box = domain == null ? HOST : domain;
    String full = matrix.fullName(name);
    String label = device ? "gpu" + name.substring(3) : full.toLowerCase(Locale.ROOT);
    String id = ids.unused(box + "/" + label);
    String shown = device ? "GPU " + name.substring(3) : full;
    builder.node(new Node(id, device ? NodeKind.DEVICE : NodeKind.NIC, shown, box, attributes));
    nodes.put(name, id);
  }

  private static void put(Map<String, String> attributes, String key, @Nullable String value) {
    if (value != null) {
      attributes.put(key, value);
    }
  }

  private String node(String name) {
    String id = nodes.get(name);
    if (id == null) {
      throw new IllegalStateException("no node of " + name);
    }
    return id;
  }

  private void addBridges() {
    int[] count = {0};
    for (Set<String> group : related(names, BRIDGED)) {
      String domain = commonDomain(group);
      List<Set<String>> inner = related(List.copyOf(group), Set.of("PIX"));
      String above = domain;
      if (inner.size() > 1) {
        above = bridge(count, domain);
        pcie(domain, above);
      }
      for (Set<String> things : inner) {
        String parent = above;
        if (things.size() > 1) {
          parent = bridge(count, domain);
          pcie(above, parent);
        }
        for (String thing : things) {
          pcie(parent, node(thing));
        }
      }
    }
  }

  private @Nullable String commonDomain(Set<String> group) {
    String first = domains.get(group.iterator().next());
    return group.stream().allMatch(name -> Objects.equals(domains.get(name), first)) ? first : null;
  }

  private String bridge(int[] count, @Nullable String domain) {
    String box = domain == null ? HOST : domain;
    String id = ids.unused(box + "/pci" + count[0]++);
    builder.node(id, NodeKind.PCI_BRIDGE, "PCI", box);
    return id;
  }

  private void pcie(@Nullable String above, String below) {
    if (above != null) {
      builder.cable(Link.of(above, below, LinkKind.PCIE, null, NvidiaSmiTopology.NAME));
    }
  }

  private void addDomainLinks() {
    Set<List<String>> joined = new LinkedHashSet<>();
    for (int i = 0; i < names.size(); i++) {
      for (int j = i + 1; j < names.size(); j++) {
        String relation = relation(names.get(i), names.get(j));
        String a = domains.get(names.get(i));
        String b = domains.get(names.get(j));
        boolean far = "SYS".equals(relation) || "SOC".equals(relation);
        if (!far || a == null || b == null) {
          continue;
        }
        if (!a.equals(b)) {
          joined.add(a.compareTo(b) < 0 ? List.of(a, b) : List.of(b, a));
        } else {
          complaints.warningOnce(
              "SYS" + a,
              matrix.placeOf(names.get(i)),
              names.get(i)
                  + " to "
                  + names.get(j)
                  + " is SYS, between NUMA domains, but both are in '"
                  + a
                  + "'");
        }
      }
    }
    joined.forEach(pair ->
        builder.cable(
            Link.of(pair.getFirst(), pair.getLast(), LinkKind.SMP, null, NvidiaSmiTopology.NAME)));
  }

  private void addDeviceLinks() {
    for (String row : names) {
      int sum = 0;
      for (String column : names) {
        SmiMatrix.Cell cell = matrix.cell(row, column);
        String text = cell == null ? "" : cell.text();
        boolean nvlink = text.startsWith("NV");
        if (!nvlink && !text.equals("OK")) {
          continue;
        }
        Integer lanes = nvlink ? Numbers.integer(text.substring(2)) : Integer.valueOf(0);
        sum += lanes == null ? 0 : lanes;
        Link link =
            Link.of(
                    node(row),
                    node(column),
                    nvlink ? LinkKind.NVLINK : LinkKind.UNKNOWN,
                    null,
                    NvidiaSmiTopology.NAME)
                .withLanes(lanes == null ? 0 : lanes);
        Link told = nvlink ? link : link.withAttribute("p2p", text);
        builder.link(told);
        if (matrix.cell(column, row) == null) {
          builder.link(told.reversed());
        }
      }
      if (sum > MOST_NVLINKS) {
        complaints.noteOnce(
            "switches",
            matrix.placeOf(row),
            row
                + " shows "
                + sum
                + " NVLinks, more than a device has: they lead through NVSwitches,"
                + " which the matrix does not show");
      }
    }
  }
}
