package dev.tutti.collectives;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;

/// The program that [ElasticProcessIT] runs as each rank: computes until a rank dies, goes on with
/// the others and a newcomer, as many times as its first argument says.
///
/// Prints `generation <number> <size> <rendezvous>` when it begins to compute, `done` at the end.
final class ElasticRank {
  private static final int COUNT = 50_000;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private ElasticRank() {}

  public static void main(String[] arguments) {
    int generations = Integer.parseInt(arguments[0]);
    try {
      Communicator world = Communicator.join();
      MemorySegment data = world.allocate(4L * COUNT);
      MemorySegment sum = world.allocate(4L * COUNT);
      int generation = agree(world, 0);
      while (generation < generations) {
        System.out.println(
            "generation " + generation + " " + world.size() + " " + world.rendezvous());
        world = goOn(compute(world, data, sum));
        generation = agree(world, generation + 1);
      }
      System.out.println("done");
      world.free(data); // it has come from one communicator to the next
      world.close();
    } catch (TuttiException e) {
      System.out.println(e.getClass().getSimpleName() + ": " + e.getMessage());
      System.exit(6);
    }
  }

  /// Newcomers do not know how far the others are.
  private static int agree(Communicator world, int mine) {
    int[] value = {mine};
    world.allReduce(value, ReduceOp.MAX);
    return value[0];
  }

  private static Communicator goOn(Communicator failed) {
    Communicator living = failed.shrink(PATIENCE);
    failed.close();
    Communicator grown = living.grow(1, PATIENCE);
    living.close();
    return grown;
  }

  /// Computes until somebody dies, and returns the communicator that has failed.
  private static Communicator compute(Communicator world, MemorySegment data, MemorySegment sum) {
    int n = world.size();
    try {
      for (int round = 0; ; round++) {
        for (int i = 0; i < COUNT; i++) {
          data.setAtIndex(ValueLayout.JAVA_INT, i, i + round + world.rank());
        }
        world.allReduce(data, sum, COUNT, DataType.INT32, ReduceOp.SUM);
        for (int i = 0; i < COUNT; i++) {
          if (sum.getAtIndex(ValueLayout.JAVA_INT, i) != n * (i + round) + n * (n - 1) / 2) {
            throw new AssertionError("wrong element " + i + " in round " + round);
          }
        }
      }
    } catch (RankFailedException e) {
      System.out.println(e.getMessage());
      return world;
    }
  }
}
