package dev.tutti.collectives.kernel;

import dev.tutti.bindings.kernels.NativeKernels;
import dev.tutti.collectives.DataType;

/// A kernel that leaves streaming sums to native code and everything else to another kernel.
final class StreamingKernel extends ReductionKernel {
  /// A divisor above this is not a float32.
  private static final int MAX_EXACT_DIVISOR = 1 << 24;

  private final ReductionKernel inner;
  private final DataType type;
  private final int nativeType;

  /// Creates the kernel.
  ///
  /// @param inner a kernel that sums
  /// @param type its type, one that [#isSupported]
  StreamingKernel(ReductionKernel inner, DataType type) {
    this.inner = inner;
    this.type = type;
    this.nativeType =
        switch (type) {
          case INT8, UINT8 -> NativeKernels.INT8;
          case INT32, UINT32 -> NativeKernels.INT32;
          case INT64, UINT64 -> NativeKernels.INT64;
          case FLOAT32 -> NativeKernels.FLOAT32;
          case FLOAT64 -> NativeKernels.FLOAT64;
          case BFLOAT16 -> NativeKernels.BFLOAT16;
          case FLOAT16, FLOAT8_E4M3, FLOAT8_E5M2 ->
              throw new IllegalArgumentException(type.toString());
        };
  }

  static boolean isSupported(DataType type) {
    return switch (type) {
      case INT8, UINT8, INT32, UINT32, INT64, UINT64, FLOAT32, FLOAT64, BFLOAT16 -> true;
      case FLOAT16, FLOAT8_E4M3, FLOAT8_E5M2 -> false;
    };
  }

  @Override
  public void combine(long target, long left, long right, long count) {
    inner.combine(target, left, right, count);
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
    int elementBytes = type.bytes();
    long bytes = count * elementBytes;
    long head = Math.min(bytes, -(targets[0] + offsetBytes) & StreamingStores.LINE - 1);
    long body = bytes - head & -StreamingStores.LINE;
    if (stores == Stores.CACHED
        || body == 0
        || head % elementBytes != 0
        || !takes(targets, targetCount, sourceCount, divisor)) {
      inner.combineAll(
          targets, targetCount, sources, sourceCount, offsetBytes, count, divisor, Stores.CACHED);
      return;
    }
    stream(targets, targetCount, sources, sourceCount, offsetBytes + head, body, divisor);
    rest(targets, targetCount, sources, sourceCount, offsetBytes, head, divisor);
    long done = head + body;
    rest(targets, targetCount, sources, sourceCount, offsetBytes + done, bytes - done, divisor);
  }

  private boolean takes(long[] targets, int targetCount, int sourceCount, int divisor) {
    boolean canDivide = type.isFloatingPoint() && divisor <= MAX_EXACT_DIVISOR;
    boolean taken =
        sourceCount <= NativeKernels.MAX_SOURCES
            && targetCount <= StreamingStores.MAX_TARGETS
            && (divisor <= 1 || canDivide);
    for (int t = 1; taken && t < targetCount; t++) {
      taken = (targets[t] - targets[0]) % StreamingStores.LINE == 0;
    }
    return taken;
  }

  private void stream(
      long[] targets,
      int targetCount,
      long[] sources,
      int sourceCount,
      long offset,
      long bytes,
      int divisor) {
    long addresses = Scratch.ofThread().addresses();
    for (int t = 0; t < targetCount; t++) {
      dev.tutti.bindings.Memory.putLong(addresses + (long) t * Long.BYTES, targets[t] + offset);
    }
    for (int s = 0; s < sourceCount; s++) {
      dev.tutti.bindings.Memory.putLong(
          addresses + (long) (targetCount + s) * Long.BYTES, sources[s] + offset);
    }
    StreamingStores.reduce(nativeType, addresses, targetCount, sourceCount, bytes, divisor);
  }

  private void rest(
      long[] targets,
      int targetCount,
      long[] sources,
      int sourceCount,
      long offset,
      long bytes,
      int divisor) {
    if (bytes > 0) {
      inner.combineAll(
          targets,
          targetCount,
          sources,
          sourceCount,
          offset,
          bytes / type.bytes(),
          divisor,
          Stores.CACHED);
    }
  }

  @Override
  public void divide(long target, long source, long count, int divisor) {
    inner.divide(target, source, count, divisor);
  }

  @Override
  public void scale(long target, long source, long count, double scalar) {
    inner.scale(target, source, count, scalar);
  }

  @Override
  public String implementation() {
    return inner.implementation() + "+native";
  }
}
