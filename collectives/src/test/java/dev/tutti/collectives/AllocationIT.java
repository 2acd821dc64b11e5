package dev.tutti.collectives;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Counts the bytes that calling and progress threads allocate over 10,000 operations.
///
/// Until the compiler has seen a path, boxes and iterators that it later removes are allocated, so
/// the count is repeated until it is zero; what is really allocated per operation never gets there.
/// Runs apart from the unit tests, whose use of the same code makes the compiler decide otherwise.
@Timeout(120)
final class AllocationIT {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int OPERATIONS = 10_000;
  private static final int ATTEMPTS = 30;
  private static final int TRACED = 20;

  static Stream<String> cases() {
    return Stream.of(
        "auto 1 blocking",
        "auto 1 prepared",
        "auto 1 started",
        "auto 4000 blocking",
        "direct 4000 blocking",
        "ring 3000 blocking",
        "halving-doubling 3000 prepared",
        "double-binary-tree 3000 prepared",
        "auto 4000 all-to-all-v",
        "pairwise 3000 all-to-all");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void shouldNotAllocate(String name) {
    String[] words = name.split(" ");
    int count = Integer.parseInt(words[1]);
    CommunicatorConfig config =
        CommunicatorConfig.builder().algorithm(words[0]).set("threadSharing", "allocated").build();
    try (World world = World.threads(2, config);
        Arena arena = Arena.ofShared()) {
      long[] allocated = new long[2];
      StringBuilder places = new StringBuilder();
      world.run(c -> {
        MemorySegment data = arena.allocate(4L * count, 64);
        PreparedOperation sum =
            c.prepareAllReduce(data, data, count, DataType.FLOAT32, ReduceOp.MAX);
        MemorySegment other = arena.allocate(4L * count, 64);
        long[] counts = {count / 4, count / 2};
        long[] starts = {count / 4, count / 2};
        long[] received = {counts[c.rank()], counts[c.rank()]};
        PreparedOperation uneven =
            c.prepareAllToAllV(
                data, counts, starts, other, received, new long[] {0, count / 2}, DataType.FLOAT32);
        MemorySegment done = arena.allocate(8, 8);
        PreparedOperation most = c.prepareAllReduce(done, done, 1, DataType.INT64, ReduceOp.MAX);
        sum.start().await();
        long progress = words[2].equals("started") ? progressThread(c.rank()) : -1;
        Runnable operations =
            () -> {
              for (int i = 0; i < OPERATIONS; i++) {
                switch (words[2]) {
                  case "blocking" -> c.allReduce(data, data, count, DataType.FLOAT32, ReduceOp.MAX);
                  case "prepared" -> sum.run();
                  case "all-to-all" -> c.allToAll(data, other, count / 2, DataType.FLOAT32);
                  case "all-to-all-v" -> uneven.run();
                  default -> sum.start().await();
                }
              }
            };
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
          long before = allocatedBytes(progress);
          operations.run();
          allocated[c.rank()] = allocatedBytes(progress) - before;
          done.set(JAVA_LONG, 0, allocated[c.rank()]);
          most.run();
          if (done.get(JAVA_LONG, 0) == 0) {
            return;
          }
        }
        AllocationTrace trace = c.rank() == 0 ? AllocationTrace.start() : null;
        for (int i = 0; i < TRACED; i++) {
          operations.run();
        }
        if (trace != null) {
          places.append(trace.stop());
        }
      });

      assertThat(allocated).as(places.toString()).containsOnly(0);
    }
  }

  /// Returns the bytes allocated so far by this thread and the progress thread of its rank.
  private static long allocatedBytes(long progressThread) {
    long own = THREADS.getCurrentThreadAllocatedBytes();
    return progressThread < 0 ? own : own + THREADS.getThreadAllocatedBytes(progressThread);
  }

  /// Returns the id of the rank's progress thread, which the first started operation has made.
  private static long progressThread(int rank) {
    for (long id : THREADS.getAllThreadIds()) {
      ThreadInfo info = THREADS.getThreadInfo(id);
      if (info != null && info.getThreadName().equals("tutti-progress-" + rank)) {
        return id;
      }
    }
    throw new AssertionError("no progress thread");
  }
}
