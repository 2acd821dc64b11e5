package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Schedule;
import dev.tutti.collectives.schedule.ScheduleSet;
import dev.tutti.topology.pack.PackedTrees;

/// All-gather on trees that were packed into the network: each rank's block goes down its trees.
///
/// Source: ForestColl (arXiv 2402.06787); [PackedTrees] says how the trees are found and that no
/// all-gather is faster by bandwidth. Each tree has a lane and `pieces` chunks of its root's block
/// ([PackedBlocks]).
public final class PackedTreesAllGather {
  private PackedTreesAllGather() {}

  /// Returns the schedules of all ranks.
  ///
  /// @param packed trees of an all-gather
  /// @param pieces into how many pieces each tree's part is cut, at least 1
  public static ScheduleSet scheduleSet(PackedTrees packed, int pieces) {
    PackedBlocks blocks = new PackedBlocks(packed, pieces);
    return ScheduleSet.of(packed.ranks(), rank -> schedule(packed, pieces, blocks, rank));
  }

  private static Schedule schedule(PackedTrees packed, int pieces, PackedBlocks blocks, int rank) {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(Collective.ALL_GATHER, packed.ranks(), rank, 0, blocks.partition());
    for (int t = 0; t < packed.trees().size(); t++) {
      RankTree tree = RankTree.of(packed.trees().get(t).down(), rank);
      int first = blocks.firstChunk(t);
      for (int chunk = first; chunk < first + pieces; chunk++) {
        Operand source = tree.isRoot() ? Operand.input(chunk) : Operand.output(chunk);
        TreePipeline.broadcastDown(steps, t, tree, chunk, source);
      }
      for (int chunk = first; tree.isRoot() && chunk < first + pieces; chunk++) {
        steps.copy(t, Operand.input(chunk), Operand.output(chunk));
      }
    }
    return steps.build();
  }
}
