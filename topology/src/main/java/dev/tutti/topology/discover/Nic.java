package dev.tutti.topology.discover;

import dev.tutti.topology.LinkKind;
import dev.tutti.topology.discover.NetworkInterface.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A NIC: an interface of the kernel, a port of an RDMA adapter, or one thing that is both.
///
/// @param name the interface's, or the adapter's where the kernel shows no interface
/// @param netdev null if there is no interface
/// @param port null if there is no RDMA
record Nic(String name, @Nullable NetworkInterface netdev, @Nullable RdmaPort port) {

  /// Pairs interfaces with the ports they belong to.
  static List<Nic> pair(List<NetworkInterface> interfaces, List<RdmaPort> ports) {
    List<Nic> nics = new ArrayList<>();
    for (NetworkInterface netdev : interfaces) {
      RdmaPort port =
          ports.stream()
              // A VLAN or bond also has RDMA addresses on the port, but it is not the port.
              .filter(each -> netdev.kind() == Kind.HARDWARE)
              .filter(each -> each.interfaces().contains(netdev.name()))
              .findFirst()
              .orElse(null);
      nics.add(new Nic(netdev.name(), netdev, port));
    }
    for (RdmaPort port : ports) {
      if (nics.stream().noneMatch(nic -> port.equals(nic.port()))) {
        boolean several =
            ports.stream().filter(each -> each.adapter().equals(port.adapter())).count() > 1;
        String name = several ? port.adapter() + "-" + port.port() : port.adapter();
        nics.add(new Nic(name, null, port));
      }
    }
    return nics;
  }

  /// Returns its PCI function, null if it has none.
  @Nullable String address() {
    return netdev != null && netdev.pciAddress() != null
        ? netdev.pciAddress()
        : port == null ? null : port.pciAddress();
  }

  /// Returns its memory domain, null if the kernel does not tell.
  @Nullable Integer numa() {
    return netdev != null && netdev.numa() != null
        ? netdev.numa()
        : port == null ? null : port.numa();
  }

  /// Tells whether it has hardware of its own.
  boolean isHardware() {
    return port != null || kind() == Kind.HARDWARE;
  }

  /// Returns what its interface is made of.
  Kind kind() {
    return netdev == null ? Kind.HARDWARE : netdev.kind();
  }

  /// Tells whether it is a virtual interface whose other side is somewhere else: the way out of a
  /// container.
  boolean leavesNamespace() {
    return netdev != null
        && netdev.master() == null
        && netdev.members().isEmpty()
        && (netdev.kind() == Kind.VETH || netdev.kind() == Kind.VLAN);
  }

  /// Tells whether data can pass: by RDMA or, without that, by the interface.
  boolean isUp() {
    return port != null ? port.isUp() : netdev != null && netdev.isUp();
  }

  /// Returns `up`, `down`, or `unknown`.
  String state() {
    if (isUp()) {
      return "up";
    }
    String told = port != null ? port.state() : Objects.requireNonNull(netdev).state();
    return told.equals("unknown") ? "unknown" : "down";
  }

  /// Returns the kind of the network it leads to.
  LinkKind layer() {
    return port != null ? port.layer() : Objects.requireNonNull(netdev).layer();
  }

  /// Returns the nominal speed of its port, null if unknown.
  @Nullable Double bytesPerSecond() {
    Double rate = port == null ? null : port.bytesPerSecond();
    return rate != null || netdev == null ? rate : netdev.bytesPerSecond();
  }
}
