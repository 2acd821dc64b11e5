package dev.tutti.collectives.schedule;

import static dev.tutti.collectives.schedule.ScheduleDefect.Kind.BAD_DEPENDENCY;
import static dev.tutti.collectives.schedule.ScheduleDefect.Kind.BAD_OPERAND;
import static dev.tutti.collectives.schedule.ScheduleDefect.Kind.BAD_PARTITION;
import static dev.tutti.collectives.schedule.ScheduleDefect.Kind.BAD_PEER;
import static dev.tutti.collectives.schedule.ScheduleDefect.Kind.BAD_SCRATCH;
import static dev.tutti.collectives.schedule.ScheduleDefect.Kind.CHUNK_MISMATCH;
import static dev.tutti.collectives.schedule.ScheduleDefect.Kind.OUTSIDE_BLOCK;
import static dev.tutti.collectives.schedule.ScheduleDefect.Kind.REDUCTION_WITHOUT_OPERATOR;
import static dev.tutti.collectives.schedule.ScheduleDefect.Kind.UNBOUNDED_SCRATCH;
import static dev.tutti.collectives.schedule.ScheduleDefect.Kind.WRITE_TO_INPUT;

import org.jspecify.annotations.Nullable;

/// Checks every step by itself: peers, operands, dependencies, lengths. O(steps + dependencies).
final class StructureCheck {
  private final ScheduleSet set;
  private final ChunkLengths lengths;
  private final DefectLog log;
  private final int ranks;
  private final int chunks;
  private final Blocks blocks;

  private int rank;
  private int lane;
  private int step;

  StructureCheck(ScheduleSet set, ChunkLengths lengths, DefectLog log) {
    this.set = set;
    this.lengths = lengths;
    this.log = log;
    this.ranks = set.ranks();
    this.chunks = set.partition().chunks();
    this.blocks = Blocks.of(set);
  }

  void run() {
    if (hasBlocks() && !lengths.hasEqualBlocks()) {
      log.add(
          BAD_PARTITION,
          -1,
          -1,
          -1,
          "partition "
              + set.partition()
              + " is not made of "
              + set.collective().blocks(ranks)
              + " equal blocks");
      return;
    }
    for (Schedule schedule : set.schedules()) {
      rank = schedule.rank();
      checkScratchSize(schedule);
      for (lane = 0; lane < schedule.lanes().size(); lane++) {
        Lane steps = schedule.lanes().get(lane);
        for (step = 0; step < steps.steps().size(); step++) {
          check(schedule, steps.steps().get(step));
        }
      }
    }
  }

  private boolean hasBlocks() {
    return set.collective().blocks(ranks) > 1;
  }

  /// The memory of a rank must not exceed what its schedule can use: one copy per step, or one per
  /// peer and lane where a schedule numbers its copies by peers.
  private void checkScratchSize(Schedule schedule) {
    long limit = (long) ranks * schedule.lanes().size();
    for (Lane l : schedule.lanes()) {
      limit += l.steps().size();
    }
    if (schedule.scratchCopies() > limit) {
      String copies = "scratchCopies is " + schedule.scratchCopies();
      log.add(UNBOUNDED_SCRATCH, rank, -1, -1, copies + ", more than the " + limit + " it can use");
    }
  }

  private void check(Schedule schedule, Step s) {
    Operand source = s.source();
    Operand target = s.target();
    checkPeer("receives from", s.receivePeer());
    checkPeer("sends to", s.sendPeer());
    boolean inRange = checkRange(schedule, source) & checkRange(schedule, target);
    if (target != null && target.buffer() == Buffer.INPUT) {
      add(WRITE_TO_INPUT, "writes " + ScheduleText.format(target) + ", the caller's send buffer");
    }
    if (s.kind().reduces() && !set.collective().reduces()) {
      add(
          REDUCTION_WITHOUT_OPERATOR,
          ScheduleText.format(s.kind())
              + " in "
              + set.collective().label()
              + ", which has no operator");
    }
    if (inRange) {
      checkBlock(source);
      checkBlock(target);
      if (source != null && target != null && !lengths.equal(source, target)) {
        String operands = ScheduleText.format(source) + " and " + ScheduleText.format(target);
        add(CHUNK_MISMATCH, operands + " may differ in length");
      }
    }
    for (Dependency d : s.after()) {
      checkDependency(schedule, d);
    }
  }

  private void checkPeer(String verb, int peer) {
    if (peer == rank) {
      add(BAD_PEER, verb + " itself");
    } else if (peer >= ranks) {
      add(BAD_PEER, verb + " rank " + peer + ", but there are " + ranks + " ranks");
    }
  }

  private boolean checkRange(Schedule schedule, @Nullable Operand operand) {
    if (operand == null) {
      return true;
    }
    if (operand.buffer() == Buffer.SCRATCH) {
      if (operand.index() >= (long) schedule.scratchCopies() * chunks) {
        String have = schedule.scratchCopies() + " scratch copies of " + chunks + " chunks";
        add(BAD_SCRATCH, ScheduleText.format(operand) + " is beyond the " + have);
        return false;
      }
    } else if (operand.index() >= chunks) {
      add(BAD_OPERAND, ScheduleText.format(operand) + " is beyond the " + chunks + " chunks");
      return false;
    }
    return true;
  }

  /// The rank must have that part of the buffer. Where a broadcast reads INPUT elsewhere than at
  /// the root, that is found as a read of nothing; a barrier has operands for the form only.
  private void checkBlock(@Nullable Operand operand) {
    if (operand == null
        || operand.buffer() == Buffer.SCRATCH
        || set.collective() == Collective.BROADCAST
        || set.collective() == Collective.BARRIER) {
      return;
    }
    boolean held =
        operand.buffer() == Buffer.INPUT
            ? blocks.holdsInput(rank, operand.index())
            : blocks.holdsOutput(rank, operand.index());
    if (!held) {
      add(
          OUTSIDE_BLOCK,
          ScheduleText.format(operand)
              + " lies in block "
              + blocks.blockOf(operand.index())
              + ", which rank "
              + rank
              + " does not have");
    }
  }

  private void checkDependency(Schedule schedule, Dependency d) {
    String name = "after " + d.lane() + "." + d.step();
    if (d.lane() < 0 || d.lane() >= schedule.lanes().size()) {
      add(BAD_DEPENDENCY, name + ": there are " + schedule.lanes().size() + " lanes");
      return;
    }
    int size = schedule.lanes().get(d.lane()).steps().size();
    if (d.step() < 0 || d.step() >= size) {
      add(BAD_DEPENDENCY, name + ": lane " + d.lane() + " has " + size + " steps");
    } else if (d.lane() == lane && d.step() >= step) {
      add(BAD_DEPENDENCY, name + ": does not come before this step of the same lane");
    }
  }

  private void add(ScheduleDefect.Kind kind, String message) {
    log.add(kind, rank, lane, step, message);
  }
}
