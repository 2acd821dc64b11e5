package dev.tutti.collectives.record;

import java.util.function.Supplier;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import jdk.jfr.Timespan;

/// The event types; loaded only where `jdk.jfr` is present. JFR reads the fields.
@SuppressWarnings("UnusedVariable") // JFR reads the fields
final class JfrEvents {
  private JfrEvents() {}

  static void planned(
      String communicator, int rank, FlightEvents.Decision decision, Supplier<String> candidates) {
    PlanDecisionEvent event = new PlanDecisionEvent();
    if (event.shouldCommit()) {
      event.communicator = communicator;
      event.rank = rank;
      event.collective = decision.collective();
      event.bytes = decision.bytes();
      event.root = decision.root();
      event.algorithm = decision.algorithm();
      event.form = decision.form();
      event.predicted = Math.round(decision.predictedSeconds() * 1e9);
      event.candidates = candidates.get();
      event.commit();
    }
  }

  static void failed(String communicator, int rank, long operation, String kind, String message) {
    FailureEvent event = new FailureEvent();
    if (event.shouldCommit()) {
      event.communicator = communicator;
      event.rank = rank;
      event.operation = operation;
      event.kind = kind;
      event.message = message;
      event.commit();
    }
  }

  @Name("dev.tutti.Join")
  @Label("Tutti Join")
  @Description("A rank has joined its world, or failed to")
  @Category("Tutti")
  @StackTrace(false)
  static final class JoinEvent extends Event implements FlightEvents.Join {
    @Label("Rank")
    int rank = -1;

    @Label("Size")
    int size;

    @Label("Transport")
    String transport = "";

    @Label("Failure")
    String failure = "";

    JoinEvent() {
      begin();
    }

    @Override
    public void joined(int ownRank, int ranks, String how) {
      rank = ownRank;
      size = ranks;
      transport = how;
      commit();
    }

    @Override
    public void failed(String message) {
      failure = message;
      commit();
    }
  }

  @Name("dev.tutti.PlanDecision")
  @Label("Tutti Plan Decision")
  @Description("A schedule has been chosen for a collective and size class")
  @Category("Tutti")
  @StackTrace(false)
  static final class PlanDecisionEvent extends Event {
    @Label("Communicator")
    String communicator = "";

    @Label("Rank")
    int rank;

    @Label("Collective")
    String collective = "";

    @Label("Largest Vector")
    @DataAmount
    long bytes;

    @Label("Root")
    int root;

    @Label("Algorithm")
    String algorithm = "";

    @Label("Form")
    String form = "";

    @Label("Predicted Time")
    @Timespan
    long predicted;

    @Label("Candidates")
    @Description("All candidates with their predicted times, best first")
    String candidates = "";
  }

  @Name("dev.tutti.Operation")
  @Label("Tutti Operation")
  @Description("A collective operation or message")
  @Category("Tutti")
  @StackTrace(false)
  @Threshold("100 us")
  static final class OperationEvent extends Event {
    @Label("Communicator")
    String communicator = "";

    @Label("Rank")
    int rank;

    @Label("Operation")
    @Description("Sequence number among the collectives of the communicator, the same on all ranks")
    long operation;

    @Label("Call")
    String call = "";

    @Label("Bytes")
    @DataAmount
    long bytes;

    @Label("Algorithm")
    String algorithm = "";
  }

  @Name("dev.tutti.Failure")
  @Label("Tutti Failure")
  @Description("A communicator has failed")
  @Category("Tutti")
  @StackTrace(false)
  static final class FailureEvent extends Event {
    @Label("Communicator")
    String communicator = "";

    @Label("Rank")
    int rank;

    @Label("Operation")
    long operation;

    @Label("Kind")
    String kind = "";

    @Label("Message")
    String message = "";
  }
}
