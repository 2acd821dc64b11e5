package dev.tutti.bindings.hccl;

import dev.tutti.bindings.LibraryNotFoundException;
import dev.tutti.bindings.acl.Acl;
import dev.tutti.bindings.library.LibrarySearch;
import dev.tutti.bindings.library.NativeLibrary;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Finds HCCL.
///
/// It is what the system property `tutti.hccl.library` or else the environment variable
/// `TUTTI_HCCL_LIBRARY` names (`none` keeps it from being used), or `libhccl.so` as the dynamic
/// linker finds it (in `LD_LIBRARY_PATH` first) or below the folder that `ASCEND_HOME_PATH` names.
/// Functions that it lacks are looked for in `libhcomm.so` beside it, to which CANN 8.5 moved some.
public final class Hccl {
  /// System property that names the library.
  public static final String PROPERTY = "tutti.hccl.library";

  /// Environment variable that names the library.
  public static final String VARIABLE = "TUTTI_HCCL_LIBRARY";

  /// System property that names the second library.
  public static final String SECOND_PROPERTY = "tutti.hcomm.library";

  private static final Map<String, HcclLibrary> OPEN = new ConcurrentHashMap<>();

  private Hccl() {}

  /// Returns the library; the same object each time for the same file.
  ///
  /// @throws LibraryNotFoundException if there is none of CANN 8.1 or newer; lists the places
  ///   searched
  public static HcclLibrary open() {
    // What moved to the second library is found through the first one, which needs it.
    NativeLibrary library =
        new LibrarySearch(
                "HCCL",
                PROPERTY,
                VARIABLE,
                List.of("libhccl.so"),
                List.of(Acl.libraryFolder()),
                Arrays.stream(HcclFunction.values())
                    .filter(HcclFunction::isBase)
                    .map(HcclFunction::symbol)
                    .toList(),
                "it comes with Huawei's CANN, 8.1 or newer; set ASCEND_HOME_PATH to where that is")
            .open();
    return OPEN.computeIfAbsent(library.place(), _ -> new HcclLibrary(withSecond(library)));
  }

  private static NativeLibrary withSecond(NativeLibrary library) {
    Path folder = Path.of(library.place()).getParent();
    try {
      NativeLibrary second =
          new LibrarySearch(
                  "HCOMM",
                  SECOND_PROPERTY,
                  folder == null
                      ? List.of("libhcomm.so")
                      : List.of(folder.resolve("libhcomm.so").toString()),
                  List.of(),
                  List.of(),
                  "it comes with Huawei's CANN since 8.5")
              .open();
      return new NativeLibrary(library.place(), library.symbols().or(second.symbols()));
    } catch (LibraryNotFoundException _) {
      return library; // before 8.5 there is none
    }
  }
}
