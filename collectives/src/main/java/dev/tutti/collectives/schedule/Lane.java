package dev.tutti.collectives.schedule;

import java.util.List;

/// A sequence of steps executed in order; the lanes of a schedule run concurrently.
///
/// @param steps the steps, in order
public record Lane(List<Step> steps) {
  /// Copies the list.
  public Lane {
    steps = List.copyOf(steps);
  }
}
