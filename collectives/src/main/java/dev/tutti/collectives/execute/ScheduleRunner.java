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
import dev.tutti.transport.Channel;
import org.jspecify.annotations.Nullable;

/// Executes any schedule, slice by slice, over channels.
///
/// The lanes are state machines on one thread: each runs until its step finds no message or no free
/// slot, then the next lane gets its turn. A slice is what fits a channel slot. Fused steps reduce
/// straight out of the receiving slot into the sending one.
final class ScheduleRunner implements Exchange {
  private final SharedGroup group;
  private final Schedule schedule;
  private final Partition partition;
  private final ScratchMemory scratch;
  private final Step[][] steps; // [lane][step]
  private final Channel.@Nullable Receiver[][] receivers; // [lane][step]
  private final Channel.@Nullable Sender[][] senders;
  private final int[] stepOf; // current step by lane
  private final long[] doneOf; // elements of the current step done, by lane

  // This operation's arguments; owned by the running thread.
  private long inputBase;
  private long outputBase;
  private long scratchBase;
  private long vectorElements;
  private int elementBytes;
  private ReductionKernel kernel;

  ScheduleRunner(
      SharedGroup group,
      Schedule schedule,
      ChannelTable channels,
      ScratchMemory scratch,
      ReductionKernel anyKernel) {
    this.group = group;
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
    for (int lane = 0; lane < lanes; lane++) {
      Step[] list = schedule.lanes().get(lane).steps().toArray(Step[]::new);
      steps[lane] = list;
      receivers[lane] = new Channel.Receiver[list.length];
      senders[lane] = new Channel.Sender[list.length];
      for (int s = 0; s < list.length; s++) {
        if (list[s].kind().receives()) {
          receivers[lane][s] = channels.from(list[s].receivePeer(), lane);
        }
        if (list[s].kind().sends()) {
          senders[lane][s] = channels.to(list[s].sendPeer(), lane);
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
    long ownBlock = group.index * blockBytes;
    boolean scattered =
        collective == Collective.ALL_GATHER || collective == Collective.REDUCE_SCATTER;
    vectorElements = scattered ? count * group.size : count;
    inputBase = collective == Collective.ALL_GATHER ? send - ownBlock : send;
    outputBase = collective == Collective.REDUCE_SCATTER ? receive - ownBlock : receive;
    scratchBase = scratch.atLeast(schedule.scratchCopies() * vectorElements * bytesPerElement);
    group.enter(signature);
    runLanes();
    if (divisor > 1) {
      kernel.divide(receive, receive, count, divisor);
    }
  }

  private void runLanes() {
    int lanes = steps.length;
    for (int lane = 0; lane < lanes; lane++) {
      stepOf[lane] = 0;
      doneOf[lane] = 0;
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
        group.waiter.wakePeers();
      } else {
        waitStart = group.waiter.idle(round++, waitStart);
      }
    }
  }

  /// Runs a lane until it can go no further; returns whether it got anywhere.
  private boolean advance(int lane) {
    boolean progress = false;
    while (stepOf[lane] < steps[lane].length) {
      Step step = steps[lane][stepOf[lane]];
      if ((doneOf[lane] == 0 && !isReady(step)) || !runSlice(lane, step)) {
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
    Channel.Receiver receiver = receivers[lane][s];
    Channel.Sender sender = senders[lane][s];
    long received = 0;
    if (receiver != null) {
      received = receiver.poll();
      if (received == Channel.NONE) {
        return false;
      }
    }
    long sent = 0;
    if (sender != null) {
      sent = sender.claim();
      if (sent == Channel.NONE) {
        return false;
      }
    }
    long length = length(step);
    long done = doneOf[lane];
    long elements = length - done;
    if (receiver != null || sender != null) {
      elements = Math.min(elements, group.layout.channelSlotBytes() / elementBytes);
    }
    apply(step, done, elements, received, sent);
    if (receiver != null) {
      receiver.release();
    }
    if (sender != null) {
      sender.publish((int) (elements * elementBytes));
    }
    if (done + elements >= length) {
      stepOf[lane] = s + 1;
      doneOf[lane] = 0;
    } else {
      doneOf[lane] = done + elements;
    }
    return true;
  }

  private long length(Step step) {
    return partition.length(step.shape().index() % partition.chunks(), vectorElements);
  }

  private void apply(Step step, long done, long elements, long received, long sent) {
    long bytes = elements * elementBytes;
    long source = address(step.source(), done);
    long target = address(step.target(), done);
    switch (step.kind()) {
      case COPY -> {
        if (target != source) {
          Memory.copy(target, source, bytes);
        }
      }
      case REDUCE -> kernel.combine(target, target, source, elements);
      case SEND -> Memory.copy(sent, source, bytes);
      case RECV -> Memory.copy(target, received, bytes);
      case RECV_REDUCE -> kernel.combine(target, source, received, elements);
      case RECV_FORWARD -> {
        Memory.copy(target, received, bytes);
        Memory.copy(sent, received, bytes);
      }
      case RECV_REDUCE_SEND -> kernel.combine(sent, source, received, elements);
      case RECV_REDUCE_FORWARD -> {
        kernel.combine(target, source, received, elements);
        Memory.copy(sent, target, bytes);
      }
    }
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
