package dev.tutti.topology.format;

import dev.tutti.topology.Topology;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The topology files of NCCL (`NCCL_TOPO_FILE`, `NCCL_TOPO_DUMP_FILE`) and of its relatives: RCCL
/// (version 2, `xgmi`), FlagCX (`apu`), and the partial files of clouds, which hold the PCI tree
/// only and in which devices are known by their PCI class.
///
/// **What becomes what.** Each distinct `host_hash` a host, each `cpu` a NUMA domain, `pci` by its
/// class a bridge, device or NIC inside of its NUMA domain, joined to what is above it in the file
/// by PCI Express. `nvlink` and `xgmi` become links from the device that names them, one direction
/// each; a target of class 0x068000 becomes a switch. Each `net` is a NIC, joined to one node for
/// the network. Ranks come from `rank`.
///
/// **Capacities.** PCI Express: see [dev.tutti.topology.PcieRate] (what the link can carry, not the
/// lower figure that NCCL plans with). NVLink: `count` × NCCL's figure for the device's `sm` (60:
/// 18 GB/s, 70 and 80: 20, 86: 12, 90: 20.6, 100: 40.1). `c2c`: `bw` × `count` MB/s. Network:
/// `speed` Mbit/s / 8. xGMI and the links between NUMA domains (all `cpu`s of a host reach each
/// other, NCCL takes it so): not told, unknown.
///
/// **Writing** gives what NCCL reads: one host, at most 256 elements, 16 attributes and 255
/// characters. Left out is what NCCL has no element for: packages, caches, cores, links between
/// NUMA domains and everything beyond the NICs. Bridges and devices without a PCI address get one
/// that no hardware has (`ffff:…`).
public final class NcclTopologyXml implements TopologyReader, TopologyWriter {
  /// The format's name.
  public static final String NAME = "nccl-xml";

  private final @Nullable String host;

  /// Makes a reader, and a writer of topologies of one host.
  public NcclTopologyXml() {
    this(null);
  }

  private NcclTopologyXml(@Nullable String host) {
    this.host = host;
  }

  /// Makes a writer that writes one host of a topology.
  ///
  /// @param hostId id of the node
  public static NcclTopologyXml ofHost(String hostId) {
    return new NcclTopologyXml(hostId);
  }

  @Override
  public String format() {
    return NAME;
  }

  @Override
  public String description() {
    return "topology file of NCCL, RCCL or FlagCX, also a partial one";
  }

  @Override
  public boolean recognises(SourceFile file) {
    return "system".equals(XmlTree.rootName(file));
  }

  @Override
  public Reading read(SourceFile file) {
    return new NcclXmlReading(file).read();
  }

  /// Writes one host.
  ///
  /// @throws IOException if the stream fails
  /// @throws IllegalArgumentException if there are several hosts and none was chosen with
  ///   [#ofHost(String)], or the host has more than NCCL reads, or links that NCCL does not know
  @Override
  public void write(Topology topology, OutputStream out) throws IOException {
    out.write(new NcclXmlWriting(topology, host).text().getBytes(StandardCharsets.UTF_8));
  }
}
