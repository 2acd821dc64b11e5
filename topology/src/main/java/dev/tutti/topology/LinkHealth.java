package dev.tutti.topology;

/// How much of its nominal capacity a link was measured to carry, in the classes that pictures
/// show. The order is from well to ill.
public enum LinkHealth {
  /// At least 90 %.
  GOOD("at least 90 % of nominal", "#0072B2"),
  /// Measured, and nobody says what it should carry: not known to be ill.
  MEASURED("measured, nominal unknown", "#009E73"),
  /// Not measured: not known to be ill.
  UNKNOWN("not measured", "#8A939E"),
  /// Less than 90 %.
  BELOW_90("below 90 %", "#E69F00"),
  /// Less than 75 %.
  BELOW_75("below 75 %", "#D55E00"),
  /// Less than 50 %.
  BELOW_50("below 50 %", "#A3004F"),
  /// Nothing comes through, or the link says of itself that it is down.
  DOWN("down", "#A3004F");

  private final String display;
  private final String color;

  LinkHealth(String display, String color) {
    this.display = display;
    this.color = color;
  }

  /// Classes a link by its measurement and its attribute [Attributes#STATE].
  public static LinkHealth of(Link link) {
    Measurement measured = link.measured();
    if ("down".equals(link.attribute(Attributes.STATE))
        || (measured != null && measured.bytesPerSecond() == 0)) {
      return DOWN;
    }
    Double health = link.health();
    if (health == null) {
      return measured == null ? UNKNOWN : MEASURED;
    }
    return health >= 0.9 ? GOOD : health >= 0.75 ? BELOW_90 : health >= 0.5 ? BELOW_75 : BELOW_50;
  }

  /// Tells whether the link is known to fall short.
  public boolean isIll() {
    return compareTo(BELOW_90) >= 0;
  }

  /// Returns the worse of two.
  public LinkHealth worse(LinkHealth other) {
    return compareTo(other) >= 0 ? this : other;
  }

  /// Returns what a legend says of it.
  public String display() {
    return display;
  }

  /// Returns the colour for print on white, as `#rrggbb`. The colours differ for colour-blind eyes
  /// and in lightness.
  public String color() {
    return color;
  }
}
