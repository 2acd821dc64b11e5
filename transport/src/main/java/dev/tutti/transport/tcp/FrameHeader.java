package dev.tutti.transport.tcp;

import dev.tutti.bindings.Memory;

/// Layout of the header in front of every message on a connection.
///
/// ```
///   +0   magic: short     0x5455; anything else means that the stream is out of step
///   +2   kind: byte       DATA, GOODBYE, ACK
///   +3   flags: byte      CHECKED: both checksums are there
///   +4   lane: int
///   +8   bytes: int       length of the message, which follows
///   +12  checksum: int    CRC32C of the message, if CHECKED
///   +16  operation: long  number of the operation the message belongs to
///   +24  signature: long  what that operation is
///   +32  position: long   of the message in its lane: the sum of the lengths before it, an empty
///                         message counting as one byte; of an ACK: the position in the stream
///                         up to which its sender has received all frames
///   +40  seal: int        CRC32C of all before, if CHECKED
///   +44  unused: int
/// ```
///
/// Little-endian, as the memory of all supported hosts is.
final class FrameHeader {
  static final int BYTES = 48;
  static final int SEALED_BYTES = 40;
  static final short MAGIC = 0x5455;
  static final byte DATA = 1;
  static final byte GOODBYE = 2;
  static final byte ACK = 3;
  static final byte CHECKED = 1;

  private FrameHeader() {}

  static void write(
      long at, byte kind, int lane, int bytes, long operation, long signature, long position) {
    Memory.putInt(at, (MAGIC & 0xffff) | (kind << 16));
    Memory.putInt(at + 4, lane);
    Memory.putInt(at + 8, bytes);
    Memory.putInt(at + 12, 0);
    Memory.putLong(at + 16, operation);
    Memory.putLong(at + 24, signature);
    Memory.putLong(at + 32, position);
    Memory.putLong(at + 40, 0);
  }

  static void checksum(long at, int value) {
    Memory.putInt(at, Memory.getInt(at) | (CHECKED << 24));
    Memory.putInt(at + 12, value);
  }

  static void seal(long at, int value) {
    Memory.putInt(at + 40, value);
  }

  static short magic(long at) {
    return (short) Memory.getInt(at);
  }

  static byte kind(long at) {
    return (byte) (Memory.getInt(at) >> 16);
  }

  static boolean isChecked(long at) {
    return ((Memory.getInt(at) >>> 24) & CHECKED) != 0;
  }

  static int lane(long at) {
    return Memory.getInt(at + 4);
  }

  static int bytes(long at) {
    return Memory.getInt(at + 8);
  }

  static int checksum(long at) {
    return Memory.getInt(at + 12);
  }

  static int seal(long at) {
    return Memory.getInt(at + 40);
  }

  static long operation(long at) {
    return Memory.getLong(at + 16);
  }

  static long signature(long at) {
    return Memory.getLong(at + 24);
  }

  static long position(long at) {
    return Memory.getLong(at + 32);
  }

  /// Returns by how much a message advances the position of its lane.
  static long advance(int bytes) {
    return Math.max(bytes, 1);
  }
}
