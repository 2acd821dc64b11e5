package dev.tutti.collectives.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.collectives.Communicator;
import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import dev.tutti.collectives.device.SimulatedDevices.Form;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every collective over devices gives what the same one over the host gives.
@EnabledOnOs(OS.LINUX)
@Timeout(60)
final class DeviceCollectivesTest {
  private static final int RANKS = 3;
  private static final long[] COUNTS = {0, 1, 101};

  /// Buffers of one rank, on the host and, with the same content, on its device.
  private static final class Buffers {
    final Communicator world;
    final DeviceCommunicator devices;
    final Arena arena;
    final DataType type;
    final long count;
    final MemorySegment send;
    final MemorySegment expected;
    final long deviceSend;
    final long deviceReceive;

    Buffers(
        Communicator world, DeviceCommunicator devices, Arena arena, DataType type, long count) {
      this.world = world;
      this.devices = devices;
      this.arena = arena;
      this.type = type;
      this.count = count;
      long all = RANKS * count;
      this.send = Elements.of(arena, type, all, world.rank());
      this.expected = Elements.zeros(arena, type, all);
      this.deviceSend = devices.allocate(send.byteSize());
      this.deviceReceive = devices.allocate(send.byteSize());
      devices.copyToDevice(send, deviceSend, send.byteSize());
      devices.copyToDevice(expected, deviceReceive, expected.byteSize());
    }

    /// Compares what has been received with what the host has, and begins again.
    void verify(String what) {
      MemorySegment got = Elements.zeros(arena, type, RANKS * count);
      devices.copyToHost(deviceReceive, got, got.byteSize());
      assertThat(expected.mismatch(got))
          .as("%s of %d %s at rank %d", what, count, type, world.rank())
          .isEqualTo(-1);
      expected.fill((byte) 0);
      devices.copyToDevice(expected, deviceReceive, expected.byteSize());
    }

    void free() {
      devices.free(deviceSend);
      devices.free(deviceReceive);
    }
  }

  private static List<DataType> types(Form form) {
    return form == Form.HCCL
        ? List.of(DataType.FLOAT32, DataType.INT32, DataType.FLOAT16)
        : List.of(DataType.FLOAT64, DataType.UINT8, DataType.BFLOAT16);
  }

  private interface Check {
    void run(Buffers buffers);
  }

  private static void forEach(Form form, Check check) {
    try (SimulatedDevices simulated = SimulatedDevices.of(form)) {
      simulated.run(
          RANKS,
          (world, devices) -> {
            for (DataType type : types(form)) {
              for (long count : COUNTS) {
                try (Arena arena = Arena.ofConfined()) {
                  Buffers buffers = new Buffers(world, devices, arena, type, count);
                  check.run(buffers);
                  buffers.free();
                }
              }
            }
          });
    }
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void shouldReduceAsTheHostDoes(Form form) {
    forEach(
        form,
        b -> {
          for (ReduceOp op : List.of(ReduceOp.SUM, ReduceOp.PROD, ReduceOp.MIN, ReduceOp.AVG)) {
            b.world.allReduce(b.send, b.expected, b.count, b.type, op);
            b.devices.allReduce(b.deviceSend, b.deviceReceive, b.count, b.type, op);
            b.verify("all-reduce " + op);
          }
          b.world.reduceScatter(b.send, b.expected, b.count, b.type, ReduceOp.MAX);
          b.devices.reduceScatter(b.deviceSend, b.deviceReceive, b.count, b.type, ReduceOp.MAX);
          b.verify("reduce-scatter");
          boolean isRoot = b.world.rank() == 1;
          if (isRoot) {
            b.world.reduce(b.send, b.expected, b.count, b.type, ReduceOp.AVG, 1);
          } else {
            b.world.reduce(
                b.send, Elements.zeros(b.arena, b.type, b.count), b.count, b.type, ReduceOp.AVG, 1);
          }
          long to = isRoot ? b.deviceReceive : 0;
          b.devices.reduce(b.deviceSend, to, b.count, b.type, ReduceOp.AVG, 1);
          b.verify("reduce");
        });
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void shouldMoveAsTheHostDoes(Form form) {
    forEach(
        form,
        b -> {
          boolean isRoot = b.world.rank() == 2;
          MemorySegment unused = Elements.zeros(b.arena, b.type, RANKS * b.count);
          b.world.allGather(b.send, b.expected, b.count, b.type);
          b.devices.allGather(b.deviceSend, b.deviceReceive, b.count, b.type);
          b.verify("all-gather");
          b.world.gather(b.send, isRoot ? b.expected : unused, b.count, b.type, 2);
          b.devices.gather(b.deviceSend, isRoot ? b.deviceReceive : 0, b.count, b.type, 2);
          b.verify("gather");
          b.world.scatter(b.send, b.expected, b.count, b.type, 2);
          b.devices.scatter(isRoot ? b.deviceSend : 0, b.deviceReceive, b.count, b.type, 2);
          b.verify("scatter");
          b.world.allToAll(b.send, b.expected, b.count, b.type);
          b.devices.allToAll(b.deviceSend, b.deviceReceive, b.count, b.type);
          b.verify("all-to-all");
          b.devices.barrier();
        });
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void shouldBroadcastInPlace(Form form) {
    forEach(
        form,
        b -> {
          b.world.broadcast(b.send, b.expected, b.count, b.type, 1);
          long bytes = b.count * b.type.bytes();
          if (b.world.rank() == 1) {
            b.devices.copyToDevice(b.send, b.deviceReceive, bytes);
          }
          b.devices.broadcast(b.deviceReceive, b.count, b.type, 1);
          b.verify("broadcast");
        });
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void shouldExchangeBlocksOfDifferentLengths(Form form) {
    forEach(
        form,
        b -> {
          int rank = b.world.rank();
          // Rank r sends (r + d) % 3 thirds of count to rank d.
          long[] counts =
              IntStream.range(0, RANKS).mapToLong(d -> (rank + d) % 3 * (b.count / 3)).toArray();
          long[] places = IntStream.range(0, RANKS).mapToLong(d -> d * b.count).toArray();
          b.world.allToAllV(b.send, counts, places, b.expected, counts, places, b.type);
          b.devices.allToAllV(
              b.deviceSend, counts, places, b.deviceReceive, counts, places, b.type);
          b.verify("all-to-all-v");
        });
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void shouldSendAndReceive(Form form) {
    forEach(
        form,
        b -> {
          int rank = b.world.rank();
          int next = (rank + 1) % RANKS;
          int previous = (rank + RANKS - 1) % RANKS;
          MemorySegment.copy(
              Elements.of(b.arena, b.type, RANKS * b.count, previous),
              0,
              b.expected,
              0,
              b.count * b.type.bytes());
          b.devices
              .group()
              .send(b.deviceSend, b.count, b.type, next)
              .receive(b.deviceReceive, b.count, b.type, previous)
              .run();
          b.verify("ring of messages");

          if (rank == 0) {
            b.devices.send(b.deviceSend, b.count, b.type, 1);
          } else if (rank == 1) {
            MemorySegment of0 = Elements.of(b.arena, b.type, RANKS * b.count, 0);
            MemorySegment.copy(of0, 0, b.expected, 0, b.count * b.type.bytes());
            b.devices.receive(b.deviceReceive, b.count, b.type, 0);
            b.verify("message");
          }
        });
  }
}
