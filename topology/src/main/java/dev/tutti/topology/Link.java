package dev.tutti.topology;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One direction of a connection between two nodes. A cable is two links.
///
/// @param from id of the node that sends
/// @param to id of the node that receives
/// @param kind what the link is made of
/// @param lanes how many run side by side: the width of PCI Express, the number of bonded NVLinks;
///   0 if unknown. Capacities are those of all lanes together
/// @param capacityBytesPerSecond nominal capacity of this direction, null if unknown
/// @param latencySeconds nominal seconds per message, null if unknown
/// @param measured what it was measured to do, null if it was not
/// @param origin who said so: `sysfs`, `hwloc 2.9`, `NVML`, the name of a format or preset
/// @param attributes whatever else is known, in the order of writing
public record Link(
    String from,
    String to,
    LinkKind kind,
    int lanes,
    @Nullable Double capacityBytesPerSecond,
    @Nullable Double latencySeconds,
    @Nullable Measurement measured,
    String origin,
    Map<String, String> attributes) {

  /// Checks and copies.
  ///
  /// @throws IllegalArgumentException if a number is negative, infinite or NaN
  public Link {
    Objects.requireNonNull(from, "from");
    Objects.requireNonNull(to, "to");
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(origin, "origin");
    if (lanes < 0) {
      throw new IllegalArgumentException("lanes is " + lanes + ", expected at least 0");
    }
    requireRate("capacityBytesPerSecond", capacityBytesPerSecond);
    requireRate("latencySeconds", latencySeconds);
    attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
  }

  /// Makes a link of which only the nominal capacity is known.
  public static Link of(
      String from, String to, LinkKind kind, @Nullable Double bytesPerSecond, String origin) {
    return new Link(from, to, kind, 0, bytesPerSecond, null, null, origin, Map.of());
  }

  static void requireRate(String what, @Nullable Double value) {
    if (value != null && !(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(what + " is " + value + ", expected a number >= 0");
    }
  }

  /// Returns what the link carries in bytes/s as far as anybody knows: measured before nominal,
  /// null if neither is known.
  public @Nullable Double bestKnownBytesPerSecond() {
    return measured != null ? Double.valueOf(measured.bytesPerSecond()) : capacityBytesPerSecond;
  }

  /// Returns what the link should carry in bytes/s: its nominal capacity; if nobody says that, what
  /// it was measured to carry; null if neither is known.
  public @Nullable Double expectedBytesPerSecond() {
    return capacityBytesPerSecond != null ? capacityBytesPerSecond : bestKnownBytesPerSecond();
  }

  /// Returns measured over nominal capacity, null if one of them is unknown or nominal is 0.
  public @Nullable Double health() {
    return measured == null || capacityBytesPerSecond == null || capacityBytesPerSecond == 0
        ? null
        : Double.valueOf(measured.bytesPerSecond() / capacityBytesPerSecond);
  }

  /// Returns an attribute, null if it is not known.
  public @Nullable String attribute(String key) {
    return attributes.get(key);
  }

  /// Returns the other direction of a cable that is alike both ways; a measurement stays behind.
  public Link reversed() {
    return new Link(
        to, from, kind, lanes, capacityBytesPerSecond, latencySeconds, null, origin, attributes);
  }

  /// Returns this link with another number of lanes.
  public Link withLanes(int count) {
    return new Link(
        from,
        to,
        kind,
        count,
        capacityBytesPerSecond,
        latencySeconds,
        measured,
        origin,
        attributes);
  }

  /// Returns this link with another nominal latency.
  public Link withLatency(@Nullable Double seconds) {
    return new Link(
        from, to, kind, lanes, capacityBytesPerSecond, seconds, measured, origin, attributes);
  }

  /// Returns this link with what was measured of it.
  public Link withMeasured(@Nullable Measurement measurement) {
    return new Link(
        from,
        to,
        kind,
        lanes,
        capacityBytesPerSecond,
        latencySeconds,
        measurement,
        origin,
        attributes);
  }

  /// Returns this link with a part of its capacity, nominal and measured.
  ///
  /// @param factor that part, at least 0
  public Link scaled(double factor) {
    return new Link(
        from,
        to,
        kind,
        lanes,
        capacityBytesPerSecond == null ? null : Double.valueOf(capacityBytesPerSecond * factor),
        latencySeconds,
        measured == null ? null : measured.scaled(factor),
        origin,
        attributes);
  }

  /// Returns this link with one more attribute.
  public Link withAttribute(String key, String value) {
    Map<String, String> more = new LinkedHashMap<>(attributes);
    more.put(key, value);
    return new Link(
        from, to, kind, lanes, capacityBytesPerSecond, latencySeconds, measured, origin, more);
  }
}
