package dev.tutti.collectives.schedule;

/// One reason why a [ScheduleSet] is wrong.
///
/// @param kind what is wrong
/// @param rank the rank, -1 if the defect belongs to no single rank
/// @param lane the lane of that rank, -1 if the defect belongs to no single lane
/// @param step the step of that lane, -1 if the defect belongs to no single step
/// @param message the details, without the place
public record ScheduleDefect(Kind kind, int rank, int lane, int step, String message) {

  /// The classes of defects, in the order in which [ScheduleVerifier] looks for them.
  public enum Kind {
    /// The partition does not give every rank an equal block where the collective needs one.
    BAD_PARTITION,
    /// A peer is the rank itself or outside the world.
    BAD_PEER,
    /// An INPUT or OUTPUT operand lies beyond the partition.
    BAD_OPERAND,
    /// A SCRATCH operand lies beyond the scratch memory.
    BAD_SCRATCH,
    /// A rank asks for more scratch memory than its steps can use.
    UNBOUNDED_SCRATCH,
    /// A step writes the caller's send buffer.
    WRITE_TO_INPUT,
    /// A step touches a part of a buffer that the collective does not give to this rank.
    OUTSIDE_BLOCK,
    /// A reducing step in a collective that has no operator.
    REDUCTION_WITHOUT_OPERATOR,
    /// The operands of a step, or the two ends of a message, may differ in length.
    CHUNK_MISMATCH,
    /// A dependency names no step, or a step that comes later in its own lane.
    BAD_DEPENDENCY,
    /// A message that nobody receives.
    UNMATCHED_SEND,
    /// A receive that no message ever matches.
    UNMATCHED_RECEIVE,
    /// Steps of one rank wait for each other.
    CYCLIC_DEPENDENCY,
    /// Ranks wait for each other, in general or with the given number of slots.
    DEADLOCK,
    /// Two lanes of a rank touch the same chunk, at least one writes, and nothing orders them.
    RACE,
    /// A step reads or sends a chunk that nothing has written.
    READ_UNDEFINED,
    /// A reduction of different chunks of the vector.
    MIXED_CHUNKS,
    /// A reduction in which a rank's contribution occurs twice.
    DOUBLE_CONTRIBUTION,
    /// A result that lacks the contribution of a rank.
    MISSING_CONTRIBUTION,
    /// A result that is undefined or is not the one that the collective promises.
    WRONG_RESULT,
    /// A rank may leave a barrier before another has entered.
    BARRIER_LEAK
  }

  /// Returns the place and the message, for example `rank 1 lane 0 step 3: sends to itself
  /// [BAD_PEER]`.
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    if (rank >= 0) {
      text.append("rank ").append(rank);
      if (lane >= 0) {
        text.append(" lane ").append(lane);
      }
      if (step >= 0) {
        text.append(" step ").append(step);
      }
      text.append(": ");
    }
    return text.append(message).append(" [").append(kind).append(']').toString();
  }
}
