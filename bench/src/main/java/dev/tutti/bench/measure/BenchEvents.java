package dev.tutti.bench.measure;

/// Receives what rank 0 of a benchmark has to tell while it runs.
public interface BenchEvents {
  /// All ranks have joined.
  void started(StartedEvent event);

  /// A measurement is complete. The row's launch number is 1.
  void measured(BenchRow row);
}
