package dev.tutti.collectives.algorithm;

import dev.tutti.collectives.schedule.Operand;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/// The two phases of halving-doubling for any number of ranks: reduce every chunk to its owner
/// along the [CanonicalTree], and send it back out along the same tree.
///
/// The tree of a chunk with owner o has the representatives of [CanonicalTree#representative] as
/// nodes: where level k joins a left and a right group, the one of their two representatives that
/// does not represent the joined group sends its partial sum to the other. For a power of two these
/// are exactly the exchanges of recursive halving: at level k rank r sends to r ^ 2^k the chunks
/// whose owners agree with that rank, and not with r, in bit k. For any n:
///
/// - the sum is the canonical tree, since only groups are joined;
/// - every rank but the owner sends each chunk exactly once, so a rank sends n - 1 chunks, the
///   least possible; what it receives is n - 1 on average, and more for ranks that stand in for
///   missing ones;
/// - ceil(log2 n) levels.
///
/// Lane 0 carries messages from left to right ranks, lane 1 from right to left; in each, all ranks
/// follow the order (level, chunk), so that no cycle of waits can arise. Example, 4 ranks, rank 1,
/// chunk = owner:
///
/// ```
/// level 0: sends chunks 0 and 2 to rank 0, adds chunks 1 and 3 from rank 0
/// level 1: sends chunk 3 to rank 3, adds chunk 1 from rank 3
/// ```
final class OwnerTrees {
  private static final int TO_RIGHT = 0;
  private static final int TO_LEFT = 1;

  private final ProgramOrderBuilder steps;
  private final int ranks;
  private final int rank;
  private final int[] ownerOfChunk;

  OwnerTrees(ProgramOrderBuilder steps, int ranks, int rank, int[] ownerOfChunk) {
    this.steps = steps;
    this.ranks = ranks;
    this.rank = rank;
    this.ownerOfChunk = ownerOfChunk;
  }

  /// Appends the reduction of every chunk to its owner.
  ///
  /// @param accumulator where this rank keeps the partial sum of a chunk
  void reduceToOwners(IntFunction<Operand> accumulator) {
    boolean[] added = new boolean[ranks];
    for (int level = 0; level < CanonicalTree.levels(ranks); level++) {
      for (int chunk = 0; chunk < ranks; chunk++) {
        Edge edge = edge(level, ownerOfChunk[chunk]);
        if (edge == null) {
          break;
        }
        Operand held = added[chunk] ? accumulator.apply(chunk) : Operand.input(chunk);
        if (rank == edge.child) {
          steps.send(edge.lane(edge.child), held, edge.parent);
        } else if (rank == edge.parent) {
          steps.recvReduce(edge.lane(edge.child), held, accumulator.apply(chunk), edge.child);
          added[chunk] = true;
        }
      }
    }
  }

  /// Appends the way back: OUTPUT of every chunk from its owner to all ranks.
  void gatherFromOwners() {
    for (int level = CanonicalTree.levels(ranks) - 1; level >= 0; level--) {
      for (int chunk = 0; chunk < ranks; chunk++) {
        Edge edge = edge(level, ownerOfChunk[chunk]);
        if (edge == null) {
          break;
        }
        if (rank == edge.parent) {
          steps.send(edge.lane(edge.parent), Operand.output(chunk), edge.child);
        } else if (rank == edge.child) {
          steps.recv(edge.lane(edge.parent), Operand.output(chunk), edge.parent);
        }
      }
    }
  }

  private @Nullable Edge edge(int level, int owner) {
    int base = CanonicalTree.base(rank, level + 1);
    int middle = base + (1 << level);
    if (middle >= ranks) {
      return null;
    }
    int left = CanonicalTree.representative(ranks, base, level, owner);
    int right = CanonicalTree.representative(ranks, middle, level, owner);
    int joined = CanonicalTree.representative(ranks, base, level + 1, owner);
    return joined == left ? new Edge(right, left) : new Edge(left, right);
  }

  /// The message of one chunk between the groups that a level joins.
  private record Edge(int child, int parent) {
    int lane(int sender) {
      return sender == Math.min(child, parent) ? TO_RIGHT : TO_LEFT;
    }
  }
}
