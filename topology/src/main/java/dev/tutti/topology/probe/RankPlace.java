package dev.tutti.topology.probe;

import java.util.List;

/// Where a rank runs.
///
/// @param rank its number
/// @param host name of its host
/// @param interfaces names of the network interfaces that others reach it by, best first
/// @param addresses their addresses in the same order
public record RankPlace(int rank, String host, List<String> interfaces, List<String> addresses) {
  /// Copies.
  public RankPlace {
    interfaces = List.copyOf(interfaces);
    addresses = List.copyOf(addresses);
  }

  /// Returns what people know the way out of the host by: `eth0 on host alder`.
  public String port() {
    return port(0);
  }

  /// Returns the same of a rail.
  ///
  /// @param rail its number; 0 if there are none
  public String port(int rail) {
    return interfaces.isEmpty() ? "host " + host : interfaces.get(rail) + " on host " + host;
  }
}
