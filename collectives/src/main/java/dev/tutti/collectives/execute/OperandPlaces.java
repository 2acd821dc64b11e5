package dev.tutti.collectives.execute;

import dev.tutti.collectives.schedule.Blocks;
import dev.tutti.collectives.schedule.Buffer;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Lane;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;
import dev.tutti.collectives.schedule.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Where the operands of one rank's schedule lie in memory, and how long they are, in the operation
/// that runs.
///
/// Operands are numbered once, when the schedule is prepared, and placed anew for each operation,
/// so that a slice needs two array accesses whatever the layout of the buffers. Scratch memory is
/// handed out for the operands that the schedule names only: of an all-to-all's vector, which has
/// as many blocks as pairs of ranks, a rank needs but a few. Allocates nothing after construction.
final class OperandPlaces {
  private static final int SCRATCH_ALIGNMENT = 64;

  private final Schedule schedule;
  private final Partition partition;
  private final Blocks blocks;
  private final ScratchMemory scratch;
  private final Map<Operand, Integer> numbers = new HashMap<>();
  private final List<Operand> operands = new ArrayList<>();
  private final long[] address;
  private final long[] length;

  OperandPlaces(Schedule schedule, ScratchMemory scratch) {
    this.schedule = schedule;
    this.partition = schedule.partition();
    this.blocks = Blocks.of(schedule);
    this.scratch = scratch;
    for (Lane lane : schedule.lanes()) {
      for (Step step : lane.steps()) {
        add(step.source());
        add(step.target());
      }
    }
    this.address = new long[operands.size()];
    this.length = new long[operands.size()];
  }

  private void add(@Nullable Operand operand) {
    if (operand != null && numbers.putIfAbsent(operand, operands.size()) == null) {
      operands.add(operand);
    }
  }

  /// Returns the number of an operand, -1 for null.
  int of(@Nullable Operand operand) {
    return operand == null ? -1 : numbers.getOrDefault(operand, -1);
  }

  /// Places all operands for an operation on equal blocks.
  void place(long send, long receive, long count, int elementBytes) {
    place(send, receive, null, count, elementBytes);
  }

  /// Places all operands for an operation on blocks of different lengths.
  void place(long send, long receive, BlockLayout layout, int elementBytes) {
    place(send, receive, layout, 0, elementBytes);
  }

  /// Places all operands.
  ///
  /// @param equal length of a block where there is no layout
  private void place(
      long send, long receive, @Nullable BlockLayout layout, long equal, int elementBytes) {
    long scratchBytes = 0;
    for (int i = 0; i < address.length; i++) {
      Operand operand = operands.get(i);
      int chunk = operand.index() % partition.chunks();
      int block = blocks.blockOf(chunk);
      int first = block * blocks.blockChunks();
      int end = first + blocks.blockChunks();
      long count = layout == null ? equal : count(layout, chunk);
      long start = partition.start(first, end, chunk, count);
      length[i] = partition.start(first, end, chunk + 1, count) - start;
      switch (operand.buffer()) {
        case SCRATCH -> {
          address[i] = scratchBytes;
          scratchBytes += aligned(length[i] * elementBytes);
        }
        case INPUT -> {
          int place = blockInInput(chunk);
          long before = layout == null ? place * equal : layout.send().displacements()[place];
          address[i] = send + (before + start) * elementBytes;
        }
        case OUTPUT -> {
          int place = blockInOutput(chunk);
          long before = layout == null ? place * equal : layout.receive().displacements()[place];
          address[i] = receive + (before + start) * elementBytes;
        }
      }
    }
    placeScratch(scratchBytes);
  }

  private static long aligned(long bytes) {
    return (bytes + SCRATCH_ALIGNMENT - 1) & -SCRATCH_ALIGNMENT;
  }

  private void placeScratch(long bytes) {
    if (bytes == 0) {
      return;
    }
    long base = scratch.atLeast(bytes);
    for (int i = 0; i < address.length; i++) {
      address[i] += operands.get(i).buffer() == Buffer.SCRATCH ? base : 0;
    }
  }

  /// Returns the length of the block that a chunk is part of, as far as this rank knows it.
  private long count(BlockLayout layout, int chunk) {
    int rank = schedule.rank();
    boolean reads =
        schedule.collective() == Collective.REDUCE_SCATTER || blocks.holdsInput(rank, chunk);
    return reads
        ? layout.send().counts()[blockInInput(chunk)]
        : layout.receive().counts()[blockInOutput(chunk)];
  }

  /// Returns the number of a chunk's block among those of this rank's INPUT.
  private int blockInInput(int chunk) {
    return switch (schedule.collective()) {
      case ALL_GATHER, GATHER -> 0;
      default -> blocks.inputPlace(chunk) / blocks.blockChunks();
    };
  }

  /// Returns the number of a chunk's block among those of this rank's OUTPUT.
  private int blockInOutput(int chunk) {
    return switch (schedule.collective()) {
      case REDUCE_SCATTER, SCATTER -> 0;
      default -> blocks.outputPlace(chunk) / blocks.blockChunks();
    };
  }

  /// Returns the address of an operand, 0 for -1.
  long address(int operand) {
    return operand < 0 ? 0 : address[operand];
  }

  /// Returns the number of elements of an operand.
  long length(int operand) {
    return length[operand];
  }

  /// Returns whether this rank's OUTPUT holds anything, which may have to be divided.
  boolean hasOutput() {
    for (int place = 0; place < blocks.rowChunks(); place++) {
      if (blocks.outputChunk(schedule.rank(), place) >= 0) {
        return true;
      }
    }
    return false;
  }
}
