package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;
import dev.tutti.collectives.schedule.ScheduleSet;
import dev.tutti.topology.pack.PackedTrees;
import dev.tutti.topology.pack.PackedTrees.Tree;
import java.util.List;

/// Broadcast on trees that were packed into the network, all from the same root, each with its part
/// of the vector.
///
/// Source: Edmonds, "Edge-disjoint branchings", 1973: so many trees fit as the least max-flow from
/// the root to a rank. [PackedTrees] says how they are found. Each tree has a lane and `pieces`
/// chunks.
public final class PackedTreesBroadcast {
  private PackedTreesBroadcast() {}

  /// Returns the schedules of all ranks.
  ///
  /// @param packed trees from the same root
  /// @param pieces into how many pieces each tree's part is cut, at least 1
  public static ScheduleSet scheduleSet(PackedTrees packed, int pieces) {
    if (pieces < 1) {
      throw new IllegalArgumentException("pieces is " + pieces + ", expected at least 1");
    }
    return ScheduleSet.of(packed.ranks(), rank -> schedule(packed, pieces, rank));
  }

  private static Schedule schedule(PackedTrees packed, int pieces, int rank) {
    List<Tree> trees = packed.trees();
    int root = trees.getFirst().root();
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(
            Collective.BROADCAST, packed.ranks(), rank, root, partition(trees, pieces));
    for (int t = 0; t < trees.size(); t++) {
      RankTree tree = RankTree.of(trees.get(t).down(), rank);
      for (int chunk = t * pieces; chunk < (t + 1) * pieces; chunk++) {
        Operand source = tree.isRoot() ? Operand.input(chunk) : Operand.output(chunk);
        TreePipeline.broadcastDown(steps, t, tree, chunk, source);
      }
      for (int chunk = t * pieces; tree.isRoot() && chunk < (t + 1) * pieces; chunk++) {
        steps.copy(t, Operand.input(chunk), Operand.output(chunk));
      }
    }
    return steps.build();
  }

  /// Returns the partition of a vector into the pieces of each tree's part.
  private static Partition partition(List<Tree> trees, int pieces) {
    long[] weights = new long[trees.size() * pieces];
    for (int c = 0; c < weights.length; c++) {
      weights[c] = Math.max(1, trees.get(c / pieces).weight() / pieces);
    }
    return LowestTerms.partition(weights);
  }
}
