package dev.tutti.collectives.schedule;

/// Runs a schedule set over channels that hold a given number of whole chunks.
///
/// A step completes when the previous step of its lane and its dependencies have, when the message
/// that it receives has been sent, and when the message sent `slots` messages earlier on its
/// channel has been received.
final class SlotSimulation extends ProgressSimulation {
  /// Number of slots that no channel ever fills.
  static final int UNLIMITED = Integer.MAX_VALUE;

  private final Messages messages;
  private final int slots;
  private final int[] order;
  private int length;

  SlotSimulation(StepTable table, Messages messages, int slots) {
    super(table);
    this.messages = messages;
    this.slots = slots;
    this.order = new int[table.steps];
  }

  @Override
  void advance(int lane) {
    int end = table.firstStep[lane + 1];
    while (current[lane] < end) {
      int step = current[lane];
      int blocker = blockerOf(lane);
      if (blocker != READY) {
        await(lane, blocker);
        return;
      }
      order[length++] = step;
      complete(lane);
    }
  }

  @Override
  int blockerOf(int lane) {
    int step = current[lane];
    int dependency = missingDependency(step);
    if (dependency != READY) {
      return dependency;
    }
    int sender = messages.sender[step];
    if (sender >= 0 && !hasCompleted(sender)) {
      return sender;
    }
    if (table.sendChannel[step] >= 0) {
      int receiver = messages.freesSlotFor(step, slots);
      if (receiver >= 0 && !hasCompleted(receiver)) {
        return receiver;
      }
    }
    return READY;
  }

  /// Returns the completed steps in an order that respects lanes, dependencies and messages.
  int[] order() {
    return order;
  }
}
