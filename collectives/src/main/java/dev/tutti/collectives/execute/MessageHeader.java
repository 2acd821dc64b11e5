package dev.tutti.collectives.execute;

import dev.tutti.bindings.Memory;
import dev.tutti.collectives.DataType;

/// The header at the beginning of a message's first slot.
///
/// ```
///   +0  bytes of the message   +8  data type   +16 token of the send buffer, or NOT_SHARED
/// ```
final class MessageHeader {
  static final int BYTES = 64;
  static final long NOT_SHARED = -1;

  /// From this size on the receiver copies straight from a shared send buffer.
  static final long IN_PLACE_BYTES = 16 << 10;

  /// How much of a message travels with its header over the network.
  static final long FIRST_BYTES = 4 << 10;

  private static final DataType[] TYPES = DataType.values();
  private static final int TYPE = 8;
  private static final int TOKEN = 16;

  private MessageHeader() {}

  static void write(long at, long bytes, DataType type, long token) {
    Memory.putLong(at, bytes);
    Memory.putLong(at + TYPE, type.ordinal());
    Memory.putLong(at + TOKEN, token);
  }

  static long bytes(long at) {
    return Memory.getLong(at);
  }

  static DataType type(long at) {
    return TYPES[(int) Memory.getLong(at + TYPE)];
  }

  static long token(long at) {
    return Memory.getLong(at + TOKEN);
  }
}
