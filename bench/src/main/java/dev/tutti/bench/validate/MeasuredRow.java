package dev.tutti.bench.validate;

import dev.tutti.bench.measure.BenchCollective;
import dev.tutti.bench.measure.IsolatedTimes;
import dev.tutti.topology.probe.Estimate;

/// What one operation took.
///
/// @param algorithm the algorithm that ran
/// @param form how it ran: `interpreted`, or the name of a lowered form
/// @param bytes as [BenchCollective] defines the size
/// @param seconds of operations that all ranks begin together
public record MeasuredRow(
    BenchCollective collective, String algorithm, String form, long bytes, Estimate seconds) {

  /// Returns the row of some times.
  static MeasuredRow of(IsolatedTimes.Times times) {
    return new MeasuredRow(
        times.collective(),
        times.algorithm(),
        times.form(),
        times.bytes(),
        Estimate.of(times.seconds()));
  }
}
