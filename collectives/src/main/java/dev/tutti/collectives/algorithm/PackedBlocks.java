package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Partition;
import dev.tutti.topology.pack.PackedTrees;
import dev.tutti.topology.pack.PackedTrees.Tree;
import java.util.Arrays;

/// Where the parts of packed trees lie in the blocks of the ranks: the i-th tree of root r has the
/// i-th `pieces` chunks of block r; blocks of roots with fewer trees end in empty chunks.
///
/// The weights of the trees of each root must add up to the same, so that the blocks are equal.
final class PackedBlocks {
  private final PackedTrees packed;
  private final int pieces;
  private final int[] first; // first tree of each root, one more entry than ranks
  private final int treesPerBlock;

  PackedBlocks(PackedTrees packed, int pieces) {
    if (pieces < 1) {
      throw new IllegalArgumentException("pieces is " + pieces + ", expected at least 1");
    }
    this.packed = packed;
    this.pieces = pieces;
    int[] count = new int[packed.ranks() + 1];
    packed.trees().forEach(tree -> count[tree.root() + 1]++);
    treesPerBlock = Arrays.stream(count).max().orElse(0);
    Arrays.parallelPrefix(count, Integer::sum);
    first = count;
  }

  /// Returns the first of the chunks of a tree.
  int firstChunk(int tree) {
    int root = packed.trees().get(tree).root();
    return (root * treesPerBlock + tree - first[root]) * pieces;
  }

  Partition partition() {
    long[] weights = new long[packed.ranks() * treesPerBlock * pieces];
    for (int t = 0; t < packed.trees().size(); t++) {
      Tree tree = packed.trees().get(t);
      Arrays.fill(weights, firstChunk(t), firstChunk(t) + pieces, tree.weight());
    }
    return LowestTerms.partition(weights);
  }
}
