package dev.tutti.collectives.schedule;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Builds the [Schedule] of one rank, step by step.
///
/// Every step method appends to one lane and returns a [Dependency] that names the new step, so
/// that later steps of other lanes can wait for it. Lanes come into being when first named. Not
/// thread-safe.
public final class ScheduleBuilder {
  private final Collective collective;
  private final int ranks;
  private final int rank;
  private final int root;
  private final Partition partition;
  private final List<List<Step>> lanes = new ArrayList<>();
  private int scratchCopies;

  /// Starts an empty schedule; the parameters are those of [Schedule].
  public ScheduleBuilder(
      Collective collective, int ranks, int rank, int root, Partition partition) {
    this.collective = collective;
    this.ranks = ranks;
    this.rank = rank;
    this.root = root;
    this.partition = partition;
  }

  /// Appends target = source.
  public Dependency copy(int lane, Operand source, Operand target, Dependency... after) {
    return add(lane, StepKind.COPY, source, target, Step.NO_PEER, Step.NO_PEER, after);
  }

  /// Appends target = target + source.
  public Dependency reduce(int lane, Operand source, Operand target, Dependency... after) {
    return add(lane, StepKind.REDUCE, source, target, Step.NO_PEER, Step.NO_PEER, after);
  }

  /// Appends a send of source to `to`.
  public Dependency send(int lane, Operand source, int to, Dependency... after) {
    return add(lane, StepKind.SEND, source, null, Step.NO_PEER, to, after);
  }

  /// Appends target = what arrives from `from`.
  public Dependency recv(int lane, Operand target, int from, Dependency... after) {
    return add(lane, StepKind.RECV, null, target, from, Step.NO_PEER, after);
  }

  /// Appends target = source + what arrives from `from`.
  public Dependency recvReduce(
      int lane, Operand source, Operand target, int from, Dependency... after) {
    return add(lane, StepKind.RECV_REDUCE, source, target, from, Step.NO_PEER, after);
  }

  /// Appends target = what arrives from `from`, sent on to `to`.
  public Dependency recvForward(int lane, Operand target, int from, int to, Dependency... after) {
    return add(lane, StepKind.RECV_FORWARD, null, target, from, to, after);
  }

  /// Appends a send to `to` of source + what arrives from `from`, not stored.
  public Dependency recvReduceSend(
      int lane, Operand source, int from, int to, Dependency... after) {
    return add(lane, StepKind.RECV_REDUCE_SEND, source, null, from, to, after);
  }

  /// Appends target = source + what arrives from `from`, and a send of target to `to`.
  public Dependency recvReduceForward(
      int lane, Operand source, Operand target, int from, int to, Dependency... after) {
    return add(lane, StepKind.RECV_REDUCE_FORWARD, source, target, from, to, after);
  }

  private Dependency add(
      int lane,
      StepKind kind,
      @Nullable Operand source,
      @Nullable Operand target,
      int receivePeer,
      int sendPeer,
      Dependency... after) {
    while (lanes.size() <= lane) {
      lanes.add(new ArrayList<>());
    }
    List<Step> steps = lanes.get(lane);
    steps.add(new Step(kind, source, target, receivePeer, sendPeer, List.of(after)));
    noteScratch(source);
    noteScratch(target);
    return new Dependency(lane, steps.size() - 1);
  }

  private void noteScratch(@Nullable Operand operand) {
    if (operand != null && operand.buffer() == Buffer.SCRATCH) {
      scratchCopies = Math.max(scratchCopies, operand.index() / partition.chunks() + 1);
    }
  }

  /// Returns the schedule built so far.
  public Schedule build() {
    return new Schedule(
        collective,
        ranks,
        rank,
        root,
        partition,
        scratchCopies,
        lanes.stream().map(Lane::new).toList());
  }
}
