package dev.tutti.collectives;

import dev.tutti.transport.shm.ShmRegion;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// What a rank tells the others at join.
///
/// ```
///   int version, long process id, int fd, long region bytes, long nonce, long block token,
///   int length + UTF-8 host id, int length + UTF-8 configuration
/// ```
record WorldCard(ShmRegion.Card region, long blockToken, String hostId, String configuration) {
  private static final int VERSION = 1;
  private static final int FIXED_BYTES = 4 + 8 + 4 + 8 + 8 + 8 + 4 + 4;

  byte[] encode() {
    byte[] host = hostId.getBytes(StandardCharsets.UTF_8);
    byte[] config = configuration.getBytes(StandardCharsets.UTF_8);
    ByteBuffer out = ByteBuffer.allocate(FIXED_BYTES + host.length + config.length);
    out.putInt(VERSION)
        .putLong(region.processId())
        .putInt(region.fd())
        .putLong(region.bytes())
        .putLong(region.nonce());
    out.putLong(blockToken).putInt(host.length).put(host).putInt(config.length).put(config);
    return out.array();
  }

  /// Reads the card of a rank.
  ///
  /// @throws TuttiException if it is of another version or malformed
  static WorldCard decode(byte[] bytes, int rank) {
    try {
      ByteBuffer in = ByteBuffer.wrap(bytes);
      int version = in.getInt();
      if (version != VERSION) {
        throw new TuttiException(
            "rank "
                + rank
                + " speaks version "
                + version
                + " of the join protocol, this rank "
                + VERSION
                + ": use one version of Tutti in a job",
            -1,
            -1,
            null);
      }
      ShmRegion.Card region =
          new ShmRegion.Card(in.getLong(), in.getInt(), in.getLong(), in.getLong());
      return new WorldCard(region, in.getLong(), text(in), text(in));
    } catch (java.nio.BufferUnderflowException | IllegalArgumentException e) {
      throw new TuttiException("rank " + rank + " sent a malformed card", -1, -1, e);
    }
  }

  private static String text(ByteBuffer in) {
    int length = in.getInt();
    if (length < 0 || length > in.remaining()) {
      throw new IllegalArgumentException("length " + length);
    }
    byte[] text = new byte[length];
    in.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }
}
