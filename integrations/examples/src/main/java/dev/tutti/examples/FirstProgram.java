package dev.tutti.examples;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.tutti.collectives.Communicator;
import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import java.lang.foreign.MemorySegment;

/// The first program of the README: every rank contributes its number, every rank gets the sum.
public final class FirstProgram {
  private FirstProgram() {}

  /// Runs one rank; takes no arguments.
  public static void main(String[] arguments) {
    try (Communicator world = Communicator.join()) {
      MemorySegment data = world.allocate(1000 * Float.BYTES);
      for (int i = 0; i < 1000; i++) {
        data.setAtIndex(JAVA_FLOAT, i, world.rank() + 1);
      }
      world.allReduce(data, data, 1000, DataType.FLOAT32, ReduceOp.SUM);
      System.out.println(world + ": every element is " + data.getAtIndex(JAVA_FLOAT, 999));
    }
  }
}
