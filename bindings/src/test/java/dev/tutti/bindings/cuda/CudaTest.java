package dev.tutti.bindings.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.bindings.Allocation;
import dev.tutti.bindings.FakeLibrary;
import dev.tutti.bindings.LibraryNotFoundException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Against a library that acts as CUDA over the memory of the host.
@EnabledOnOs(OS.LINUX)
final class CudaTest {
  @TempDir Path folder;

  private FakeLibrary fake;
  private CudaRuntime cuda;

  @BeforeEach
  void open() throws Exception {
    open("-O0");
  }

  private void open(String option) throws Exception {
    fake = FakeLibrary.compile(folder, "fake_cuda", option);
    System.setProperty(Cuda.PROPERTY, fake.file().toString());
    System.setProperty(Cuda.DRIVER_PROPERTY, fake.file().toString());
    cuda = Cuda.runtime();
  }

  @AfterEach
  void forgetProperties() {
    System.clearProperty(Cuda.PROPERTY);
    System.clearProperty(Cuda.DRIVER_PROPERTY);
  }

  private String note() {
    return fake.text("fake_cuda_note");
  }

  private void setBusy(int busy) {
    try {
      fake.link("fake_cuda_set_busy", FunctionDescriptor.ofVoid(JAVA_INT)).invoke(busy);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  @Test
  void shouldDescribeDevices() throws Exception {
    CudaDevice expected =
        new CudaDevice(0, "Fake 80GB", "ab".repeat(16), "0000:af:00.0", 80L << 30, 9, 1, 132);
    assertThat(cuda.deviceCount()).isEqualTo(1);
    assertThat(cuda.describe(0)).isEqualTo(expected);
    assertThat(cuda.runtimeVersion()).isEqualTo(12040);
    assertThat(cuda.driverVersion()).isEqualTo(13000);
    assertThat(cuda.memory()).isEqualTo(new CudaMemoryInfo(70, 80));

    open("-DFAKE_12");
    assertThat(cuda.describe(0)).isEqualTo(expected);

    open("-DFAKE_NO_DEVICE");
    assertThat(cuda.deviceCount()).isZero();
    assertThat(fake.number("fake_cuda_last")).isZero();
  }

  @Test
  void shouldGiveCudasWordsAndClearItsErrorWhenACallFails() {
    assertThatThrownBy(() -> cuda.setDevice(7))
        .hasMessage("cudaSetDevice(device=7) failed: cudaErrorInvalidDevice (101): bad ordinal");
    assertThat(fake.number("fake_cuda_last")).isZero();
    assertThatThrownBy(() -> cuda.allocate(1L << 50))
        .hasMessageStartingWith("cudaMalloc(bytes=1125899906842624) failed: ");
    assertThatThrownBy(() -> cuda.allocate(0)).hasMessage("bytes must be positive, is 0");
    cuda.enablePeerAccess(1); // already is
    assertThat(fake.number("fake_cuda_last")).isZero();
    assertThatThrownBy(() -> cuda.disablePeerAccess(1))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessage(fake.file() + " has no cudaDeviceDisablePeerAccess");
  }

  @Test
  void shouldMoveBytes() {
    try (CudaMemory device = cuda.allocate(64);
        CudaMemory host = cuda.allocateHost(64);
        CudaStream stream = cuda.stream()) {
      MemorySegment bytes = host.segment();
      bytes.set(JAVA_LONG, 0, 42);

      cuda.setAsync(device.address(), 1, 64, stream.address());
      cuda.copyAsync(device.address(), host.address(), 8, CudaCopy.HOST_TO_DEVICE, 0);
      cuda.copy(host.address() + 8, device.address(), 16, CudaCopy.DEVICE_TO_HOST);
      stream.synchronize();

      assertThat(bytes.get(JAVA_LONG, 8)).isEqualTo(42);
      assertThat(bytes.get(JAVA_LONG, 16)).isEqualTo(0x0101010101010101L);
      assertThat(device.bytes()).isEqualTo(64);
      assertThatThrownBy(device::segment).hasMessage("the host cannot use memory of a device");
      cuda.copyPeerAsync(0x10, 1, 0x20, 2, 3, 0x40);
      assertThat(note()).isEqualTo("cudaMemcpyPeerAsync dst=0x10 1 src=0x20 2 count=3 stream=0x40");
    }
    assertThat(fake.number("fake_cuda_live")).isZero();
  }

  @Test
  void shouldRegisterMemoryOfTheHost() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(128);
      try (CudaMemory registered = cuda.registerHost(memory)) {
        assertThat(note()).isEqualTo("cudaHostRegister size=128 flags=1");
        assertThat(registered.address()).isEqualTo(memory.address());
      }
      assertThat(fake.number("fake_cuda_live")).isZero();
      assertThatThrownBy(() -> cuda.registerHost(MemorySegment.ofArray(new byte[8])))
          .hasMessage("only native memory can be registered with CUDA");
    }
  }

  @Test
  void shouldOrderStreamsByEvents() {
    try (CudaStream stream = cuda.stream();
        CudaEvent event = cuda.event();
        CudaEvent timed = cuda.timedEvent()) {
      assertThat(note()).isEqualTo("cudaEventCreateWithFlags flags=0");
      event.record(stream);
      stream.waitFor(event);
      setBusy(1);
      assertThat(stream.isDone()).isFalse();
      assertThat(event.isDone()).isFalse();
      setBusy(0);
      assertThat(stream.isDone()).isTrue();
      assertThat(event.isDone()).isTrue();
      event.synchronize();
      assertThat(cuda.elapsedSeconds(timed, timed)).isEqualTo(0.0025);
    }
    assertThat(fake.number("fake_cuda_live")).isZero();
  }

  @Test
  void shouldRefuseUseAfterClose() {
    CudaStream stream = cuda.stream();
    CudaEvent event = cuda.event();
    CudaMemory memory = cuda.allocate(8);
    stream.close();
    stream.close();
    event.close();
    memory.close();
    memory.close();

    assertThat(fake.number("fake_cuda_live")).isZero();
    assertThatThrownBy(stream::isDone)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("this stream of CUDA is closed");
    assertThatThrownBy(event::isDone).hasMessage("this event of CUDA is closed");
    assertThatThrownBy(memory::address).hasMessage("this memory of CUDA is closed");
  }

  @Test
  void shouldCaptureAndLaunchAGraph() {
    try (CudaStream stream = cuda.stream()) {
      cuda.beginCapture(stream.address(), CudaCaptureMode.THREAD_LOCAL);
      assertThat(note()).isEqualTo("cudaStreamBeginCapture mode=1");
      assertThat(cuda.isCapturing(stream.address())).isTrue();
      CudaGraph graph = cuda.endCapture(stream.address());
      graph.launch(0x30);
      assertThat(note()).isEqualTo("cudaGraphLaunch stream=0x30");
      graph.close();
      graph.close();
      assertThatThrownBy(() -> graph.launch(0)).hasMessage("this graph of CUDA is closed");
    }
    assertThat(fake.number("fake_cuda_live")).isZero();
  }

  @Test
  void shouldLaunchAKernel() {
    CudaDriver driver = Cuda.driver();
    try (Arena arena = Arena.ofConfined();
        CudaContext _ = driver.retainContext(0);
        CudaModule module = driver.loadModule(".version 8.0")) {
      CudaKernel kernel = module.kernel("sum");
      CudaArguments arguments = new CudaArguments(arena, 3);
      arguments.setLong(0, 0xabcdefL);
      arguments.setInt(1, -5);
      arguments.setFloat(2, 0.5f);

      kernel.launch(7, 256, arguments, 0x40);

      assertThat(note())
          .isEqualTo(
              "cuLaunchKernel f=0x5000 grid=7,1,1 block=256,1,1 shared=0 stream=0x40 abcdef -5 0.5"
                  + " extra=0");
      assertThatThrownBy(() -> module.kernel("nonsense"))
          .hasMessageStartingWith("cuModuleGetFunction(name=nonsense) failed: ");
      assertThatThrownBy(() -> arguments.setInt(3, 0)).hasMessage("argument 3 of 3");
      assertThatThrownBy(() -> driver.loadModule("nonsense"))
          .hasMessage(
              "cuModuleLoadDataEx() failed: CUDA_ERROR_INVALID_PTX (218): line 1: no .version");
      module.close();
      assertThatThrownBy(() -> kernel.launch(1, 1, arguments, 0))
          .hasMessage("this module of CUDA is closed");
    }
    assertThat(fake.number("fake_cuda_live")).isZero();
    assertThat(driver.version()).isEqualTo(13000);
  }

  @Test
  void shouldNotAllocateOnTheDataPath() {
    CudaDriver driver = Cuda.driver();
    try (Arena arena = Arena.ofConfined();
        CudaMemory memory = cuda.allocate(64);
        CudaStream stream = cuda.stream();
        CudaEvent event = cuda.event();
        CudaModule module = driver.loadModule(".version 8.0")) {
      CudaKernel kernel = module.kernel("sum");
      CudaArguments arguments = new CudaArguments(arena, 3);
      long address = memory.address();

      long allocated =
          Allocation.bytes(() -> {
            cuda.setDevice(0);
            cuda.copyAsync(address, address, 8, CudaCopy.DEFAULT, stream.address());
            arguments.setLong(0, 1);
            kernel.launch(1, 1, arguments, stream.address());
            event.record(stream);
            stream.waitFor(event);
            boolean _ = event.isDone() && stream.isDone();
          });

      assertThat(allocated).isZero();
    }
  }

  @Test
  void shouldListThePlacesSearchedWhenItIsNotThere() {
    System.setProperty(Cuda.PROPERTY, "none");

    assertThatThrownBy(Cuda::runtime)
        .isInstanceOf(LibraryNotFoundException.class)
        .hasMessageStartingWith(
            "CUDA's runtime cannot be used: -Dtutti.cuda.library=none forbids it; it comes with");
    assertThat(Cuda.folders(Map.of("CUDA_HOME", "/opt/cuda")))
        .startsWith("/opt/cuda/lib64", "/opt/cuda/lib");
  }
}
