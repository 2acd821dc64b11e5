package dev.tutti.collectives.plan;

/// What sums of floats have in common when something changes that should not matter. A sum depends
/// on the order in which it is formed, and that is a property of the schedule.
public enum Reproducibility {
  /// Sums are formed in whatever order is fastest. They have the same bits on every rank, and again
  /// as long as the plan stays.
  NONE,
  /// Sums are the balanced binary tree over rank ids: the same bits whatever the algorithm, the
  /// transport, and the place of the ranks.
  CANONICAL,
  /// Sums depend on the contributions alone: the same bits whatever the number of ranks that they
  /// come from, their order, and all the above. Products of floats have no such form.
  EXACT
}
