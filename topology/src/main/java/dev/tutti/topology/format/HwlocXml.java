package dev.tutti.topology.format;

import dev.tutti.topology.Topology;

/// XML of hwloc (`lstopo --of xml`), schemas 1 and 2.
///
/// **What becomes what.** `Machine` a host (by its `HostName`), `Package` and `Socket`, `NUMANode`,
/// caches of levels 2 and 3, `Core` with its CPUs, bridges that lead to something, `PCIDev`s that
/// are NICs (class 0x02) or compute (0x0302, 0x12, 0x0b40, display controllers of NVIDIA and AMD or
/// with a co-processor inside), with the names of their operating system devices. Other PCI and
/// operating system devices, level 1 caches, dies, groups and host bridges are passed over.
///
/// **Links.** Cores and the NUMA domains whose CPUs theirs are; NUMA domains of a host with each
/// other; PCI Express by nesting, from the NUMA domain that is local. `pci_link_speed` (GB/s) is
/// the capacity, unknown where it is 0. What NICs lead to is not told, nor is NVLink.
public final class HwlocXml implements TopologyReader {
  /// The format's name.
  public static final String NAME = "hwloc-xml";

  /// Makes a reader.
  public HwlocXml() {}

  @Override
  public String format() {
    return NAME;
  }

  @Override
  public String description() {
    return "XML of hwloc: lstopo --of xml";
  }

  @Override
  public boolean recognises(SourceFile file) {
    return "topology".equals(XmlTree.rootName(file));
  }

  /// Reads a file into a [Topology].
  @Override
  public Reading read(SourceFile file) {
    return new HwlocReading(file).read();
  }
}
