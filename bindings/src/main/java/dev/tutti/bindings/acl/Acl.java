package dev.tutti.bindings.acl;

import dev.tutti.bindings.LibraryNotFoundException;
import dev.tutti.bindings.NativeCallException;
import dev.tutti.bindings.acl.AclReport.Device;
import dev.tutti.bindings.acl.AclReport.Pair;
import dev.tutti.bindings.acl.generated.aclInit_call;
import dev.tutti.bindings.acl.generated.aclrtDeviceGetPCIBusId_call;
import dev.tutti.bindings.acl.generated.aclrtGetDeviceCount_call;
import dev.tutti.bindings.acl.generated.aclrtGetDevicesTopo_call;
import dev.tutti.bindings.acl.generated.aclrtGetSocName_call;
import dev.tutti.bindings.library.LibrarySearch;
import dev.tutti.bindings.library.NativeLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The runtime library of Ascend.
///
/// It is `libacl_rt.so` or `libascendcl.so` as the dynamic linker finds it or below the folder that
/// `ASCEND_HOME_PATH` names, or what the system property `tutti.acl.library` or else the
/// environment variable `TUTTI_ACL_LIBRARY` names; `none` there keeps it from being used.
public final class Acl {
  /// System property that names the library.
  public static final String PROPERTY = "tutti.acl.library";

  /// Environment variable that names the library.
  public static final String VARIABLE = "TUTTI_ACL_LIBRARY";

  private static final Map<String, AclRuntime> RUNTIMES = new ConcurrentHashMap<>();

  private static final int SUCCESS = 0;
  private static final int INITIALISED_ALREADY = 100002;
  private static final int ADDRESS_BYTES = 64;
  private static final String DEFAULT_HOME = "/usr/local/Ascend/ascend-toolkit/latest";

  private Acl() {}

  private static LibrarySearch search(List<String> required) {
    return new LibrarySearch(
        "ACL",
        PROPERTY,
        VARIABLE,
        List.of("libacl_rt.so", "libascendcl.so"),
        List.of(libraryFolder()),
        required,
        "it comes with Huawei's CANN; set ASCEND_HOME_PATH to where that is");
  }

  /// Returns the folder in which CANN keeps its libraries.
  public static String libraryFolder() {
    String home = System.getenv("ASCEND_HOME_PATH");
    return Path.of(home == null || home.isEmpty() ? DEFAULT_HOME : home, "lib64").toString();
  }

  /// Returns the runtime, initialised; the same object each time for the same file.
  ///
  /// @throws LibraryNotFoundException if there is none; lists the places searched
  /// @throws NativeCallException if it does not start
  public static AclRuntime runtime() {
    NativeLibrary library = search(AclCalls.REQUIRED).open();
    return RUNTIMES.computeIfAbsent(library.place(), _ -> AclRuntime.start(library));
  }

  /// Asks for all devices. Initialises ACL if that is needed and not done, and leaves it so: ending
  /// it would end it for all of this process.
  ///
  /// @throws LibraryNotFoundException if there is no library
  /// @throws NativeCallException if there is no driver, or it does not answer
  public static AclReport read() {
    NativeLibrary library = search(List.of("aclInit", "aclrtGetDeviceCount")).open();
    try (Arena arena = Arena.ofConfined()) {
      int count = count(library, arena);
      List<String> problems = new ArrayList<>();
      List<Device> devices = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        devices.add(new Device(i, address(library, arena, i)));
      }
      return new AclReport(
          socName(library), devices, pairs(library, arena, count, problems), problems);
    }
  }

  private static int count(NativeLibrary library, Arena arena) {
    MemorySegment function = library.function("aclrtGetDeviceCount");
    MemorySegment count = arena.allocate(ValueLayout.JAVA_INT);
    int result = aclrtGetDeviceCount_call.invoke(function, count);
    if (result != SUCCESS) {
      int begun = aclInit_call.invoke(library.function("aclInit"), MemorySegment.NULL);
      if (begun != SUCCESS && begun != INITIALISED_ALREADY) {
        throw new NativeCallException("aclInit", "", begun, "ACL error");
      }
      result = aclrtGetDeviceCount_call.invoke(function, count);
    }
    if (result != SUCCESS) {
      throw new NativeCallException("aclrtGetDeviceCount", "", result, "ACL error");
    }
    return count.get(ValueLayout.JAVA_INT, 0);
  }

  private static @Nullable String socName(NativeLibrary library) {
    MemorySegment function = library.optional("aclrtGetSocName");
    if (function == null) {
      return null;
    }
    MemorySegment name = aclrtGetSocName_call.invoke(function);
    return name.address() == 0 ? null : name.getString(0);
  }

  private static @Nullable String address(NativeLibrary library, Arena arena, int device) {
    MemorySegment function = library.optional("aclrtDeviceGetPCIBusId");
    if (function == null) { // before 9.2
      return null;
    }
    MemorySegment text = arena.allocate(ADDRESS_BYTES);
    int result = aclrtDeviceGetPCIBusId_call.invoke(function, device, text, ADDRESS_BYTES - 1);
    return result == SUCCESS ? text.getString(0).strip().toLowerCase(Locale.ROOT) : null;
  }

  private static List<Pair> pairs(
      NativeLibrary library, Arena arena, int count, List<String> problems) {
    List<Pair> pairs = new ArrayList<>();
    MemorySegment function = library.optional("aclrtGetDevicesTopo");
    if (function == null) {
      if (count > 1) {
        problems.add("this version does not tell how devices are joined (aclrtGetDevicesTopo)");
      }
      return pairs;
    }
    MemorySegment bits = arena.allocate(ValueLayout.JAVA_LONG);
    for (int i = 0; i < count; i++) {
      for (int j = i + 1; j < count; j++) {
        int result = aclrtGetDevicesTopo_call.invoke(function, i, j, bits);
        if (result == SUCCESS) {
          pairs.add(new Pair(i, j, bits.get(ValueLayout.JAVA_LONG, 0)));
        } else {
          problems.add(
              "aclrtGetDevicesTopo(" + i + ", " + j + ") failed: ACL error (" + result + ")");
        }
      }
    }
    return pairs;
  }
}
