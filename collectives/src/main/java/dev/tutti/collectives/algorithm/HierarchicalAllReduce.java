package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.algorithm.Islands.Group;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;
import dev.tutti.collectives.schedule.ScheduleSet;
import java.util.function.IntFunction;

/// All-reduce among groups of ranks that are closer to each other than to the rest, in any number
/// of levels: reduce-scatter inside each group, a ring across the groups by every shard owner, and
/// so on outwards; all-gather on the way back.
///
/// Source: the two-level scheme of Jia et al., "Highly scalable deep learning training system with
/// mixed-precision", arXiv:1807.11205, section 3.2, with every member of a group, not one leader,
/// owning a shard; for several levels Cho et al., "BlueConnect", MLSys 2019. Across G groups inside
/// a larger one the bytes are those of a ring of the groups, `2 (G - 1) / G` of what is reduced
/// there in and out of each, the least possible; and that is only the group's share, 1 / G, at the
/// level above.
///
/// [Islands] says who owns what: every member of a group the same share, unequal groups or not. A
/// chunk is (piece, part); in its lane the members of an innermost group send what they have to the
/// owner, who adds it; then the owners of the groups pass the sum on from group to group, beginning
/// behind the chunk's home and ending in it; the home's owner goes on likewise one level up. Back
/// down, it sends the finished chunk round the groups once more, and each owner gives it to its
/// group. Pieces keep the links between groups busy while the next pieces are reduced inside.
/// Example, owner 0 of group 0 of two groups of two (ranks 0 1 | 2 3), one piece:
///
/// ```
/// lane 0: out0 = in0 + recv <- 1; out0 += recv <- 2; send out0 -> 2; send out0 -> 1
/// lane 1: out1 = in1 + recv <- 1; send out1 -> 2; out1 = recv <- 2; send out1 -> 1
/// lane 2: send in2 -> 1; out2 = recv <- 1
/// lane 3: send in3 -> 1; out3 = recv <- 1
/// ```
public final class HierarchicalAllReduce {
  /// The name, as on the command line.
  public static final String NAME = "hierarchical";

  private static final int LEAST_LANES = 64; // what a communicator has at least by default
  private static final double UNITS = 1 << 28; // weights of the whole vector, roughly

  private final Islands islands;
  private final int ranks;
  private final int pieces;
  private final int chunks;
  private final int lanes;

  private HierarchicalAllReduce(int[][] groupOf, int pieces) {
    if (groupOf.length == 0 || groupOf[0].length == 0 || pieces < 1) {
      throw new IllegalArgumentException(
          "hierarchical needs at least one rank and one piece, got "
              + (groupOf.length == 0 ? 0 : groupOf[0].length)
              + " and "
              + pieces);
    }
    this.islands = new Islands(groupOf);
    this.ranks = groupOf[0].length;
    this.pieces = pieces;
    this.chunks = pieces * islands.parts();
    this.lanes = Math.min(chunks, Math.max(LEAST_LANES, ranks));
  }

  /// Returns the number of lanes for a number of pieces: one for each chunk, but at most as many as
  /// a communicator has by default, the larger of 64 and the number of ranks.
  public static int lanes(int[] groupOf, int pieces) {
    return new HierarchicalAllReduce(new int[][] {groupOf}, pieces).lanes;
  }

  /// Returns the schedules of all ranks for one level of groups.
  ///
  /// @param groupOf the group of each rank, any numbers; at least one rank
  /// @param pieces into how many pieces each owner's share is cut for each group, at least 1
  public static ScheduleSet scheduleSet(int[] groupOf, int pieces) {
    return scheduleSet(new int[][] {groupOf}, pieces);
  }

  /// Returns the schedules of all ranks for any number of levels.
  ///
  /// @param groupOf by level, the innermost first: the group of each rank, any numbers; at least
  ///   one level and one rank
  /// @param pieces as above
  /// @throws IllegalArgumentException if a group of one level is spread over several of the next
  public static ScheduleSet scheduleSet(int[][] groupOf, int pieces) {
    HierarchicalAllReduce algorithm = new HierarchicalAllReduce(groupOf, pieces);
    return ScheduleSet.of(algorithm.ranks, algorithm::schedule);
  }

  /// Returns what makes the schedule of each rank; arguments as for `scheduleSet`. It may be called
  /// by several threads.
  public static IntFunction<Schedule> scheduleOfRank(int[] groupOf, int pieces) {
    HierarchicalAllReduce algorithm = new HierarchicalAllReduce(new int[][] {groupOf}, pieces);
    return algorithm::schedule;
  }

  private Schedule schedule(int rank) {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(Collective.ALL_REDUCE, ranks, rank, 0, partition());
    for (int chunk = 0; chunk < chunks; chunk++) {
      int part = chunk % islands.parts();
      int lane = chunk % lanes;
      Operand sum = up(steps, rank, islands.root(), 0, part, chunk, lane);
      if (ranks == 1) {
        steps.copy(lane, sum, Operand.output(chunk));
      }
      down(steps, rank, islands.root(), 0, part, chunk, lane);
    }
    return steps.build();
  }

  private Partition partition() {
    long[] weights = new long[chunks];
    boolean even = true;
    for (int c = 0; c < chunks; c++) {
      double share = islands.share(c % islands.parts());
      weights[c] = Math.max(1, Math.round(share / pieces * UNITS));
      // Thirds of a power of two differ by a unit.
      even &= Math.abs(share * islands.parts() - 1) < 1e-4;
    }
    return even ? Partition.even(chunks) : Partition.weighted(weights);
  }

  /// Appends what a rank does to reduce a chunk inside a group.
  ///
  /// @return where the rank has what it knows of the sum
  private Operand up(
      ProgramOrderBuilder steps, int rank, Group group, int depth, int part, int chunk, int lane) {
    int own = group.childOf(rank);
    Group child = group.children().get(own);
    Operand sum = Operand.input(chunk);
    if (child.rank() < 0) {
      sum = up(steps, rank, child, depth + 1, part, chunk, lane);
    }
    int count = group.children().size();
    if (count == 1 || islands.keeper(child, depth + 1, part) != rank) {
      return sum;
    }
    int home = islands.home(group, depth, part);
    Operand out = Operand.output(chunk);
    if (child.rank() >= 0) {
      return direct(steps, group, own, home, sum, out, lane);
    }
    int place = Math.floorMod(own - home - 1, count); // 0 begins, count - 1 is at home
    if (place == 0) {
      steps.send(lane, sum, neighbour(group, depth, part, own + 1));
      return sum;
    }
    int previous = neighbour(group, depth, part, own - 1);
    if (place < count - 1) {
      steps.recvReduceSend(lane, sum, previous, neighbour(group, depth, part, own + 1));
      return sum;
    }
    steps.recvReduce(lane, sum, out, previous);
    return out;
  }

  /// Appends a member's part of the sum of an innermost group.
  private static Operand direct(
      ProgramOrderBuilder steps,
      Group group,
      int own,
      int home,
      Operand input,
      Operand output,
      int lane) {
    if (own != home) {
      steps.send(lane, input, group.children().get(home).rank());
      return input;
    }
    Operand sum = input;
    for (int i = 0; i < group.children().size(); i++) {
      if (i != own) {
        steps.recvReduce(lane, sum, output, group.children().get(i).rank());
        sum = output;
      }
    }
    return sum;
  }

  /// Appends what a rank does to give a finished chunk, which the group's keeper has, to a group.
  private void down(
      ProgramOrderBuilder steps, int rank, Group group, int depth, int part, int chunk, int lane) {
    int own = group.childOf(rank);
    int count = group.children().size();
    int home = islands.home(group, depth, part);
    Group child = group.children().get(own);
    Operand out = Operand.output(chunk);
    if (child.rank() >= 0) {
      if (own != home) {
        steps.recv(lane, out, group.children().get(home).rank());
      } else {
        for (Group other : group.children()) {
          if (other.rank() != rank) {
            steps.send(lane, out, other.rank());
          }
        }
      }
      return;
    }
    if (count > 1 && islands.keeper(child, depth + 1, part) == rank) {
      int distance = Math.floorMod(own - home, count);
      int next = neighbour(group, depth, part, own + 1);
      int previous = neighbour(group, depth, part, own - 1);
      if (distance == 0) {
        steps.send(lane, out, next);
      } else if (distance < count - 1) {
        steps.recvForward(lane, out, previous, next);
      } else {
        steps.recv(lane, out, previous);
      }
    }
    down(steps, rank, child, depth + 1, part, chunk, lane);
  }

  /// Returns who keeps a part for a child of a group, counted around.
  private int neighbour(Group group, int depth, int part, int index) {
    Group child = group.children().get(Math.floorMod(index, group.children().size()));
    return islands.keeper(child, depth + 1, part);
  }
}
