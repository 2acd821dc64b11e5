package dev.tutti.topology.draw;

import dev.tutti.topology.LinkHealth;
import dev.tutti.topology.NodeKind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A rectangle that stands for a node, or for several that are alike.
///
/// @param id the node's id; the frame of a NUMA domain or package has `#area` behind it, for the
///   domain itself is a box in that frame
/// @param kind what the node is
/// @param role how it is drawn
/// @param title what stands in it
/// @param subtitle a second, smaller line; empty if there is none
/// @param bounds where it is
/// @param parent id of the frame that it is in, null outermost
/// @param alike how many nodes it stands for that are like this one; 1 for itself
/// @param health the worst of the links inside and at it
/// @param nodes ids of all nodes that this box stands for; empty for the frame of an area
public record Box(
    String id,
    NodeKind kind,
    Role role,
    String title,
    String subtitle,
    Rectangle bounds,
    @Nullable String parent,
    int alike,
    LinkHealth health,
    List<String> nodes) {

  /// How a box is drawn.
  public enum Role {
    /// A frame around a group of hosts.
    GROUP,
    /// A frame around the inside of a host.
    HOST,
    /// A frame without a title: what is near to one NUMA domain.
    AREA,
    /// A solid box.
    ITEM
  }

  /// Copies.
  public Box {
    nodes = List.copyOf(nodes);
  }

  /// Returns the height of the letters of its title. Switches above many hosts are larger than
  /// others, and so are their names.
  public double textSize() {
    double size =
        switch (kind) {
          case NIC, PCI_BRIDGE -> 11;
          case SWITCH, NETWORK -> Math.max(12, 12 * bounds.height() / Sizes.SWITCH_HEIGHT);
          default -> 12;
        };
    double least = Math.min(size, 9);
    return Math.clamp(size * room() / Math.max(1, Sizes.textWidth(name(), size)), least, size);
  }

  /// Returns the title as far as it fits, with how many the box stands for if that is said here.
  ///
  /// @param stack whether it is
  String label(boolean stack) {
    return Sizes.fitEnds(stack ? name() : title, textSize(), room());
  }

  private String name() {
    return alike > 1 && (kind == NodeKind.SWITCH || kind == NodeKind.HOST)
        ? title + " × " + alike
        : title;
  }

  private double room() {
    return bounds.width() - 8;
  }
}
