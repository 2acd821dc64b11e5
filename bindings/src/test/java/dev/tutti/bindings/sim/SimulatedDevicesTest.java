package dev.tutti.bindings.sim;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.bindings.NativeCallException;
import dev.tutti.bindings.acl.Acl;
import dev.tutti.bindings.acl.AclCopy;
import dev.tutti.bindings.acl.AclMemory;
import dev.tutti.bindings.acl.AclRuntime;
import dev.tutti.bindings.acl.AclStream;
import dev.tutti.bindings.cuda.Cuda;
import dev.tutti.bindings.cuda.CudaArguments;
import dev.tutti.bindings.cuda.CudaCaptureMode;
import dev.tutti.bindings.cuda.CudaContext;
import dev.tutti.bindings.cuda.CudaCopy;
import dev.tutti.bindings.cuda.CudaDriver;
import dev.tutti.bindings.cuda.CudaGraph;
import dev.tutti.bindings.cuda.CudaMemory;
import dev.tutti.bindings.cuda.CudaModule;
import dev.tutti.bindings.cuda.CudaRuntime;
import dev.tutti.bindings.cuda.CudaStream;
import dev.tutti.bindings.hccl.Hccl;
import dev.tutti.bindings.hccl.HcclCommunicator;
import dev.tutti.bindings.hccl.HcclDataType;
import dev.tutti.bindings.hccl.HcclReduceOp;
import dev.tutti.bindings.nccl.Nccl;
import dev.tutti.bindings.nccl.NcclCommunicator;
import dev.tutti.bindings.nccl.NcclDataType;
import dev.tutti.bindings.nccl.NcclLibrary;
import dev.tutti.bindings.nccl.NcclReduceOp;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// The wrappers and the simulated devices together: what one hands out the other understands.
@EnabledOnOs(OS.LINUX)
final class SimulatedDevicesTest {
  private static final int COUNT = 1000;
  private static final long BYTES = COUNT * 4L;
  private static final List<String> PROPERTIES =
      List.of(Nccl.PROPERTY, Cuda.PROPERTY, Cuda.DRIVER_PROPERTY, Hccl.PROPERTY, Acl.PROPERTY);

  private Path library;

  @BeforeEach
  void useSimulator() {
    library = TuttiSim.library();
    PROPERTIES.forEach(property -> System.setProperty(property, library.toString()));
  }

  @AfterEach
  void forget() {
    PROPERTIES.forEach(System::clearProperty);
    TuttiSim.set(library, "TUTTI_SIM_FAIL", null);
  }

  private static MemorySegment ramp(Arena arena, float step) {
    MemorySegment host = arena.allocate(BYTES, 4);
    for (int i = 0; i < COUNT; i++) {
      host.setAtIndex(JAVA_FLOAT, i, step * i);
    }
    return host;
  }

  private static void assertRamp(MemorySegment host, float step) {
    for (int i = 0; i < COUNT; i++) {
      assertThat(host.getAtIndex(JAVA_FLOAT, i)).isEqualTo(step * i);
    }
  }

  @Test
  void shouldReduceOverTwoDevicesWithNccl() {
    CudaRuntime cuda = Cuda.runtime();
    NcclLibrary nccl = Nccl.open();
    List<NcclCommunicator> ranks = nccl.initAll(0, 1);
    try (Arena arena = Arena.ofConfined()) {
      CudaMemory[] memory = new CudaMemory[2];
      CudaStream[] streams = new CudaStream[2];
      for (int rank = 0; rank < 2; rank++) {
        cuda.setDevice(rank);
        memory[rank] = cuda.allocate(BYTES);
        streams[rank] = cuda.stream();
        long host = ramp(arena, rank + 1).address();
        cuda.copy(memory[rank].address(), host, BYTES, CudaCopy.HOST_TO_DEVICE);
      }

      nccl.groupStart();
      for (int rank = 0; rank < 2; rank++) {
        long address = memory[rank].address();
        ranks
            .get(rank)
            .allReduce(
                address,
                address,
                COUNT,
                NcclDataType.FLOAT32,
                NcclReduceOp.SUM,
                streams[rank].address());
      }
      nccl.groupEnd();

      for (int rank = 0; rank < 2; rank++) {
        streams[rank].synchronize();
        MemorySegment host = arena.allocate(BYTES, 4);
        cuda.copy(host.address(), memory[rank].address(), BYTES, CudaCopy.DEVICE_TO_HOST);
        assertRamp(host, 3);
        memory[rank].close();
        streams[rank].close();
      }
    } finally {
      ranks.forEach(NcclCommunicator::close);
    }
  }

  @Test
  void shouldReplayCapturedCollectives() {
    CudaRuntime cuda = Cuda.runtime();
    cuda.setDevice(0);
    NcclCommunicator rank = Nccl.open().initAll(0).getFirst();
    try (Arena arena = Arena.ofConfined();
        rank;
        CudaMemory from = cuda.allocate(BYTES);
        CudaMemory to = cuda.allocate(BYTES);
        CudaStream stream = cuda.stream()) {
      cuda.beginCapture(stream.address(), CudaCaptureMode.THREAD_LOCAL);
      rank.allReduce(
          from.address(),
          to.address(),
          COUNT,
          NcclDataType.FLOAT32,
          NcclReduceOp.AVG,
          stream.address());
      try (CudaGraph graph = cuda.endCapture(stream.address())) {
        for (int step = 1; step <= 2; step++) {
          long host = ramp(arena, step).address();
          cuda.copy(from.address(), host, BYTES, CudaCopy.HOST_TO_DEVICE);
          graph.launch(stream.address());
          stream.synchronize();
          MemorySegment result = arena.allocate(BYTES, 4);
          cuda.copy(result.address(), to.address(), BYTES, CudaCopy.DEVICE_TO_HOST);
          assertRamp(result, step);
        }
      }
    }
  }

  @Test
  void shouldRunKernelsOfTheDriver() {
    String ptx =
        """
        .version 7.0
        .target sm_70
        .address_size 64
        .visible .entry tutti_reduce_sum_float32(.param .u64 a) { ret; }
        """;
    CudaRuntime cuda = Cuda.runtime();
    CudaDriver driver = Cuda.driver();
    cuda.setDevice(0);
    try (Arena arena = Arena.ofConfined();
        CudaContext context = driver.retainContext(0);
        CudaModule module = driver.loadModule(ptx);
        CudaMemory memory = cuda.allocate(BYTES);
        CudaStream stream = cuda.stream()) {
      assertThat(context).isNotNull();
      long host = ramp(arena, 2).address();
      cuda.copy(memory.address(), host, BYTES, CudaCopy.HOST_TO_DEVICE);
      CudaArguments arguments = new CudaArguments(arena, 4);
      arguments.setLong(0, memory.address());
      arguments.setLong(1, memory.address());
      arguments.setLong(2, memory.address());
      arguments.setLong(3, COUNT);

      module.kernel("tutti_reduce_sum_float32").launch(4, 256, arguments, stream.address());

      stream.synchronize();
      MemorySegment result = arena.allocate(BYTES, 4);
      cuda.copy(result.address(), memory.address(), BYTES, CudaCopy.DEVICE_TO_HOST);
      assertRamp(result, 4);
      assertThatThrownBy(() -> module.kernel("tutti_reduce_sum_int8"))
          .isInstanceOf(NativeCallException.class)
          .hasMessageContaining("NOT_FOUND");
    }
  }

  @Test
  void shouldReduceOverTwoDevicesWithHccl() {
    AclRuntime acl = Acl.runtime();
    acl.setDevice(0);
    List<HcclCommunicator> ranks = Hccl.open().initAll(0, 1);
    try (Arena arena = Arena.ofConfined()) {
      AclMemory[] memory = new AclMemory[2];
      AclStream[] streams = new AclStream[2];
      for (int rank = 0; rank < 2; rank++) {
        acl.setDevice(rank);
        memory[rank] = acl.allocate(BYTES);
        streams[rank] = acl.stream();
        long address = memory[rank].address();
        acl.copy(address, ramp(arena, rank + 1).address(), BYTES, AclCopy.HOST_TO_DEVICE);
        HcclReduceOp max = HcclReduceOp.MAX;
        long stream = streams[rank].address();
        ranks.get(rank).allReduce(address, address, COUNT, HcclDataType.FLOAT32, max, stream);
      }
      for (int rank = 0; rank < 2; rank++) {
        acl.setDevice(rank);
        streams[rank].synchronize(AclRuntime.FOR_EVER);
        MemorySegment host = arena.allocate(BYTES, 4);
        acl.copy(host.address(), memory[rank].address(), BYTES, AclCopy.DEVICE_TO_HOST);
        assertRamp(host, 2);
        memory[rank].close();
        streams[rank].close();
      }
    } finally {
      ranks.forEach(HcclCommunicator::close);
    }
  }

  @Test
  void shouldTurnInjectedErrorsIntoExceptions() {
    CudaRuntime cuda = Cuda.runtime();
    cuda.setDevice(0);
    TuttiSim.set(library, "TUTTI_SIM_FAIL", "cudaMalloc:2:2");

    cuda.allocate(BYTES).close();

    assertThatThrownBy(() -> cuda.allocate(BYTES))
        .isInstanceOf(NativeCallException.class)
        .hasMessageContaining("out of memory");
  }
}
