package dev.tutti.collectives;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// What every rank does with a window in tests, whatever joins the ranks.
final class WindowCases {
  private static final int COUNT = 100_003; // several messages, not a whole number of them
  private static final long BYTES = 4L * COUNT;
  private static final int ROUNDS = 50;

  private WindowCases() {}

  static void all(Communicator world) {
    try (Window window = Window.open(world, BYTES + 3);
        Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocate(BYTES, 8);
      putRound(window, world, data);
      getFromAll(window, world, data);
      accumulateIntoOne(window, world, data);
      passRound(window, world, data);
      heap(window, world);
    }
    world.barrier(); // the communicator is still of use
  }

  private static void fill(MemorySegment data, int value) {
    for (int i = 0; i < COUNT; i++) {
      data.setAtIndex(JAVA_INT, i, value + i);
    }
  }

  private static void check(String what, MemorySegment data, int value, int step) {
    for (int i = 0; i < COUNT; i++) {
      int found = data.get(JAVA_INT.withByteAlignment(1), 4L * i);
      if (found != value + step * i) {
        throw new AssertionError(
            what + ": element " + i + " is " + found + ", expected " + (value + step * i));
      }
    }
  }

  /// Every rank writes to the next one, at an odd offset, and tells it.
  private static void putRound(Window window, Communicator world, MemorySegment data) {
    int n = world.size();
    fill(data, 7 * world.rank());

    window.putSignal(data, (world.rank() + 1) % n, 3, BYTES, 5);

    window.awaitSignal(5);
    check("put", window.local().asSlice(3), 7 * ((world.rank() + n - 1) % n), 1);
    window.fence();
  }

  private static void getFromAll(Window window, Communicator world, MemorySegment data) {
    fill(data, 1000 * world.rank());
    window.put(data, world.rank(), 0, BYTES);
    window.fence();
    for (int i = 0; i < world.size(); i++) {
      int from = (world.rank() + i) % world.size();

      window.get(data, from, 0, BYTES);

      check("get", data, 1000 * from, 1);
    }
    window.fence();
  }

  /// All at once, each several times.
  private static void accumulateIntoOne(Window window, Communicator world, MemorySegment data) {
    window.local().fill((byte) 0);
    window.fence();
    fill(data, world.rank());
    for (int i = 0; i < 3; i++) {
      window.accumulate(data, 0, 0, COUNT, DataType.INT32, ReduceOp.SUM);
    }
    window.fence();
    if (world.rank() == 0) {
      int n = world.size();
      check("accumulate", window.local(), 3 * n * (n - 1) / 2, 3 * n);
    }
    window.fence();
  }

  /// A counter goes round and round: what was put is there when the signal is.
  private static void passRound(Window window, Communicator world, MemorySegment data) {
    int next = (world.rank() + 1) % world.size();
    if (world.rank() == 0) {
      data.set(JAVA_INT, 0, 0);
      window.putSignal(data, next, 0, 4, 1);
    }
    for (int i = 0; i < ROUNDS; i++) {
      window.awaitSignal(1);
      int value = window.local().get(JAVA_INT, 0);
      assertThat(value)
          .isEqualTo(i * world.size() + (world.rank() + world.size() - 1) % world.size());
      boolean last = i == ROUNDS - 1 && world.rank() == 0;
      if (!last) {
        data.set(JAVA_INT, 0, value + 1);
        window.putSignal(data, next, 0, 4, 1);
      }
    }
    window.fence();
  }

  private static void heap(Window window, Communicator world) {
    int last = world.size() - 1;
    int[] three = {1, 2, 3};
    if (world.rank() == 0) {
      window.put(MemorySegment.ofArray(three), last, 16, 12);
      window.accumulate(MemorySegment.ofArray(three), last, 16, 3, DataType.INT32, ReduceOp.PROD);
    }
    window.fence();
    int[] squares = new int[3];

    window.get(MemorySegment.ofArray(squares), last, 16, 12);

    assertThat(squares).containsExactly(1, 4, 9);
    window.fence();
  }

  /// Waits for a signal that nobody sends.
  static void awaitForEver(Communicator world) {
    try (Window window = Window.open(world, 64)) {
      System.out.println("running " + world.rank());
      window.awaitSignal(0);
    }
  }
}
