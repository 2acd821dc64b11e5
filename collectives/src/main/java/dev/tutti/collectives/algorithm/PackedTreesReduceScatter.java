package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Operand;
import dev.tutti.collectives.schedule.Schedule;
import dev.tutti.collectives.schedule.ScheduleSet;
import dev.tutti.topology.pack.PackedTrees;

/// Reduce-scatter on trees that were packed into the network: each rank's block comes up its trees.
///
/// Source and chunks as for [PackedTreesAllGather]; the trees are those of an all-gather with every
/// link turned round. Ranks on the way that add what comes from several keep it in SCRATCH.
public final class PackedTreesReduceScatter {
  private PackedTreesReduceScatter() {}

  /// Returns the schedules of all ranks.
  ///
  /// @param packed trees of a reduce-scatter
  /// @param pieces into how many pieces each tree's part is cut, at least 1
  public static ScheduleSet scheduleSet(PackedTrees packed, int pieces) {
    PackedBlocks blocks = new PackedBlocks(packed, pieces);
    return ScheduleSet.of(packed.ranks(), rank -> schedule(packed, pieces, blocks, rank));
  }

  private static Schedule schedule(PackedTrees packed, int pieces, PackedBlocks blocks, int rank) {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(
            Collective.REDUCE_SCATTER, packed.ranks(), rank, 0, blocks.partition());
    for (int t = 0; t < packed.trees().size(); t++) {
      RankTree tree = RankTree.of(packed.trees().get(t).up(), rank);
      int first = blocks.firstChunk(t);
      for (int chunk = first; chunk < first + pieces; chunk++) {
        Operand partial = tree.isRoot() ? Operand.output(chunk) : Operand.scratch(chunk);
        TreePipeline.reduceUp(steps, t, tree, chunk, partial);
      }
    }
    return steps.build();
  }
}
