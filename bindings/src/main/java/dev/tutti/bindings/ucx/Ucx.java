package dev.tutti.bindings.ucx;

import dev.tutti.bindings.LibraryNotFoundException;
import dev.tutti.bindings.NativeCallException;
import dev.tutti.bindings.ucx.generated.LibUcp;
import java.nio.file.Path;

/// The UCX library itself.
public final class Ucx {
  private Ucx() {}

  /// Loads the library unless that is done.
  ///
  /// It is `libucp.so.0` as the dynamic linker finds it or in one of the usual folders, or what the
  /// environment variable `TUTTI_UCX_LIBRARY` or the system property `tutti.ucxLibrary` names.
  ///
  /// @return its file
  /// @throws LibraryNotFoundException if it is not there or too old; lists the places searched
  public static Path load() {
    return UcxLibrary.load();
  }

  /// Returns the version of the loaded library, such as `1.13.1`.
  ///
  /// @throws LibraryNotFoundException as [#load] does
  public static String version() {
    Path _ = load();
    return LibUcp.ucp_get_version_string().getString(0);
  }

  /// Returns what a status means, in UCX's words.
  public static String text(int status) {
    Path _ = load();
    return LibUcp.ucs_status_string((byte) status).getString(0);
  }

  /// Returns the exception for a failed call.
  static NativeCallException failed(String function, String arguments, int status) {
    return new NativeCallException(function, arguments, status, text(status));
  }

  /// Throws unless a call was successful.
  static void check(int status, String function, String arguments) {
    if (status != UcxConstants.UCS_OK) {
      throw failed(function, arguments, status);
    }
  }
}
