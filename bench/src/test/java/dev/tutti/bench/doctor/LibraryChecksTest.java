package dev.tutti.bench.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.bench.doctor.Check.Status;
import dev.tutti.bindings.acl.Acl;
import dev.tutti.bindings.cuda.Cuda;
import dev.tutti.bindings.hccl.Hccl;
import dev.tutti.bindings.hwloc.Hwloc;
import dev.tutti.bindings.nccl.Nccl;
import dev.tutti.bindings.nvml.Nvml;
import dev.tutti.bindings.sim.TuttiSim;
import dev.tutti.topology.Topology;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LibraryChecksTest {
  private static final String NONE = "none";
  private static final List<String> ACCELERATORS =
      List.of(Nccl.PROPERTY, Cuda.PROPERTY, Cuda.DRIVER_PROPERTY, Hccl.PROPERTY, Acl.PROPERTY);
  private static final Topology EMPTY = Topology.builder("empty").build();

  private final Map<String, @Nullable String> before = new HashMap<>();

  @AfterEach
  void restore() {
    before.forEach((property, value) -> {
      if (value == null) {
        System.clearProperty(property);
      } else {
        System.setProperty(property, value);
      }
    });
  }

  private void set(String property, String value) {
    before.put(property, System.setProperty(property, value));
  }

  private static Check check(List<Check> checks, String name) {
    return checks.stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void shouldTellVersionsAndDevicesWhenLibrariesAreSimulated() {
    Path library = TuttiSim.library();
    ACCELERATORS.forEach(property -> set(property, library.toString()));

    List<Check> checks = LibraryChecks.all();

    assertThat(check(checks, "NCCL").found()).startsWith(library + ", 2.30.7, ");
    assertThat(check(checks, "CUDA runtime").found()).isEqualTo(library + ", 12.8, 2 devices");
    assertThat(check(checks, "CUDA driver").found()).isEqualTo(library + ", for CUDA up to 12.8");
    assertThat(check(checks, "ACL").found()).isEqualTo(library + ", 1.15.0, 2 devices");
    assertThat(check(checks, "HCCL").found()).startsWith(library + ", ").endsWith(" functions");
    assertThat(List.of("NCCL", "CUDA runtime", "CUDA driver", "ACL", "HCCL"))
        .allSatisfy(name -> assertThat(check(checks, name).status()).isEqualTo(Status.OK));
  }

  @Test
  void shouldTellMemoryAndPeersWhenDevicesAreSimulated() {
    Path library = TuttiSim.library();
    ACCELERATORS.forEach(property -> set(property, library.toString()));

    List<Check> checks = DeviceChecks.all(EMPTY);

    assertThat(check(checks, "CUDA 0").found()).contains("1.0 GiB, compute ", ", peer access to 1");
    assertThat(check(checks, "CUDA 1").found()).endsWith(", peer access to 0");
    assertThat(check(checks, "Ascend 0").found())
        .startsWith("Ascend910_9392, 1.0 GiB")
        .endsWith(", peer access to 1");
    assertThat(check(checks, "Ascend 1").status()).isEqualTo(Status.OK);
  }

  @Test
  void shouldTellWhatAnOlderVersionLacks() {
    Path library = TuttiSim.library("-DTUTTI_SIM_NCCL_LEVEL=219");
    set(Nccl.PROPERTY, library.toString());
    TuttiSim.set(library, "TUTTI_SIM_NCCL_VERSION", "21903");

    Check nccl = check(LibraryChecks.all(), "NCCL");

    assertThat(nccl.found()).startsWith(library + ", 2.19.3, ");
    assertThat(nccl.details()).contains("ncclParamDumpAll (since 2.30.3)");
  }

  @Test
  void shouldCallALibraryBrokenWhenItsDevicesDoNotAnswer() {
    Path library = TuttiSim.library();
    set(Cuda.PROPERTY, library.toString());
    TuttiSim.set(library, "TUTTI_SIM_FAIL", "cudaGetDeviceCount:1:35");
    try {
      Check runtime = check(LibraryChecks.all(), "CUDA runtime");

      assertThat(runtime.status()).isEqualTo(Status.BROKEN);
      assertThat(runtime.found()).contains("cudaGetDeviceCount", "35");
      assertThat(runtime.isFailure()).isFalse();
    } finally {
      TuttiSim.set(library, "TUTTI_SIM_FAIL", null);
    }
  }

  @Test
  void shouldCallLibrariesMissingWhenTheyAreForbidden() {
    ACCELERATORS.forEach(property -> set(property, NONE));
    set(Nvml.PROPERTY, NONE);
    set(Hwloc.PROPERTY, NONE);

    List<Check> checks = LibraryChecks.all();

    assertThat(checks)
        .filteredOn(check -> !check.name().equals("UCX"))
        .hasSize(7)
        .allSatisfy(check -> {
          assertThat(check.status()).isEqualTo(Status.MISSING);
          assertThat(check.found()).startsWith("-Dtutti.").endsWith("=none forbids it");
          assertThat(check.advice()).contains("name the library in -Dtutti.");
          assertThat(check.isFailure()).isFalse();
        });
  }

  @Test
  void shouldCallALibraryBrokenWhenItsFileIsText(@TempDir Path folder) throws Exception {
    Path text = Files.writeString(folder.resolve("libnccl.so.2"), "not a library\n");
    set(Nccl.PROPERTY, text.toString());

    Check nccl = check(LibraryChecks.all(), "NCCL");

    assertThat(nccl.status()).isEqualTo(Status.BROKEN);
    assertThat(nccl.found()).startsWith(text + ": ");
    assertThat(nccl.advice()).startsWith("'ldd FILE' says what it lacks; it comes from NVIDIA");
    assertThat(nccl.details()).hasSize(1);
  }
}
