package dev.tutti.bench;

import dev.tutti.collectives.Communicator;
import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import dev.tutti.collectives.TuttiException;
import java.lang.foreign.MemorySegment;

/// The program that [ObserveProcessIT] runs as each rank; its argument is what to do.
final class ObservedRank {
  private ObservedRank() {}

  public static void main(String[] arguments) {
    try (Communicator world = Communicator.join()) {
      MemorySegment data = world.allocate(1 << 16);
      int count = 1000;
      for (long i = 0; ; i++) {
        if (arguments[0].equals("mismatch") && world.rank() == 1 && i == 500) {
          count = 999;
        }
        world.allReduce(data, data, count, DataType.FLOAT32, ReduceOp.SUM);
        if (i == 100) {
          System.out.println("running " + ProcessHandle.current().pid());
        }
      }
    } catch (TuttiException e) {
      System.out.println(e.getClass().getSimpleName());
      System.exit(6);
    }
  }
}
