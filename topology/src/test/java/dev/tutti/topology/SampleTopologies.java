package dev.tutti.topology;

import java.util.List;
import java.util.Map;

/// Topologies to draw and to write in tests: small models of machines that people have.
public final class SampleTopologies {
  private static final String ORIGIN = "sample";
  private static final int[][] HYBRID_CUBE_MESH = {
    {0, 1}, {0, 2}, {0, 3}, {0, 4}, {1, 2}, {1, 3}, {1, 5}, {2, 3},
    {2, 6}, {3, 7}, {4, 5}, {4, 6}, {4, 7}, {5, 6}, {5, 7}, {6, 7}
  };

  private SampleTopologies() {}

  /// All of them.
  public static List<Topology> all() {
    return List.of(
        dgx1(),
        hgx(1),
        hgx(64),
        hgxWithIllHosts(),
        mesh910b(),
        racks(),
        machine(),
        nvl72(),
        bare(2),
        hostile());
  }

  /// DGX-1: eight devices in a hybrid cube mesh, four PCI switches, four NICs.
  public static Topology dgx1() {
    Topology.Builder builder = Topology.builder("DGX-1");
    builder.node("dgx", NodeKind.HOST, "dgx", null);
    for (int numa = 0; numa < 2; numa++) {
      String domain = "dgx/numa" + numa;
      builder.node(
          new Node(domain, NodeKind.NUMA, "NUMA " + numa, "dgx", Map.of(Attributes.CPUS, "0-19")));
      for (int bridge = 0; bridge < 2; bridge++) {
        int number = numa * 2 + bridge;
        String pci = domain + "/pci" + number;
        builder.node(pci, NodeKind.PCI_BRIDGE, "PLX " + number, domain);
        builder.cable(pcie(domain, pci, 3));
        builder.node(domain + "/mlx5_" + number, NodeKind.NIC, "mlx5_" + number, domain);
        builder.cable(pcie(pci, domain + "/mlx5_" + number, 3));
        for (int device = number * 2; device < number * 2 + 2; device++) {
          builder.node(device(numa, device), NodeKind.DEVICE, "GPU " + device, domain);
          builder.cable(pcie(pci, device(numa, device), 3));
          builder.rank(device, device(numa, device));
        }
      }
    }
    builder.cable(Link.of("dgx/numa0", "dgx/numa1", LinkKind.SMP, 19.2e9, ORIGIN));
    for (int[] pair : HYBRID_CUBE_MESH) {
      int lanes = pair[1] - pair[0] == 4 || (pair[0] + pair[1]) % 4 == 3 ? 2 : 1;
      builder.cable(
          Link.of(
                  device(pair[0] / 4, pair[0]),
                  device(pair[1] / 4, pair[1]),
                  LinkKind.NVLINK,
                  lanes * 25e9,
                  ORIGIN)
              .withLanes(lanes));
    }
    return builder.build();
  }

  private static String device(int numa, int device) {
    return "dgx/numa" + numa + "/gpu" + device;
  }

  private static Link pcie(String from, String to, int generation) {
    double rate = generation == 3 ? 15.8e9 : generation == 4 ? 31.5e9 : 63e9;
    return Link.of(from, to, LinkKind.PCIE, rate, ORIGIN)
        .withLanes(16)
        .withAttribute(Attributes.PCIE_GENERATION, String.valueOf(generation));
  }

  /// Adds a host with eight devices, four NVSwitches and eight NICs.
  private static void hgxHost(Topology.Builder builder, String host, int firstRank) {
    builder.node(host, NodeKind.HOST, host, null);
    for (int nvs = 0; nvs < 4; nvs++) {
      builder.node(host + "/nvs" + nvs, NodeKind.SWITCH, "NVSwitch " + nvs, host);
    }
    for (int numa = 0; numa < 2; numa++) {
      String domain = host + "/numa" + numa;
      builder.node(
          new Node(
              domain,
              NodeKind.NUMA,
              "NUMA " + numa,
              host,
              Map.of(Attributes.CPUS, numa == 0 ? "0-47" : "48-95")));
      for (int device = numa * 4; device < numa * 4 + 4; device++) {
        String pci = domain + "/pci" + device;
        String gpu = domain + "/gpu" + device;
        String nic = domain + "/mlx5_" + device;
        builder.node(pci, NodeKind.PCI_BRIDGE, "PEX " + device, domain);
        builder.node(
            new Node(gpu, NodeKind.DEVICE, "GPU " + device, domain, Map.of("model", "H100")));
        builder.node(nic, NodeKind.NIC, "mlx5_" + device, domain);
        builder.cable(pcie(domain, pci, 5)).cable(pcie(pci, gpu, 5)).cable(pcie(pci, nic, 5));
        for (int nvs = 0; nvs < 4; nvs++) {
          builder.cable(
              Link.of(gpu, host + "/nvs" + nvs, LinkKind.NVSWITCH, 112.5e9, ORIGIN).withLanes(4));
        }
        builder.rank(firstRank + device, gpu);
      }
    }
    builder.cable(Link.of(host + "/numa0", host + "/numa1", LinkKind.SMP, 62.4e9, ORIGIN));
  }

  private static String nic(String host, int rail) {
    return host + "/numa" + rail / 4 + "/mlx5_" + rail;
  }

  /// HGX hosts; more than one hang on eight leaves (one for each rail) and four spines.
  public static Topology hgx(int hosts) {
    Topology.Builder builder = Topology.builder(hosts + " × HGX H100");
    if (hosts > 1) {
      leafAndSpine(builder, hosts);
    }
    for (int host = 0; host < hosts; host++) {
      String name = String.format("node%02d", host);
      hgxHost(builder, name, host * 8);
      for (int rail = 0; hosts > 1 && rail < 8; rail++) {
        Link up =
            Link.of(nic(name, rail), "leaf" + rail, LinkKind.INFINIBAND, 50e9, ORIGIN)
                .withLatency(1.3e-6)
                .withMeasured(Measurement.ofRate(48.9e9));
        builder.link(up).link(up.reversed().withMeasured(up.measured()));
      }
    }
    return builder.build();
  }

  private static void leafAndSpine(Topology.Builder builder, int hosts) {
    for (int spine = 0; spine < 4; spine++) {
      builder.node("spine" + spine, NodeKind.SWITCH, "spine " + spine, null);
    }
    for (int leaf = 0; leaf < 8; leaf++) {
      builder.node("leaf" + leaf, NodeKind.SWITCH, "leaf " + leaf, null);
      for (int spine = 0; spine < 4; spine++) {
        builder.cable(
            Link.of("leaf" + leaf, "spine" + spine, LinkKind.INFINIBAND, hosts * 12.5e9, ORIGIN)
                .withLanes(hosts / 4));
      }
    }
  }

  /// 64 hosts of which one has a slow NIC, one a dead one, and one a slow NVLink.
  public static Topology hgxWithIllHosts() {
    Topology well = hgx(64);
    return well.toBuilder()
        .name("64 × HGX H100, three of them ill")
        .links(well.links().stream().map(SampleTopologies::illness).toList())
        .build();
  }

  private static Link illness(Link link) {
    boolean slow = link.from().equals(nic("node17", 2)) && link.kind() == LinkKind.INFINIBAND;
    if (slow) {
      return link.withMeasured(Measurement.ofRate(11.8e9));
    }
    if (link.from().equals("node40/numa1/gpu6") && link.to().equals("node40/nvs1")) {
      return link.withMeasured(Measurement.ofRate(79e9));
    }
    boolean dead =
        link.kind() == LinkKind.INFINIBAND
            && (link.from().equals(nic("node51", 5)) || link.to().equals(nic("node51", 5)));
    return dead ? link.withAttribute(Attributes.STATE, "down") : link;
  }

  /// Eight NPUs in a full mesh, each with its own port to a network of which nobody told.
  public static Topology mesh910b() {
    Topology.Builder builder = Topology.builder("Atlas 800T A2");
    builder.node("network", NodeKind.NETWORK, "RoCE network", null);
    builder.node("atlas", NodeKind.HOST, "10.0.0.10", null);
    for (int device = 0; device < 8; device++) {
      String npu = "atlas/npu" + device;
      builder.node(npu, NodeKind.DEVICE, "NPU " + device, "atlas");
      builder.rank(device, npu);
      builder.cable(Link.of(npu, "network", LinkKind.ROCE, 25e9, ORIGIN));
      for (int other = 0; other < device; other++) {
        builder.cable(Link.of("atlas/npu" + other, npu, LinkKind.HCCS, 28e9, ORIGIN));
      }
    }
    return builder.build();
  }

  /// Two racks of eight hosts, joined by a trunk of four cables of which one is bad one way.
  public static Topology racks() {
    Topology.Builder builder = Topology.builder("two racks");
    builder.node("core", NodeKind.SWITCH, "core", null);
    for (int rack = 0; rack < 2; rack++) {
      String group = "rack" + rack;
      builder.node(group, NodeKind.GROUP, "rack " + (char) ('A' + rack), null);
      String top = group + "/tor";
      builder.node(top, NodeKind.SWITCH, "top of rack", group);
      for (int host = 0; host < 8; host++) {
        String id = group + "/host" + host;
        builder.node(id, NodeKind.HOST, "host " + (char) ('a' + rack * 8 + host), group);
        builder.node(id + "/eth0", NodeKind.NIC, "eth0", id);
        builder.rank(rack * 8 + host, id);
        Link port =
            Link.of(id + "/eth0", top, LinkKind.ETHERNET, 1.25e9, ORIGIN).withLatency(11e-6);
        double share = rack == 1 && host == 5 ? 0.1 : 0.97;
        builder.link(port.withMeasured(Measurement.ofRate(1.25e9 * share)));
        builder.link(port.reversed().withMeasured(Measurement.ofRate(1.25e9 * 0.97)));
      }
      for (int cable = 0; cable < 4; cable++) {
        Link up = Link.of(top, "core", LinkKind.ETHERNET, 1.25e9, ORIGIN).withLatency(4e-6);
        double share = rack == 0 && cable == 2 ? 0.61 : 0.98;
        builder.link(up.withMeasured(Measurement.ofRate(1.25e9 * share)));
        builder.link(up.reversed().withMeasured(Measurement.ofRate(1.25e9 * 0.98)));
      }
    }
    return builder.build();
  }

  /// A small virtual machine with one NIC.
  public static Topology machine() {
    return Topology.builder("vm")
        .node("network", NodeKind.NETWORK, "10.0.0.0/24", null)
        .node("vm", NodeKind.HOST, "vm", null)
        .node("vm/package0", NodeKind.PACKAGE, "Package 0", "vm")
        .node(
            new Node(
                "vm/numa0",
                NodeKind.NUMA,
                "NUMA 0",
                "vm/package0",
                Map.of(Attributes.CPUS, "0-1", Attributes.BYTES, "25225322496")))
        .node("vm/core0", NodeKind.CORE, "Core 0", "vm/numa0")
        .node("vm/core1", NodeKind.CORE, "Core 1", "vm/numa0")
        .node("vm/eth0", NodeKind.NIC, "eth0", "vm/numa0")
        .cable(Link.of("vm/numa0", "vm/eth0", LinkKind.PCIE, null, ORIGIN))
        .cable(Link.of("vm/eth0", "network", LinkKind.ETHERNET, null, ORIGIN))
        .rank(0, "vm/numa0")
        .rank(1, "vm/numa0")
        .build();
  }

  /// A rack of 18 trays with four devices each, all on 18 NVSwitches.
  public static Topology nvl72() {
    Topology.Builder builder = Topology.builder("GB200 NVL72");
    builder.node("net", NodeKind.NETWORK, "InfiniBand", null);
    builder.node("rack", NodeKind.GROUP, "NVL72 rack", null);
    for (int nvs = 0; nvs < 18; nvs++) {
      builder.node("rack/nvs" + nvs, NodeKind.SWITCH, "NVSwitch " + nvs, "rack");
    }
    for (int tray = 0; tray < 18; tray++) {
      String host = "rack/tray" + tray;
      builder.node(host, NodeKind.HOST, "tray " + tray, "rack");
      for (int numa = 0; numa < 2; numa++) {
        String grace = host + "/grace" + numa;
        builder.node(grace, NodeKind.NUMA, "Grace " + numa, host);
        for (int device = numa * 2; device < numa * 2 + 2; device++) {
          String gpu = grace + "/gpu" + device;
          builder.node(gpu, NodeKind.DEVICE, "GPU " + device, grace);
          builder.node(grace + "/cx7_" + device, NodeKind.NIC, "cx7_" + device, grace);
          builder.cable(Link.of(grace, gpu, LinkKind.C2C, 450e9, ORIGIN));
          builder.cable(pcie(grace, grace + "/cx7_" + device, 5));
          builder.cable(
              Link.of(grace + "/cx7_" + device, "net", LinkKind.INFINIBAND, 50e9, ORIGIN));
          builder.rank(tray * 4 + device, gpu);
          for (int nvs = 0; nvs < 18; nvs++) {
            builder.cable(Link.of(gpu, "rack/nvs" + nvs, LinkKind.NVSWITCH, 50e9, ORIGIN));
          }
        }
      }
      builder.cable(Link.of(host + "/grace0", host + "/grace1", LinkKind.SMP, 150e9, ORIGIN));
    }
    return builder.build();
  }

  /// Hosts of which nothing inside is known, on one switch.
  public static Topology bare(int hosts) {
    Topology.Builder builder = Topology.builder(hosts + " hosts");
    builder.node("switch", NodeKind.SWITCH, "switch", null);
    for (int host = 0; host < hosts; host++) {
      builder.node("h" + host, NodeKind.HOST, "h" + host, null);
      builder.cable(Link.of("h" + host, "switch", LinkKind.ETHERNET, 125e6, ORIGIN));
      builder.rank(host, "h" + host);
    }
    return builder.build();
  }

  /// Names that try to break out of every format.
  public static Topology hostile() {
    return Topology.builder("</script><script>alert(1)</script>\u2028 \"quoted\" & 'more' ]]> -->")
        .attribute("evil \"key\" <a>", "\u0000 \\ \n value")
        .node(
            new Node(
                "a\"b\\",
                NodeKind.HOST,
                "<script>alert(\"x\")</script>\nsecond line",
                null,
                Map.of("k\n\"<&>", "v\u0001\uFFFF\"<&>")))
        .node("end", NodeKind.NIC, "end]; n1[\"`#quot;`\"] --> x %% \\N", "a\"b\\")
        .node("§ ü 漢字 🙂", NodeKind.SWITCH, "<b>漢字 🙂</b> \\\"", null)
        .cable(
            Link.of("end", "§ ü 漢字 🙂", LinkKind.ETHERNET, 1.25e9, "</title><x y=\"z\">")
                .withAttribute("</g>", "<!-- ")
                .withMeasured(Measurement.ofRate(0.3e9)))
        .rank(0, "end")
        .build();
  }
}
