package dev.tutti.topology.discover;

import dev.tutti.topology.LinkKind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A network interface as sysfs shows it.
///
/// @param name `eth0`
/// @param kind what it is made of
/// @param layer [LinkKind#ETHERNET], [LinkKind#INFINIBAND], or [LinkKind#UNKNOWN]
/// @param state the kernel's word: `up`, `down`, `unknown`, `lowerlayerdown`, `dormant`
/// @param carrier whether it senses a peer; null if it does not say, as when it is down
/// @param mtu bytes per packet, null if unknown
/// @param address hardware address, null if it has none
/// @param megabitsPerSecond speed of its port, null if it does not say. Interfaces without hardware
///   report made-up numbers, which are not taken
/// @param pciAddress function of its hardware, null if that is not on PCI
/// @param devicePort its port on that function from 0, null if unknown
/// @param numa memory domain of its hardware, null if the kernel does not tell
/// @param driver driver of its hardware, null if unknown
/// @param master the bond, bridge or other interface that it is a member of, null if none
/// @param members the interfaces that it is built on: slaves of a bond, what a VLAN lies on
record NetworkInterface(
    String name,
    Kind kind,
    LinkKind layer,
    String state,
    @Nullable Boolean carrier,
    @Nullable Long mtu,
    @Nullable String address,
    @Nullable Long megabitsPerSecond,
    @Nullable String pciAddress,
    @Nullable Integer devicePort,
    @Nullable Integer numa,
    @Nullable String driver,
    @Nullable String master,
    List<String> members) {

  NetworkInterface {
    members = List.copyOf(members);
  }

  /// What an interface is made of.
  enum Kind {
    /// There is hardware, real or emulated.
    HARDWARE,
    LOOPBACK,
    /// One end of a pair; the other is often in another network namespace.
    VETH,
    BRIDGE,
    BOND,
    VLAN,
    TUNNEL,
    /// Made by software in another way.
    VIRTUAL
  }

  /// Tells whether packets can pass as far as the kernel says: it is up, or says nothing of its
  /// state but senses a peer.
  boolean isUp() {
    return state.equals("up") || (state.equals("unknown") && Boolean.TRUE.equals(carrier));
  }

  /// Returns the speed of its port in bytes/s, null if unknown.
  @Nullable Double bytesPerSecond() {
    return megabitsPerSecond == null ? null : Double.valueOf(megabitsPerSecond * 1e6 / 8);
  }
}
