package dev.tutti.transport.rendezvous;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.URI;
import java.util.Comparator;
import java.util.List;

/// The addresses of this host by which other hosts may reach it.
final class HostAddresses {
  private HostAddresses() {}

  /// Returns the addresses of the interfaces that are up, IPv4 first; the loopback address if there
  /// is no other. Never empty.
  static List<InetAddress> reachable() {
    try {
      List<InetAddress> result =
          NetworkInterface.networkInterfaces()
              .filter(HostAddresses::isUp)
              .flatMap(NetworkInterface::inetAddresses)
              .filter(a -> !a.isLoopbackAddress() && !a.isLinkLocalAddress())
              .sorted(Comparator.comparingInt(a -> a instanceof Inet4Address ? 0 : 1))
              .toList();
      return result.isEmpty() ? List.of(InetAddress.getLoopbackAddress()) : result;
    } catch (SocketException _) {
      return List.of(InetAddress.getLoopbackAddress());
    }
  }

  private static boolean isUp(NetworkInterface networkInterface) {
    try {
      return networkInterface.isUp() && !networkInterface.isLoopback();
    } catch (SocketException _) {
      return false;
    }
  }

  static URI uri(InetAddress address, int port) {
    String host = address.getHostAddress();
    return URI.create(
        "tcp://" + (address instanceof Inet6Address ? "[" + host + "]" : host) + ":" + port);
  }
}
