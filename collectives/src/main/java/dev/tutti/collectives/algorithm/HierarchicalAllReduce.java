package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;
import dev.tutti.collectives.schedule.ScheduleSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/// All-reduce among groups of ranks that are closer to each other than to the rest: reduce-scatter
/// inside each group, a ring across the groups by every shard owner, all-gather inside.
///
/// Source: the two-level scheme of Jia et al., "Highly scalable deep learning training system with
/// mixed-precision", arXiv:1807.11205, section 3.2, with every member of a group, not one leader,
/// owning a shard. Across the groups the bytes are those of a ring of the groups, 2 (G - 1) / G of
/// the vector in and out of each of G groups: the least possible.
///
/// There are as many shard owners g in each group as the smallest group has members; other members
/// only give and take. Chunk (piece, owner j, group c) has a lane of its own. In it, owner j of
/// each group takes what the group's other members send and adds its own; then the owners j pass
/// the sum on from group to group, beginning behind group c and ending in it; then group c's owner
/// sends the finished chunk round once more, and each owner gives it to its group. Pieces keep the
/// links between groups busy while the next pieces are reduced inside. Example, owner 0 of group 0
/// of two groups of two (ranks 0 1 | 2 3), one piece:
///
/// ```
/// lane 0 (j 0, c 0): out0 = in0 + recv <- 1; out0 += recv <- 2; send out0 -> 2; send out0 -> 1
/// lane 1 (j 0, c 1): out1 = in1 + recv <- 1; send out1 -> 2; out1 = recv <- 2; send out1 -> 1
/// lane 2 (j 1, c 0): send in2 -> 1; out2 = recv <- 1
/// lane 3 (j 1, c 1): send in3 -> 1; out3 = recv <- 1
/// ```
public final class HierarchicalAllReduce {
  /// The name, as on the command line.
  public static final String NAME = "hierarchical";

  private final int[] groupOf;
  private final List<int[]> groups = new ArrayList<>(); // members of each group, ascending
  private final int owners; // per group
  private final int chunks;

  private HierarchicalAllReduce(int[] groupOf, int pieces) {
    this.groupOf = groupOf;
    int[] names = IntStream.of(groupOf).distinct().toArray();
    int smallest = Integer.MAX_VALUE;
    for (int i = 0; i < names.length; i++) {
      int name = names[i];
      int[] members = IntStream.range(0, groupOf.length).filter(r -> groupOf[r] == name).toArray();
      groups.add(members);
      smallest = Math.min(smallest, members.length);
      for (int member : members) {
        groupOf[member] = -1 - i; // negative: not mixed up with the names
      }
    }
    for (int r = 0; r < groupOf.length; r++) {
      groupOf[r] = -1 - groupOf[r];
    }
    this.owners = smallest;
    this.chunks = pieces * owners * groups.size();
  }

  /// Returns the number of lanes and chunks for a number of pieces.
  public static int lanes(int[] groupOf, int pieces) {
    return new HierarchicalAllReduce(groupOf.clone(), pieces).chunks;
  }

  /// Returns the schedules of all ranks.
  ///
  /// @param groupOf the group of each rank, any numbers; at least one rank
  /// @param pieces into how many pieces each owner's share is cut for each group, at least 1
  public static ScheduleSet scheduleSet(int[] groupOf, int pieces) {
    return ScheduleSet.of(groupOf.length, scheduleOfRank(groupOf, pieces));
  }

  /// Returns what makes the schedule of each rank; arguments as for `scheduleSet`. It may be called
  /// by several threads.
  public static IntFunction<Schedule> scheduleOfRank(int[] groupOf, int pieces) {
    if (groupOf.length == 0 || pieces < 1) {
      throw new IllegalArgumentException(
          "hierarchical needs at least one rank and one piece, got "
              + groupOf.length
              + " and "
              + pieces);
    }
    HierarchicalAllReduce algorithm =
        new HierarchicalAllReduce(Arrays.copyOf(groupOf, groupOf.length), pieces);
    return algorithm::schedule;
  }

  private Schedule schedule(int rank) {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(
            Collective.ALL_REDUCE, groupOf.length, rank, 0, Partition.even(chunks));
    for (int lane = 0; lane < chunks; lane++) {
      chunk(steps, rank, lane);
    }
    return steps.build();
  }

  /// Appends what a rank does for a chunk; the chunk's number is also its lane.
  private void chunk(ProgramOrderBuilder steps, int rank, int chunk) {
    int owner = chunk / groups.size() % owners;
    int[] group = groups.get(groupOf[rank]);
    if (group[owner] == rank) {
      boolean alone = group.length == 1;
      gather(steps, rank, group, chunk);
      across(steps, groupOf[rank], owner, chunk, alone);
      for (int member : group) {
        if (member != rank) {
          steps.send(chunk, Operand.output(chunk), member);
        }
      }
    } else {
      steps.send(chunk, Operand.input(chunk), group[owner]);
      steps.recv(chunk, Operand.output(chunk), group[owner]);
    }
  }

  /// Appends the sum of the group's inputs into OUTPUT; nothing if the group is the owner alone.
  private static void gather(ProgramOrderBuilder steps, int rank, int[] group, int chunk) {
    Operand sum = Operand.input(chunk);
    for (int member : group) {
      if (member != rank) {
        steps.recvReduce(chunk, sum, Operand.output(chunk), member);
        sum = Operand.output(chunk);
      }
    }
  }

  /// Appends the owner's part of the ring across the groups.
  private void across(ProgramOrderBuilder steps, int group, int owner, int chunk, boolean alone) {
    int count = groups.size();
    Operand sum = alone ? Operand.input(chunk) : Operand.output(chunk);
    if (count == 1) {
      if (alone) {
        steps.copy(chunk, sum, Operand.output(chunk));
      }
      return;
    }
    int home = chunk % count;
    int place = Math.floorMod(group - home - 1, count); // 0 begins, count - 1 is at home
    int next = groups.get((group + 1) % count)[owner];
    int previous = groups.get((group + count - 1) % count)[owner];
    if (place == 0) {
      steps.send(chunk, sum, next);
    } else if (place < count - 1) {
      steps.recvReduceSend(chunk, sum, previous, next);
    } else {
      steps.recvReduce(chunk, sum, Operand.output(chunk), previous);
      steps.send(chunk, Operand.output(chunk), next);
      return;
    }
    if (place < count - 2) {
      steps.recvForward(chunk, Operand.output(chunk), previous, next);
    } else {
      steps.recv(chunk, Operand.output(chunk), previous);
    }
  }
}
