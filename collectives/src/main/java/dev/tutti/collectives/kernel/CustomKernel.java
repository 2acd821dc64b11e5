package dev.tutti.collectives.kernel;

import dev.tutti.bindings.Memory;
import dev.tutti.collectives.Combiner;
import dev.tutti.collectives.CustomReduction;
import dev.tutti.collectives.DataType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Hands a user's [Combiner] segments instead of addresses.
///
/// The segments end where the operands end, in space and, with a confined arena for each call, in
/// time: what keeps one cannot touch memory that is no longer the operation's. Inputs, which may be
/// other ranks' buffers, are read-only. Operands that are not aligned to their elements go through
/// this thread's scratch memory, so that a combiner works on a buffer of any alignment and on
/// messages that lie anywhere.
public final class CustomKernel extends ReductionKernel {
  /// What is combined before it is copied to further targets: it is still in the cache then.
  private static final int COPIED_BYTES = 64 << 10;

  private final CustomReduction reduction;
  private final int elementBytes;

  /// Makes the kernel of a reduction for one of its types.
  public CustomKernel(CustomReduction reduction, DataType type) {
    this.reduction = reduction;
    this.elementBytes = type.bytes();
  }

  @Override
  public void combine(long target, long left, long right, long count) {
    if (((target | left | right) & (elementBytes - 1)) == 0) {
      call(target, left, right, count);
    } else {
      combineAligned(target, left, right, count);
    }
  }

  private void combineAligned(long target, long left, long right, long count) {
    Scratch scratch = Scratch.ofThread();
    int floats = Scratch.BLOCK_BYTES / Float.BYTES;
    long a = scratch.operand(0, floats);
    long b = scratch.operand(1, floats);
    long done = 0;
    while (done < count) {
      long elements = Math.min(Scratch.BLOCK_BYTES / elementBytes, count - done);
      long bytes = elements * elementBytes;
      long offset = done * elementBytes;
      Memory.copy(a, left + offset, bytes);
      Memory.copy(b, right + offset, bytes);
      call(a, a, b, elements);
      Memory.copy(target + offset, a, bytes);
      done += elements;
    }
  }

  private void call(long target, long left, long right, long count) {
    if (count == 0) {
      return;
    }
    long bytes = count * elementBytes;
    try (Arena arena = Arena.ofConfined()) {
      reduction
          .combiner()
          .combine(
              segment(left, bytes, arena).asReadOnly(),
              segment(right, bytes, arena).asReadOnly(),
              segment(target, bytes, arena),
              count);
    } catch (Throwable t) { // whatever it is, the other ranks must hear of it
      throw new CombinerException(reduction.name(), t);
    }
  }

  @SuppressWarnings("restricted") // the operand's own range, which the operation has checked
  private static MemorySegment segment(long address, long bytes, Arena arena) {
    return MemorySegment.ofAddress(address).reinterpret(bytes, arena, null);
  }

  @Override
  public void combineAll(
      long[] targets,
      int targetCount,
      long[] sources,
      int sourceCount,
      long offsetBytes,
      long count,
      int divisor,
      Stores stores) {
    long block = Scratch.BLOCK_BYTES / elementBytes;
    if (sourceCount <= 2) { // no intermediate results: fewer calls, of as much as is copied at once
      block = targetCount == 1 ? count : COPIED_BYTES / elementBytes;
    }
    for (long done = 0; done < count; done += block) {
      long elements = Math.min(block, count - done);
      long offset = offsetBytes + done * elementBytes;
      long first = targets[0] + offset;
      if (sourceCount == 1) {
        copy(first, sources[0] + offset, elements);
      } else {
        int middle = Integer.highestOneBit(sourceCount - 1);
        long left = tree(sources, 0, middle, offset, elements, 0);
        long right = tree(sources, middle, sourceCount, offset, elements, 1);
        combine(first, left, right, elements);
      }
      for (int t = 1; t < targetCount; t++) {
        copy(targets[t] + offset, first, elements);
      }
    }
  }

  /// Returns where the canonical tree over sources `[low, high)` lies: a single source where it is,
  /// else a block of scratch memory; `depth` and those after it are free.
  private long tree(long[] sources, int low, int high, long offset, long count, int depth) {
    if (high - low == 1) {
      return sources[low] + offset;
    }
    int middle = low + Integer.highestOneBit(high - low - 1);
    long left = tree(sources, low, middle, offset, count, depth);
    long right = tree(sources, middle, high, offset, count, depth + 1);
    long target = Scratch.ofThread().block(depth);
    combine(target, left, right, count);
    return target;
  }

  private void copy(long target, long source, long count) {
    if (target != source) {
      Memory.copy(target, source, count * elementBytes);
    }
  }

  @Override
  public void divide(long target, long source, long count, int divisor) {
    throw new UnsupportedOperationException("only sums are divided, not " + reduction);
  }

  @Override
  public void scale(long target, long source, long count, double scalar) {
    throw new UnsupportedOperationException("only sums are scaled, not " + reduction);
  }

  @Override
  public String implementation() {
    return "custom";
  }
}
