package dev.tutti.bindings.nvml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tutti.bindings.CCompiler;
import dev.tutti.bindings.LibraryNotFoundException;
import dev.tutti.bindings.NativeCallException;
import dev.tutti.bindings.nvml.NvmlDevice.Link;
import dev.tutti.bindings.nvml.NvmlDevice.Remote;
import dev.tutti.bindings.nvml.generated.LibNvml;
import dev.tutti.bindings.nvml.generated.nvmlFieldValue_st;
import dev.tutti.bindings.nvml.generated.nvmlPciInfo_st;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Runs against a library that acts as NVML, because few machines that build have GPUs.
@EnabledOnOs(OS.LINUX)
final class NvmlTest {
  private static final String INCLUDES = "#include <nvml.h>\n#include <stddef.h>\n";
  private static final Path FAKE = Path.of("src/test/native/fake_nvml.c");

  @TempDir Path folder;

  @AfterEach
  void forgetProperty() {
    System.clearProperty(Nvml.PROPERTY);
  }

  private Path useFake(String... options) throws Exception {
    assumeTrue(Files.exists(FAKE), "not run in the folder of the module");
    CCompiler compiler = CCompiler.assume(folder, "#include <stdio.h>\n", "C library");
    Path library = compiler.library("fake-nvml", Files.readString(FAKE), options);
    System.setProperty(Nvml.PROPERTY, library.toString());
    return library;
  }

  @Test
  void shouldReadDevicesAndTheLinksBetweenThem() throws Exception {
    useFake("-DFAKE_MESH");

    NvmlReport report = Nvml.read();

    assertThat(report.driver()).isEqualTo("550.54.15");
    assertThat(report.problems()).isEmpty();
    assertThat(report.devices())
        .extracting(NvmlDevice::pciAddress)
        .containsExactly("0000:41:00.0", "0000:42:00.0", "0000:c1:00.0", "0000:c2:00.0");
    NvmlDevice second = report.devices().get(1);
    assertThat(second.name()).isEqualTo("NVIDIA Fake 80GB");
    assertThat(second.uuid()).isEqualTo("GPU-1");
    assertThat(second.pcieGeneration()).isEqualTo(5);
    assertThat(second.pcieLanes()).isEqualTo(16);
    assertThat(second.links())
        .hasSize(6)
        .startsWith(new Link(0, Remote.DEVICE, "0000:41:00.0", 26562e6))
        .endsWith(new Link(5, Remote.DEVICE, "0000:c2:00.0", 26562e6));
  }

  @Test
  void shouldTellSwitchesFromDevices() throws Exception {
    useFake("-DFAKE_SWITCH");

    assertThat(Nvml.read().devices().getFirst().links())
        .hasSize(4)
        .contains(new Link(3, Remote.SWITCH, "0000:05:00.0", 26562e6));
  }

  @Test
  void shouldTakeAHiddenAddressForUnknown() throws Exception {
    useFake("-DFAKE_HIDDEN");

    assertThat(Nvml.read().devices().getFirst().links())
        .contains(new Link(0, Remote.SWITCH, null, 26562e6));
  }

  @Test
  void shouldLeaveUnknownWhatAnOldDriverDoesNotTell() throws Exception {
    useFake("-DFAKE_OLD");

    assertThat(Nvml.read().devices().getFirst().links())
        .contains(new Link(0, Remote.UNKNOWN, "0000:42:00.0", null));
  }

  @Test
  void shouldGoOnWithoutADeviceThatDoesNotAnswer() throws Exception {
    useFake("-DFAKE_LOST");

    NvmlReport report = Nvml.read();

    assertThat(report.devices()).hasSize(3);
    assertThat(report.problems()).containsExactly("device 3 does not answer: GPU is lost");
  }

  @Test
  void shouldSayWhyItCannotStart() throws Exception {
    useFake("-DFAKE_NO_DRIVER");

    assertThatThrownBy(Nvml::read)
        .isInstanceOf(NativeCallException.class)
        .hasMessage("nvmlInit_v2() failed: Driver Not Loaded (9)");
  }

  @Test
  void shouldShutDownWhatItStarted() throws Exception {
    Path library = useFake();

    NvmlReport _ = Nvml.read();

    try (Arena arena = Arena.ofConfined()) {
      var address = SymbolLookup.libraryLookup(library, arena).findOrThrow("fake_nvml_started");
      var started =
          Linker.nativeLinker()
              .downcallHandle(address, FunctionDescriptor.of(ValueLayout.JAVA_INT));
      assertThat((int) invoke(started)).isZero();
    }
  }

  private static Object invoke(MethodHandle handle) {
    try {
      return handle.invoke();
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  @Test
  void shouldListThePlacesSearchedWhenItIsNotThere() {
    System.setProperty(Nvml.PROPERTY, "/no/such/libnvidia-ml.so.1");

    assertThatThrownBy(Nvml::read)
        .isInstanceOf(LibraryNotFoundException.class)
        .hasMessage(
            "NVML cannot be used: /no/such/libnvidia-ml.so.1: no such file; it comes with"
                + " NVIDIA's driver, or name the library in -Dtutti.nvml.library");
  }

  @ParameterizedTest
  @CsvSource({
    "00000000:17:00.0, 0000:17:00.0",
    "0000:AF:00.0, 0000:af:00.0",
    "00010000:01:00.0, 10000:01:00.0",
    "FFFFFFFF:FF:FF.0,",
    "nonsense,"
  })
  void shouldWriteAddressesAsTheKernelDoes(String told, String expected) {
    assertThat(NvmlReader.normal(told)).isEqualTo(expected);
  }

  @Test
  void shouldLayStructuresOutAsTheAbiSays() {
    assertThat(nvmlPciInfo_st.busId$offset()).isEqualTo(36);
    assertThat(nvmlPciInfo_st.sizeof()).isEqualTo(68);
    assertThat(nvmlFieldValue_st.value$offset()).isEqualTo(32);
    assertThat(nvmlFieldValue_st.sizeof()).isEqualTo(40);
  }

  @Test
  void shouldDeclareAsTheHeaderDoes() throws Exception {
    CCompiler compiler = CCompiler.assume(folder, INCLUDES, "nvml.h (it comes with CUDA)");
    Path header = Path.of("src/main/headers/tutti_nvml.h");
    assumeTrue(Files.exists(header), "not run in the folder of the module");
    String sizes =
        """
        _Static_assert(sizeof(nvmlPciInfo_t) == 68 && offsetof(nvmlPciInfo_t, busId) == 36, "");
        _Static_assert(sizeof(nvmlFieldValue_t) == 40 && offsetof(nvmlFieldValue_t, value) == 32, "");
        _Static_assert(NVML_FI_DEV_NVLINK_SPEED_MBPS_COMMON == %d, "");
        _Static_assert(NVML_NVLINK_DEVICE_TYPE_SWITCH == %d, "");
        _Static_assert(NVML_ERROR_INVALID_ARGUMENT == %d, "");
        """
            .formatted(
                LibNvml.NVML_FI_DEV_NVLINK_SPEED_MBPS_COMMON(),
                LibNvml.NVML_NVLINK_DEVICE_TYPE_SWITCH(),
                LibNvml.NVML_ERROR_INVALID_ARGUMENT());

    assertThat(compiler.complaints(INCLUDES + sizes, header)).isEmpty();
  }
}
