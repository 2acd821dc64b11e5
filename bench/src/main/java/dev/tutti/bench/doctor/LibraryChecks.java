package dev.tutti.bench.doctor;

import dev.tutti.bindings.LibraryNotFoundException;
import dev.tutti.bindings.NativeCallException;
import dev.tutti.bindings.acl.Acl;
import dev.tutti.bindings.acl.AclRuntime;
import dev.tutti.bindings.cuda.Cuda;
import dev.tutti.bindings.cuda.CudaDriver;
import dev.tutti.bindings.cuda.CudaRuntime;
import dev.tutti.bindings.hccl.Hccl;
import dev.tutti.bindings.hccl.HcclFunction;
import dev.tutti.bindings.hccl.HcclLibrary;
import dev.tutti.bindings.hwloc.Hwloc;
import dev.tutti.bindings.nccl.Nccl;
import dev.tutti.bindings.nccl.NcclFunction;
import dev.tutti.bindings.nccl.NcclLibrary;
import dev.tutti.bindings.nvml.Nvml;
import dev.tutti.bindings.nvml.NvmlReport;
import dev.tutti.bindings.ucx.Ucx;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/// Libraries that few hosts have. None is needed by Tutti itself.
final class LibraryChecks {
  private LibraryChecks() {}

  static List<Check> all() {
    return List.of(
        guarded("hwloc", LibraryChecks::hwloc),
        guarded("UCX", LibraryChecks::ucx),
        guarded("NVML", LibraryChecks::nvml),
        guarded("CUDA driver", LibraryChecks::cudaDriver),
        guarded("CUDA runtime", LibraryChecks::cudaRuntime),
        guarded("NCCL", LibraryChecks::nccl),
        guarded("ACL", LibraryChecks::acl),
        guarded("HCCL", LibraryChecks::hccl));
  }

  /// Turns what wrappers throw into a check.
  static Check guarded(String name, Supplier<Check> check) {
    try {
      return check.get();
    } catch (LibraryNotFoundException e) {
      return absent(name, e);
    } catch (NativeCallException e) {
      return Check.broken(
          name,
          String.valueOf(e.getMessage()),
          "the library is there and does not work: see that driver, library and permissions of"
              + " /dev fit together");
    } catch (UnsatisfiedLinkError | UnsupportedOperationException | IllegalStateException e) {
      return Check.broken(name, String.valueOf(e.getMessage()), "install another version of it");
    } catch (IllegalCallerException e) {
      return Check.broken(
          name, String.valueOf(e.getMessage()), "start the JVM with --enable-native-access");
    }
  }

  private static Check absent(String name, LibraryNotFoundException e) {
    List<String> unusable = e.unusable();
    Check check =
        unusable.isEmpty()
            ? Check.missing(name, places(e.searched()), e.remedy())
            : Check.broken(
                name, String.join("; ", unusable), "'ldd FILE' says what it lacks; " + e.remedy());
    return check.withDetails(e.searched());
  }

  private static String places(List<String> searched) {
    return searched.size() == 1
        ? searched.getFirst()
        : "not found in " + searched.size() + " places";
  }

  private static Check hwloc() {
    Hwloc hwloc = Hwloc.load();
    return Check.ok("hwloc", hwloc.place() + ", " + hwloc.apiVersion());
  }

  private static Check ucx() {
    Path file = Ucx.load();
    return Check.ok("UCX", file + ", " + Ucx.version());
  }

  private static Check nvml() {
    NvmlReport report = Nvml.read();
    String found = "driver " + report.driver() + ", " + report.devices().size() + " devices";
    return report.problems().isEmpty()
        ? Check.ok("NVML", found)
        : Check.broken(
                "NVML",
                found + "; " + String.join("; ", report.problems()),
                "see nvidia-smi and the kernel's log (dmesg)")
            .withDetails(report.problems());
  }

  private static Check cudaDriver() {
    CudaDriver driver = Cuda.driver();
    return Check.ok(
        "CUDA driver", driver.place() + ", for CUDA up to " + cudaVersion(driver.version()));
  }

  private static Check cudaRuntime() {
    CudaRuntime runtime = Cuda.runtime();
    int version = runtime.runtimeVersion();
    int drivers = runtime.driverVersion();
    String found = runtime.place() + ", " + cudaVersion(version);
    if (drivers == 0) {
      return Check.missing("CUDA runtime", found + ", but no driver", "see CUDA driver");
    }
    return Check.ok("CUDA runtime", found + ", " + runtime.deviceCount() + " devices");
  }

  /// Writes 12080 as `12.8`.
  static String cudaVersion(int version) {
    return version / 1000 + "." + version % 1000 / 10;
  }

  private static Check nccl() {
    NcclLibrary nccl = Nccl.open();
    List<String> lacking =
        Arrays.stream(NcclFunction.values())
            .filter(function -> !nccl.supports(function))
            .map(f -> f.symbol() + " (since " + NcclLibrary.versionText(f.since()) + ")")
            .toList();
    return Check.ok(
            "NCCL",
            nccl.place()
                + ", "
                + NcclLibrary.versionText(nccl.version())
                + functions(lacking.size(), NcclFunction.values().length))
        .withDetails(lacking);
  }

  private static Check acl() {
    AclRuntime runtime = Acl.runtime();
    return Check.ok(
        "ACL",
        runtime.place() + ", " + runtime.version() + ", " + runtime.deviceCount() + " devices");
  }

  private static Check hccl() {
    HcclLibrary hccl = Hccl.open();
    List<String> lacking =
        Arrays.stream(HcclFunction.values())
            .filter(function -> !hccl.supports(function))
            .map(f -> f.symbol() + " (since " + f.since() + ")")
            .toList();
    return Check.ok("HCCL", hccl.place() + functions(lacking.size(), HcclFunction.values().length))
        .withDetails(lacking);
  }

  private static String functions(int lacking, int all) {
    return ", " + (all - lacking) + " of " + all + " functions";
  }
}
