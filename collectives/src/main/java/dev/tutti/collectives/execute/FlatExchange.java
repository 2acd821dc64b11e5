package dev.tutti.collectives.execute;

import dev.tutti.bindings.Memory;
import dev.tutti.collectives.kernel.ReductionKernel;

/// Small collectives through one publication per rank: each rank lays its data beside its entry,
/// and whoever needs them reads them there.
///
/// Up to [GroupLayout#INLINE_BYTES] the data travel in the entry's own cache line, so an all-reduce
/// of two ranks costs one cache-line transfer each way. Above they lie in the flat slot, and what
/// does not fit `flatBytes` goes piece by piece. Every rank reduces everything in the canonical
/// order, so all get the same bits. In place works: peers read the slots, never the buffers.
///
/// Idea: MPICH's release_gather and the inlined control line of Open MPI's XHC, without their
/// trees.
final class FlatExchange implements Exchange {
  private final SharedGroup group;
  private final Shape shape;
  private final long[] targets = new long[1];
  private final long[] sources;

  /// What each rank ends up with.
  enum Shape {
    /// The reduction of all.
    REDUCE_ALL,
    /// The reduction of its own block of all.
    REDUCE_OWN,
    /// The data of the root.
    TAKE_ROOT,
    /// The data of all, one after the other.
    TAKE_ALL,
    /// The root: the reduction of all.
    REDUCE_AT_ROOT,
    /// The reduction of the ranks up to itself.
    REDUCE_UP_TO_SELF,
    /// The reduction of the ranks below itself.
    REDUCE_BELOW_SELF,
    /// The root: the data of all.
    GATHER,
    /// Its block of the root's data.
    SCATTER,
    /// Its block of everyone's data.
    TAKE_OWN,
    /// Nothing.
    NOTHING
  }

  FlatExchange(SharedGroup group, Shape shape) {
    this.group = group;
    this.shape = shape;
    this.sources = new long[group.size];
  }

  @Override
  public String form(long vectorBytes) {
    return vectorBytes <= GroupLayout.INLINE_BYTES ? "inline" : "slots";
  }

  @Override
  public void run(
      long signature,
      long send,
      long receive,
      long count,
      int elementBytes,
      ReductionKernel kernel,
      int divisor,
      int root) {
    if (shape == Shape.NOTHING) {
      group.enter(signature);
      return;
    }
    long blocks = blocks();
    long pieceElements = Math.max(1, group.layout.flatBytes() / (blocks * elementBytes));
    long done = 0;
    do {
      long elements = Math.min(pieceElements, count - done);
      long offset = done * elementBytes;
      runPiece(
          signature, send, receive, count, offset, elements, elementBytes, kernel, divisor, root);
      done += elements;
    } while (done < count);
  }

  private void runPiece(
      long signature,
      long send,
      long receive,
      long count,
      long offset,
      long elements,
      int elementBytes,
      ReductionKernel kernel,
      int divisor,
      int root) {
    long bytes = elements * elementBytes;
    long blockBytes = count * elementBytes;
    int blocks = blocks();
    long[] slots =
        bytes * blocks <= GroupLayout.INLINE_BYTES ? group.inlinePayloads() : group.flatSlots();
    if (root == group.index || (shape != Shape.TAKE_ROOT && shape != Shape.SCATTER)) {
      for (int b = 0; b < blocks; b++) {
        copySmall(slots[group.index] + b * bytes, send + b * blockBytes + offset, bytes);
      }
    }
    group.enter(signature);
    long target = receive + offset;
    switch (shape) {
      case REDUCE_ALL -> reduce(slots, 0, target, elements, kernel, divisor);
      case REDUCE_AT_ROOT -> {
        if (root == group.index) {
          reduce(slots, 0, target, elements, kernel, divisor);
        }
      }
      case REDUCE_UP_TO_SELF -> reduceFirst(group.index + 1, slots, target, elements, kernel);
      case REDUCE_BELOW_SELF -> reduceFirst(group.index, slots, target, elements, kernel);
      case REDUCE_OWN -> reduce(slots, group.index * bytes, target, elements, kernel, divisor);
      case TAKE_ROOT -> take(slots[root], target, send + offset, bytes, root);
      case TAKE_ALL -> takeAll(slots, 0, target, bytes, blockBytes);
      case GATHER -> {
        if (root == group.index) {
          takeAll(slots, 0, target, bytes, blockBytes);
        }
      }
      case SCATTER -> copySmall(target, slots[root] + group.index * bytes, bytes);
      case TAKE_OWN -> takeAll(slots, group.index * bytes, target, bytes, blockBytes);
      case NOTHING -> throw new AssertionError();
    }
  }

  /// Returns how many blocks a rank lays out for the others.
  private int blocks() {
    return switch (shape) {
      case REDUCE_OWN, SCATTER, TAKE_OWN -> group.size;
      default -> 1;
    };
  }

  private void reduceFirst(
      int ranks, long[] slots, long receive, long count, ReductionKernel kernel) {
    targets[0] = receive;
    for (int m = 0; m < ranks; m++) {
      sources[m] = slots[m];
    }
    if (ranks > 0) {
      kernel.combineAll(targets, 1, sources, ranks, 0, count, 1);
    }
  }

  private void reduce(
      long[] slots, long offset, long receive, long count, ReductionKernel kernel, int divisor) {
    if (group.size == 2 && divisor == 1) {
      kernel.combine(receive, slots[0] + offset, slots[1] + offset, count);
      return;
    }
    targets[0] = receive;
    for (int m = 0; m < slots.length; m++) {
      sources[m] = slots[m] + offset;
    }
    kernel.combineAll(targets, 1, sources, slots.length, 0, count, divisor);
  }

  private void take(long slot, long receive, long send, long bytes, int root) {
    if (root != group.index) {
      copySmall(receive, slot, bytes);
    } else if (receive != send) {
      copySmall(receive, send, bytes);
    }
  }

  private void takeAll(long[] slots, long offset, long receive, long bytes, long blockBytes) {
    for (int m = 0; m < slots.length; m++) {
      copySmall(receive + m * blockBytes, slots[m] + offset, bytes);
    }
  }

  /// Copies; single words without the cost of a general copy.
  private static void copySmall(long target, long source, long bytes) {
    if (bytes == Long.BYTES) {
      Memory.putLong(target, Memory.getLong(source));
    } else if (bytes == Integer.BYTES) {
      Memory.putInt(target, Memory.getInt(source));
    } else {
      Memory.copy(target, source, bytes);
    }
  }
}
