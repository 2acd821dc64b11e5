package dev.tutti.examples;

import dev.tutti.collectives.Communicator;
import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import dev.tutti.collectives.device.DeviceCommunicator;
import dev.tutti.collectives.device.DeviceOptions;
import java.lang.foreign.MemorySegment;

/// The program of `docs/accelerators.md`: every rank's device contributes its number, every rank's
/// device gets the sum.
public final class DeviceProgram {
  private DeviceProgram() {}

  /// Runs one rank; takes no arguments.
  public static void main(String[] arguments) {
    try (Communicator world = Communicator.join();
        DeviceCommunicator devices =
            DeviceCommunicator.join(world, DeviceOptions.fromEnvironment())) {
      float[] host = {world.rank() + 1, 10};
      long buffer = devices.allocate(host.length * Float.BYTES);
      devices.copyToDevice(MemorySegment.ofArray(host), buffer, host.length * Float.BYTES);
      devices.allReduce(buffer, buffer, host.length, DataType.FLOAT32, ReduceOp.SUM);
      devices.copyToHost(buffer, MemorySegment.ofArray(host), host.length * Float.BYTES);
      System.out.println(devices + ": " + host[0] + ", " + host[1]);
    }
  }
}
