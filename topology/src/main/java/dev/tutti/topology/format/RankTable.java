package dev.tutti.topology.format;

import dev.tutti.topology.Finding;
import dev.tutti.topology.format.JsonTree.Members;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Rank tables of Ascend (`RANK_TABLE_FILE`): versions 1.0, 1.2 (with super-pods) and 2.0, and the
/// two forms with `group_list` that came before.
///
/// **What becomes what.** Up to 1.2: each entry of `server_list` a host, each `device` a device,
/// its `device_ip` a NIC inside of the host, joined to one network by RoCE. A super-pod is a group
/// around its hosts and a switch in it that its devices are joined to by HCCS. In the older forms
/// instances of one `server_id` make one host. Version 2.0 names no hosts: each instance of the
/// lowest layer is a group around its devices, each instance of any layer a network that its
/// devices are joined to, with one cable per address.
///
/// **What is not told.** No version has bandwidths, so no capacity is known; nor how devices of one
/// server are joined, so nothing joins them. `super_device_id` is kept, with what its bits seem to
/// say (`hintServer`, `hintChip`, `hintDie`) where it is large enough to have them.
public final class RankTable implements TopologyReader {
  /// The format's name.
  public static final String NAME = "rank-table";

  private static final List<String> MARKS =
      List.of("\"server_list\"", "\"rank_list\"", "\"group_list\"", "\"rank_id\"");

  // While devices are handed out, a table may have nothing but this.
  private static final Pattern EMPTY = Pattern.compile("\"status\"\\s*:\\s*\"initializing\"");

  /// Makes a reader.
  public RankTable() {}

  @Override
  public String format() {
    return NAME;
  }

  @Override
  public String description() {
    return "rank table of Ascend, versions 1.0, 1.2, 2.0 and older";
  }

  @Override
  public boolean recognises(SourceFile file) {
    String head = file.head();
    return head.contains("{")
        && (MARKS.stream().anyMatch(head::contains) || EMPTY.matcher(head).find());
  }

  @Override
  public Reading read(SourceFile file) {
    List<Finding> findings = new ArrayList<>();
    Members root = JsonTree.object(JsonTree.parse(file, findings));
    RankTableReading reading = new RankTableReading(file, findings);
    if (root.get("server_list") != null) {
      new RankTableServers(reading).read(root);
    } else if (root.get("rank_list") != null) {
      new RankTableFlat(reading).read(root);
    } else if (root.get("group_list") != null) {
      new RankTableGroups(reading).read(root);
    } else if (root.get("status") == null || "completed".equals(root.text("status"))) {
      throw root.place().wrong("expected 'server_list', 'rank_list' or 'group_list'");
    }
    return reading.finish(root);
  }
}
