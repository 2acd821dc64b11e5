package dev.tutti.bench.measure;

import dev.tutti.bench.measure.BenchCollective.Traffic;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Stream;

/// The memory-copy roofline: how long the memory traffic that an operation cannot avoid takes on
/// this machine, measured beside the operation itself.
///
/// All ranks at once do their equal shares of "read every input once, write every output once"
/// ([BenchCollective#traffic]), each in its own buffers, with the JVM's memory copy:
///
/// ```
/// limit = min over 3 batches ( max over ranks ( batch time / passes ) )
/// percent of limit = 100 * limit / median time of the operation
/// ```
///
/// The shares use the measured buffers themselves, so that page size, alignment and what the caches
/// hold are the operation's own: below the size of the caches the limit is what the caches give,
/// and an operation, whose data must also travel between the cores' caches, cannot reach it. Copies
/// are cut into blocks, because the JVM copies large pieces with streaming stores, which do not
/// fetch the lines they overwrite: the limit is that of ordinary stores, and an implementation with
/// streaming stores may pass 100 %. What is read but not written, or written but not read, goes to
/// or comes from a block that stays in the first-level cache. No arithmetic is done.
final class MemoryLimit {
  private static final long BLOCK_BYTES = 16 << 10;
  private static final double BATCH_NANOS = 15e6;
  private static final int BATCHES = 3;
  private static final List<Long> LENGTHS = List.of(4L, 16L, 100L, 3000L, 3 * BLOCK_BYTES + 64);
  private static final long WARM_UP_NANOS = 200_000_000;

  private final MemorySegment stage = Arena.ofAuto().allocate(BLOCK_BYTES, 4096);
  private final Control control;

  MemoryLimit(Control control) {
    this.control = control;
  }

  /// Lets the JIT compiler see the copying of this rank, with the kinds and lengths of segments
  /// that are measured. Not collective.
  void warmUp() {
    try (Arena confined = Arena.ofConfined();
        Arena shared = Arena.ofShared()) {
      List<MemorySegment> segments =
          Stream.of(confined, shared, Arena.ofAuto())
              .flatMap(arena -> LENGTHS.stream().map(length -> arena.allocate(length, 64)))
              .toList();
      long start = System.nanoTime();
      while (System.nanoTime() - start < WARM_UP_NANOS) {
        for (MemorySegment source : segments) {
          for (MemorySegment target : segments) {
            batch(source, target, false, 3);
          }
          batch(source, source, true, 30);
        }
      }
    }
  }

  /// Returns the limit of an operation in microseconds, 0 if it moves no data. Collective.
  /// Overwrites the receive buffer.
  double micros(Traffic traffic, Operands operands, Placement placement) {
    MemorySegment source = operands.send();
    MemorySegment target = operands.recv();
    if (placement == Placement.IN_PLACE) {
      boolean recvInSend = source.byteSize() > target.byteSize();
      MemorySegment whole = recvInSend ? source : target;
      source = whole;
      target = traffic.sameLines() ? whole : whole.asSlice(traffic.readBytes());
    }
    return measure(
        source.asSlice(0, traffic.readBytes()),
        target.asSlice(0, traffic.writeBytes()),
        traffic.sameLines());
  }

  private double measure(MemorySegment source, MemorySegment target, boolean sameLines) {
    double estimate = Double.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      estimate = Math.min(estimate, batch(source, target, sameLines, 1));
    }
    estimate = control.max(estimate);
    int passes = (int) Math.clamp(BATCH_NANOS / (estimate + 5), 1, 100_000);
    double best = Double.MAX_VALUE;
    for (int i = 0; i < BATCHES; i++) {
      control.barrier();
      best = Math.min(best, control.max(batch(source, target, sameLines, passes)));
    }
    return best * 1e-3;
  }

  /// Returns the nanoseconds that a pass takes on average.
  private double batch(MemorySegment source, MemorySegment target, boolean sameLines, int passes) {
    long start = System.nanoTime();
    for (int i = 0; i < passes; i++) {
      if (sameLines) {
        rewrite(source, target.byteSize());
      } else {
        copy(source, target);
      }
    }
    return (double) (System.nanoTime() - start) / passes;
  }

  private void copy(MemorySegment source, MemorySegment target) {
    long common = Math.min(source.byteSize(), target.byteSize());
    for (long offset = 0; offset < common; offset += BLOCK_BYTES) {
      long length = Math.min(BLOCK_BYTES, common - offset);
      MemorySegment.copy(source, offset, target, offset, length);
    }
    read(source, common);
    for (long offset = common; offset < target.byteSize(); offset += BLOCK_BYTES) {
      long length = Math.min(BLOCK_BYTES, target.byteSize() - offset);
      MemorySegment.copy(stage, 0, target, offset, length);
    }
  }

  /// Reads a segment and writes its first bytes again.
  private void rewrite(MemorySegment segment, long writeBytes) {
    for (long offset = 0; offset < writeBytes; offset += BLOCK_BYTES) {
      long length = Math.min(BLOCK_BYTES, writeBytes - offset);
      MemorySegment.copy(segment, offset, stage, 0, length);
      MemorySegment.copy(stage, 0, segment, offset, length);
    }
    read(segment, writeBytes);
  }

  private void read(MemorySegment segment, long from) {
    for (long offset = from; offset < segment.byteSize(); offset += BLOCK_BYTES) {
      long length = Math.min(BLOCK_BYTES, segment.byteSize() - offset);
      MemorySegment.copy(segment, offset, stage, 0, length);
    }
  }
}
