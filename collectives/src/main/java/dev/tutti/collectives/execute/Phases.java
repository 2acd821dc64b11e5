package dev.tutti.collectives.execute;

import dev.tutti.collectives.kernel.ReductionKernel;
import org.jspecify.annotations.Nullable;

/// Two exchanges on blocks of different lengths, run one after the other as parts of one operation.
///
/// Between hosts both are interpreted schedules and the operation is entered and left once, so that
/// it has one number; the messages of a lane arrive in the order of the parts. In shared memory
/// each part is entered by itself.
final class Phases {
  private final Members members;
  private final UnevenExchange first;
  private final @Nullable UnevenExchange second;
  private final ReductionKernel anyKernel;
  private final boolean isOneEntry;

  Phases(
      Members members,
      UnevenExchange first,
      @Nullable UnevenExchange second,
      ReductionKernel anyKernel) {
    this.members = members;
    this.first = first;
    this.second = second;
    this.anyKernel = anyKernel;
    this.isOneEntry =
        first instanceof ScheduleRunner && (second == null || second instanceof ScheduleRunner);
  }

  /// Returns how the parts are executed, for people.
  String form(long vectorBytes) {
    UnevenExchange last = second;
    return first.form(vectorBytes) + (last == null ? "" : ", " + last.form(vectorBytes));
  }

  /// Begins the operation.
  void enter(long signature) {
    if (isOneEntry) {
      members.enter(signature);
    }
  }

  /// Runs the first part; arguments as for [UnevenExchange#runUneven].
  void first(long signature, long send, long receive, BlockLayout blocks, int elementBytes) {
    run(first, signature, send, receive, blocks, elementBytes, 0);
  }

  /// Runs the second part, if there is one.
  void second(
      long signature, long send, long receive, BlockLayout blocks, int elementBytes, int root) {
    UnevenExchange last = second;
    if (last != null) {
      run(last, signature, send, receive, blocks, elementBytes, root);
    }
  }

  private void run(
      UnevenExchange part,
      long signature,
      long send,
      long receive,
      BlockLayout blocks,
      int elementBytes,
      int root) {
    if (isOneEntry && part instanceof ScheduleRunner runner) {
      runner.runWithin(signature, send, receive, blocks, elementBytes, anyKernel);
    } else {
      part.runUneven(signature, send, receive, blocks, elementBytes, anyKernel, 1, root);
    }
  }

  /// Ends the operation.
  void leave() {
    if (isOneEntry) {
      members.leave();
    }
  }
}
