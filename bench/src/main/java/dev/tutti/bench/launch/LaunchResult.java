package dev.tutti.bench.launch;

import java.util.List;

/// How a job ended.
///
/// @param exitCode 0, or the exit code of the rank that failed first (128 + signal if it was
///   killed)
/// @param failedRank the rank that failed first, or -1
/// @param exitCodes the exit code of every rank, by rank; [#NOT_STARTED] where there is none
public record LaunchResult(int exitCode, int failedRank, List<Integer> exitCodes) {
  /// Stands for the exit code of a rank that was not started, because another could not be.
  public static final int NOT_STARTED = -1;
}
