package dev.tutti.bench.validate;

import org.jspecify.annotations.Nullable;

/// What was measured beside what is predicted.
///
/// @param measured what an operation took
/// @param predictedSeconds what the simulator says; null if it cannot tell
public record ComparedRow(MeasuredRow measured, @Nullable Double predictedSeconds) {

  /// Returns predicted / measured - 1, null if nothing is predicted.
  public @Nullable Double error() {
    return predictedSeconds == null
        ? null
        : Double.valueOf(predictedSeconds / measured.seconds().median() - 1);
  }
}
