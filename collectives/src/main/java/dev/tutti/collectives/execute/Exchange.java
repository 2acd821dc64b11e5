package dev.tutti.collectives.execute;

import dev.tutti.collectives.kernel.ReductionKernel;

/// A collective in executable form.
///
/// Implementations hold the scratch that they need and allocate nothing while they run. Arguments
/// have been checked. Used by one thread at a time.
public interface Exchange {
  /// Runs the operation; returns when this rank's part is complete.
  ///
  /// @param signature see [Signature]
  /// @param send address of the send buffer
  /// @param receive address of the receive buffer
  /// @param count the operation's count argument in elements
  /// @param elementBytes size of an element
  /// @param kernel the arithmetic; unused where nothing is reduced
  /// @param divisor what to divide the result by, 1 for nothing
  /// @param root root rank, 0 where there is none
  void run(
      long signature,
      long send,
      long receive,
      long count,
      int elementBytes,
      ReductionKernel kernel,
      int divisor,
      int root);

  /// Returns how the algorithm is executed, for people: `flat inline`, `owner zero-copy`, ...
  String form(long vectorBytes);
}
