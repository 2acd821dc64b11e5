package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.Partition;
import dev.tutti.collectives.schedule.Schedule;
import dev.tutti.collectives.schedule.ScheduleSet;
import dev.tutti.topology.pack.PackedTrees;
import dev.tutti.topology.pack.PackedTrees.Tree;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// All-reduce on trees that were packed into the network: each part of the vector goes up one tree
/// to its root, where the sum is, and down another.
///
/// Source: ForestColl (arXiv 2402.06787), with roots of unequal shares; [PackedTrees] says how the
/// trees are found and how close they come to what the network allows at best.
///
/// Each tree has `pieces` chunks, as large as its weight says, or as many as make its widest rank
/// busy, and lanes for its way up and its way down ([WideTree]), or one for both where there are
/// not lanes enough: then the way up of a piece waits for the way down of the one before. Example,
/// 3 ranks, root 1, up 0 → 2 → 1, down 1 → 0 → 2, one piece, rank 0:
///
/// ```
/// lane 0: send in0 -> 2
/// lane 1: out0 = recv <- 1, send on -> 2
/// ```
public final class PackedTreesAllReduce {
  private final int ranks;
  private final List<Part> parts = new ArrayList<>();

  /// A tree with its lanes and its part of the vector.
  ///
  /// @param upLanes how many lanes it has on the way up, from the first of those on
  /// @param chunks how many chunks, from the first of those on
  /// @param chunkWeight how large each is
  private record Part(
      WideTree up,
      WideTree down,
      int firstUpLane,
      int upLanes,
      int firstDownLane,
      int downLanes,
      int firstChunk,
      int chunks,
      long chunkWeight) {}

  private PackedTreesAllReduce(PackedTrees packed, int pieces, int lanes) {
    ranks = packed.ranks();
    List<Tree> trees = packed.trees();
    List<WideTree> up = trees.stream().map(tree -> new WideTree(tree.up())).toList();
    List<WideTree> down = trees.stream().map(tree -> new WideTree(tree.down())).toList();
    int wanted =
        IntStream.range(0, trees.size())
            .map(t -> up.get(t).upWidth() + down.get(t).downWidth() - 2)
            .sum();
    boolean shares = 2 * trees.size() > lanes;
    int spare = shares ? 0 : lanes - 2 * trees.size();
    int lane = 0;
    int chunk = 0;
    for (int t = 0; t < trees.size(); t++) {
      int upLanes = lanes(up.get(t).upWidth(), spare, wanted);
      int downLanes = lanes(down.get(t).downWidth(), spare, wanted);
      int firstDown = shares ? lane : lane + upLanes;
      int chunks = Math.max(pieces, up.get(t).downWidth());
      long weight = Math.max(1, trees.get(t).weight() / chunks);
      parts.add(
          new Part(
              up.get(t), down.get(t), lane, upLanes, firstDown, downLanes, chunk, chunks, weight));
      lane = firstDown + downLanes;
      chunk += chunks;
    }
  }

  /// Returns how many lanes a direction of a tree has: one, and its part of what is left.
  private static int lanes(int width, int spare, int wanted) {
    int more = width - 1;
    return 1 + (wanted <= spare ? more : (int) ((long) more * spare / wanted));
  }

  /// Returns the schedules of all ranks.
  ///
  /// @param packed trees in both directions
  /// @param pieces into how many pieces each tree's part is cut at least, at least 1
  /// @param lanes how many lanes may be used; at least one for each tree is
  public static ScheduleSet scheduleSet(PackedTrees packed, int pieces, int lanes) {
    if (pieces < 1) {
      throw new IllegalArgumentException("pieces is " + pieces + ", expected at least 1");
    }
    PackedTreesAllReduce algorithm = new PackedTreesAllReduce(packed, pieces, lanes);
    Partition partition = algorithm.partition();
    return ScheduleSet.of(packed.ranks(), rank -> algorithm.schedule(partition, rank));
  }

  private Schedule schedule(Partition partition, int rank) {
    ProgramOrderBuilder steps =
        new ProgramOrderBuilder(Collective.ALL_REDUCE, ranks, rank, 0, partition);
    for (Part part : parts) {
      int first = part.firstChunk();
      part.up().reduceUp(steps, rank, part.firstUpLane(), part.upLanes(), first, part.chunks());
      part.down()
          .broadcastDown(steps, rank, part.firstDownLane(), part.downLanes(), first, part.chunks());
    }
    return steps.build();
  }

  private Partition partition() {
    Part last = parts.getLast();
    long[] weights = new long[last.firstChunk() + last.chunks()];
    for (Part part : parts) {
      Arrays.fill(
          weights, part.firstChunk(), part.firstChunk() + part.chunks(), part.chunkWeight());
    }
    return LowestTerms.partition(weights);
  }
}
