package dev.tutti.transport.rendezvous;

import java.net.InetSocketAddress;
import java.net.URI;

/// Checks and takes apart rendezvous URLs: `tcp://host:port` and `file:///directory?job=name`.
final class RendezvousUri {
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
}
