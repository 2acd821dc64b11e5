package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Operand;

/// Sends chunks up a tree, adding the contributions, and down a tree, one chunk after the other.
///
/// The chunks are the pipeline: a rank works on chunk c while its parent works on chunk c - 1. The
/// two directions go in different lanes; each lane is then a tree in which all ranks follow the
/// order of the chunks, so no cycle of waits can arise, and the way down of the first chunks
/// overlaps the way up of the later ones.
final class TreePipeline {
  private TreePipeline() {}

  /// Appends the reduction of a chunk to the root's OUTPUT; partial sums are kept in OUTPUT.
  static void reduceUp(ProgramOrderBuilder steps, int lane, RankTree tree, int chunk) {
    reduceUp(steps, lane, tree, chunk, Operand.output(chunk));
  }

  /// Appends the reduction of a chunk to the root's `accumulator`.
  ///
  /// A rank adds the contributions of its children in the order of the list to its own. Partial
  /// sums are kept in `accumulator`; the last child's is added on the way through. Per rank: one
  /// step per child, or a SEND for a leaf.
  static void reduceUp(
      ProgramOrderBuilder steps, int lane, RankTree tree, int chunk, Operand accumulator) {
    Operand sum = Operand.input(chunk);
    int last = tree.children().size() - 1;
    if (last < 0) {
      steps.send(lane, sum, tree.parent());
      return;
    }
    for (int i = 0; i <= last; i++) {
      if (i == last && !tree.isRoot()) {
        steps.recvReduceSend(lane, sum, tree.children().get(i), tree.parent());
      } else {
        steps.recvReduce(lane, sum, accumulator, tree.children().get(i));
        sum = accumulator;
      }
    }
  }

  /// Appends the broadcast of a chunk from the root's `source` to every other rank's OUTPUT.
  ///
  /// The last child of the list is served first, slice by slice as they arrive: in a binomial tree
  /// it has the most descendants.
  static void broadcastDown(
      ProgramOrderBuilder steps, int lane, RankTree tree, int chunk, Operand source) {
    int next = tree.children().size() - 1;
    if (!tree.isRoot()) {
      if (next < 0) {
        steps.recv(lane, Operand.output(chunk), tree.parent());
      } else {
        int child = tree.children().get(next);
        steps.recvForward(lane, Operand.output(chunk), tree.parent(), child);
        next--;
      }
    }
    for (; next >= 0; next--) {
      steps.send(lane, source, tree.children().get(next));
    }
  }
}
