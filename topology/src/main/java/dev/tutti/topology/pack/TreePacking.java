package dev.tutti.topology.pack;

import dev.tutti.topology.flow.MaxFlow;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;

/// Packs spanning trees into a directed graph of ranks.
///
/// Source: Edmonds, "Edge-disjoint branchings", 1973; with capacities, so that equal trees grow as
/// one, Bérczi, Frank, "Packing arborescences", EGRES TR-2009-04, and ForestColl (arXiv 2402.06787,
/// section 5.4). Trees grow edge by edge. An edge x → y may be taken for as many equal trees as
/// leave every other tree a chance: for each set X with y but not x that the tree has reached
/// already somewhere, what leads into X must stay at least the number of trees that have not
/// reached X. The surplus is a max-flow from x to y, where each other kind of tree adds a way from
/// x into all ranks that it has reached. If that is less than all the trees that grow as one, they
/// part.
///
/// For chains, the rank that was reached last is tried first; for shallow trees, the one that was
/// reached first.
final class TreePacking {
  private final int ranks;
  private final long[][] units;
  private final TreeShape shape;
  private final Deque<Batch> open = new ArrayDeque<>();

  /// Equal trees.
  ///
  /// @param root their root
  /// @param units how many there are
  /// @param parent of each rank, -1 for the root and for ranks not reached
  /// @param reached ranks in the order in which they were reached
  private record Batch(int root, long units, int[] parent, List<Integer> reached) {
    Batch of(long count) {
      return new Batch(root, count, parent.clone(), new ArrayList<>(reached));
    }
  }

  /// Equal trees that are complete.
  ///
  /// @param root their root
  /// @param units how many there are
  /// @param parent of each rank, -1 for the root
  record Tree(int root, long units, int[] parent) {}

  private record Choice(int from, int to, long units) {}

  private TreePacking(long[][] units, long[] share, TreeShape shape) {
    this.ranks = share.length;
    this.units = units;
    this.shape = shape;
    for (int root = 0; root < ranks; root++) {
      if (share[root] > 0) {
        int[] parent = new int[ranks];
        Arrays.fill(parent, -1);
        open.add(new Batch(root, share[root], parent, new ArrayList<>(List.of(root))));
      }
    }
  }

  /// Packs trees.
  ///
  /// @param units capacity from each rank to each other; what the trees use is taken off
  /// @param share how many trees have each rank as root
  /// @throws IllegalStateException if they do not fit
  static List<Tree> pack(long[][] units, long[] share, TreeShape shape) {
    TreePacking packing = new TreePacking(units, share, shape);
    List<Tree> trees = new ArrayList<>();
    while (!packing.open.isEmpty()) {
      Batch batch = packing.open.remove();
      while (batch.reached().size() < packing.ranks) {
        batch = packing.grow(batch);
      }
      trees.add(new Tree(batch.root(), batch.units(), batch.parent()));
    }
    return trees;
  }

  private Batch grow(Batch batch) {
    Choice best = choose(batch);
    if (best.units() < batch.units()) {
      open.addFirst(batch.of(batch.units() - best.units()));
    }
    Batch grown = batch.of(best.units());
    grown.parent()[best.to()] = best.from();
    grown.reached().add(best.to());
    units[best.from()][best.to()] -= best.units();
    return grown;
  }

  /// Returns the first edge that all the trees can take, else the one that most can.
  private Choice choose(Batch batch) {
    BitSet reached = new BitSet();
    batch.reached().forEach(reached::set);
    Choice best = new Choice(-1, -1, 0);
    int size = batch.reached().size();
    for (int i = 0; i < size; i++) {
      int from = batch.reached().get(shape == TreeShape.CHAINS ? size - 1 - i : i);
      for (int step = 1; step < ranks; step++) {
        int to = (from + step) % ranks;
        long most = Math.min(units[from][to], batch.units());
        if (!reached.get(to) && most > best.units()) {
          long possible = Math.min(most, surplus(from, to, most));
          if (possible > best.units()) {
            best = new Choice(from, to, possible);
          }
          if (possible == batch.units()) {
            return best;
          }
        }
      }
    }
    if (best.units() == 0) {
      throw new IllegalStateException("the trees of rank " + batch.root() + " do not fit");
    }
    return best;
  }

  private long surplus(int from, int to, long wanted) {
    MaxFlow flow = MaxFlow.withWholeCapacities(ranks + open.size());
    for (int a = 0; a < ranks; a++) {
      for (int b = 0; b < ranks; b++) {
        if (units[a][b] > 0) {
          flow.add(a, b, units[a][b]);
        }
      }
    }
    long others = 0;
    int extra = ranks;
    for (Batch other : open) {
      flow.add(from, extra, other.units());
      for (int rank : other.reached()) {
        flow.add(extra, rank, MaxFlow.UNLIMITED);
      }
      extra++;
      others += other.units();
    }
    return flow.wholeFlow(from, to, others + wanted) - others;
  }
}
