package dev.tutti.bench.doctor;

import dev.tutti.bindings.linux.Linux;
import dev.tutti.collectives.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;

/// The JVM, its options, and the kernels that they leave to choose from.
final class JavaChecks {
  private static final int OLDEST = 25;

  private JavaChecks() {}

  static List<Check> all() {
    List<Check> checks = new ArrayList<>();
    checks.add(version());
    checks.add(nativeAccess());
    checks.add(addExports());
    boolean hasVector = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    checks.add(
        hasVector
            ? Check.ok("Vector API", "jdk.incubator.vector, kernels: " + Kernels.implementation())
            : Check.missing(
                "Vector API",
                "jdk.incubator.vector is not loaded, kernels: array",
                "start the JVM with --add-modules=jdk.incubator.vector; reductions are slower"
                    + " without"));
    checks.add(
        Kernels.canStream()
            ? Check.ok("C kernels", "with non-temporal stores")
            : Check.missing(
                "C kernels",
                "not built in, or not for this processor",
                "build Tutti where cc is installed; large sums in shared memory are slower"
                    + " without"));
    return checks;
  }

  private static Check version() {
    String found = Runtime.version() + ", " + System.getProperty("java.home");
    return (Runtime.version().feature() >= OLDEST
            ? Check.ok("Java", found)
            : Check.broken("Java", found, "use a JDK " + OLDEST + " or newer"))
        .needed();
  }

  private static Check nativeAccess() {
    Module bindings = Linux.class.getModule();
    return bindings.isNativeAccessEnabled()
        ? Check.ok("native access", "allowed")
        : Check.missing(
            "native access",
            "not allowed to " + bindings,
            "start the JVM with --enable-native-access="
                + (bindings.isNamed() ? bindings.getName() : "ALL-UNNAMED"));
  }

  /// Agrona, which labels the counters, asks for this at its first use.
  private static Check addExports() {
    String inner = "jdk.internal.misc";
    boolean isOpen = Object.class.getModule().isExported(inner, JavaChecks.class.getModule());
    return isOpen
        ? Check.ok("Agrona", inner + " is exported")
        : Check.missing(
            "Agrona",
            inner + " is not exported",
            "counters have no labels without --add-exports=java.base/jdk.internal.misc=ALL-UNNAMED");
  }
}
