package dev.tutti.bindings.linux;

import org.jspecify.annotations.Nullable;

/// What differs between the processor architectures that [Linux] supports.
///
/// Everything that is the same on all of them is in [LinuxConstants].
public enum LinuxAbi {
  /// 64-bit x86 (`asm/unistd_64.h`).
  X86_64(202),

  /// 64-bit ARM (`asm-generic/unistd.h`).
  AARCH64(98);

  private static final String OS_NAME = System.getProperty("os.name", "an unnamed system");
  private static final String OS_ARCH = System.getProperty("os.arch", "an unnamed architecture");
  private static final @Nullable LinuxAbi CURRENT = find(OS_NAME, OS_ARCH);

  private final int futexSystemCall;

  LinuxAbi(int futexSystemCall) {
    this.futexSystemCall = futexSystemCall;
  }

  /// The number of the `futex` system call.
  public int futexSystemCall() {
    return futexSystemCall;
  }

  /// Says whether the calls of [Linux] work here: on Linux on one of these architectures.
  public static boolean isSupported() {
    return CURRENT != null;
  }

  /// The architecture this JVM runs on.
  ///
  /// @throws UnsupportedOperationException if [#isSupported()] is false; the message names the
  ///   operating system and the architecture
  public static LinuxAbi require() {
    LinuxAbi current = CURRENT;
    if (current == null) {
      throw unsupported(OS_NAME, OS_ARCH);
    }
    return current;
  }

  /// The architecture for values of the system properties `os.name` and `os.arch`, or null.
  static @Nullable LinuxAbi find(String osName, String osArch) {
    if (!osName.equals("Linux")) {
      return null;
    }
    return switch (osArch) {
      case "amd64", "x86_64" -> X86_64;
      case "aarch64" -> AARCH64;
      default -> null;
    };
  }

  static UnsupportedOperationException unsupported(String osName, String osArch) {
    return new UnsupportedOperationException(
        "Tutti's Linux calls need Linux on x86_64 or aarch64; this is " + osName + " on " + osArch);
  }
}
