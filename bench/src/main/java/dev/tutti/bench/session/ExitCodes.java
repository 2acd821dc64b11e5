package dev.tutti.bench.session;

import dev.tutti.bench.launch.LaunchResult;
import dev.tutti.bench.measure.BenchWorkerMain;

/// The exit codes of the commands.
public final class ExitCodes {
  /// All is well.
  public static final int OK = 0;

  /// The program failed.
  public static final int INTERNAL_ERROR = 1;

  /// The command line is wrong.
  public static final int USAGE = 2;

  /// Elements of a result were wrong.
  public static final int WRONG_RESULTS = 3;

  /// There is nothing to show.
  public static final int NOTHING_FOUND = 4;

  /// A rank died or failed.
  public static final int RANK_FAILED = 6;

  /// Dumps show that a rank or link is to blame.
  public static final int GUILTY = 7;

  /// This host or process lacks something that Tutti needs.
  public static final int UNFIT = 8;

  private ExitCodes() {}

  /// Returns the exit code for a launch that failed.
  static int ofFailedLaunch(LaunchResult result) {
    return result.exitCode() == BenchWorkerMain.USAGE ? USAGE : RANK_FAILED;
  }
}
