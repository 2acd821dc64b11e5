package dev.tutti.collectives;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/// All-reduces of ones and a large number that comes late: the bits of the sum tell whether the
/// ones were added up first.
final class StragglerCases {
  /// Elements of a vector that is large enough.
  static final int COUNT = 1 << 18;

  private static final float LARGE = 1 << 24; // and one more is the same in float32
  private static final long FIRST_DELAY_NANOS = 1_000_000;
  private static final long LONGEST_DELAY_NANOS = 2_000_000_000;

  private StragglerCases() {}

  static void fill(MemorySegment data, float value) {
    data.copyFrom(all(value));
  }

  static boolean allAre(MemorySegment data, float value) {
    return all(value).mismatch(data) < 0;
  }

  private static MemorySegment all(float value) {
    float[] values = new float[COUNT];
    Arrays.fill(values, value);
    return MemorySegment.ofArray(values);
  }

  /// Delays one rank more and more until the others begin without it. Every rank sees the same
  /// bits, so all stop together.
  ///
  /// @return whether they did
  static boolean beginsWithout(Communicator c, int late, boolean inPlace) {
    MemorySegment send = c.allocate(COUNT * 4L);
    MemorySegment receive = inPlace ? send : c.allocate(COUNT * 4L);
    boolean without = false;
    for (long delay = FIRST_DELAY_NANOS; !without && delay < LONGEST_DELAY_NANOS; delay *= 2) {
      fill(send, c.rank() == late ? LARGE : 1);
      if (c.rank() == late) {
        LockSupport.parkNanos(delay);
      }
      c.allReduce(send, receive, COUNT, DataType.FLOAT32, ReduceOp.SUM);
      without = allAre(receive, LARGE + (float) (c.size() - 1));
    }
    return without;
  }

  /// A judge and another rank are late; in the end the last one never comes.
  static void someRanksAndThenOneDies(Communicator c) {
    for (int late = 1; late < c.size(); late += 2) {
      if (!beginsWithout(c, late, late == 1)) {
        throw new AssertionError("nothing began without rank " + late);
      }
    }
    MemorySegment data = c.allocate(COUNT * 4L);
    for (int i = 0; i < 3; i++) {
      fill(data, c.rank());
      c.allReduce(data, data, COUNT, DataType.FLOAT32, ReduceOp.AVG);
      if (!allAre(data, (c.size() - 1) / 2f)) {
        throw new AssertionError("the mean is " + data.get(ValueLayout.JAVA_FLOAT, 0));
      }
      c.barrier();
    }
    System.out.println("all done without");
    if (c.rank() == c.size() - 1) {
      Runtime.getRuntime().halt(9);
    }
    c.allReduce(data, data, COUNT, DataType.FLOAT32, ReduceOp.SUM);
  }
}
