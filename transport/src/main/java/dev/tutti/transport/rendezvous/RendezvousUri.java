package dev.tutti.transport.rendezvous;

import java.net.InetSocketAddress;
import java.net.URI;
import java.util.regex.Pattern;

/// Checks and takes apart rendezvous URLs: `tcp://host:port` and `file:///directory?job=name`.
final class RendezvousUri {
  private static final Pattern ADDRESS = Pattern.compile("\\[.*]|[0-9.]+");

  private RendezvousUri() {}

  /// Returns `uri` if it is a rendezvous URL.
  ///
  /// @throws IllegalArgumentException if not, saying what is expected
  static URI check(URI uri) {
    if (isFile(uri)) {
      RendezvousFile.of(uri);
    } else {
      address(uri);
    }
    return uri;
  }

  static boolean isFile(URI uri) {
    return "file".equals(uri.getScheme());
  }

  static InetSocketAddress address(URI uri) {
    String host = uri.getHost();
    if (!"tcp".equals(uri.getScheme()) || host == null || uri.getPort() < 1) {
      throw new IllegalArgumentException(
          "a rendezvous is tcp://host:port or file:///directory?job=name, not " + uri);
    }
    return new InetSocketAddress(host, uri.getPort());
  }

  /// Returns where rank 0 listens.
  ///
  /// A name is for those who look for this host: it may resolve to something else here, to the
  /// loopback address or to nothing yet. So with a secret, rank 0 of a named host listens on all
  /// its addresses; given an address, on that one.
  static InetSocketAddress bindAddress(URI uri, Secret secret) {
    boolean named = !ADDRESS.matcher(uri.getHost()).matches();
    return named && !secret.isNone() && !uri.getHost().equals("localhost")
        ? new InetSocketAddress(uri.getPort())
        : address(uri);
  }
}
