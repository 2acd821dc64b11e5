package dev.tutti.bindings.sim;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.bindings.NativeCallException;
import dev.tutti.bindings.cuda.Cuda;
import dev.tutti.bindings.cuda.CudaArguments;
import dev.tutti.bindings.cuda.CudaContext;
import dev.tutti.bindings.cuda.CudaCopy;
import dev.tutti.bindings.cuda.CudaDriver;
import dev.tutti.bindings.cuda.CudaMemory;
import dev.tutti.bindings.cuda.CudaModule;
import dev.tutti.bindings.cuda.CudaRuntime;
import dev.tutti.bindings.cuda.CudaStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// The CUDA wrappers and the simulated driver together.
@EnabledOnOs(OS.LINUX)
final class SimulatedKernelsTest {
  private static final int COUNT = 1000;
  private static final long BYTES = COUNT * 4L;
  private static final List<String> PROPERTIES = List.of(Cuda.PROPERTY, Cuda.DRIVER_PROPERTY);

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
