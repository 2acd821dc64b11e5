package dev.tutti.topology.preset;

import java.util.List;

/// All presets.
public final class Presets {
  private static final List<Preset> ALL =
      List.of(
          new Dgx1(),
          NvidiaHosts.A100,
          NvidiaHosts.H100,
          NvidiaHosts.H800,
          NvidiaHosts.H200,
          NvidiaHosts.B200,
          new Gb200Nvl72(),
          new FireFlyer(),
          NvidiaHosts.R1,
          AscendHosts.ASCEND_910A,
          AscendHosts.ASCEND_910B,
          new AscendA3(),
          new CloudMatrix384(),
          new EthernetRacks());

  private Presets() {}

  /// Returns all presets in the order in which they are listed.
  public static List<Preset> all() {
    return ALL;
  }

  /// Finds a preset.
  ///
  /// @throws IllegalArgumentException if there is none of that name; the message lists all
  public static Preset byName(String name) {
    return ALL.stream()
        .filter(preset -> preset.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "no preset '" + name + "'; there are " + ALL.stream().map(Preset::name).toList()));
  }
}
