package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;
import dev.tutti.collectives.schedule.ScheduleSet;
import dev.tutti.topology.pack.PackedTrees;
import dev.tutti.topology.pack.PackedTrees.Tree;
import java.util.List;

/// All-reduce on trees that were packed into the network: each part of the vector goes up one tree
/// to its root, where the sum is, and down another.
///
/// Source: ForestColl (arXiv 2402.06787), with roots of unequal shares; [PackedTrees] says how the
/// trees are found and how close they come to what the network allows at best. The two ways are
/// those of [TreePipeline].
///
/// Each tree has `pieces` chunks, as large as its weight says, and two lanes, up and down, or one
/// for both where there are not lanes enough: then the way up of a piece waits for the way down of
/// the one before. The trees are mostly chains, which pass slices on as they come. Example, 3
/// ranks, root 1, up 0 → 2 → 1, down 1 → 0 → 2, one piece, rank 0:
///
/// ```
/// lane 0: send in0 -> 2
/// lane 1: out0 = recv <- 1, send on -> 2
/// ```
public final class PackedTreesAllReduce {
  private PackedTreesAllReduce() {}

  /// Returns the schedules of all ranks.
  ///
  /// @param packed trees in both directions
  /// @param pieces into how many pieces each tree's part is cut, at least 1
  /// @param lanes how many lanes may be used; at least one for each tree is
  public static ScheduleSet scheduleSet(PackedTrees packed, int pieces, int lanes) {
    if (pieces < 1) {
      throw new IllegalArgumentException("pieces is " + pieces + ", expected at least 1");
    }
    return ScheduleSet.of(packed.ranks(), rank -> schedule(packed, pieces, lanes, rank));
  }

  private static Schedule schedule(PackedTrees packed, int pieces, int lanes, int rank) {
    List<Tree> trees = packed.trees();
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(
            Collective.ALL_REDUCE, packed.ranks(), rank, 0, partition(trees, pieces));
    int lanesEach = 2 * trees.size() <= lanes ? 2 : 1;
    for (int t = 0; t < trees.size(); t++) {
      RankTree up = RankTree.of(trees.get(t).up(), rank);
      RankTree down = RankTree.of(trees.get(t).down(), rank);
      int lane = t * lanesEach;
      for (int chunk = t * pieces; chunk < (t + 1) * pieces; chunk++) {
        TreePipeline.reduceUp(steps, lane, up, chunk);
        TreePipeline.broadcastDown(steps, lane + lanesEach - 1, down, chunk, Operand.output(chunk));
      }
    }
    return steps.build();
  }

  /// Returns the partition of a vector into the pieces of each tree's part.
  static Partition partition(List<Tree> trees, int pieces) {
    long[] weights = new long[trees.size() * pieces];
    for (int c = 0; c < weights.length; c++) {
      weights[c] = Math.max(1, trees.get(c / pieces).weight() / pieces);
    }
    return LowestTerms.partition(weights);
  }
}
