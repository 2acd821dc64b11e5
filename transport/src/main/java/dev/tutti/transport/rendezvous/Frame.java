package dev.tutti.transport.rendezvous;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// One message of the control connection.
///
/// @param type what it says
/// @param payload its fields, laid out as [FrameType] documents; not changed after construction
record Frame(FrameType type, byte[] payload) {
  /// The largest frame, type byte included, that either side accepts.
  static final int MAX_BYTES = 1 << 20;

  private static final int MAX_TEXT_BYTES = 4096;

  static Frame empty(FrameType type) {
    return new Frame(type, new byte[0]);
  }

  /// Size on the wire.
  int wireBytes() {
    return Integer.BYTES + 1 + payload.length;
  }

  /// Checks the type and opens the payload for reading.
  Reader open(FrameType expected) throws WireFault {
    if (type != expected) {
      throw new WireFault("expected " + expected + ", received " + type);
    }
    return open();
  }

  Reader open() {
    return reader(payload);
  }

  /// Opens bytes that were a field of a frame.
  static Reader reader(byte[] fields) {
    return new Reader(ByteBuffer.wrap(fields));
  }

  /// Where the octets of frames come from.
  interface Octets {
    /// Returns exactly `length` octets.
    byte[] next(int length) throws IOException;
  }

  /// Reads a frame; its length is checked before anything is allocated.
  static Frame read(Octets octets, int maxBytes) throws IOException {
    int length = ByteBuffer.wrap(octets.next(Integer.BYTES)).getInt();
    if (length < 1 || length > maxBytes) {
      throw new WireFault("frame length " + length + " is not in 1.." + maxBytes);
    }
    int code = octets.next(1)[0];
    FrameType type = FrameType.ofCode(code);
    if (type == null) {
      throw new WireFault("unknown frame code " + code);
    }
    return new Frame(type, octets.next(length - 1));
  }

  /// Collects the fields of a frame.
  static final class Writer {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream(64);

    Writer putByte(int value) {
      out.write(value);
      return this;
    }

    Writer putInt(int value) {
      return putRaw(ByteBuffer.allocate(Integer.BYTES).putInt(value).array());
    }

    Writer putLong(long value) {
      return putRaw(ByteBuffer.allocate(Long.BYTES).putLong(value).array());
    }

    Writer putRaw(byte[] value) {
      out.write(value, 0, value.length);
      return this;
    }

    Writer putBytes(byte[] value) {
      return putInt(value.length).putRaw(value);
    }

    /// Appends text, cut to 4 KiB: it is for people, and must not burst the frame.
    Writer putText(String value) {
      byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
      if (utf8.length <= MAX_TEXT_BYTES) {
        return putBytes(utf8);
      }
      int end = MAX_TEXT_BYTES;
      while ((utf8[end] & 0xC0) == 0x80) { // do not cut a character in two
        end--;
      }
      return putInt(end).putRaw(Arrays.copyOf(utf8, end));
    }

    Frame toFrame(FrameType type) {
      return new Frame(type, toBytes());
    }

    byte[] toBytes() {
      return out.toByteArray();
    }
  }

  /// Reads the fields of a frame; every length is checked before it is used.
  static final class Reader {
    private final ByteBuffer in;

    private Reader(ByteBuffer in) {
      this.in = in;
    }

    byte getByte() throws WireFault {
      require(1);
      return in.get();
    }

    int getInt() throws WireFault {
      require(Integer.BYTES);
      return in.getInt();
    }

    long getLong() throws WireFault {
      require(Long.BYTES);
      return in.getLong();
    }

    byte[] getRaw(int length) throws WireFault {
      require(length);
      byte[] result = new byte[length];
      in.get(result);
      return result;
    }

    byte[] getBytes() throws WireFault {
      return getRaw(getInt());
    }

    String getText() throws WireFault {
      return new String(getBytes(), StandardCharsets.UTF_8);
    }

    int remaining() {
      return in.remaining();
    }

    /// Checks that the payload has no bytes left over.
    void end() throws WireFault {
      if (in.hasRemaining()) {
        throw new WireFault(in.remaining() + " bytes too many in a frame");
      }
    }

    private void require(int length) throws WireFault {
      if (length < 0 || length > in.remaining()) {
        throw new WireFault(
            "a field of " + length + " bytes in a frame with " + in.remaining() + " bytes left");
      }
    }
  }
}
