package dev.tutti.topology.discover;

import dev.tutti.topology.LinkKind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A port of an RDMA adapter as sysfs shows it.
///
/// @param adapter `mlx5_0`
/// @param port from 1
/// @param layer [LinkKind#INFINIBAND], [LinkKind#ROCE], or [LinkKind#UNKNOWN]
/// @param state in lower case: `active`, `down`, `init`, `armed`; `unknown`
/// @param gigabitsPerSecond rate of the port, null if it does not say
/// @param lanes width of the link, 0 if it does not say
/// @param pciAddress function of its adapter, null if that is not on PCI
/// @param numa memory domain of its adapter, null if the kernel does not tell
/// @param guid the adapter's, null if unknown
/// @param interfaces network interfaces of this port that can be seen here
record RdmaPort(
    String adapter,
    int port,
    LinkKind layer,
    String state,
    @Nullable Double gigabitsPerSecond,
    int lanes,
    @Nullable String pciAddress,
    @Nullable Integer numa,
    @Nullable String guid,
    List<String> interfaces) {

  RdmaPort {
    interfaces = List.copyOf(interfaces);
  }

  boolean isUp() {
    return state.equals("active");
  }

  /// Returns its rate in bytes/s, null if unknown.
  @Nullable Double bytesPerSecond() {
    return gigabitsPerSecond == null ? null : Double.valueOf(gigabitsPerSecond * 1e9 / 8);
  }
}
