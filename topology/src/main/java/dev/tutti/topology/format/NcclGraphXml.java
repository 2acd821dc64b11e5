package dev.tutti.topology.format;

/// Graph files of NCCL (`NCCL_GRAPH_FILE`, `NCCL_GRAPH_DUMP_FILE`): the channels that it made of a
/// topology.
///
/// **What becomes what.** `gpu`s are devices and `net`s NICs of one host, NICs joined to one node
/// for the network. Links are what channels use: in rings (pattern 4) from each device to the next,
/// from the last to the first unless a `net` stands at the ends; in trees (patterns 1 to 3) to the
/// next and back. Channels of NVLS (5) and CollNet (6) list devices that a switch joins, so they
/// join nothing. A link's capacity is `speedintra` (`speedinter` at a NIC) in GB/s × the channels
/// of one graph that use it, and where several graphs use it, the largest of these; its `lanes` are
/// those channels. So this tells what NCCL plans with, not what is there.
///
/// The attributes `graph.<id>` and `graph.<id>.channels` of the topology keep everything.
public final class NcclGraphXml implements TopologyReader {
  /// The format's name.
  public static final String NAME = "nccl-graph";

  /// Makes a reader.
  public NcclGraphXml() {}

  @Override
  public String format() {
    return NAME;
  }

  @Override
  public String description() {
    return "graph file of NCCL: its channels";
  }

  @Override
  public boolean recognises(SourceFile file) {
    return "graphs".equals(XmlTree.rootName(file));
  }

  @Override
  public Reading read(SourceFile file) {
    return new NcclGraphReading(file).read();
  }
}
