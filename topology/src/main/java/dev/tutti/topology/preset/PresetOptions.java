package dev.tutti.topology.preset;

/// How large a preset is made.
///
/// @param hosts number of hosts, at least 1
/// @param hostsPerLeaf hosts below one leaf switch, or in one rack; 0 for what is usual
/// @param oversubscription capacity of a leaf's hosts over that of its uplinks, at least 1 if the
///   network is not faster than its hosts
/// @param nicBytesPerSecond capacity of each NIC that leads to other hosts; 0 for what is usual
public record PresetOptions(
    int hosts, int hostsPerLeaf, double oversubscription, double nicBytesPerSecond) {
  /// More hosts than this are refused: 65,536 hosts of 8 devices are half a million ranks.
  public static final int MAX_HOSTS = 65_536;

  /// Checks.
  ///
  /// @throws IllegalArgumentException if one is out of range
  public PresetOptions {
    require(hosts >= 1 && hosts <= MAX_HOSTS, "hosts", hosts, "1 to " + MAX_HOSTS);
    require(hostsPerLeaf >= 0, "hosts per leaf", hostsPerLeaf, "at least 1");
    require(
        oversubscription > 0 && oversubscription <= 1e6,
        "oversubscription",
        oversubscription,
        "above 0, at most 1000000");
    require(
        nicBytesPerSecond >= 0 && nicBytesPerSecond < 1e15,
        "NIC rate",
        nicBytesPerSecond,
        "a number of bytes/s");
  }

  /// Makes options with so many hosts and the rest as usual: no oversubscription.
  public static PresetOptions ofHosts(int hosts) {
    return new PresetOptions(hosts, 0, 1, 0);
  }

  int hostsPerLeafOr(int usual) {
    return hostsPerLeaf == 0 ? usual : hostsPerLeaf;
  }

  double nicBytesPerSecondOr(double usual) {
    return nicBytesPerSecond == 0 ? usual : nicBytesPerSecond;
  }

  private static void require(boolean condition, String what, Number value, String expected) {
    if (!condition) {
      throw new IllegalArgumentException(what + " is " + value + ", expected " + expected);
    }
  }
}
