package dev.tutti.bench.measure;

import java.lang.foreign.MemorySegment;

/// The buffers of one measurement, cut to length.
///
/// @param send what this rank sends
/// @param recv where this rank's result goes; may overlap `send`
/// @param count the count that the collective is called with
record Operands(MemorySegment send, MemorySegment recv, long count) {

  /// Cuts the operands of a measurement out of the buffers of a rank.
  ///
  /// @param send at least as long as the collective's send buffer
  /// @param recv at least as long as the collective's receive buffer
  static Operands of(
      BenchCollective collective,
      long count,
      int elementBytes,
      int ranks,
      int rank,
      Placement placement,
      MemorySegment send,
      MemorySegment recv) {
    long sendBytes = collective.sendElements(count, ranks) * elementBytes;
    long recvBytes = collective.recvElements(count, ranks) * elementBytes;
    if (placement == Placement.OUT_OF_PLACE) {
      return new Operands(send.asSlice(0, sendBytes), recv.asSlice(0, recvBytes), count);
    }
    if (collective.sendsParts() && !collective.receivesParts()) {
      return new Operands(
          send.asSlice(0, sendBytes), send.asSlice(rank * recvBytes, recvBytes), count);
    }
    boolean gathers = collective.receivesParts() && !collective.sendsParts();
    long sendOffset = gathers ? rank * sendBytes : 0;
    return new Operands(recv.asSlice(sendOffset, sendBytes), recv.asSlice(0, recvBytes), count);
  }
}
