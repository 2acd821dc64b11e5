package dev.tutti.topology.discover;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.Finding;
import dev.tutti.topology.Host;
import dev.tutti.topology.Node;
import dev.tutti.topology.Topology;
import dev.tutti.topology.format.Reading;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The topology of the host that this process runs on, as far as it can be seen from here.
public final class LocalTopology {
  /// Format of what comes out, in [Reading#format] and as attribute [Attributes#SOURCE].
  public static final String LIVE = "live";

  private LocalTopology() {}

  /// Looks at this host.
  ///
  /// What is not installed or cannot be read is missing from the topology and named in the
  /// findings.
  public static Reading discover() {
    List<Finding> findings = new ArrayList<>();
    HwlocView hwloc = HwlocView.read(findings::add);
    return discover(new SystemFiles(Path.of("/")), Host.local().id(), hwloc, findings);
  }

  static Reading discover(
      SystemFiles files, String hostId, @Nullable HwlocView hwloc, List<Finding> findings) {
    Node host = HostNode.read(files, hostId);
    HostGraph graph =
        new HostGraph(
            Topology.builder(host.name()).attribute(Attributes.SOURCE, LIVE).node(host), host.id());
    findings.forEach(graph::add);
    Processors sysfs = SysfsCpus.read(files);
    ProcessorNodes.addTo(graph, hwloc == null ? sysfs : hwloc.processors(sysfs.domains()));
    PciTree pci = new PciTree(graph, SysfsPci.read(files), hwloc);
    pci.addDevices();
    NicNodes.addTo(graph, pci, files);
    return new Reading(LIVE, graph.build(), graph.findings());
  }
}
