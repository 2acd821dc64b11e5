package dev.tutti.collectives;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Where a rank can be reached, as the ranks tell each other at join.
///
/// ```
///   int count, then for each: byte length of the address, address, unsigned short port
/// ```
final class AddressList {
  private static final int MOST = 1024;

  private AddressList() {}

  static byte[] encode(List<InetSocketAddress> addresses) {
    ByteBuffer out = ByteBuffer.allocate(Integer.BYTES + addresses.size() * 19);
    out.putInt(addresses.size());
    for (InetSocketAddress address : addresses) {
      byte[] bytes = address.getAddress().getAddress();
      out.put((byte) bytes.length).put(bytes).putShort((short) address.getPort());
    }
    byte[] result = new byte[out.position()];
    out.flip().get(result);
    return result;
  }

  /// Reads the list of a rank.
  ///
  /// @throws TuttiException if it is malformed
  static List<InetSocketAddress> decode(byte[] bytes, int rank) {
    try {
      ByteBuffer in = ByteBuffer.wrap(bytes);
      int count = in.getInt();
      if (count < 0 || count > MOST) {
        throw new BufferUnderflowException();
      }
      List<InetSocketAddress> result = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        byte[] address = new byte[in.get() & 0x1f];
        in.get(address);
        InetAddress host = InetAddress.getByAddress(address);
        result.add(new InetSocketAddress(host, Short.toUnsignedInt(in.getShort())));
      }
      return result;
    } catch (BufferUnderflowException | UnknownHostException e) {
      throw new TuttiException("rank " + rank + " sent a malformed list of addresses", -1, -1, e);
    }
  }

  /// Returns the addresses in the order in which to try them.
  ///
  /// @param sameHost whether the rank is on this host: then by the loopback address, else never
  static List<InetSocketAddress> order(List<InetSocketAddress> addresses, boolean sameHost) {
    Comparator<InetSocketAddress> loopbackFirst =
        Comparator.comparing(a -> !a.getAddress().isLoopbackAddress());
    return sameHost
        ? addresses.stream().sorted(loopbackFirst).toList()
        : addresses.stream().filter(a -> !a.getAddress().isLoopbackAddress()).toList();
  }
}
