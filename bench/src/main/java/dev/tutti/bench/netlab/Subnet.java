package dev.tutti.bench.netlab;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/// The addresses of a lab: `10.77.<number>.0/24`. Host i has .(i + 1), this machine .254.
///
/// @param number 0 to 255
record Subnet(int number) {
  private static final int COUNT = 256;
  private static final String INTERFACE_PREFIX = "tuttilab";
  private static final int LAUNCHER = 254;

  /// Finds a subnet of which this machine has no address.
  static Subnet free() throws SocketException {
    Set<Integer> taken = new HashSet<>();
    NetworkInterface.networkInterfaces()
        .forEach(each -> {
          if (each.getName().startsWith(INTERFACE_PREFIX)) {
            taken.add(Integer.valueOf(each.getName().substring(INTERFACE_PREFIX.length())));
          }
          each.inetAddresses()
              .map(InetAddress::getAddress)
              .forEach(address -> {
                if (address.length == 4 && address[0] == 10 && address[1] == 77) {
                  taken.add(address[2] & 0xff);
                }
              });
        });
    // Makers that look at the same time rarely begin with the same number.
    int first = (int) (ProcessHandle.current().pid() % COUNT);
    for (int i = 0; i < COUNT; i++) {
      int number = (first + i) % COUNT;
      if (!taken.contains(number)) {
        return new Subnet(number);
      }
    }
    throw new SocketException("all of 10.77.0.0/16 is in use");
  }

  /// Returns the name of this machine's interface in the lab.
  String launcherInterface() {
    return INTERFACE_PREFIX + number;
  }

  String launcherAddress() {
    return address(LAUNCHER);
  }

  String hostAddress(int host) {
    return address(host + 1);
  }

  /// Returns the hardware address of a host's network card, where it has to be known beforehand.
  String cardAddress(int host) {
    return String.format(Locale.ROOT, "02:00:0a:4d:%02x:%02x", number, host + 1);
  }

  private String address(int last) {
    return "10.77." + number + "." + last;
  }

  /// Returns the whole subnet in CIDR form.
  String cidr() {
    return address(0) + "/24";
  }

  InetAddress resolve(String address) {
    try {
      return InetAddress.getByName(address);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(address + " is an address", e);
    }
  }
}
