package dev.tutti.bench.analyze;

import dev.tutti.collectives.record.Dump;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/// Finds out which rank or link of a communicator is to blame.
///
/// The questions, in this order: Did all call the same? Who waits for whom, and who at the end of
/// that chain waits for nobody? Did somebody fail by itself? And where none of this explains
/// anything: does one rank, or one link, hold the others up again and again?
public final class Analysis {
  /// Failures that tell of another rank's.
  private static final Set<String> SECOND_HAND =
      Set.of("RankFailedException", "AbortedException", "TimeoutException");

  private Analysis() {}

  /// Returns what is wrong, worst first; one finding that says so if nothing is.
  public static List<Finding> of(RankDumps dumps) {
    List<Finding> findings = new ArrayList<>(MismatchCheck.of(dumps));
    findings.addAll(WaitGraph.of(dumps));
    if (findings.isEmpty()) {
      findings.addAll(failed(dumps));
    }
    if (findings.isEmpty()) {
      findings.addAll(SlownessCheck.of(dumps));
    }
    if (findings.isEmpty()) {
      findings.add(consistent(dumps));
    }
    findings.sort(Comparator.comparing(Finding::verdict)); // stable
    return findings;
  }

  /// A rank that failed by itself, the first one.
  private static List<Finding> failed(RankDumps dumps) {
    return dumps.all().stream()
        .filter(dump -> dump.failure() != null)
        .min(
            Comparator.comparing((Dump dump) -> isSecondHand(dump))
                .thenComparingLong(dump -> wall(dump)))
        .map(dump -> failed(dumps, dump))
        .stream()
        .toList();
  }

  private static boolean isSecondHand(Dump dump) {
    Dump.Failure failure = dump.failure();
    return failure != null && SECOND_HAND.contains(failure.kind());
  }

  private static long wall(Dump dump) {
    Dump.Failure failure = dump.failure();
    return failure == null ? Long.MAX_VALUE : failure.wallNanos();
  }

  private static Finding failed(RankDumps dumps, Dump dump) {
    Dump.Failure failure = dump.failure();
    long operation = failure == null ? -1 : failure.operation();
    String what = failure == null ? "" : failure.kind() + ": " + failure.message();
    return new Finding(
        Verdict.FAILED,
        List.of(dump.identity().rank()),
        operation,
        "rank " + dump.identity().rank() + " failed first: " + what,
        dumps.failures());
  }

  private static Finding consistent(RankDumps dumps) {
    long least = dumps.all().stream().mapToLong(Dump::collectives).min().orElse(0);
    long most = dumps.all().stream().mapToLong(Dump::collectives).max().orElse(0);
    String entered = least == most ? "" + least : least + " to " + most;
    return new Finding(
        Verdict.CONSISTENT,
        List.of(),
        -1,
        "all consistent: every rank has entered "
            + entered
            + " operations, the remembered ones agree, nobody waits in vain",
        List.of());
  }
}
