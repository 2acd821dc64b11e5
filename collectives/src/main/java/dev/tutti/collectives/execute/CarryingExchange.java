package dev.tutti.collectives.execute;

/// An exchange that rounds, and can add what rounding loses to what it rounds the next time.
public interface CarryingExchange extends Exchange {
  /// Says where what was lost before is kept, for the next run only.
  ///
  /// @param residue address of as many float32 as the vector has elements, zero at first; each
  ///   member reads and writes those that it rounds
  void carry(long residue);
}
