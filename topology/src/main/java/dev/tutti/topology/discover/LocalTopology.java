package dev.tutti.topology.discover;

import dev.tutti.topology.Attributes;
import dev.tutti.topology.Host;
import dev.tutti.topology.Node;
import dev.tutti.topology.Topology;
import dev.tutti.topology.format.Reading;
import java.nio.file.Path;
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
    return discover(new SystemFiles(Path.of("/")), Host.local().id(), null, Sources.ask());
  }

  /// Looks at this host, which is to be told from others in another way than the kernel does.
  ///
  /// @param hostId what tells it from others
  /// @param name what it is called, null for what the kernel says
  public static Reading discover(String hostId, @Nullable String name) {
    return discover(new SystemFiles(Path.of("/")), hostId, name, Sources.ask());
  }

  static Reading discover(SystemFiles files, String hostId, Sources sources) {
    return discover(files, hostId, null, sources);
  }

  private static Reading discover(
      SystemFiles files, String hostId, @Nullable String name, Sources sources) {
    Node host = HostNode.read(files, hostId, name);
    HostGraph graph =
        new HostGraph(
            Topology.builder(host.name()).attribute(Attributes.SOURCE, LIVE).node(host), host.id());
    sources.findings().forEach(graph::add);
    HwlocView hwloc = sources.hwloc();
    Processors sysfs = SysfsCpus.read(files);
    ProcessorNodes.addTo(graph, hwloc == null ? sysfs : hwloc.processors(sysfs.domains()));
    PciTree pci = new PciTree(graph, SysfsPci.read(files), hwloc);
    AscendNodes ascend = new AscendNodes(graph, sources.acl(), HccnConf.read(files));
    pci.addDevices(ascend.areApartFromPci());
    if (sources.nvml() != null) {
      NvmlNodes.addTo(graph, sources.nvml());
    }
    ascend.add();
    NicNodes.addTo(graph, pci, files);
    return new Reading(LIVE, graph.build(), graph.findings());
  }
}
