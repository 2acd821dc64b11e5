package dev.tutti.collectives;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.URI;
import java.util.List;

/// The program that [CommunicatorProcessIT] runs as each rank; its first argument is what to do.
final class ProcessRank {
  private static final long[] COUNTS = {0, 1, 12, 13, 1000, 100_003, 700_000};
  private static final long[] FEW_COUNTS = {0, 1, 13, 100_003};

  private ProcessRank() {}

  public static void main(String[] arguments) {
    if (arguments[0].contains(":")) {
      inTurn(arguments[0].split(","));
      return;
    }
    try (Communicator world = Communicator.join()) {
      switch (arguments[0]) {
        case "collectives" -> {
          collectives(world, COUNTS);
          foreignBuffers(world);
        }
        case "brief" -> collectives(world, FEW_COUNTS);
        case "large" -> large(world);
        case "forever" -> forever(world);
        case "mismatch" -> mismatch(world);
        case "small" -> small(world);
        case "circle" -> circle(world);
        case "exchanges" -> MoreCollectives.run(world);
        case "stragglers" -> StragglerCases.someRanksAndThenOneDies(world);
        case "window" -> WindowCases.all(world);
        case "window-forever" -> WindowCases.awaitForEver(world);
        default -> collectivesOver(world, arguments[0]);
      }
      System.out.println("done " + world.rank());
    } catch (TuttiException e) {
      System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
      System.exit(6);
    }
  }

  /// Forms a world for each algorithm.
  ///
  /// @param worlds names of algorithms, each with the port where that world meets: `ring:12345`
  private static void inTurn(String... worlds) {
    for (String entry : worlds) {
      String algorithm = entry.substring(0, entry.indexOf(':'));
      URI meeting = URI.create("tcp://127.0.0.1" + entry.substring(entry.indexOf(':')));
      CommunicatorConfig config =
          CommunicatorConfig.builder().algorithm(algorithm).rendezvous(meeting).build();
      try (Communicator world = Communicator.join(config)) {
        collectives(world, FEW_COUNTS);
      }
      System.out.println(algorithm);
    }
  }

  private static void collectivesOver(Communicator c, String task) {
    String prefix = "collectives-over-";
    if (!task.startsWith(prefix)) {
      throw new IllegalArgumentException(task);
    }
    if (!task.equals(prefix + c.transport())) {
      throw new AssertionError("the transport is " + c.transport());
    }
    collectives(c, FEW_COUNTS);
  }

  /// Every rank sends before it receives, which small messages allow.
  private static void circle(Communicator c) {
    int next = (c.rank() + 1) % c.size();
    int previous = (c.rank() + c.size() - 1) % c.size();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocate(4000, 8);
      for (int i = 0; i < 100; i++) {
        fill(data, c.rank() + i);
        c.send(data, 1000, DataType.INT32, next);
        c.receive(data, 1000, DataType.INT32, previous);
        check("circle", data, 1000, previous + i, 1);
      }
    }
  }

  /// Chunks of several messages, of which a connection takes only some at a time.
  private static void large(Communicator c) {
    long count = 1_500_011; // several messages for each step
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocate(count * 4, 8);
      for (int i = 0; i < 3; i++) {
        fill(data, c.rank() + i);
        c.allReduce(data, data, count, DataType.INT32, ReduceOp.SUM);
        check("all-reduce", data, count, c.size() * (c.size() - 1) / 2 + i * c.size(), c.size());
      }
    }
  }

  private static void collectives(Communicator c, long[] counts) {
    int n = c.size();
    for (long count : counts) {
      for (boolean registered : List.of(true, false)) {
        try (Arena arena = Arena.ofConfined()) {
          long bytes = count * 4;
          MemorySegment one = registered ? c.allocate(bytes) : arena.allocate(bytes, 8);
          MemorySegment all = registered ? c.allocate(bytes * n) : arena.allocate(bytes * n, 8);
          fill(one, c.rank());
          c.allReduce(one, one, count, DataType.INT32, ReduceOp.SUM);
          check("all-reduce", one, count, n * (n - 1) / 2, n);
          fill(one, c.rank());
          c.allGather(one, all, count, DataType.INT32);
          for (int r = 0; r < n; r++) {
            check("all-gather", all.asSlice(r * bytes, bytes), count, r, 1);
          }
          c.reduceScatter(all, one, count, DataType.INT32, ReduceOp.SUM);
          check("reduce-scatter", one, count, n * c.rank(), n);
          fill(one, c.rank());
          c.broadcast(one, one, count, DataType.INT32, n - 1);
          check("broadcast", one, count, n - 1, 1);
          if (registered) {
            c.barrier();
            c.free(one);
            c.free(all);
          }
        }
      }
    }
    try (Communicator half = c.split(c.rank() % 2, -c.rank())) {
      int[] ones = {1};
      half.allReduce(ones, ReduceOp.SUM);
      if (ones[0] != half.size()) {
        throw new AssertionError("split: " + ones[0]);
      }
    }
  }

  /// Repeats until both ways of reading foreign buffers have been tried and one has been chosen.
  private static void foreignBuffers(Communicator c) {
    int count = 300_001; // above one MiB, where few trials suffice
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment one = arena.allocate(4L * count, 8);
      MemorySegment all = arena.allocate(4L * count * c.size(), 8);
      for (int i = 0; i < 12; i++) {
        fill(one, c.rank() + i);
        c.allGather(one, all, count, DataType.INT32);
        for (int r = 0; r < c.size(); r++) {
          check("all-gather", all.asSlice(4L * count * r), count, r + i, 1);
        }
        c.reduceScatter(all, one, count, DataType.INT32, ReduceOp.SUM);
        check("reduce-scatter", one, count, c.size() * (c.rank() + i), c.size());
        fill(one, c.rank() + i);
        MemorySegment sum = i % 2 == 0 ? one : all.asSlice(0, 4L * count);
        c.allReduce(one, sum, count, DataType.INT32, ReduceOp.SUM);
        check("all-reduce", sum, count, c.size() * (c.size() - 1) / 2 + c.size() * i, c.size());
        fill(one, c.rank() + i);
        c.broadcast(one, one, count, DataType.INT32, i % c.size());
        check("broadcast", one, count, i % c.size() + i, 1);
      }
    }
  }

  private static void fill(MemorySegment data, int rank) {
    for (long i = 0; i < data.byteSize() / 4; i++) {
      data.setAtIndex(JAVA_INT, i, (int) (rank + 3 * i));
    }
  }

  private static void check(String what, MemorySegment data, long count, int sum, int times) {
    for (long i = 0; i < count; i++) {
      int expected = (int) (sum + 3L * times * i);
      if (data.getAtIndex(JAVA_INT, i) != expected) {
        throw new AssertionError(
            what
                + " of "
                + count
                + ", element "
                + i
                + ": "
                + data.getAtIndex(JAVA_INT, i)
                + " instead of "
                + expected);
      }
    }
  }

  private static void forever(Communicator c) {
    MemorySegment data = c.allocate(1 << 16);
    System.out.println("running " + c.rank() + " " + ProcessHandle.current().pid());
    while (true) {
      c.allReduce(data, data, 1 << 12, DataType.FLOAT32, ReduceOp.SUM);
    }
  }

  private static void mismatch(Communicator c) {
    MemorySegment data = c.allocate(1 << 16);
    c.allReduce(data, data, 100 + c.rank(), DataType.INT64, ReduceOp.MIN);
  }

  private static void small(Communicator c) {
    MemorySegment data = c.allocate(4);
    PreparedOperation sum = c.prepareAllReduce(data, data, 1, DataType.FLOAT32, ReduceOp.SUM);
    for (int i = 0; i < 20_000; i++) {
      sum.run();
    }
  }
}
