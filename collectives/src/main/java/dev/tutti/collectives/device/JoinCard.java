package dev.tutti.collectives.device;

import dev.tutti.collectives.Communicator;
import dev.tutti.collectives.DataType;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// What a rank tells the others before they join.
///
/// ```
/// [backend, -1: cannot][version][can grow][old rank, -1: none][old size][bytes of text][text ... 512]
/// ```
///
/// @param backend ordinal of the library, -1 if this rank cannot take part
/// @param oldRank in the communicator that grows, -1 for a newcomer
/// @param text library and device, or the reason why not
record JoinCard(int backend, int version, int canGrow, int oldRank, int oldSize, String text) {
  private static final int BYTES = 512;
  private static final int NUMBERS = 6 * Integer.BYTES;

  boolean isAbsent() {
    return backend < 0;
  }

  private byte[] encode() {
    byte[] words = text.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(words.length, BYTES - NUMBERS);
    return ByteBuffer.allocate(BYTES)
        .putInt(backend)
        .putInt(version)
        .putInt(canGrow)
        .putInt(oldRank)
        .putInt(oldSize)
        .putInt(length)
        .put(words, 0, length)
        .array();
  }

  private static JoinCard decode(ByteBuffer card) {
    int backend = card.getInt();
    int version = card.getInt();
    int canGrow = card.getInt();
    int oldRank = card.getInt();
    int oldSize = card.getInt();
    byte[] words = new byte[card.getInt()];
    card.get(words);
    String text = new String(words, StandardCharsets.UTF_8);
    return new JoinCard(backend, version, canGrow, oldRank, oldSize, text);
  }

  /// Gathers the cards of all ranks, in their order.
  static List<JoinCard> gather(Communicator control, JoinCard mine) {
    byte[] all = new byte[BYTES * control.size()];
    control.allGather(
        MemorySegment.ofArray(mine.encode()), MemorySegment.ofArray(all), BYTES, DataType.INT8);
    return IntStream.range(0, control.size())
        .mapToObj(rank ->
            decode(ByteBuffer.wrap(Arrays.copyOfRange(all, rank * BYTES, (rank + 1) * BYTES))))
        .toList();
  }
}
