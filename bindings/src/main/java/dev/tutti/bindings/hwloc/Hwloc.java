package dev.tutti.bindings.hwloc;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.tutti.bindings.LibraryNotFoundException;
import dev.tutti.bindings.NativeCallException;
import dev.tutti.bindings.hwloc.generated.LibHwloc;
import dev.tutti.bindings.hwloc.generated.hwloc_free_xmlbuffer_call;
import dev.tutti.bindings.hwloc.generated.hwloc_get_api_version_call;
import dev.tutti.bindings.hwloc.generated.hwloc_topology_destroy_call;
import dev.tutti.bindings.hwloc.generated.hwloc_topology_export_xmlbuffer_call;
import dev.tutti.bindings.hwloc.generated.hwloc_topology_init_call;
import dev.tutti.bindings.hwloc.generated.hwloc_topology_load_call;
import dev.tutti.bindings.hwloc.generated.hwloc_topology_set_components_call;
import dev.tutti.bindings.hwloc.generated.hwloc_topology_set_flags_call;
import dev.tutti.bindings.hwloc.generated.hwloc_topology_set_io_types_filter_call;
import dev.tutti.bindings.library.LibrarySearch;
import dev.tutti.bindings.library.NativeLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The hwloc library, version 2.
///
/// It is `libhwloc.so.15` or `libhwloc.so` as the dynamic linker finds it, or what the system
/// property `tutti.hwloc.library` names; `none` there keeps it from being used. Thread-safe.
public final class Hwloc {
  /// System property that names the library.
  public static final String PROPERTY = "tutti.hwloc.library";

  private static final LibrarySearch SEARCH =
      new LibrarySearch(
          "hwloc",
          PROPERTY,
          List.of("libhwloc.so.15", "libhwloc.so"),
          List.of(),
          List.of(
              "hwloc_get_api_version",
              "hwloc_topology_init",
              "hwloc_topology_set_flags",
              "hwloc_topology_set_io_types_filter",
              "hwloc_topology_load",
              "hwloc_topology_export_xmlbuffer",
              "hwloc_free_xmlbuffer",
              "hwloc_topology_destroy"),
          "install hwloc 2 (Debian: libhwloc15)");

  private static final int MAJOR = 2;

  /// Parts of hwloc that open displays or start the drivers of devices, which takes seconds and is
  /// not ours to do.
  private static final List<String> INTRUSIVE =
      List.of("gl", "opencl", "cuda", "nvml", "rsmi", "levelzero");

  private final NativeLibrary library;
  private final int apiVersion;

  private Hwloc(NativeLibrary library, int apiVersion) {
    this.library = library;
    this.apiVersion = apiVersion;
  }

  /// Loads the library unless that is done.
  ///
  /// @throws LibraryNotFoundException if it is not there, or is not version 2
  public static Hwloc load() {
    NativeLibrary library = SEARCH.open();
    int version = hwloc_get_api_version_call.invoke(library.function("hwloc_get_api_version"));
    if (version >>> 16 != MAJOR) {
      List<String> found =
          List.of(library.place() + ": is version " + text(version) + ", but 2 is needed");
      throw new LibraryNotFoundException("hwloc", found, found, SEARCH.remedy());
    }
    return new Hwloc(library, version);
  }

  /// Returns where the library was found.
  public String place() {
    return library.place();
  }

  /// Returns the version of the library's interface: `2.8`.
  public String apiVersion() {
    return text(apiVersion);
  }

  private static String text(int version) {
    return (version >>> 16) + "." + (version >>> 8 & 0xff);
  }

  /// Looks at this machine.
  ///
  /// @return what there is, in hwloc's own XML: the whole machine as far as this process may see
  ///   it, of I/O what matters (network, storage, accelerators, and bridges on the way to them)
  /// @throws NativeCallException if hwloc fails
  public String describe() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pointer = arena.allocate(ADDRESS);
      check(
          hwloc_topology_init_call.invoke(library.function("hwloc_topology_init"), pointer),
          "hwloc_topology_init");
      MemorySegment topology = pointer.get(ADDRESS, 0);
      try {
        load(topology, arena);
        return export(topology, arena);
      } finally {
        hwloc_topology_destroy_call.invoke(library.function("hwloc_topology_destroy"), topology);
      }
    }
  }

  private void load(MemorySegment topology, Arena arena) {
    check(
        hwloc_topology_set_flags_call.invoke(
            library.function("hwloc_topology_set_flags"),
            topology,
            LibHwloc.HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED()),
        "hwloc_topology_set_flags");
    check(
        hwloc_topology_set_io_types_filter_call.invoke(
            library.function("hwloc_topology_set_io_types_filter"),
            topology,
            LibHwloc.HWLOC_TYPE_FILTER_KEEP_IMPORTANT()),
        "hwloc_topology_set_io_types_filter");
    MemorySegment setComponents = library.optional("hwloc_topology_set_components");
    if (setComponents != null) { // since 2.1
      for (String component : INTRUSIVE) {
        // Refused where the component is not built in, which is as good.
        int _ =
            hwloc_topology_set_components_call.invoke(
                setComponents,
                topology,
                LibHwloc.HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST(),
                arena.allocateFrom(component));
      }
    }
    check(
        hwloc_topology_load_call.invoke(library.function("hwloc_topology_load"), topology),
        "hwloc_topology_load");
  }

  private String export(MemorySegment topology, Arena arena) {
    MemorySegment buffer = arena.allocate(ADDRESS);
    MemorySegment length = arena.allocate(JAVA_INT);
    check(
        hwloc_topology_export_xmlbuffer_call.invoke(
            library.function("hwloc_topology_export_xmlbuffer"), topology, buffer, length, 0),
        "hwloc_topology_export_xmlbuffer");
    MemorySegment text = buffer.get(ADDRESS, 0).reinterpret(length.get(JAVA_INT, 0));
    try {
      return text.getString(0, StandardCharsets.UTF_8);
    } finally {
      hwloc_free_xmlbuffer_call.invoke(library.function("hwloc_free_xmlbuffer"), topology, text);
    }
  }

  private static void check(int result, String function) {
    if (result != 0) {
      throw new NativeCallException(function, "", result, "error");
    }
  }
}
