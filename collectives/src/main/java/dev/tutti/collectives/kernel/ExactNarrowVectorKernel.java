package dev.tutti.collectives.kernel;

/// Exact sums of floats narrower than float32: each source is widened block by block, summed
/// exactly, cut to float32 by rounding to odd, and rounded.
final class ExactNarrowVectorKernel extends ExactKernel {
  private static final int PADDING = 64; // elements that a conversion may touch past the last one

  private final FloatConversion elements;
  private final ExactKernel wide;
  private final ExactKernel staged;
  private final int elementBytes;

  /// Creates the kernel.
  ///
  /// @param plain an ordinary kernel of the same type
  /// @param elements how the type is read and written
  /// @param wide what sums float32 and rounds to odd
  /// @param staged the array kernel of the same type, for more sources than the scratch memory has
  ///   room for
  ExactNarrowVectorKernel(
      ReductionKernel plain,
      FloatConversion elements,
      ExactKernel wide,
      ExactKernel staged,
      int elementBytes) {
    super(plain, elementBytes);
    this.elements = elements;
    this.wide = wide;
    this.staged = staged;
    this.elementBytes = elementBytes;
  }

  @Override
  void fold(
      long target, long[] sources, int sourceCount, long offsetBytes, long count, int divisor) {
    if (sourceCount > Scratch.OPERANDS) {
      staged.fold(target, sources, sourceCount, offsetBytes, count, divisor);
      return;
    }
    Scratch scratch = Scratch.ofThread();
    int block = Scratch.operandElements(sourceCount);
    for (long i = 0; i < count; i += block) {
      int n = (int) Math.min(block, count - i);
      long offset = i * elementBytes;
      for (int s = 0; s < sourceCount; s++) {
        scratch.wideOperands[s] = scratch.operand(s, block);
        elements.widen(scratch.wideOperands[s], sources[s] + offsetBytes + offset, n);
      }
      long result = scratch.operand(0, block);
      int padded = n + PADDING - 1 & -PADDING;
      wide.fold(result, scratch.wideOperands, sourceCount, 0, padded, divisor);
      elements.narrow(target + offset, result, n);
    }
  }

  @Override
  public String implementation() {
    return "exact vector";
  }
}
