package dev.tutti.collectives.schedule;

/// What the readers of schedules accept at most, so that a small hostile file cannot ask for much
/// memory.
final class FormatLimits {
  static final String SCHEMA = "tutti-schedule/1";

  static final int MAX_RANKS = 1 << 14;
  static final int MAX_CHUNKS = 1 << 20;
  static final int MAX_SCRATCH_COPIES = 1 << 20;

  /// Of all ranks together.
  static final int MAX_LANES = 1 << 20;

  /// Of all lanes together.
  static final int MAX_STEPS = 1 << 22;

  /// Of one step.
  static final int MAX_DEPENDENCIES = 1 << 12;

  private FormatLimits() {}
}
