package dev.tutti.collectives.kernel;

import dev.tutti.bindings.Memory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Conversions of at most [WireCodec#BLOCK] float32 in memory, by a kernel of a narrower type. They
/// touch nothing but the elements that are asked for.
interface FloatBlocks {
  /// Converts elements at `source` to float32.
  void widen(long floats, long source, int count);

  /// Rounds float32 to elements at `target`.
  void narrow(long target, long floats, int count);

  /// Returns the conversions of a kernel; of a type that needs none, those of nothing.
  static FloatBlocks of(ReductionKernel kernel) {
    if (kernel instanceof FloatConversion vectors) {
      return new Padded(vectors);
    }
    return kernel instanceof FloatStaging arrays ? new Staged(arrays) : new None();
  }

  /// On vectors, which reach beyond the last element, hence in scratch memory.
  record Padded(FloatConversion vectors) implements FloatBlocks {
    @Override
    public void widen(long floats, long source, int count) {
      long block = Scratch.ofThread().block(1);
      vectors.widen(block, source, count);
      Memory.copy(floats, block, (long) count * Float.BYTES);
    }

    @Override
    public void narrow(long target, long floats, int count) {
      long block = Scratch.ofThread().block(1);
      Memory.copy(block, floats, (long) count * Float.BYTES);
      vectors.narrow(target, block, count);
    }
  }

  /// On arrays.
  record Staged(FloatStaging arrays) implements FloatBlocks {
    @Override
    public void widen(long floats, long source, int count) {
      Staging staging = Staging.ofThread();
      float[] values = staging.floats(0);
      arrays.load(staging, source, values, count);
      MemorySegment.copy(values, 0, Memory.ALL, ValueLayout.JAVA_FLOAT_UNALIGNED, floats, count);
    }

    @Override
    public void narrow(long target, long floats, int count) {
      Staging staging = Staging.ofThread();
      float[] values = staging.floats(0);
      MemorySegment.copy(Memory.ALL, ValueLayout.JAVA_FLOAT_UNALIGNED, floats, values, 0, count);
      arrays.store(staging, values, target, count);
    }
  }

  /// Not to be used.
  record None() implements FloatBlocks {
    @Override
    public void widen(long floats, long source, int count) {
      throw new IllegalStateException("no conversion");
    }

    @Override
    public void narrow(long target, long floats, int count) {
      throw new IllegalStateException("no conversion");
    }
  }
}
