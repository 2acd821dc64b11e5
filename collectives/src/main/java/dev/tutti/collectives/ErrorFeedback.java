package dev.tutti.collectives;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// All-reduces of float32 gradients that lose nothing for good where the option `wire` rounds them:
/// what rounding lost is added to what is rounded the next time.
///
/// Every value is rounded at two places at most: by the rank that sends its host's sum of it, and
/// by the rank that sends the sum of all hosts. Each of them keeps what it lost, and as their
/// elements are not the same, one buffer of residues on every rank suffices. Sources: Seide, Fu,
/// Droppo, Li, Yu, "1-Bit Stochastic Gradient Descent and its Application to Data-Parallel
/// Distributed Training of Speech DNNs", INTERSPEECH 2014; convergence: Karimireddy, Rebjock,
/// Stich, Jaggi, "Error Feedback Fixes SignSGD", ICML 2019; both roundings: Tang, Yu, Lian, Zhang,
/// Liu, "DoubleSqueeze", ICML 2019.
///
/// One object belongs to one buffer of gradients and one operator. Where nothing is encoded it sums
/// as [Communicator#allReduce] does. Used by one thread at a time; every rank of the communicator
/// has one and calls the same.
public final class ErrorFeedback implements AutoCloseable {
  private final Communicator communicator;
  private final long count;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment residue;

  /// Begins without a residue.
  ///
  /// @param count elements of the gradients
  public ErrorFeedback(Communicator communicator, long count) {
    BufferChecks.count(count, DataType.FLOAT32, 1);
    this.communicator = communicator;
    this.count = count;
    this.residue = arena.allocate(Math.max(1, count) * Float.BYTES, 64);
  }

  /// Sums or averages gradients over all ranks; blocking.
  ///
  /// @param gradient this rank's, `count` float32; not changed
  /// @param result where the sum goes, may be `gradient`
  /// @param op `SUM` or `AVG`, the same in every call
  /// @throws IllegalArgumentException if it is another operator, or a buffer is too small
  public void allReduce(MemorySegment gradient, MemorySegment result, ReduceOp op) {
    if (op != ReduceOp.SUM && op != ReduceOp.AVG) {
      throw new IllegalArgumentException("op is " + op + ", expected SUM or AVG");
    }
    BufferChecks.size("gradient", gradient, count * Float.BYTES);
    communicator.allReduceCarrying(gradient, result, count, op, residue);
  }

  /// Forgets the residue, for gradients that have nothing to do with those before.
  public void reset() {
    residue.fill((byte) 0);
  }

  /// Frees the memory.
  @Override
  public void close() {
    arena.close();
  }
}
