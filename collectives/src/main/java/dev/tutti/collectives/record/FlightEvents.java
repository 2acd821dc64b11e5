package dev.tutti.collectives.record;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The events that JFR records, where the module `jdk.jfr` is present; nothing elsewhere.
///
/// | event | when |
/// |---|---|
/// | `dev.tutti.Join` | a rank has joined its world, or failed to |
/// | `dev.tutti.PlanDecision` | a size class is used for the first time |
/// | `dev.tutti.Operation` | an operation took longer than the threshold |
/// | `dev.tutti.Failure` | a communicator has failed |
public final class FlightEvents {
  private static final boolean IS_PRESENT = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

  private FlightEvents() {}

  /// A join that has begun.
  public interface Join {
    /// The rank has joined.
    void joined(int rank, int size, String transport);

    /// The rank has not joined.
    void failed(String message);
  }

  /// A plan that has been made.
  ///
  /// @param collective its label
  /// @param bytes largest vector of the size class
  /// @param root root rank, 0 where there is none
  /// @param algorithm what was chosen
  /// @param form how it is executed
  /// @param predictedSeconds what the cost model expects
  public record Decision(
      String collective,
      long bytes,
      int root,
      String algorithm,
      String form,
      double predictedSeconds) {}

  /// Begins a join.
  public static Join join() {
    return IS_PRESENT ? new JfrEvents.JoinEvent() : new NoJoin();
  }

  /// A plan has been made.
  ///
  /// @param candidates the others, in words; asked for only if somebody records
  public static void planned(
      String communicator, int rank, Decision decision, Supplier<String> candidates) {
    if (IS_PRESENT) {
      JfrEvents.planned(communicator, rank, decision, candidates);
    }
  }

  /// A communicator has failed.
  public static void failed(
      String communicator, int rank, long operation, String kind, String message) {
    if (IS_PRESENT) {
      JfrEvents.failed(communicator, rank, operation, kind, message);
    }
  }

  /// Returns what hears of a recorder's operations.
  static @Nullable OperationTrace operations(Identity identity) {
    return IS_PRESENT ? new JfrOperations(identity) : null;
  }

  private static final class NoJoin implements Join {
    @Override
    public void joined(int rank, int size, String transport) {}

    @Override
    public void failed(String message) {}
  }
}
