package dev.tutti.topology.draw;

import dev.tutti.topology.LinkHealth;
import dev.tutti.topology.NodeKind;
import java.util.List;

/// Colours of a drawing, as `#rrggbb`. The colours of links differ for colour-blind eyes, and in
/// lightness.
public enum Theme {
  /// Dark on white: for print.
  LIGHT("#ffffff", "#1b2430", "#5b6673", "#f7f9fb", "#c3ccd6", "#ffffff"),
  /// Light on black.
  DARK("#12161c", "#e8edf3", "#9aa7b5", "#1a2028", "#3c4754", "#232b35");

  private static final List<String> WAYS =
      List.of(
          "#CC79A7", "#009E73", "#E69F00", "#56B4E9", "#D55E00", "#0072B2", "#B8A900", "#8F6BD0");

  private final String background;
  private final String ink;
  private final String faint;
  private final String frame;
  private final String border;
  private final String area;

  Theme(String background, String ink, String faint, String frame, String border, String area) {
    this.background = background;
    this.ink = ink;
    this.faint = faint;
    this.frame = frame;
    this.border = border;
    this.area = area;
  }

  /// Returns the colour of the paper.
  public String background() {
    return background;
  }

  /// Returns the colour of text.
  public String ink() {
    return ink;
  }

  /// Returns the colour of text that matters less.
  public String faint() {
    return faint;
  }

  /// Returns the colour inside a frame.
  public String frame() {
    return frame;
  }

  /// Returns the colour of a frame's edge.
  public String border() {
    return border;
  }

  /// Returns the colour inside the frame of a NUMA domain.
  public String area() {
    return area;
  }

  /// Returns the colour of a link.
  public String link(LinkHealth health) {
    if (this == LIGHT) {
      return health.color();
    }
    return switch (health) {
      case GOOD -> "#56B4E9";
      case MEASURED -> "#3ECFA0";
      case UNKNOWN -> "#7C8896";
      case BELOW_90 -> "#F0C94A";
      case BELOW_75 -> "#FF8A3D";
      case BELOW_50, DOWN -> "#FF5C93";
    };
  }

  /// Returns the colours of ways, which are the same on any ground.
  public static List<String> ways() {
    return WAYS;
  }

  /// Returns the colour of a way by its number, from 0; after the last comes the first again.
  public static String way(int number) {
    return WAYS.get(number % WAYS.size());
  }

  /// Returns the colour of the glow around lines that lead across the cut that limits a plan.
  public String cut() {
    return this == LIGHT ? "#FFE08A" : "#6B5310";
  }

  /// Returns the colour inside a box.
  public String fill(NodeKind kind) {
    boolean light = this == LIGHT;
    return switch (kind) {
      case DEVICE -> light ? "#d9efe3" : "#1f4a38";
      case NIC -> light ? "#fdebd0" : "#5a4320";
      case SWITCH -> light ? "#e7e1f5" : "#3d3560";
      case NETWORK -> light ? "#efe9fb" : "#332d4d";
      case NUMA, PACKAGE, CORE, CACHE -> light ? "#dbe8f6" : "#223f5c";
      case HOST, GROUP -> light ? "#eef2f6" : "#2a323c";
      case PCI_BRIDGE -> light ? "#e9edf1" : "#363f4a";
    };
  }

  /// Returns the colour of a box's edge.
  public String edge(NodeKind kind) {
    boolean light = this == LIGHT;
    return switch (kind) {
      case DEVICE -> light ? "#2f8f63" : "#4fbf8d";
      case NIC -> light ? "#c07a14" : "#e0a24a";
      case SWITCH, NETWORK -> light ? "#7b63c4" : "#a592e6";
      case NUMA, PACKAGE, CORE, CACHE -> light ? "#3f76ad" : "#6ea6de";
      case HOST, GROUP -> light ? "#8794a2" : "#7a8795";
      case PCI_BRIDGE -> light ? "#8794a2" : "#7a8795";
    };
  }
}
