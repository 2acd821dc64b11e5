package dev.tutti.collectives.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.collectives.Communicator;
import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import dev.tutti.collectives.TuttiException;
import dev.tutti.collectives.World;
import dev.tutti.collectives.device.SimulatedDevices.Form;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// An island of simulated devices of NVIDIA's and one of Ascend's in one all-reduce.
@EnabledOnOs(OS.LINUX)
@Timeout(60)
final class DeviceCompositionTest {
  /// What a rank does.
  private interface Task {
    void run(Communicator world, DeviceCommunicator island, DeviceComposition all);
  }

  /// Runs four ranks.
  ///
  /// @param ofNvidia how many of them have a device of NVIDIA's
  private static void run(int ofNvidia, Task task) {
    try (SimulatedDevices simulated = SimulatedDevices.of(Form.NCCL);
        World world = World.threads(4)) {
      world.run(rank -> {
        boolean isNvidia = rank.rank() < ofNvidia;
        Communicator part = rank.split(isNvidia ? 0 : 1, rank.rank());
        DeviceOptions options =
            simulated.options().withBackend(isNvidia ? DeviceBackend.NCCL : DeviceBackend.HCCL);
        try (DeviceCommunicator island = DeviceCommunicator.join(part, options);
            DeviceComposition all = DeviceComposition.join(rank, island, 256)) {
          task.run(rank, island, all);
        }
      });
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void shouldReduceOverIslandsAsTheHostDoes(int ofNvidia) {
    run(
        ofNvidia,
        (world, island, all) -> {
          assertThat(all.lanes()).isEqualTo(Math.min(ofNvidia, 4 - ofNvidia));
          for (DataType type : List.of(DataType.FLOAT32, DataType.FLOAT16)) {
            for (ReduceOp op : List.of(ReduceOp.SUM, ReduceOp.MAX, ReduceOp.AVG)) {
              for (long count : new long[] {0, 1, 128, 2001}) {
                try (Arena arena = Arena.ofConfined()) {
                  MemorySegment send = Elements.of(arena, type, count, world.rank());
                  MemorySegment expected = Elements.zeros(arena, type, count);
                  world.allReduce(send, expected, count, type, op);
                  long from = island.allocate(send.byteSize());
                  long to = op == ReduceOp.MAX ? from : island.allocate(send.byteSize());
                  island.copyToDevice(send, from, send.byteSize());

                  all.allReduce(from, to, count, type, op);

                  MemorySegment got = Elements.zeros(arena, type, count);
                  island.copyToHost(to, got, count * type.bytes());
                  assertThat(expected.mismatch(got))
                      .as("%s of %d %s at rank %d", op, count, type, world.rank())
                      .isEqualTo(-1);
                  island.free(from);
                  if (to != from) {
                    island.free(to);
                  }
                }
              }
            }
          }
        });
  }

  @Test
  void shouldRefuseOnAllRanksWhatOneIslandLacks() {
    run(
        2,
        (world, island, all) -> {
          long buffer = island.allocate(80);
          for (int i = 0; i < 2; i++) {
            assertThatThrownBy(
                    () -> all.allReduce(buffer, buffer, 10, DataType.FLOAT64, ReduceOp.SUM))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining(world.rank() < 2 ? "rank 2 cannot SUM FLOAT64" : "FLOAT64");
          }
          all.allReduce(buffer, buffer, 10, DataType.FLOAT32, ReduceOp.SUM);
        });
  }

  @Test
  void shouldEndOnAllIslandsWhenOneFails() {
    run(
        2,
        (world, island, all) -> {
          long buffer = island.allocate(8000);
          if (world.rank() == 3) {
            island.abort("enough");
          }
          assertThatThrownBy(
                  () -> all.allReduce(buffer, buffer, 2000, DataType.FLOAT32, ReduceOp.SUM))
              .isInstanceOf(TuttiException.class)
              .hasMessageContaining("rank 1 aborted: enough"); // rank 3 is rank 1 of its island
          try (DeviceCommunicator again = island.shrink(Duration.ofSeconds(10))) {
            assertThat(again.size()).isEqualTo(2);
            again.barrier();
          }
        });
  }
}
