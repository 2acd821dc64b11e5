package dev.tutti.topology.format;

import java.util.regex.Pattern;

/// Matrices of `nvidia-smi topo -m` and `nvidia-smi topo -p2p r|w|n|a|p`: with tabs or spaces, with
/// or without colours, legends, NICs and affinities, also incomplete ones.
///
/// **What becomes what.** Columns and rows are devices and NICs of one host (a NIC has the name of
/// the NIC legend, if there is one).
///
/// | told | built |
/// |---|---|
/// | `NUMA Affinity` is one number | a NUMA domain, the device inside of it; `CPU Affinity` too where all of its devices agree |
/// | `PIX`, `PXB`, `PHB`, `NODE` to something in a domain | the same domain. `PHB` or `NODE` among things of no known domain: one without a number |
/// | `PIX` | a PCI bridge that all things so related hang on |
/// | `PXB` | a PCI bridge above the bridges (or single things) so related |
/// | a domain, no bridge | PCI Express from the domain to the thing, from the domain to the bridge |
/// | `SYS` (once `SOC`) | a link between the two domains |
/// | `NV4` | 4 NVLinks from the row to the column; both ways if the column has no row |
/// | `OK` of `-p2p` | a link of unknown kind; none for `NS`, `CNS`, `GNS`, `TNS`, `U` |
///
/// **What is not told.** Capacities; what NVLinks lead through (`NV18` to seven others means
/// NVSwitches, which the matrix does not show: a note says so); what NICs lead to; ranks. Entries
/// that contradict their mirror image are reported and build nothing but NVLinks.
public final class NvidiaSmiTopology implements TopologyReader {
  /// The format's name.
  public static final String NAME = "nvidia-smi";

  private static final Pattern ROW =
      Pattern.compile("(?m)^\\s*GPU\\d+\\s+(?:" + SmiMatrix.RELATION + ")(?:\\s|$)");

  /// Makes a reader.
  public NvidiaSmiTopology() {}

  @Override
  public String format() {
    return NAME;
  }

  @Override
  public String description() {
    return "matrix of nvidia-smi topo -m or -p2p";
  }

  @Override
  public boolean recognises(SourceFile file) {
    return ROW.matcher(SmiMatrix.plain(file.head())).find();
  }

  @Override
  public Reading read(SourceFile file) {
    Complaints complaints = new Complaints();
    return new SmiReading(file, SmiMatrix.parse(file, complaints), complaints).read();
  }
}
