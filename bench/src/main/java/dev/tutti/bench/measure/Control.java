package dev.tutti.bench.measure;

import dev.tutti.collectives.Communicator;
import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// What the ranks of a benchmark tell each other beside the measured operations, through the
/// library itself: decisions that all must take alike are taken on values that all have alike.
///
/// Every method is a collective operation of the communicator's ranks.
final class Control {
  private final Communicator communicator;
  private final MemorySegment own;
  private final MemorySegment combined;

  /// Makes the control of one rank.
  ///
  /// @param capacity most values that are combined at once
  Control(Communicator communicator, int capacity) {
    this.communicator = communicator;
    this.own = communicator.allocate(8L * capacity);
    this.combined = communicator.allocate(8L * capacity);
  }

  void barrier() {
    communicator.barrier();
  }

  /// Returns the largest of the ranks' values.
  double max(double value) {
    own.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, 0, value);
    communicator.allReduce(own, combined, 1, DataType.FLOAT64, ReduceOp.MAX);
    return combined.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, 0);
  }

  /// Returns the sum of the ranks' values.
  long sum(long value) {
    own.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, value);
    communicator.allReduce(own, combined, 1, DataType.INT64, ReduceOp.SUM);
    return combined.get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
  }

  /// Returns, for each of the first `count` durations, the largest of the ranks' values.
  double[] max(long[] values, int count) {
    for (int i = 0; i < count; i++) {
      own.setAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, i, values[i]);
    }
    communicator.allReduce(own, combined, count, DataType.FLOAT64, ReduceOp.MAX);
    double[] result = new double[count];
    for (int i = 0; i < count; i++) {
      result[i] = combined.getAtIndex(ValueLayout.JAVA_DOUBLE_UNALIGNED, i);
    }
    return result;
  }
}
