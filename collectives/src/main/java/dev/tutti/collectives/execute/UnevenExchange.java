package dev.tutti.collectives.execute;

import dev.tutti.collectives.kernel.ReductionKernel;

/// An exchange that also works on blocks of different lengths.
public interface UnevenExchange extends Exchange {
  /// Runs the operation on blocks of different lengths; the rest as for [#run].
  ///
  /// @param blocks where they lie in the two buffers
  void runUneven(
      long signature,
      long send,
      long receive,
      BlockLayout blocks,
      int elementBytes,
      ReductionKernel kernel,
      int divisor,
      int root);
}
