package dev.tutti.bench.netlab;

import dev.tutti.collectives.Communicator;
import dev.tutti.collectives.RankFailedException;
import dev.tutti.collectives.ReduceOp;
import dev.tutti.collectives.TuttiException;
import java.time.Duration;

/// The program that [LostHostProcessIT] runs as each rank: reduces until a rank is lost, goes on
/// with the others.
final class LostHostRank {
  private LostHostRank() {}

  public static void main(String[] arguments) {
    try {
      Communicator world = Communicator.join();
      int[] data = {world.rank()};
      world.allReduce(data, ReduceOp.SUM);
      System.out.println("running");
      try {
        while (true) {
          world.barrier();
        }
      } catch (RankFailedException e) {
        System.out.println("lost " + e.failedRanks() + " " + e.getMessage());
      }
      try (Communicator living = world.shrink(Duration.ofSeconds(20))) {
        int[] one = {1 << world.rank()};
        living.allReduce(one, ReduceOp.SUM);
        System.out.println("survived " + living.size() + " " + one[0]);
      }
    } catch (TuttiException e) {
      System.out.println("out: " + e.getMessage());
      System.exit(6);
    }
  }
}
