package dev.tutti.topology.discover;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.Host;
import dev.tutti.topology.Node;
import dev.tutti.topology.Topology;
import dev.tutti.topology.format.Reading;
import java.nio.file.Path;

/// The topology of the host that this process runs on, as far as it can be seen from here.
public final class LocalTopology {
  /// Format of what comes out, in [Reading#format] and as attribute [Attributes#SOURCE].
  public static final String LIVE = "live";

  private LocalTopology() {}

  /// Looks at this host.
  public static Reading discover() {
    return discover(new SystemFiles(Path.of("/")), Host.local().id());
  }

  static Reading discover(SystemFiles files, String hostId) {
    Node host = HostNode.read(files, hostId);
    Topology.Builder builder =
        Topology.builder(host.name()).attribute(Attributes.SOURCE, LIVE).node(host);
    HostGraph graph = new HostGraph(builder, host.id());
    SysfsStructure.addTo(graph, files);
    PciTree pci = new PciTree(graph, SysfsPci.read(files));
    pci.addDevices();
    NicNodes.addTo(graph, pci, files);
    return new Reading(LIVE, graph.build(), graph.findings());
  }
}
