package dev.tutti.topology.discover;

import dev.tutti.bindings.LibraryNotFoundException;
import dev.tutti.bindings.NativeCallException;
import dev.tutti.bindings.acl.Acl;
import dev.tutti.bindings.acl.AclReport;
import dev.tutti.bindings.hwloc.Hwloc;
import dev.tutti.bindings.nvml.Nvml;
import dev.tutti.bindings.nvml.NvmlReport;
import dev.tutti.topology.Finding;
import dev.tutti.topology.TopologyFormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What libraries tell of this host, beside what the kernel shows.
///
/// @param hwloc null if hwloc cannot be used
/// @param nvml null if NVML cannot be used
/// @param acl null if ACL cannot be used
/// @param findings why one cannot be used
record Sources(
    @Nullable HwlocView hwloc,
    @Nullable NvmlReport nvml,
    @Nullable AclReport acl,
    List<Finding> findings) {

  /// No library at all.
  static final Sources NONE = new Sources(null, null, null, List.of());

  Sources {
    findings = List.copyOf(findings);
  }

  /// Asks all libraries.
  static Sources ask() {
    List<Finding> findings = new ArrayList<>();
    HwlocView hwloc = ask("hwloc", () -> HwlocView.of(Hwloc.load().describe()), findings);
    NvmlReport nvml = ask("NVML", Nvml::read, findings);
    AclReport acl = ask("ACL", Acl::read, findings);
    return new Sources(hwloc, nvml, acl, findings);
  }

  /// Whether a library is there and works must not decide over the rest.
  private static <T> @Nullable T ask(String place, Supplier<T> library, List<Finding> findings) {
    try {
      return library.get();
    } catch (LibraryNotFoundException | NativeCallException | TopologyFormatException e) {
      findings.add(Finding.note(place, String.valueOf(e.getMessage())));
      return null;
    } catch (IllegalCallerException e) {
      findings.add(
          Finding.warning(
              place, e.getMessage() + "; allow it with --enable-native-access=dev.tutti.bindings"));
      return null;
    }
  }
}
