package dev.tutti.topology.format;

import java.util.regex.Pattern;

/// Slurm's `topology.conf`, of the plug-ins `topology/tree` (`SwitchName=`) and `topology/block`
/// (`BlockName=`).
///
/// **What becomes what.** Each `SwitchName` a switch, joined to its `Switches` and `Nodes`; each
/// `BlockName` a group around its `Nodes`, joined to one network in it whose inside is not known.
/// Nodes are hosts. Nothing is told of what links are or carry: `LinkSpeed`, which Slurm ignores,
/// is an attribute of the links, and their capacity only where it has a unit (`100Gb/s`).
public final class SlurmTopologyConf implements TopologyReader {
  /// The format's name.
  public static final String NAME = "slurm";

  private static final Pattern MARK =
      Pattern.compile("(?mi)^[ \\t]*(?:SwitchName|BlockName)[ \\t]*=");

  /// Makes a reader.
  public SlurmTopologyConf() {}

  @Override
  public String format() {
    return NAME;
  }

  @Override
  public String description() {
    return "Slurm's topology.conf";
  }

  @Override
  public boolean recognises(SourceFile file) {
    return MARK.matcher(file.head()).find();
  }

  @Override
  public Reading read(SourceFile file) {
    return new SlurmReading(file).read();
  }
}
