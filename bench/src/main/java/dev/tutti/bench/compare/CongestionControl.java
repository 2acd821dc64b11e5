package dev.tutti.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// How the kernel shares a network among TCP connections that ask for nothing.
public final class CongestionControl {
  private static final Path SETTING = Path.of("/proc/sys/net/ipv4/tcp_congestion_control");

  private CongestionControl() {}

  /// Returns the kernel's choice in words.
  public static String describe() {
    try {
      return "congestion control " + Files.readString(SETTING).strip() + " by default";
    } catch (IOException _) {
      return "congestion control unknown";
    }
  }
}
