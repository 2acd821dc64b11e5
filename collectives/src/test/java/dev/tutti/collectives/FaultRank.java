package dev.tutti.collectives;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// The program that [FaultProcessIT] runs as each rank: works in one phase until a rank is gone,
/// goes on with the others, and checks what they compute together.
///
/// Prints `running` when it is about to start, `failed <nanos>` with the time at which it heard of
/// the failure, `survived <size> <sum>` at the end.
final class FaultRank {
  private static final int LARGE_COUNT = 4 << 20;
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final long IDLE_NANOS = 300_000_000;

  private FaultRank() {}

  public static void main(String[] arguments) {
    String phase = arguments[0];
    try {
      run(phase, Communicator.join());
    } catch (TuttiException e) {
      System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
      System.exit(6);
    }
  }

  private static void run(String phase, Communicator world) {
    int me = 1 << world.rank();
    Communicator living;
    try {
      living = phase.equals("shrink") ? shrinkUntilSmaller(world) : work(phase, world);
    } catch (RankFailedException e) {
      if (phase.equals("shrink")) {
        throw e; // this rank is out
      }
      System.out.println("failed " + System.nanoTime() + " " + e.getMessage());
      living = goOn(world);
    }
    int sum = sum(living, me);
    System.out.println("survived " + living.size() + " " + sum);
    living.close();
  }

  /// Shrinks until nobody fails meanwhile.
  private static Communicator goOn(Communicator failed) {
    Communicator living = failed;
    while (true) {
      Communicator next = living.shrink(PATIENCE);
      living.close();
      living = next;
      try {
        living.barrier();
        return living;
      } catch (RankFailedException e) {
        System.out.println("failed again " + e.getMessage());
      }
    }
  }

  private static int sum(Communicator communicator, int mine) {
    int[] data = {mine};
    communicator.allReduce(data, ReduceOp.SUM);
    return data[0];
  }

  private static Communicator work(String phase, Communicator world) {
    System.out.println("running");
    return switch (phase) {
      case "small" -> reduceForEver(world, 1);
      case "large" -> reduceForEver(world, LARGE_COUNT);
      case "idle" -> {
        while (true) {
          LockSupport.parkNanos(IDLE_NANOS);
          world.barrier();
        }
      }
      case "split" -> {
        while (true) {
          world.split(world.rank() % 2, 0).close();
        }
      }
      default -> throw new IllegalArgumentException(phase);
    };
  }

  private static Communicator reduceForEver(Communicator world, int count) {
    MemorySegment data = world.allocate(4L * count);
    MemorySegment result = world.allocate(4L * count);
    for (int i = 0; i < count; i++) {
      data.setAtIndex(ValueLayout.JAVA_INT, i, i + world.rank());
    }
    int n = world.size();
    while (true) {
      world.allReduce(data, result, count, DataType.INT32, ReduceOp.SUM);
      for (int i = 0; i < count; i += 1 + count / 1000) {
        int expected = n * i + n * (n - 1) / 2;
        if (result.getAtIndex(ValueLayout.JAVA_INT, i) != expected) {
          System.out.println("wrong");
          System.exit(7);
        }
      }
    }
  }

  /// Replaces a communicator by its survivors until they are fewer.
  private static Communicator shrinkUntilSmaller(Communicator world) {
    System.out.println("running");
    Communicator current = world;
    int size = world.size();
    while (current.size() == size) {
      Communicator next = current.shrink(PATIENCE);
      current.close();
      current = next;
    }
    System.out.println("failed " + System.nanoTime() + " shrank to " + current.size());
    return current;
  }
}
