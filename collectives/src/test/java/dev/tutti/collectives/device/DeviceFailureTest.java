package dev.tutti.collectives.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tutti.bindings.nccl.Nccl;
import dev.tutti.collectives.AbortedException;
import dev.tutti.collectives.Communicator;
import dev.tutti.collectives.DataType;
import dev.tutti.collectives.RankFailedException;
import dev.tutti.collectives.ReduceOp;
import dev.tutti.collectives.Request;
import dev.tutti.collectives.TimeoutException;
import dev.tutti.collectives.TuttiException;
import dev.tutti.collectives.World;
import dev.tutti.collectives.device.SimulatedDevices.Form;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What device communicators do when something goes wrong.
@EnabledOnOs(OS.LINUX)
@Timeout(60)
final class DeviceFailureTest {
  private static final Duration SHORT = Duration.ofMillis(200);

  private static void allReduce(DeviceCalls calls, long buffer) {
    calls.allReduce(buffer, buffer, 10, DataType.FLOAT32, ReduceOp.SUM);
  }

  private static void assertUsable(Communicator world) {
    float[] ones = {1};
    world.allReduce(ones, ReduceOp.SUM);
    assertThat(ones[0]).isEqualTo(world.size());
  }

  // ---- joining

  @ParameterizedTest
  @EnumSource(names = {"NCCL", "HCCL"})
  void shouldSayOnEveryRankWhichOneHasNoDevice(Form form) {
    try (SimulatedDevices simulated = SimulatedDevices.of(form);
        World world = World.threads(3)) {
      world.run(rank -> {
        DeviceOptions options = simulated.options().withOrdinal(rank.rank() == 1 ? 9 : 0);
        assertThatThrownBy(() -> DeviceCommunicator.join(rank, options))
            .isInstanceOf(TuttiException.class)
            .hasMessageContaining("rank 1 cannot take part: device 9 is wanted and")
            .hasMessageContaining("shows 4");
        assertUsable(rank);
      });
    }
  }

  @Test
  void shouldSayWhereTheLibraryWasLookedFor() {
    try (SimulatedDevices simulated = SimulatedDevices.of(Form.NCCL);
        World world = World.threads(2)) {
      System.setProperty(Nccl.PROPERTY, "none");
      world.run(rank ->
          assertThatThrownBy(() -> DeviceCommunicator.join(rank, simulated.options()))
              .isInstanceOf(TuttiException.class)
              .hasMessageContaining("rank 0 cannot take part: NCCL cannot be used")
              .hasMessageContaining("rank 1 cannot take part"));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"NCCL", "HCCL"})
  void shouldNotLeaveRanksWaitingWhenOneCannotConnect(Form form) {
    try (SimulatedDevices simulated = SimulatedDevices.of(form);
        World world = World.threads(3)) {
      String function =
          form == Form.NCCL ? "ncclCommInitRankConfig:1:2" : "HcclCommInitRootInfoConfig:1:4";
      simulated.set("TUTTI_SIM_FAIL", function);
      world.run(rank -> {
        assertThatThrownBy(() -> DeviceCommunicator.join(rank, simulated.options()))
            .isInstanceOf(TuttiException.class)
            .hasMessageContaining("no device communicator at rank ")
            .hasMessageContaining("InitR");
        assertUsable(rank);
      });
    }
  }

  // ---- operations

  @ParameterizedTest
  @EnumSource(names = {"NCCL", "HCCL"})
  void shouldNameTheRankThatHasNotBegunWhenTimeIsUp(Form form) {
    try (SimulatedDevices simulated = SimulatedDevices.of(form)) {
      simulated.run(
          3,
          simulated.options().withTimeout(SHORT),
          (world, devices) -> {
            long buffer = devices.allocate(40);
            allReduce(devices, buffer);
            if (world.rank() != 2) {
              assertThatThrownBy(() -> allReduce(devices, buffer))
                  .isInstanceOfAny(TimeoutException.class, AbortedException.class)
                  .hasMessageContaining(
                      "device all-reduce was not done (collective 2) within 0.2 s")
                  .hasMessageContaining("rank 2 had not begun it");
              assertThatThrownBy(() -> allReduce(devices, buffer))
                  .hasMessageContaining("rank 2 had not begun it");
            }
            world.barrier();
            if (world.rank() == 2) {
              assertThatThrownBy(() -> allReduce(devices, buffer))
                  .hasMessageContaining("rank 2 had not begun it");
            }
          });
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"NCCL", "HCCL"})
  void shouldEndAnOperationThatHangs(Form form) {
    try (SimulatedDevices simulated = SimulatedDevices.of(form)) {
      simulated.set("TUTTI_SIM_HANG", (form == Form.NCCL ? "nccl" : "Hccl") + "AllReduce:1@1");
      simulated.run(
          3,
          simulated.options().withTimeout(SHORT),
          (world, devices) -> {
            long buffer = devices.allocate(40);
            assertThatThrownBy(() -> allReduce(devices, buffer))
                .isInstanceOfAny(TimeoutException.class, AbortedException.class)
                .hasMessageContaining("within 0.2 s")
                .hasMessageContaining("all ranks had begun it");
            assertUsable(world);
          });
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"NCCL", "HCCL"})
  void shouldReportErrorsThatComeLater(Form form) {
    try (SimulatedDevices simulated = SimulatedDevices.of(form)) {
      simulated.set("TUTTI_SIM_ASYNC_ERROR", form == Form.NCCL ? "1:6@0" : "1:21@0");
      simulated.run(
          2,
          (world, devices) -> {
            long buffer = devices.allocate(40);
            TuttiException failure =
                catchThrowableOfType(
                    TuttiException.class,
                    () -> {
                      allReduce(devices, buffer);
                      world.barrier(); // rank 1's may have been done before it could hear of it
                      allReduce(devices, buffer);
                    });
            assertThat(failure).hasMessageContaining("reports ").hasMessageContaining("at rank 0");
            if (world.rank() == 0) {
              world.barrier();
            }
          });
    }
  }

  @Test
  void shouldLeaveTheCommunicatorUsableWhenArgumentsAreRefused() {
    try (SimulatedDevices simulated = SimulatedDevices.of(Form.NCCL);
        Arena arena = Arena.ofShared()) {
      long ofHost = arena.allocate(40).address();
      simulated.run(
          2,
          (world, devices) -> {
            long buffer = devices.allocate(40);
            assertThatThrownBy(() -> allReduce(devices, ofHost))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("device all-reduce was refused at rank " + world.rank())
                .hasMessageContaining("ncclInvalidArgument");
            assertThatThrownBy(() -> allReduce(devices, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("send is address 0");
            assertThatThrownBy(() -> devices.broadcast(buffer, 10, DataType.FLOAT32, 2))
                .hasMessage("root is 2, expected 0 to 1");
            assertThatThrownBy(() -> devices.allocate(1L << 40))
                .isInstanceOf(OutOfMemoryError.class)
                .hasMessageContaining("cudaMalloc(bytes=1099511627776)");
            allReduce(devices, buffer);
          });
    }
  }

  @Test
  void shouldSayWhatALibraryLacks() {
    try (SimulatedDevices simulated = SimulatedDevices.of(Form.HCCL)) {
      simulated.run(
          1,
          (_, devices) -> {
            long buffer = devices.allocate(80);
            assertThatThrownBy(
                    () -> devices.allReduce(buffer, buffer, 10, DataType.FLOAT64, ReduceOp.SUM))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageMatching("HCCL with ACL [0-9.]+ has no SUM of FLOAT64; it reduces .*");
            assertThatThrownBy(() ->
                    devices.stream().allReduce(buffer, buffer, 1, DataType.INT8, ReduceOp.AVG))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("has no AVG");
            assertThatThrownBy(() -> devices.register(buffer, 80))
                .isInstanceOf(UnsupportedOperationException.class);
            allReduce(devices, buffer);
          });
    }
    try (SimulatedDevices simulated = SimulatedDevices.of(Form.OLD_NCCL)) {
      simulated.run(
          1,
          (_, devices) -> {
            long buffer = devices.allocate(40);
            assertThatThrownBy(() -> devices.broadcast(buffer, 10, DataType.FLOAT8_E5M2, 0))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessage("NCCL 2.19.3 has no type FLOAT8_E5M2 (since 2.24.3)");
            allReduce(devices, buffer);
          });
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"NCCL", "HCCL"})
  void shouldEndEverywhereWhenARankAborts(Form form) {
    try (SimulatedDevices simulated = SimulatedDevices.of(form)) {
      simulated.run(
          2,
          (world, devices) -> {
            long buffer = devices.allocate(40);
            if (world.rank() == 0) {
              allReduce(devices.stream(), buffer);
              Request request = devices.request();
              assertThatThrownBy(() -> request.await(Duration.ofMillis(1)))
                  .isInstanceOfSatisfying(
                      TimeoutException.class, e -> assertThat(e.isCommunicatorUsable()).isTrue());
              world.barrier();
              assertThatThrownBy(request::await)
                  .isInstanceOf(AbortedException.class)
                  .hasMessageContaining("rank 1 aborted: enough");
            } else {
              world.barrier();
              devices.abort("enough");
              devices.abort("and again");
              assertThatThrownBy(() -> allReduce(devices, buffer))
                  .isInstanceOf(AbortedException.class)
                  .hasMessage("rank 1 aborted: enough");
            }
          });
    }
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void shouldGoOnWithoutARankThatDied(Form form) {
    ConcurrentLinkedQueue<List<Integer>> failed = new ConcurrentLinkedQueue<>();
    ConcurrentLinkedQueue<String> survivors = new ConcurrentLinkedQueue<>();
    try (SimulatedDevices simulated = SimulatedDevices.of(form)) {
      assertThatThrownBy(() ->
              simulated.run(
                  3,
                  (world, devices) -> {
                    long buffer = devices.allocate(40);
                    allReduce(devices, buffer);
                    world.barrier(); // it is done everywhere
                    if (world.rank() == 1) {
                      throw new IllegalStateException("dies");
                    }
                    failed.add(
                        catchThrowableOfType(
                                RankFailedException.class, () -> allReduce(devices, buffer))
                            .failedRanks());
                    try (DeviceCommunicator left = devices.shrink(Duration.ofSeconds(10))) {
                      left.allReduce(buffer, buffer, 10, DataType.FLOAT32, ReduceOp.SUM);
                      left.free(buffer);
                      survivors.add(world.rank() + " is " + left.rank() + " of " + left.size());
                    }
                  }))
          .hasMessageContaining("dies");
    }
    assertThat(failed).containsExactly(List.of(1), List.of(1));
    assertThat(survivors).containsExactlyInAnyOrder("0 is 0 of 2", "2 is 1 of 2");
  }
}
