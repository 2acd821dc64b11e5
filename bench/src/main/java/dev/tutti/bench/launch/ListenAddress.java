package dev.tutti.bench.launch;

import dev.tutti.transport.rendezvous.RendezvousServer;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Where the rendezvous of a job on several hosts listens, and how each host reaches it.
///
/// Without a wish of the user, the address that this host would use to talk to a host is the one at
/// which that host finds it.
///
/// @param wish where the user wants it to listen, or null
/// @param towards this host's address as each host sees it; lacks hosts for which it is unknown
record ListenAddress(@Nullable InetSocketAddress wish, Map<String, InetAddress> towards) {
  private static final int ANY_PORT = 9; // nothing is sent there: connecting asks for the route

  static ListenAddress of(
      @Nullable InetSocketAddress wish, RemoteShell shell, Collection<String> hosts) {
    Map<String, InetAddress> towards = new LinkedHashMap<>();
    if (wish == null) {
      for (String host : hosts) {
        InetAddress address = routeTo(shell.resolve(host));
        if (address != null) {
          towards.put(host, address);
        }
      }
      if (towards.size() < hosts.size()) {
        towards.values().removeIf(InetAddress::isLoopbackAddress);
      }
    }
    return new ListenAddress(wish, towards);
  }

  private static @Nullable InetAddress routeTo(String host) {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(new InetSocketAddress(InetAddress.getByName(host), ANY_PORT));
      InetAddress address = socket.getLocalAddress();
      return address.isAnyLocalAddress() ? null : address;
    } catch (SocketException | UnknownHostException | java.io.UncheckedIOException _) {
      return null;
    }
  }

  /// Returns where to listen: on one address if that is enough.
  ///
  /// @throws IOException if the user's wish cannot be resolved
  InetSocketAddress bind() throws IOException {
    if (wish != null) {
      if (wish.isUnresolved()) {
        throw new UnknownHostException(
            "--listen: the host name " + wish.getHostString() + " is unknown");
      }
      return wish;
    }
    Set<InetAddress> all = new HashSet<>(towards.values());
    return all.size() == 1
        ? new InetSocketAddress(all.iterator().next(), 0)
        : new InetSocketAddress(0);
  }

  /// Returns the URL at which `host` finds the rendezvous.
  URI uri(String host, RendezvousServer server) {
    InetAddress address = towards.get(host);
    if (address == null) {
      return server.uri();
    }
    String text = address.getHostAddress();
    return URI.create(
        "tcp://"
            + (address instanceof Inet6Address ? "[" + text + "]" : text)
            + ":"
            + server.port());
  }
}
