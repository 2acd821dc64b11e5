package dev.tutti.collectives;

import dev.tutti.collectives.kernel.WireCodec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// All-reduces of float32 gradients that lose nothing for good where the option `wire` rounds them:
/// what rounding a rank's contribution lost is added to its next one.
///
/// Source: Seide, Fu, Droppo, Li, Yu, "1-Bit Stochastic Gradient Descent and its Application to
/// Data-Parallel Distributed Training of Speech DNNs", INTERSPEECH 2014; convergence: Karimireddy,
/// Rebjock, Stich, Jaggi, "Error Feedback Fixes SignSGD", ICML 2019. The rounding of the sum, which
/// is the same on all ranks, is not fed back.
///
/// One object belongs to one buffer of gradients. Where nothing is encoded it sums as
/// [Communicator#allReduce] does. It needs memory for two further buffers. Used by one thread at a
/// time; every rank of the communicator has one and calls the same.
public final class ErrorFeedback implements AutoCloseable {
  private final Communicator communicator;
  private final long count;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment residue;
  private final MemorySegment rounded;

  /// Begins without a residue.
  ///
  /// @param count elements of the gradients
  public ErrorFeedback(Communicator communicator, long count) {
    BufferChecks.count(count, DataType.FLOAT32, 1);
    this.communicator = communicator;
    this.count = count;
    this.residue = arena.allocate(Math.max(1, count) * Float.BYTES, 64);
    this.rounded = arena.allocate(Math.max(1, count) * Float.BYTES, 64);
  }

  /// Sums or averages gradients over all ranks; blocking.
  ///
  /// @param gradient this rank's, `count` float32 in native memory; not changed
  /// @param result where the sum goes, may be `gradient`
  /// @param op `SUM` or `AVG`
  /// @throws IllegalArgumentException if it is another operator, or a buffer is too small
  public void allReduce(MemorySegment gradient, MemorySegment result, ReduceOp op) {
    if (op != ReduceOp.SUM && op != ReduceOp.AVG) {
      throw new IllegalArgumentException("op is " + op + ", expected SUM or AVG");
    }
    BufferChecks.size("gradient", gradient, count * Float.BYTES);
    WireCodec codec = communicator.codec(count, op);
    if (codec == null) {
      communicator.allReduce(gradient, result, count, DataType.FLOAT32, op);
      return;
    }
    if (!gradient.isNative()) {
      throw new IllegalArgumentException("gradient is on the heap, expected native memory");
    }
    codec.carry(rounded.address(), residue.address(), gradient.address(), count);
    communicator.allReduce(rounded, result, count, DataType.FLOAT32, op);
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
