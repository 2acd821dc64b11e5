package dev.tutti.transport.tcp;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// The addresses of this host's network interfaces.
final class LocalAddresses {
  private LocalAddresses() {}

  /// Returns the address that stands for all IPv4 addresses of this host.
  static InetAddress any() {
    try {
      return InetAddress.getByAddress(new byte[4]);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e); // the length is right
    }
  }

  /// Returns the IPv4 addresses of the named interfaces in their order, or of all that are up.
  ///
  /// @param wanted names (`eth0`) or addresses (`10.0.0.5`); empty for all but the loopback one
  /// @throws IllegalArgumentException if one does not exist; names those that do
  static List<InetAddress> of(List<String> wanted) {
    List<NetworkInterface> all = interfaces();
    List<InetAddress> result = new ArrayList<>();
    for (String name : wanted) {
      List<InetAddress> found =
          all.stream()
              .filter(i ->
                  i.getName().equals(name)
                      || i.inetAddresses().anyMatch(a -> a.getHostAddress().equals(name)))
              .flatMap(NetworkInterface::inetAddresses)
              .filter(a -> a instanceof Inet4Address)
              .toList();
      if (found.isEmpty()) {
        throw new IllegalArgumentException(
            "there is no network interface \""
                + name
                + "\" with an IPv4 address; there are "
                + all.stream().map(NetworkInterface::getName).toList());
      }
      result.addAll(found);
    }
    if (wanted.isEmpty()) {
      all.stream()
          .filter(i -> !isLoopback(i))
          .sorted(Comparator.comparingInt(NetworkInterface::getIndex))
          .flatMap(NetworkInterface::inetAddresses)
          .filter(a -> a instanceof Inet4Address)
          .forEach(result::add);
    }
    return result;
  }

  private static List<NetworkInterface> interfaces() {
    try {
      return NetworkInterface.networkInterfaces().filter(LocalAddresses::isUp).toList();
    } catch (SocketException _) {
      return List.of();
    }
  }

  private static boolean isUp(NetworkInterface networkInterface) {
    try {
      return networkInterface.isUp();
    } catch (SocketException _) {
      return false;
    }
  }

  private static boolean isLoopback(NetworkInterface networkInterface) {
    try {
      return networkInterface.isLoopback();
    } catch (SocketException _) {
      return false;
    }
  }
}
