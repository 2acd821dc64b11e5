package dev.tutti.transport.rendezvous;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/// Where a rank listens for the case that it has to serve.
///
/// ```
/// endpoint := int8 n | n × (int8 4 or 16 | octets of the address | int32 port)
/// ```
///
/// @param addresses tried at the same time; the first is the one the rank is known by; empty for a
///   rank that does not listen
record Endpoint(List<InetSocketAddress> addresses) {
  static final Endpoint NONE = new Endpoint(List.of());

  private static final int MAX_ADDRESSES = 16;
  private static final int IPV4_BYTES = 4;
  private static final int IPV6_BYTES = 16;
  private static final int MAX_PORT = 65535;

  static Endpoint of(List<InetAddress> hosts, int port) {
    return new Endpoint(
        hosts.stream()
            .distinct()
            .limit(MAX_ADDRESSES)
            .map(host -> new InetSocketAddress(host, port))
            .toList());
  }

  Frame.Writer write(Frame.Writer writer) {
    writer.putByte(addresses.size());
    for (InetSocketAddress address : addresses) {
      byte[] octets = address.getAddress().getAddress();
      writer.putByte(octets.length).putRaw(octets).putInt(address.getPort());
    }
    return writer;
  }

  static Endpoint read(Frame.Reader reader) throws WireFault {
    int count = reader.getByte();
    if (count < 0 || count > MAX_ADDRESSES) {
      throw new WireFault(count + " addresses of one rank");
    }
    List<InetSocketAddress> addresses = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int length = reader.getByte();
      if (length != IPV4_BYTES && length != IPV6_BYTES) {
        throw new WireFault("an address of " + length + " octets");
      }
      byte[] octets = reader.getRaw(length);
      int port = reader.getInt();
      if (port < 1 || port > MAX_PORT) {
        throw new WireFault("port " + port);
      }
      addresses.add(new InetSocketAddress(host(octets), port));
    }
    return new Endpoint(List.copyOf(addresses));
  }

  private static InetAddress host(byte[] octets) throws WireFault {
    try {
      return InetAddress.getByAddress(octets);
    } catch (UnknownHostException e) {
      throw new WireFault("no address: " + e.getMessage());
    }
  }
}
