package dev.tutti.collectives.execute;

import dev.tutti.bindings.Memory;
import dev.tutti.collectives.kernel.ReductionKernel;
import dev.tutti.collectives.schedule.Buffer;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Dependency;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;
import dev.tutti.collectives.schedule.Step;
import dev.tutti.collectives.schedule.StepKind;
import dev.tutti.transport.Channel;
import org.jspecify.annotations.Nullable;

/// Executes any schedule, slice by slice, over channels.
///
/// The lanes are state machines on one thread: each runs until its step finds no message or no room
/// for one, then the next lane gets its turn. A slice is what one message brings or what one
/// message takes, whichever is less, so the two ends of a fused step may have channels of different
/// kinds. Data are reduced straight out of the arriving message; where they only pass through, they
/// are received where they belong and sent from there.
final class ScheduleRunner implements Exchange {
  private final Members members;
  private final Schedule schedule;
  private final Partition partition;
  private final ScratchMemory scratch;
  private final Step[][] steps; // [lane][step]
  private final Channel.@Nullable Receiver[][] receivers; // [lane][step]
  private final Channel.@Nullable Sender[][] senders;
  private boolean running; // owner, as of all that follows: the running thread
  private final int[] stepOf; // current step by lane
  private final long[] doneOf; // elements of the current step done, by lane
  private final long[] consumedOf; // bytes of the oldest message that are used already, by lane
  private final long[] sourceOf; // slice that is being sent from the caller's memory, by lane
  private final int[] sendingOf; // its bytes, -1 for none
  private final boolean[] expectedOf; // the current step has said where its messages belong

  // This operation's arguments; owned by the running thread.
  private long inputBase;
  private long outputBase;
  private long scratchBase;
  private long vectorElements;
  private int elementBytes;
  private ReductionKernel kernel;

  ScheduleRunner(
      Members members, Schedule schedule, ScratchMemory scratch, ReductionKernel anyKernel) {
    this.members = members;
    this.schedule = schedule;
    this.partition = schedule.partition();
    this.scratch = scratch;
    this.kernel = anyKernel;
    int lanes = schedule.lanes().size();
    this.steps = new Step[lanes][];
    this.receivers = new Channel.Receiver[lanes][];
    this.senders = new Channel.Sender[lanes][];
    this.stepOf = new int[lanes];
    this.doneOf = new long[lanes];
    this.consumedOf = new long[lanes];
    this.sourceOf = new long[lanes];
    this.sendingOf = new int[lanes];
    this.expectedOf = new boolean[lanes];
    for (int lane = 0; lane < lanes; lane++) {
      Step[] list = schedule.lanes().get(lane).steps().toArray(Step[]::new);
      steps[lane] = list;
      receivers[lane] = new Channel.Receiver[list.length];
      senders[lane] = new Channel.Sender[list.length];
      for (int s = 0; s < list.length; s++) {
        if (list[s].kind().receives()) {
          receivers[lane][s] = members.channels().from(list[s].receivePeer(), lane);
        }
        if (list[s].kind().sends()) {
          senders[lane][s] = members.channels().to(list[s].sendPeer(), lane);
        }
      }
    }
  }

  @Override
  public String form(long vectorBytes) {
    return "interpreted";
  }

  @Override
  public void run(
      long signature,
      long send,
      long receive,
      long count,
      int bytesPerElement,
      ReductionKernel arithmetic,
      int divisor,
      int root) {
    kernel = arithmetic;
    elementBytes = bytesPerElement;
    Collective collective = schedule.collective();
    long blockBytes = count * bytesPerElement;
    long ownBlock = members.index() * blockBytes;
    boolean scattered =
        collective == Collective.ALL_GATHER || collective == Collective.REDUCE_SCATTER;
    vectorElements = scattered ? count * members.size() : count;
    inputBase = collective == Collective.ALL_GATHER ? send - ownBlock : send;
    outputBase = collective == Collective.REDUCE_SCATTER ? receive - ownBlock : receive;
    scratchBase = scratch.atLeast(schedule.scratchCopies() * vectorElements * bytesPerElement);
    members.enter(signature);
    running = true;
    runLanes();
    members.leave();
    running = false;
    if (divisor > 1) {
      kernel.divide(receive, receive, count, divisor);
    }
  }

  /// Returns a member that the operation that runs cannot go on without, -1 if there is none. For
  /// the thread that runs it.
  int awaited() {
    for (int lane = 0; running && lane < steps.length; lane++) {
      if (stepOf[lane] < steps[lane].length) {
        Step step = steps[lane][stepOf[lane]];
        if (doneOf[lane] > 0 || isReady(step)) {
          return step.kind().receives() ? step.receivePeer() : step.sendPeer();
        }
      }
    }
    return -1;
  }

  private void runLanes() {
    int lanes = steps.length;
    for (int lane = 0; lane < lanes; lane++) {
      stepOf[lane] = 0;
      doneOf[lane] = 0;
      consumedOf[lane] = 0;
      sendingOf[lane] = -1;
      expectedOf[lane] = false;
    }
    int round = 0;
    long waitStart = 0;
    while (true) {
      boolean progress = false;
      boolean finished = true;
      for (int lane = 0; lane < lanes; lane++) {
        progress |= advance(lane);
        finished &= stepOf[lane] == steps[lane].length;
      }
      if (finished) {
        return;
      }
      if (progress) {
        round = 0;
        waitStart = 0;
        members.wakePeers();
      } else if (members.progress()) {
        round = 0;
        waitStart = 0;
      } else {
        waitStart = members.idle(round++, waitStart);
      }
    }
  }

  /// Runs a lane until it can go no further; returns whether it got anywhere.
  private boolean advance(int lane) {
    boolean progress = false;
    while (stepOf[lane] < steps[lane].length) {
      Step step = steps[lane][stepOf[lane]];
      boolean begun = doneOf[lane] > 0 || expectedOf[lane] || sendingOf[lane] >= 0;
      if ((!begun && !isReady(step)) || !runSlice(lane, step)) {
        return progress;
      }
      progress = true;
    }
    return progress;
  }

  private boolean isReady(Step step) {
    for (int i = 0; i < step.after().size(); i++) {
      Dependency dependency = step.after().get(i);
      if (stepOf[dependency.lane()] <= dependency.step()) {
        return false;
      }
    }
    return true;
  }

  /// Runs the next slice of a lane's current step; returns false if it has to wait.
  private boolean runSlice(int lane, Step step) {
    int s = stepOf[lane];
    Channel.Sender sender = senders[lane][s];
    if (sendingOf[lane] >= 0 && sender != null) {
      return sendSlice(lane, sender);
    }
    Channel.Receiver receiver = receivers[lane][s];
    long elements = length(step) - doneOf[lane];
    long received = 0;
    if (receiver != null) {
      received = poll(lane, step, receiver);
      if (received == Channel.NONE) {
        return false;
      }
      elements = Math.min(elements, (receiver.receivedBytes() - consumedOf[lane]) / elementBytes);
    }
    long slot = 0;
    if (sender != null) {
      elements = Math.min(elements, sender.slotBytes() / elementBytes);
      if (step.kind() == StepKind.RECV_REDUCE_SEND) {
        slot = sender.claim();
        if (slot == Channel.NONE) {
          return false;
        }
      }
    }
    apply(step, doneOf[lane], elements, received, slot);
    if (receiver != null) {
      consumedOf[lane] += elements * elementBytes;
      if (consumedOf[lane] == receiver.receivedBytes()) {
        receiver.release();
        consumedOf[lane] = 0;
      }
    }
    if (sender != null && slot == 0) {
      Operand from = step.kind() == StepKind.SEND ? step.source() : step.target();
      sourceOf[lane] = address(from, doneOf[lane]);
      sendingOf[lane] = (int) (elements * elementBytes);
      boolean _ = sendSlice(lane, sender);
      return true;
    }
    if (sender != null) {
      sender.publish((int) (elements * elementBytes));
    }
    endSlice(lane, elements);
    return true;
  }

  /// Sends the slice under way; returns whether that is done.
  private boolean sendSlice(int lane, Channel.Sender sender) {
    if (!sender.send(sourceOf[lane], sendingOf[lane])) {
      return false;
    }
    long elements = sendingOf[lane] / elementBytes;
    sendingOf[lane] = -1;
    endSlice(lane, elements);
    return true;
  }

  private void endSlice(int lane, long elements) {
    doneOf[lane] += elements;
    if (doneOf[lane] >= length(steps[lane][stepOf[lane]])) {
      stepOf[lane]++;
      doneOf[lane] = 0;
      expectedOf[lane] = false;
    }
  }

  /// Returns where the data that arrived for a step lie, NONE if there are none.
  private long poll(int lane, Step step, Channel.Receiver receiver) {
    if (!expectedOf[lane]) {
      expectedOf[lane] = true;
      if (step.kind() == StepKind.RECV || step.kind() == StepKind.RECV_FORWARD) {
        long bytes = length(step) * elementBytes;
        long target = address(step.target(), 0);
        members.settle(target, bytes);
        receiver.expect(target, bytes);
      }
    }
    long message = receiver.poll();
    return message == Channel.NONE ? message : message + consumedOf[lane];
  }

  private long length(Step step) {
    return partition.length(step.shape().index() % partition.chunks(), vectorElements);
  }

  private void apply(Step step, long done, long elements, long received, long slot) {
    long bytes = elements * elementBytes;
    long source = address(step.source(), done);
    long target = address(step.target(), done);
    switch (step.kind()) {
      case SEND -> {}
      case COPY -> copy(target, source, bytes);
      case RECV, RECV_FORWARD -> copy(target, received, bytes);
      case REDUCE -> combine(target, target, source, elements);
      case RECV_REDUCE, RECV_REDUCE_FORWARD -> combine(target, source, received, elements);
      case RECV_REDUCE_SEND -> kernel.combine(slot, source, received, elements);
    }
  }

  private void copy(long target, long source, long bytes) {
    if (target != source) {
      members.settle(target, bytes);
      Memory.copy(target, source, bytes);
    }
  }

  private void combine(long target, long left, long right, long elements) {
    members.settle(target, elements * elementBytes);
    kernel.combine(target, left, right, elements);
  }

  private long address(@Nullable Operand operand, long done) {
    if (operand == null) {
      return 0;
    }
    int chunks = partition.chunks();
    int copy = operand.index() / chunks;
    long element = partition.start(operand.index() % chunks, vectorElements) + done;
    long base =
        operand.buffer() == Buffer.INPUT
            ? inputBase
            : operand.buffer() == Buffer.OUTPUT ? outputBase : scratchBase;
    return base + (copy * vectorElements + element) * elementBytes;
  }
}
