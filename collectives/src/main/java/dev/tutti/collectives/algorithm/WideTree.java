package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Operand;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A tree of any shape in which the links of a rank are busy all at once: every child of a rank has
/// a lane of its own.
///
/// On the way up a rank with several children takes pieces of the vector in groups of as many. Each
/// child begins with another piece of the group and goes on with the one before, so that no two of
/// them ever have to be added to the same piece at once. A rank with one child passes slices on as
/// they come; so does every rank on the way down, to its first child. A chain is thus a pipeline
/// like that of [TreePipeline]. Example, root 0 with the leaves 1 and 2, two pieces:
///
/// ```
/// lane 0: 1 sends piece 0, then 1
/// lane 1: 2 sends piece 1, then 0
/// ```
final class WideTree {
  private final int[] parents;
  private final List<List<Integer>> children = new ArrayList<>();
  private final int[] upLane; // of the edge to each rank's parent
  private final int[] downLane;
  private final int upWidth;
  private final int downWidth;

  /// Reads a tree.
  ///
  /// @param parents the parent of each rank, [RankTree#NONE] for the root
  WideTree(int[] parents) {
    this.parents = parents.clone();
    this.upLane = new int[parents.length];
    this.downLane = new int[parents.length];
    int up = 1;
    int down = 1;
    int root = 0;
    for (int rank = 0; rank < parents.length; rank++) {
      children.add(RankTree.of(parents, rank).children().reversed()); // the deepest first
      int below = children.get(rank).size();
      boolean isRoot = parents[rank] == RankTree.NONE;
      root = isRoot ? rank : root;
      up = Math.max(up, below > 1 && !isRoot ? below + 1 : below);
      down = Math.max(down, below);
    }
    upWidth = up;
    downWidth = down;
    assignLanes(root, true);
  }

  private void assignLanes(int rank, boolean isRoot) {
    List<Integer> below = children.get(rank);
    boolean beside = !isRoot && below.size() > 1; // the lane upwards is for what is complete
    for (int i = 0; i < below.size(); i++) {
      int child = below.get(i);
      upLane[child] = isRoot ? i : (upLane[rank] + i + (beside ? 1 : 0)) % upWidth;
      downLane[child] = isRoot ? i : (downLane[rank] + i) % downWidth;
      assignLanes(child, false);
    }
  }

  /// Returns the number of lanes that the way up can make use of.
  int upWidth() {
    return upWidth;
  }

  /// Returns the number of lanes that the way down can make use of.
  int downWidth() {
    return downWidth;
  }

  /// Returns in which order a rank's child sends it some pieces.
  private int[] order(int rank, int child, int pieces) {
    List<Integer> below = children.get(rank);
    int size = below.size();
    if (size == 1) {
      return parents[rank] == RankTree.NONE
          ? naturalOrder(pieces)
          : order(parents[rank], rank, pieces);
    }
    int[] order = new int[pieces];
    int number = below.indexOf(child);
    int next = 0;
    for (int done = 0; done < pieces; done += size) {
      int group = Math.min(size, pieces - done);
      for (int turn = 0; turn < size; turn++) {
        int piece = Math.floorMod(number - turn, size);
        if (piece < group) {
          order[next++] = done + piece;
        }
      }
    }
    return order;
  }

  private static int[] naturalOrder(int pieces) {
    int[] order = new int[pieces];
    Arrays.setAll(order, i -> i);
    return order;
  }

  /// Appends a rank's part of the reduction of chunks to the root's OUTPUT; partial sums are kept
  /// in OUTPUT.
  ///
  /// @param firstLane the first of the lanes
  /// @param lanes how many there are, at least 1
  void reduceUp(
      ProgramOrderBuilder steps, int rank, int firstLane, int lanes, int firstChunk, int chunks) {
    List<Integer> below = children.get(rank);
    int parent = parents[rank];
    boolean isRoot = parent == RankTree.NONE;
    int[] upwards = isRoot ? new int[0] : order(parent, rank, chunks);
    int lane = firstLane + upLane[rank] % lanes;
    if (!isRoot && below.size() < 2) {
      for (int piece : upwards) {
        Operand own = Operand.input(firstChunk + piece);
        if (below.isEmpty()) {
          steps.send(lane, own, parent);
        } else {
          steps.recvReduceSend(lane, own, below.getFirst(), parent);
        }
      }
      return;
    }
    int[][] orders = below.stream().map(child -> order(rank, child, chunks)).toArray(int[][]::new);
    int[] added = new int[chunks];
    int sent = 0;
    for (int turn = 0; turn < chunks; turn++) {
      for (int i = 0; i < orders.length; i++) {
        int piece = orders[i][turn];
        int chunk = firstChunk + piece;
        Operand sum = added[piece]++ == 0 ? Operand.input(chunk) : Operand.output(chunk);
        int from = below.get(i);
        steps.recvReduce(firstLane + upLane[from] % lanes, sum, Operand.output(chunk), from);
      }
      while (sent < upwards.length && added[upwards[sent]] == below.size()) {
        steps.send(lane, Operand.output(firstChunk + upwards[sent++]), parent);
      }
    }
  }

  /// Appends a rank's part of the broadcast of chunks from the root's OUTPUT to every OUTPUT.
  ///
  /// @param firstLane the first of the lanes
  /// @param lanes how many there are, at least 1
  void broadcastDown(
      ProgramOrderBuilder steps, int rank, int firstLane, int lanes, int firstChunk, int chunks) {
    List<Integer> below = children.get(rank);
    boolean isRoot = parents[rank] == RankTree.NONE;
    int lane = firstLane + downLane[rank] % lanes;
    for (int chunk = firstChunk; chunk < firstChunk + chunks; chunk++) {
      Operand result = Operand.output(chunk);
      if (!isRoot && below.isEmpty()) {
        steps.recv(lane, result, parents[rank]);
      } else if (!isRoot) {
        steps.recvForward(lane, result, parents[rank], below.getFirst());
      }
      for (int i = isRoot ? 0 : 1; i < below.size(); i++) {
        int child = below.get(i);
        steps.send(firstLane + downLane[child] % lanes, result, child);
      }
    }
  }
}
