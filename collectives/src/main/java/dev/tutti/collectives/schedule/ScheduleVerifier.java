package dev.tutti.collectives.schedule;

import static dev.tutti.collectives.schedule.ScheduleDefect.Kind.BARRIER_LEAK;
import static dev.tutti.collectives.schedule.ScheduleDefect.Kind.CYCLIC_DEPENDENCY;
import static dev.tutti.collectives.schedule.ScheduleDefect.Kind.DEADLOCK;

/// Proves that a [ScheduleSet] does what its [Collective] promises, in every interleaving of lanes
/// and ranks, for every element count, type and operator.
///
/// The proof goes in stages, each of which presumes the ones before; the first stage with defects
/// is the last.
///
/// 1. Every step by itself: peers, operands, scratch, dependencies, lengths ([StructureCheck]).
/// 2. Every message has a sender and a receiver, of the same length ([Messages]).
/// 3. No deadlock ([ProgressSimulation] says why one run stands for all).
/// 4. No race between lanes of a rank ([HazardCheck], [HappensBefore]) and every chunk holds the
///    right sum of contributions, each counted once ([ContributionState]). For a barrier instead:
///    nobody leaves before all have entered.
///
/// **Slots.** An engine moves slices through channels (from, to, lane) of a bounded number of
/// slots, and a chunk may have many more slices than a channel has slots. That is `slots = 0`, the
/// normal case: a step that sends completes only when its receiver, and whoever that one passes the
/// slices on to, has started ([RendezvousSimulation]). A set that is valid for 0 cannot deadlock
/// whatever the number of slots and slices.
///
/// `slots = k > 0` stands for channels that hold k whole chunks: a step that sends completes when
/// its message is in the channel. This covers an engine that runs the schedule over pieces of the
/// vector so short that no chunk has more than 1 / k of the slices that a channel holds: take the
/// steps in the order in which they complete here; the first that could not complete there would
/// find its dependencies and its whole incoming message present, and all but the last k - 1
/// messages before its own taken, hence room for all its slices. The chunk of a barrier is one
/// empty slice, so that barriers are verified for at least 1.
///
/// Example: a chain needs 0, two ranks that each send and then receive in one lane need 1, and a
/// ring of three or more ranks in one lane, where each sends first and then receives and forwards,
/// needs 2.
///
/// **Cost.** O(steps * (1 + ranks / 64) + dependencies + ranks * chunks), plus O(steps) for each
/// lane of a rank that only messages order against another lane of that rank. No state, any thread
/// may call.
public final class ScheduleVerifier {
  private static final int MAX_CYCLE_TEXT = 6;

  private final ScheduleSet set;
  private final ChunkLengths lengths;
  private final StepTable table;
  private final Messages messages;
  private final DefectLog log;

  private ScheduleVerifier(
      ScheduleSet set, ChunkLengths lengths, StepTable table, Messages messages, DefectLog log) {
    this.set = set;
    this.lengths = lengths;
    this.table = table;
    this.messages = messages;
    this.log = log;
  }

  /// Verifies a set for channels that hold `slots` whole chunks.
  ///
  /// @param slots how many chunks a channel holds, 0 if chunks may be longer than channels, see
  ///   above
  /// @throws IllegalArgumentException if slots is negative or the set has more than 2^28 chunks of
  ///   memory
  public static VerificationReport verify(ScheduleSet set, int slots) {
    if (slots < 0) {
      throw new IllegalArgumentException("slots is " + slots + ", expected at least 0");
    }
    DefectLog log = new DefectLog();
    ChunkLengths lengths = new ChunkLengths(set);
    new StructureCheck(set, lengths, log).run();
    if (!log.isEmpty()) {
      return failed(set, log);
    }
    StepTable table = new StepTable(set);
    Messages messages = new Messages(table, lengths, log);
    if (!log.isEmpty()) {
      return failed(set, log);
    }
    boolean isBarrier = set.collective() == Collective.BARRIER;
    int enough = isBarrier ? Math.max(1, slots) : slots; // an empty chunk always fits into a slot
    return new ScheduleVerifier(set, lengths, table, messages, log).run(enough);
  }

  /// Verifies a set and throws if it has a defect.
  ///
  /// @param slots how many chunks a channel holds, as in [#verify]
  /// @throws InvalidScheduleException if the set has a defect; the message lists the first ones
  public static VerificationReport verifyOrThrow(ScheduleSet set, int slots) {
    VerificationReport report = verify(set, slots);
    if (!report.isValid()) {
      throw new InvalidScheduleException(report);
    }
    return report;
  }

  private static VerificationReport failed(ScheduleSet set, DefectLog log) {
    return new VerificationReport(set, log, 0, VerificationReport.Outputs.NONE);
  }

  private VerificationReport run(int slots) {
    SlotSimulation unlimited = new SlotSimulation(table, messages, SlotSimulation.UNLIMITED);
    if (!unlimited.run()) {
      reportDeadlock(unlimited, "with any number of slots");
      return failed(set, log);
    }
    ProgressSimulation limited = simulation(slots);
    if (!limited.run()) {
      reportDeadlock(limited, "with " + slots + " slots per channel");
      return failed(set, log);
    }
    VerificationReport.Outputs outputs = checkResults(unlimited.order());
    return log.isEmpty()
        ? new VerificationReport(set, log, requiredSlots(slots), outputs)
        : failed(set, log);
  }

  private ProgressSimulation simulation(int slots) {
    return slots == 0
        ? new RendezvousSimulation(table, messages)
        : new SlotSimulation(table, messages, slots);
  }

  /// Searches by halving: what runs with some slots runs with more.
  private int requiredSlots(int enough) {
    if (enough == 0 || simulation(0).run()) {
      return 0;
    }
    int lo = 1;
    int hi = enough;
    while (lo < hi) {
      int middle = (lo + hi) >>> 1;
      if (simulation(middle).run()) {
        hi = middle;
      } else {
        lo = middle + 1;
      }
    }
    return lo;
  }

  private VerificationReport.Outputs checkResults(int[] order) {
    HappensBefore happensBefore = new HappensBefore(table, messages, order);
    if (set.collective() == Collective.BARRIER) {
      checkBarrier(happensBefore);
      long[][] hashes = new long[table.ranks][table.row];
      return new VerificationReport.Outputs(true, true, true, false, null, table.blocks, hashes);
    }
    ContributionState state = checkMemory(order, happensBefore, Memory.Mode.OUT_OF_PLACE, log);
    if (!log.isEmpty()) {
      return VerificationReport.Outputs.NONE;
    }
    DefectLog inPlace = new DefectLog();
    checkMemory(order, happensBefore, Memory.Mode.IN_PLACE, inPlace);
    return state.outputs(inPlace.isEmpty());
  }

  private ContributionState checkMemory(
      int[] order, HappensBefore happensBefore, Memory.Mode mode, DefectLog defects) {
    Memory memory = new Memory(table, mode);
    new HazardCheck(table, happensBefore, memory, defects).run();
    ContributionState state = new ContributionState(table, messages, lengths, memory, defects);
    state.run(order);
    state.checkPostcondition();
    return state;
  }

  private void checkBarrier(HappensBefore happensBefore) {
    for (int rank = 0; rank < table.ranks; rank++) {
      boolean[] known = happensBefore.endAfterBeginOf(rank);
      for (int r = 0; r < table.ranks; r++) {
        if (!known[r]) {
          log.add(BARRIER_LEAK, r, -1, -1, "may leave before rank " + rank + " has entered");
        }
      }
    }
  }

  private void reportDeadlock(ProgressSimulation simulation, String condition) {
    int[] cycle = simulation.cycle();
    boolean isInside = simulation.waitsForDependenciesOnly(cycle);
    StringBuilder text = new StringBuilder("stuck ").append(condition);
    for (int i = 0; i < Math.min(cycle.length, MAX_CYCLE_TEXT); i++) {
      int blocker = simulation.blockerOf(table.laneOf[cycle[i]]);
      text.append(i == 0 ? ": " : "; ").append(table.describe(cycle[i]));
      text.append(" waits for ").append(table.describe(blocker));
    }
    if (cycle.length > MAX_CYCLE_TEXT) {
      text.append("; and so on over ").append(cycle.length).append(" steps");
    }
    log.add(isInside ? CYCLIC_DEPENDENCY : DEADLOCK, table, cycle[0], text.toString());
  }
}
