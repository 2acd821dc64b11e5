package dev.tutti.collectives.plan;

/// In which order a reduction wants its operands.
public enum OperandOrder {
  /// In any.
  ANY,
  /// By rank, lower ranks on the left; see [dev.tutti.collectives.schedule.RankOrder].
  RANK
}
