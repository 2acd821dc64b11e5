package dev.tutti.transport.tcp;

import dev.tutti.bindings.Memory;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/// CRC32C of memory at raw addresses, without an object per call: data go through a piece of memory
/// that stays in the first cache.
///
/// Used by one thread at a time.
final class FrameChecksum {
  private static final int STAGE_BYTES = 8 << 10;

  private final ByteBuffer stage = ByteBuffer.allocateDirect(STAGE_BYTES);
  private final long address = MemorySegment.ofBuffer(stage).address();
  private final CRC32C crc = new CRC32C();

  int of(long data, long bytes) {
    crc.reset();
    for (long done = 0; done < bytes; done += STAGE_BYTES) {
      int length = (int) Math.min(STAGE_BYTES, bytes - done);
      Memory.copy(address, data + done, length);
      stage.position(0).limit(length);
      crc.update(stage);
    }
    return (int) crc.getValue();
  }

  /// Completes a header whose fields and message are there.
  void seal(long header, long message) {
    FrameHeader.checksum(header, of(message, FrameHeader.bytes(header)));
    FrameHeader.seal(header, of(header, FrameHeader.SEALED_BYTES));
  }

  /// Returns whether a header is as it was sealed.
  boolean isSealed(long header) {
    return FrameHeader.isChecked(header)
        && FrameHeader.seal(header) == of(header, FrameHeader.SEALED_BYTES);
  }
}
