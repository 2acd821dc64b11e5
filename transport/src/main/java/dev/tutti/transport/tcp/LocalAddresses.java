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
  private static final String LOOPBACK_PREFIX = "127.";

  private LocalAddresses() {}

  /// Returns the address that stands for all IPv4 addresses of this host.
  static InetAddress any() {
    try {
      return InetAddress.getByAddress(new byte[4]);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e); // the length is right
    }
  }

  /// Returns one IPv4 address of each named interface in their order, whether it is up or not, or
  /// all of all that are up.
  ///
  /// @param wanted names (`eth0`) or addresses (`10.0.0.5`); empty for all but the loopback one
  /// @throws IllegalArgumentException if one does not exist; names those that do
  static List<InetAddress> of(List<String> wanted) {
    List<NetworkInterface> all = interfaces();
    List<InetAddress> result = new ArrayList<>();
    for (String name : wanted) {
      List<InetAddress> found =
          all.stream()
              .flatMap(i ->
                  i.inetAddresses()
                      .filter(a -> i.getName().equals(name) || a.getHostAddress().equals(name)))
              .filter(a -> a instanceof Inet4Address)
              .limit(1)
              .toList();
      if (found.isEmpty() && name.startsWith(LOOPBACK_PREFIX)) {
        found = List.of(InetAddress.ofLiteral(name)); // all of them are this host's
      }
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
          .filter(i -> isUp(i) && !isLoopback(i))
          .sorted(Comparator.comparingInt(NetworkInterface::getIndex))
          .flatMap(NetworkInterface::inetAddresses)
          .filter(a -> a instanceof Inet4Address)
          .forEach(result::add);
    }
    return result;
  }

  private static List<NetworkInterface> interfaces() {
    try {
      return NetworkInterface.networkInterfaces().toList();
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
