package dev.tutti.bench.launch;

import dev.tutti.collectives.Communicator;
import dev.tutti.collectives.ReduceOp;

/// A rank for tests of launchers: joins as the environment says and sums the ranks up.
final class JoinMain {
  private JoinMain() {}

  public static void main(String[] args) {
    try (Communicator world = Communicator.join()) {
      float[] sum = {world.rank() + 1};
      world.allReduce(sum, ReduceOp.SUM);
      // In one piece: launchers mix the output of ranks.
      System.out.print("rank " + world.rank() + " of " + world.size() + " sum " + sum[0] + "\n");
      System.out.flush();
    }
  }
}
