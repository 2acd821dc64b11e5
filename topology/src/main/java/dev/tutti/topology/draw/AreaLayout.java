package dev.tutti.topology.draw;

import dev.tutti.topology.Link;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Places what is near to one NUMA domain: NICs in the upper row, for the network is above; PCI
/// bridges under them as bars over what they join; devices in the lower row. The domain itself
/// stands between the NICs, or, where there are no bridges, between the rows.
final class AreaLayout {
  /// A bridge with what hangs on it, or, without a bridge, what hangs on the domain itself.
  private record Block(
      @Nullable Node bridge, List<Block> blocks, List<Node> nics, List<Node> devices) {
    double width() {
      double inner = blocks.stream().mapToDouble(block -> block.width() + Sizes.GAP).sum();
      double own = Math.max(row(nics, Sizes.NIC_WIDTH), row(devices, Sizes.DEVICE_WIDTH));
      double content = own == 0 ? Math.max(0, inner - Sizes.GAP) : inner + own;
      return bridge == null ? content : Math.max(content, Sizes.BRIDGE_WIDTH);
    }

    int depth() {
      int inner = blocks.stream().mapToInt(Block::depth).max().orElse(0);
      return bridge == null ? inner : inner + 1;
    }

    static double row(List<Node> nodes, double each) {
      return nodes.isEmpty() ? 0 : nodes.size() * (each + Sizes.GAP) - Sizes.GAP;
    }
  }

  private final View view;
  private final Labels labels;
  private final @Nullable Node core;
  private final Map<String, Node> members = new LinkedHashMap<>();
  private final Block content;
  private final Block direct;
  private final List<Cell> cells = new ArrayList<>();

  /// @param core the domain, null for what is near to none
  /// @param members bridges, NICs and devices
  AreaLayout(View view, Labels labels, @Nullable Node core, List<Node> members) {
    this.view = view;
    this.labels = labels;
    this.core = core;
    members.forEach(node -> this.members.put(node.id(), node));
    Set<String> reached = new HashSet<>();
    Block all = block(core, reached);
    List<Block> blocks = new ArrayList<>(all.blocks());
    List<Node> nics = new ArrayList<>(all.nics());
    List<Node> devices = new ArrayList<>(all.devices());
    for (NodeKind kind : List.of(NodeKind.PCI_BRIDGE, NodeKind.NIC, NodeKind.DEVICE)) {
      for (Node node : members) {
        boolean isOfKind =
            kind == NodeKind.DEVICE
                ? !List.of(NodeKind.PCI_BRIDGE, NodeKind.NIC).contains(node.kind())
                : node.kind() == kind;
        if (isOfKind && reached.add(node.id())) {
          switch (kind) {
            case PCI_BRIDGE -> blocks.add(block(node, reached));
            case NIC -> nics.add(node);
            default -> devices.add(node);
          }
        }
      }
    }
    content = new Block(null, blocks, List.of(), List.of());
    direct = new Block(null, List.of(), nics, devices);
  }

  /// Collects what hangs on a node over links, outer before inner.
  private Block block(@Nullable Node top, Set<String> reached) {
    List<Node> next = new ArrayList<>();
    if (top != null) {
      reached.add(top.id());
      neighbours(top).stream().filter(node -> reached.add(node.id())).forEach(next::add);
    }
    List<Block> blocks = new ArrayList<>();
    List<Node> nics = new ArrayList<>();
    List<Node> devices = new ArrayList<>();
    for (Node node : next) {
      switch (node.kind()) {
        case PCI_BRIDGE -> blocks.add(block(node, reached));
        case NIC -> nics.add(node);
        default -> devices.add(node);
      }
    }
    return new Block(top, blocks, nics, devices);
  }

  /// Returns the members that a domain or bridge is joined to, in their order.
  private List<Node> neighbours(Node top) {
    Topology topology = view.topology();
    Set<String> ids = new HashSet<>();
    for (String id : view.shownAs(top.id())) {
      for (Link link : topology.linksFrom(id)) {
        ids.add(view.shown(link.to()));
      }
      for (Link link : topology.linksTo(id)) {
        ids.add(view.shown(link.from()));
      }
    }
    return members.values().stream().filter(node -> ids.contains(node.id())).toList();
  }

  private boolean hasBridges() {
    return !content.blocks().isEmpty();
  }

  private double coreWidth() {
    if (core == null) {
      return 0;
    }
    double text =
        Math.max(Sizes.textWidth(view.title(core), 12), Sizes.textWidth(labels.subtitle(core), 10));
    double width = Math.clamp(text + 16, Sizes.CORE_WIDTH, 190);
    return hasBridges() ? width : Math.max(width, direct.width());
  }

  /// Returns the width of the column of the domain and what hangs on it directly.
  private double middleWidth() {
    double row = hasBridges() && core != null ? coreWidth() + nicsBesideCore() : coreWidth();
    return Math.max(row, direct.width());
  }

  private double nicsBesideCore() {
    return direct.nics().size() * (Sizes.NIC_WIDTH + Sizes.GAP);
  }

  @Nullable Node core() {
    return core;
  }

  double width() {
    double middle = middleWidth();
    double sides = content.width();
    return middle + sides + (middle > 0 && sides > 0 ? 2 * Sizes.GAP : 0);
  }

  /// Returns the height of the upper row with the gap under it, 0 if there is none.
  double upper() {
    return hasUpperRow() ? upperHeight() + Sizes.ROW_GAP : 0;
  }

  private boolean hasUpperRow() {
    return hasNics(content) || !direct.nics().isEmpty() || (core != null && hasBridges());
  }

  private static boolean hasNics(Block block) {
    return !block.nics().isEmpty() || block.blocks().stream().anyMatch(AreaLayout::hasNics);
  }

  private boolean hasDevices(Block block) {
    return !block.devices().isEmpty() || block.blocks().stream().anyMatch(this::hasDevices);
  }

  double deviceHeight() {
    double height = hasDevices(content) || hasDevices(direct) ? Sizes.DEVICE_HEIGHT : 0;
    for (Node node : members.values()) {
      height = node.kind() == NodeKind.PACKAGE ? Sizes.DEVICE_HEIGHT + 2 * 6 : height;
    }
    return height;
  }

  /// Returns the height of all rows with the gaps between them.
  ///
  /// @param upper the height of the upper row of all areas of the host, with the gap under it
  double height(double upper) {
    double height = upper;
    height += content.depth() * (Sizes.BRIDGE_HEIGHT + Sizes.ROW_GAP);
    height += core != null && !hasBridges() ? Sizes.CORE_HEIGHT + Sizes.ROW_GAP : 0;
    height += deviceHeight() > 0 ? deviceHeight() + Sizes.ROW_GAP : 0;
    return Math.max(0, height - Sizes.ROW_GAP);
  }

  private double upperHeight() {
    return core != null && hasBridges() ? Sizes.CORE_HEIGHT : Sizes.NIC_HEIGHT;
  }

  /// Places everything.
  ///
  /// @param x the left edge
  /// @param top of the upper row
  /// @param bottom of the lower row
  /// @param upper the height of the upper row of all areas of the host, with the gap under it
  List<Cell> place(double x, double top, double bottom, double upper) {
    double bridges = top + upper;
    List<Block> blocks = content.blocks();
    int left = (blocks.size() + 1) / 2;
    double at = x;
    for (Block block : blocks.subList(0, left)) {
      at = block(block, at, top, bridges, bottom) + Sizes.GAP;
    }
    double middle = middleWidth();
    if (middle > 0) {
      at += hasBridges() ? Sizes.GAP / 2 : 0;
      middle(at, middle, top, bottom, upper);
      at += middle + Sizes.GAP * 1.5;
    }
    for (Block block : blocks.subList(left, blocks.size())) {
      at = block(block, at, top, bridges, bottom) + Sizes.GAP;
    }
    return cells;
  }

  private double block(Block block, double x, double top, double y, double bottom) {
    Node bridge = block.bridge();
    double width = block.width();
    if (bridge != null) {
      add(bridge, x, y, width, Sizes.BRIDGE_HEIGHT);
    }
    double at = x;
    for (Block inner : block.blocks()) {
      double below = y + Sizes.BRIDGE_HEIGHT + Sizes.ROW_GAP;
      at = block(inner, at, top, below, bottom) + Sizes.GAP;
    }
    double rest = x + width - at;
    nics(block.nics(), block.devices().size(), at, rest, top + nicDrop());
    devices(block.devices(), at, rest, bottom);
    return x + width;
  }

  /// Returns how much lower than the domain the NICs beside it begin: their lower edges are equal.
  private double nicDrop() {
    return upperHeight() - Sizes.NIC_HEIGHT;
  }

  private void middle(double x, double width, double top, double bottom, double upper) {
    if (core == null) {
      nics(direct.nics(), direct.devices().size(), x, width, top);
    } else if (hasBridges()) {
      int before = direct.nics().size() / 2;
      double at = x + (width - coreWidth() - nicsBesideCore()) / 2;
      for (int i = 0; i <= direct.nics().size(); i++) {
        if (i == before) {
          add(core, at, top, coreWidth(), Sizes.CORE_HEIGHT);
          at += coreWidth() + Sizes.GAP;
        }
        if (i < direct.nics().size()) {
          add(direct.nics().get(i), at, top + nicDrop(), Sizes.NIC_WIDTH, Sizes.NIC_HEIGHT);
          at += Sizes.NIC_WIDTH + Sizes.GAP;
        }
      }
    } else {
      nics(direct.nics(), direct.devices().size(), x, width, top);
      add(core, x + (width - coreWidth()) / 2, top + upper, coreWidth(), Sizes.CORE_HEIGHT);
    }
    devices(direct.devices(), x, width, bottom);
  }

  /// Places NICs, each above its device where there are as many.
  private void nics(List<Node> nics, int devices, double x, double width, double y) {
    double pitch = nics.size() == devices ? Sizes.DEVICE_WIDTH : Sizes.NIC_WIDTH;
    double inset = (pitch - Sizes.NIC_WIDTH) / 2;
    double at = x + (width - Block.row(nics, pitch)) / 2;
    for (Node nic : nics) {
      add(nic, at + inset, y, Sizes.NIC_WIDTH, Sizes.NIC_HEIGHT);
      at += pitch + Sizes.GAP;
    }
  }

  private void devices(List<Node> nodes, double x, double width, double bottom) {
    double y = bottom - deviceHeight();
    double at = x + (width - Block.row(nodes, Sizes.DEVICE_WIDTH)) / 2;
    for (Node node : nodes) {
      add(node, at, y, Sizes.DEVICE_WIDTH, deviceHeight());
      at += Sizes.DEVICE_WIDTH + Sizes.GAP;
    }
  }

  private void add(Node node, double x, double y, double width, double height) {
    String title = view.title(node);
    String subtitle = labels.subtitle(node);
    int space = title.indexOf(' ');
    if (subtitle.isEmpty() && space > 0 && Sizes.textWidth(title, 10) > width) {
      subtitle = title.substring(space + 1); // a long address gets a line of its own
      title = title.substring(0, space);
    }
    Cell cell = new Cell(node.id(), node.kind(), Box.Role.ITEM, title, subtitle);
    cell.size(width, height).moveTo(x, y);
    cells.add(cell);
  }
}
