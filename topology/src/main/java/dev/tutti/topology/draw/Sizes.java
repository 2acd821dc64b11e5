package dev.tutti.topology.draw;

/// Sizes and distances in pixels, and how wide a text is.
final class Sizes {
  static final double MARGIN = 24;
  static final double PAD = 12;
  static final double GAP = 10;
  static final double DEVICE_WIDTH = 84;
  static final double DEVICE_HEIGHT = 46;
  static final double NIC_WIDTH = 74;
  static final double NIC_HEIGHT = 36;
  static final double BRIDGE_WIDTH = 84;
  static final double BRIDGE_HEIGHT = 24;
  static final double CORE_WIDTH = 112;
  static final double CORE_HEIGHT = 40;
  static final double SWITCH_WIDTH = 112;
  static final double SWITCH_HEIGHT = 36;
  static final double HOST_WIDTH = 132;
  static final double HOST_HEIGHT = 50;

  /// Between rows inside a host.
  static final double ROW_GAP = 34;

  /// The strip with a frame's title.
  static final double TITLE = 28;

  /// How far the bend of a line between neighbours in a row hangs down, and how much more for each
  /// further one.
  static final double ARC = 22;

  static final double ARC_STEP = 13;

  private Sizes() {}

  /// Returns how wide a text is at most in the usual fonts.
  static double textWidth(String text, double size) {
    double width =
        text.codePoints()
            .mapToDouble(point ->
                point > 0x2E80
                    ? 1.05
                    : "iljtfrI.,:;'|!()[]/ ".indexOf(point) >= 0
                        ? 0.38
                        : Character.isUpperCase(point) || "mwMW@%".indexOf(point) >= 0 ? 0.8 : 0.65)
            .sum();
    return width * size;
  }

  /// Returns a text cut in its middle so that it is no wider than told: addresses differ at their
  /// ends.
  static String fitEnds(String text, double size, double width) {
    String line = text.strip().replaceAll("\\p{Cntrl}+", " ");
    if (textWidth(line, size) <= width || line.length() < 10) {
      return fit(line, size, width);
    }
    int[] points = line.codePoints().toArray();
    for (int kept = points.length - 1; kept > 4; kept--) {
      int head = kept / 3;
      String cut =
          new String(points, 0, head)
              + "…"
              + new String(points, points.length - kept + head, kept - head);
      if (textWidth(cut, size) <= width) {
        return cut;
      }
    }
    return fit(line, size, width);
  }

  /// Returns a text cut with an ellipsis so that it is no wider than told.
  static String fit(String text, double size, double width) {
    String line = text.strip().replaceAll("\\p{Cntrl}+", " ");
    if (textWidth(line, size) <= width) {
      return line;
    }
    int end = line.length();
    while (end > 1 && textWidth(line.substring(0, end) + "…", size) > width) {
      end = line.offsetByCodePoints(end, -1);
    }
    return line.substring(0, end) + "…";
  }
}
