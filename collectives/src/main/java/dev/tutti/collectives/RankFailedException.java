package dev.tutti.collectives;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// One or more ranks died or became unreachable. The communicator is no longer usable.
public final class RankFailedException extends TuttiException {
  private static final long serialVersionUID = 1L;

  private final int[] failedRanks;

  /// Makes an exception.
  ///
  /// @param failedRanks ranks of this communicator that failed
  /// @param message names the ranks and the cause
  public RankFailedException(
      List<Integer> failedRanks,
      String message,
      int rank,
      long operation,
      @Nullable Throwable cause) {
    super(message, rank, operation, cause);
    this.failedRanks = failedRanks.stream().mapToInt(Integer::intValue).toArray();
  }

  /// Returns the ranks that failed, in the numbering of the communicator that threw.
  public List<Integer> failedRanks() {
    return java.util.Arrays.stream(failedRanks).boxed().toList();
  }

  @Override
  public int peer() {
    return failedRanks.length == 0 ? -1 : failedRanks[0];
  }

  @Override
  RankFailedException again() {
    return new RankFailedException(failedRanks(), text(), rank(), operation(), this);
  }
}
