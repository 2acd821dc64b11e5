package dev.tutti.topology.format;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import dev.tutti.topology.format.XmlTree.Element;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The links of an NCCL topology file that name their target by its PCI address. They are joined
/// when all addresses are known.
final class NcclXmlLinks {
  private static final int MAX_DOMAINS = 128;

  private final Topology.Builder builder;
  private final Complaints complaints;
  private final Ids ids;
  private final Map<String, NodeKind> kinds = new HashMap<>();
  private final Map<String, Map<Long, String>> byAddress = new HashMap<>();
  private final List<Pending> pending = new ArrayList<>();
  private final Map<Ends, Told> told = new LinkedHashMap<>();

  /// A link whose target is still to be looked up.
  private record Pending(
      String host, String from, @Nullable String numa, @Nullable Element gpu, Element element) {}

  private record Ends(String from, String to) {
    Ends reversed() {
      return new Ends(to, from);
    }
  }

  /// How many lanes one direction has in the file, and where it says so first.
  private record Told(int lanes, Place place, String element) {}

  NcclXmlLinks(Topology.Builder builder, Complaints complaints, Ids ids) {
    this.builder = builder;
    this.complaints = complaints;
    this.ids = ids;
  }

  /// Notes where a PCI device is.
  void place(String host, String node, NodeKind kind, Element pci) {
    kinds.put(node, kind);
    Long key = NcclNames.busKey(pci.get("busid"));
    if (key == null) {
      return;
    }
    String other = byAddress.computeIfAbsent(host, _ -> new HashMap<>()).putIfAbsent(key, node);
    if (other != null) {
      complaints.warning(
          pci.place(), "busid " + pci.get("busid") + " is the address of '" + other + "' too");
    }
  }

  void deviceLink(String host, String from, @Nullable String numa, Element gpu, Element element) {
    pending.add(new Pending(host, from, numa, gpu, element));
  }

  void pciLink(String host, String from, Element element) {
    pending.add(new Pending(host, from, null, null, element));
  }

  /// Joins a device to its processor.
  void c2c(String device, @Nullable String numa, Element c2c) {
    if (numa == null) {
      complaints.warning(c2c.place(), "leads to a <cpu>, but the device is in none");
      return;
    }
    Double megabytes = Numbers.number(c2c.get("bw"));
    Integer count = Numbers.integer(c2c.get("count"));
    Double capacity = null;
    if (megabytes != null && megabytes > 0 && count != null && count > 0) {
      capacity = megabytes * 1e6 * count;
    } else {
      complaints.warning(
          c2c.place(),
          "bw is '"
              + c2c.get("bw")
              + "' and count '"
              + c2c.get("count")
              + "', expected MB/s and a number of links above 0");
    }
    builder.cable(
        Link.of(device, numa, LinkKind.C2C, capacity, NcclTopologyXml.NAME)
            .withLanes(count == null || count < 0 ? 0 : count));
  }

  /// Joins everything that was put off.
  void connect() {
    pending.forEach(this::connect);
    told.forEach((ends, one) -> {
      Told other = told.get(ends.reversed());
      if (other == null) {
        complaints.warning(
            one.place(),
            "<"
                + one.element()
                + "> from '"
                + ends.from()
                + "' to '"
                + ends.to()
                + "' is one-sided: the target has none back");
      } else if (other.lanes() != one.lanes()) {
        complaints.warning(
            one.place(),
            "'"
                + ends.from()
                + "' has "
                + one.lanes()
                + " links to '"
                + ends.to()
                + "', which has "
                + other.lanes()
                + " back (line "
                + other.place().line()
                + ")");
      }
    });
  }

  private void connect(Pending link) {
    Element element = link.element();
    Long key = NcclNames.busKey(element.get("target"));
    if (key == null) {
      complaints.warning(
          element.place(), NcclXmlReading.expected(element, "target", "a PCI address"));
      return;
    }
    Map<Long, String> known = byAddress.computeIfAbsent(link.host(), _ -> new HashMap<>());
    String target = known.get(key);
    String tclass = element.get("tclass");
    if (target == null && isSwitch(element)) {
      target = newSwitch(link.host(), element);
      known.put(key, target);
    } else if (target == null && NcclNames.CPU_BRIDGE_CLASS.equals(tclass)) {
      target = link.numa();
    }
    if (target == null) {
      complaints.warning(
          element.place(), "leads to " + element.get("target") + ", which is not in this file");
    } else if (target.equals(link.from())) {
      complaints.warning(element.place(), "leads from '" + target + "' to itself");
    } else if (element.name().equals("pcilink")) {
      builder.link(
          Link.of(link.from(), target, LinkKind.PCIE, null, NcclTopologyXml.NAME)
              .withAttribute(NcclNames.PCI_LINK, "1"));
    } else {
      checkClass(element, target);
      join(link, target);
    }
  }

  private void join(Pending link, String target) {
    Element element = link.element();
    boolean xgmi = element.name().equals("xgmi");
    Integer count = Numbers.integer(element.get("count"));
    if (count == null || count <= 0) {
      complaints.warning(
          element.place(), NcclXmlReading.expected(element, "count", "a whole number above 0"));
      count = null;
    }
    Double one = xgmi ? null : rateOfOne(link);
    if (xgmi) {
      complaints.noteOnce("xgmi", element.place(), "the rate of xGMI is not told: unknown");
    }
    NodeKind kind = kinds.get(target);
    Link join =
        Link.of(
                link.from(),
                target,
                xgmi
                    ? LinkKind.XGMI
                    : kind == NodeKind.SWITCH ? LinkKind.NVSWITCH : LinkKind.NVLINK,
                one == null || count == null ? null : Double.valueOf(one * count),
                NcclTopologyXml.NAME)
            .withLanes(count == null ? 0 : count);
    if (kind == NodeKind.DEVICE) {
      builder.link(join);
      told.merge(
          new Ends(link.from(), target),
          new Told(join.lanes(), element.place(), element.name()),
          (old, more) -> new Told(old.lanes() + more.lanes(), old.place(), old.element()));
    } else {
      builder.cable(join);
    }
  }

  private @Nullable Double rateOfOne(Pending link) {
    Element gpu = link.gpu();
    String sm = gpu == null ? null : gpu.get("sm");
    Double rate = NcclNames.nvlinkBytesPerSecond(Numbers.integer(sm));
    if (rate == null) {
      complaints.noteOnce(
          "sm" + sm,
          link.element().place(),
          "the rate of NVLink follows from the device's sm, which is "
              + (sm == null ? "missing" : "'" + sm + "'")
              + ": unknown");
    }
    return rate;
  }

  private static boolean isSwitch(Element element) {
    String tclass = element.get("tclass");
    Long hidden = NcclNames.busKey(NcclNames.HIDDEN_SWITCH);
    return tclass == null
        ? hidden != null && hidden.equals(NcclNames.busKey(element.get("target")))
        : NcclNames.kindOfClass(tclass) == NodeKind.SWITCH;
  }

  private String newSwitch(String host, Element element) {
    String address = element.require("target").strip().toLowerCase(Locale.ROOT);
    boolean hidden = address.equals(NcclNames.HIDDEN_SWITCH);
    String id = ids.unused(host + "/nvswitch" + (hidden ? "" : "-" + address));
    Map<String, String> attributes = new LinkedHashMap<>();
    attributes.put(Attributes.BUS_ID, address);
    attributes.put(Attributes.PCI_CLASS, NcclNames.SWITCH_CLASS);
    String name = hidden ? "NVSwitch" : "NVSwitch " + address;
    builder.node(new Node(id, NodeKind.SWITCH, name, host, attributes));
    kinds.put(id, NodeKind.SWITCH);
    return id;
  }

  private void checkClass(Element element, String target) {
    String tclass = element.get("tclass");
    NodeKind said = NcclNames.kindOfClass(tclass);
    NodeKind found = kinds.get(target);
    if (said != null && found != null && said != found) {
      complaints.warning(
          element.place(),
          "tclass " + tclass + " says " + said.label() + ", but the target is a " + found.label());
    }
  }

  /// Joins the NUMA domains of each host with each other, as NCCL does.
  void connectDomains(Map<String, List<String>> domains, Place place) {
    domains.forEach((host, ofHost) -> {
      if (ofHost.size() > MAX_DOMAINS) {
        complaints.warning(
            place,
            host
                + " has "
                + ofHost.size()
                + " <cpu>s, which were left unjoined; expected at most "
                + MAX_DOMAINS);
        return;
      }
      for (int i = 0; i < ofHost.size(); i++) {
        for (int j = i + 1; j < ofHost.size(); j++) {
          builder.cable(
              Link.of(ofHost.get(i), ofHost.get(j), LinkKind.SMP, null, NcclTopologyXml.NAME));
        }
      }
    });
  }
}
