package dev.tutti.collectives;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.tutti.collectives.device.DeviceCommunicator;
import dev.tutti.collectives.device.DeviceOptions;
import java.lang.foreign.MemorySegment;
import java.time.Duration;

/// The program that [DeviceProcessIT] runs as each rank: all ranks sum, the one that the argument
/// names dies, the others go on.
final class DeviceRank {
  private DeviceRank() {}

  public static void main(String[] arguments) {
    try (Communicator world = Communicator.join();
        DeviceCommunicator devices =
            DeviceCommunicator.join(world, DeviceOptions.fromEnvironment())) {
      long buffer = devices.allocate(JAVA_LONG.byteSize());
      System.out.println(devices.backend() + " sum " + sumOfRanks(devices, buffer));
      world.barrier(); // that is done everywhere
      if (world.rank() == Integer.parseInt(arguments[0])) {
        Runtime.getRuntime().halt(3);
      }
      try {
        devices.allReduce(buffer, buffer, 1, DataType.INT64, ReduceOp.SUM);
        System.out.println("no failure");
      } catch (RankFailedException e) {
        System.out.println("failed " + e.failedRanks());
      }
      try (DeviceCommunicator left = devices.shrink(Duration.ofSeconds(20))) {
        System.out.println(left.rank() + " of " + left.size() + " sum " + sumOfRanks(left, buffer));
      }
    }
  }

  /// The sum over ranks of rank + 1.
  private static long sumOfRanks(DeviceCommunicator devices, long buffer) {
    long[] value = {devices.rank() + 1};
    devices.copyToDevice(MemorySegment.ofArray(value), buffer, JAVA_LONG.byteSize());
    devices.allReduce(buffer, buffer, 1, DataType.INT64, ReduceOp.SUM);
    devices.copyToHost(buffer, MemorySegment.ofArray(value), JAVA_LONG.byteSize());
    return value[0];
  }
}
