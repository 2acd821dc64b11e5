package dev.tutti.collectives;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Exchanges what ranks have measured or seen, so that all know the same. Every method is a
/// collective operation.
final class ProbeGather {
  private ProbeGather() {}

  /// Returns the values of all ranks, by rank; all must pass equally many.
  static double[][] all(Communicator communicator, double[] mine) {
    double[][] result = new double[communicator.size()][mine.length];
    if (mine.length == 0) {
      return result;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment send = arena.allocateFrom(ValueLayout.JAVA_DOUBLE, mine);
      MemorySegment all = arena.allocate(8L * mine.length * communicator.size(), 8);
      communicator.allGather(send, all, mine.length, DataType.FLOAT64);
      for (int r = 0; r < result.length; r++) {
        MemorySegment.copy(
            all, ValueLayout.JAVA_DOUBLE, 8L * mine.length * r, result[r], 0, mine.length);
      }
    }
    return result;
  }

  /// Returns the largest of all ranks' values.
  static double most(Communicator communicator, double mine) {
    double most = mine;
    for (double[] value : all(communicator, new double[] {mine})) {
      most = Math.max(most, value[0]);
    }
    return most;
  }

  /// Returns the texts of all ranks, by rank.
  static List<String> texts(Communicator communicator, String mine) {
    byte[] bytes = mine.getBytes(StandardCharsets.UTF_8);
    long longest = (long) most(communicator, bytes.length);
    List<String> texts = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      long each = Math.max(1, longest) + Integer.BYTES;
      MemorySegment send = arena.allocate(each, 8);
      send.set(ValueLayout.JAVA_INT, 0, bytes.length);
      MemorySegment.copy(bytes, 0, send, ValueLayout.JAVA_BYTE, Integer.BYTES, bytes.length);
      MemorySegment all = arena.allocate(each * communicator.size(), 8);
      communicator.allGather(send, all, each, DataType.INT8);
      for (int r = 0; r < communicator.size(); r++) {
        int length = all.get(ValueLayout.JAVA_INT_UNALIGNED, each * r);
        byte[] text = new byte[length];
        MemorySegment.copy(all, ValueLayout.JAVA_BYTE, each * r + Integer.BYTES, text, 0, length);
        texts.add(new String(text, StandardCharsets.UTF_8));
      }
    }
    return texts;
  }
}
