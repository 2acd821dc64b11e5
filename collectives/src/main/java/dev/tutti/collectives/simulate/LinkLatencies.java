package dev.tutti.collectives.simulate;

import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;

/// What a link adds to the time that a message is under way: measured before nominal, and where
/// nobody knows, what is usual for its kind.
final class LinkLatencies {
  private LinkLatencies() {}

  static double seconds(Link link) {
    if (link.measured() != null && link.measured().latencySeconds() != null) {
      return link.measured().latencySeconds();
    }
    return link.latencySeconds() != null ? link.latencySeconds() : usual(link.kind());
  }

  private static double usual(LinkKind kind) {
    return switch (kind) {
      case NVLINK, NVSWITCH, C2C, XGMI, HCCS, HCCS_SWITCH, UB, SIO -> 0.5e-6;
      case PCIE -> 0.3e-6;
      case SMP, MEMORY -> 0.1e-6;
      case INFINIBAND -> 0.5e-6;
      case ROCE -> 1e-6;
      case LOOPBACK -> 5e-6;
      case ETHERNET -> 10e-6; // with the system's network stack, two of them from host to host
      case UNKNOWN -> 5e-6; // what was probed: host, switch, host are four of them
    };
  }
}
