package dev.tutti.collectives.device;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.bindings.cuda.Cuda;
import dev.tutti.bindings.cuda.CudaCaptureMode;
import dev.tutti.bindings.cuda.CudaGraph;
import dev.tutti.bindings.cuda.CudaRuntime;
import dev.tutti.bindings.cuda.CudaStream;
import dev.tutti.collectives.Communicator;
import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import dev.tutti.collectives.World;
import dev.tutti.collectives.device.SimulatedDevices.Form;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Streams, memory, and communicators made of others.
@EnabledOnOs(OS.LINUX)
@Timeout(60)
final class DeviceCommunicatorTest {
  private static final long BYTES = 8;

  private static void put(DeviceCommunicator devices, long address, float... values) {
    devices.copyToDevice(MemorySegment.ofArray(values), address, 4L * values.length);
  }

  private static float[] get(DeviceCommunicator devices, long address, int count) {
    float[] values = new float[count];
    devices.copyToHost(address, MemorySegment.ofArray(values), 4L * count);
    return values;
  }

  /// The sum over ranks of rank + 1.
  private static void assertSums(DeviceCommunicator devices) {
    long buffer = devices.allocate(BYTES);
    put(devices, buffer, devices.rank() + 1, 1);
    devices.allReduce(buffer, buffer, 2, DataType.FLOAT32, ReduceOp.SUM);
    int size = devices.size();
    assertThat(get(devices, buffer, 2)).containsExactly(size * (size + 1) / 2f, size);
    devices.free(buffer);
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void shouldQueueOnItsStreamBetweenPinnedMemory(Form form) {
    try (SimulatedDevices simulated = SimulatedDevices.of(form)) {
      simulated.run(
          2,
          (world, devices) -> {
            MemorySegment host = devices.allocateHost(BYTES);
            host.set(JAVA_FLOAT, 0, world.rank() + 1);
            long buffer = devices.allocate(BYTES);

            DeviceStream stream = devices.stream();
            stream.copyToDevice(host, buffer, BYTES);
            stream.allReduce(buffer, buffer, 1, DataType.FLOAT32, ReduceOp.SUM);
            stream.copyToHost(buffer, host, BYTES);
            stream.request().await(Duration.ofSeconds(10));

            assertThat(host.get(JAVA_FLOAT, 0)).isEqualTo(3);
            devices.freeHost(host);
            assertThatThrownBy(() -> devices.free(1))
                .hasMessage("0x1 was not allocated by this communicator, or is freed");
          });
    }
  }

  @Test
  void shouldBeCapturedIntoAGraph() {
    try (SimulatedDevices simulated = SimulatedDevices.of(Form.NCCL)) {
      CudaRuntime cuda = Cuda.runtime();
      simulated.run(
          2,
          (world, devices) -> {
            long buffer = devices.allocate(BYTES);
            put(devices, buffer, 1, 1);
            devices.barrier(); // connected: also what a real NCCL wants before a capture
            cuda.setDevice(devices.device());
            try (CudaStream stream = cuda.stream()) {
              DeviceStream calls = devices.onStream(stream.address());
              cuda.beginCapture(stream.address(), CudaCaptureMode.THREAD_LOCAL);
              calls.allReduce(buffer, buffer, 2, DataType.FLOAT32, ReduceOp.SUM);
              assertThatThrownBy(calls::request).hasMessageContaining("is being captured");
              try (CudaGraph graph = cuda.endCapture(stream.address())) {
                graph.launch(stream.address());
                graph.launch(stream.address());
                calls.request().await();
              }
            }
            assertThat(get(devices, buffer, 2)).containsExactly(4, 4);
          });
    }
  }

  @Test
  void shouldMultiplyBeforeItSums() {
    try (SimulatedDevices simulated = SimulatedDevices.of(Form.NCCL)) {
      simulated.run(
          2,
          (world, devices) -> {
            long buffer = devices.allocate(BYTES);
            put(devices, buffer, 2, 4);
            try (DeviceRegistration registered = devices.register(buffer, BYTES)) {
              assertThat(registered).isNotNull();
              double factor = world.rank() + 0.5;
              devices.allReducePreMultiplied(buffer, buffer, 2, DataType.FLOAT32, factor);
              assertThat(get(devices, buffer, 2)).containsExactly(4, 8);
              devices.allReducePreMultiplied(buffer, buffer, 2, DataType.FLOAT32, 0.25);
            }
            assertThat(get(devices, buffer, 2)).containsExactly(2, 4);
            assertThatThrownBy(
                    () -> devices.allReducePreMultiplied(buffer, buffer, 2, DataType.INT32, 2))
                .isInstanceOf(UnsupportedOperationException.class);
          });
    }
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void shouldSplitAndSplitAgain(Form form) {
    try (SimulatedDevices simulated = SimulatedDevices.of(form)) {
      simulated.run(
          4,
          (world, devices) -> {
            try (DeviceCommunicator half = devices.split(world.rank() % 2, -world.rank())) {
              assertThat(half.size()).isEqualTo(2);
              assertThat(half.rank()).isEqualTo(world.rank() < 2 ? 1 : 0);
              assertSums(half);
              try (DeviceCommunicator alone = half.split(half.rank(), 0)) {
                assertThat(alone.size()).isEqualTo(1);
                assertSums(alone);
              }
            }
            assertSums(devices);
          });
    }
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void shouldTakeInNewcomers(Form form) {
    try (SimulatedDevices simulated = SimulatedDevices.of(form);
        World world = World.threads(3)) {
      world.run(rank -> {
        boolean isNew = rank.rank() == 2;
        Communicator part = rank.split(isNew ? 1 : 0, rank.rank());
        if (isNew) {
          try (DeviceCommunicator all = DeviceCommunicator.join(rank, simulated.options())) {
            assertSums(all);
          }
        } else {
          DeviceCommunicator pair = DeviceCommunicator.join(part, simulated.options());
          assertSums(pair);
          long buffer = pair.allocate(BYTES);
          try (DeviceCommunicator all = pair.grow(rank)) {
            assertThat(all.rank()).isEqualTo(rank.rank());
            assertSums(all);
            all.free(buffer);
            assertThatThrownBy(pair::barrier).hasMessage("this device communicator is closed");
          }
        }
      });
    }
  }

  @Test
  void shouldDescribeItself() {
    try (SimulatedDevices simulated = SimulatedDevices.of(Form.OLD_NCCL)) {
      simulated.run(
          2,
          (world, devices) -> {
            assertThat(devices)
                .hasToString(
                    "rank " + world.rank() + " of 2 over NCCL 2.19.3, device " + world.rank());
            assertThat(devices.backend()).isEqualTo(DeviceBackend.NCCL);
            devices.close();
            devices.close();
            assertThatThrownBy(devices::check).isInstanceOf(IllegalStateException.class);
          });
    }
  }

  @Test
  void shouldRefuseOptionsThatCannotBe() {
    DeviceOptions options = DeviceOptions.fromEnvironment();

    assertThat(options.ordinal()).isEqualTo(DeviceOptions.BY_LOCAL_RANK);
    assertThatThrownBy(() -> options.withOrdinal(-2))
        .hasMessage("ordinal is -2, expected at least 0");
    System.setProperty("tutti.deviceBackend", "gloo");
    try {
      assertThatThrownBy(DeviceOptions::fromEnvironment)
          .hasMessage("tutti.deviceBackend is \"gloo\", expected auto, nccl or hccl");
    } finally {
      System.clearProperty("tutti.deviceBackend");
    }
  }
}
