package dev.tutti.bench.netlab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Whether labs can be made here.
public final class LabSupport {
  private LabSupport() {}

  /// Returns in one line why no lab can be made here, null if labs can be made.
  public static @Nullable String missing() {
    if (!System.getProperty("os.name").equals("Linux")) {
      return "network namespaces exist on Linux only";
    }
    try {
      if (!(Files.getAttribute(Path.of("/proc/self"), "unix:uid") instanceof Integer uid)
          || uid != 0) {
        return "network namespaces need root: run this command as root";
      }
    } catch (IOException | UnsupportedOperationException e) {
      return "the user of this process is unknown: " + e.getMessage();
    }
    for (String program : List.of("ip", "tc")) {
      if (Programs.find(program) == null) {
        return "the program " + program + " is missing; on Debian: apt-get install iproute2";
      }
    }
    return tried();
  }

  private static @Nullable String tried() {
    String probe =
        "tutti-probe-" + ProcessHandle.current().pid() + "-" + Thread.currentThread().threadId();
    try {
      Programs.run(List.of("ip", "netns", "add", probe));
    } catch (LabException e) {
      return "network namespaces are not allowed here: " + e.getMessage();
    }
    try {
      for (String words :
          List.of(
              "ip -n %s link add probe0 type veth peer name probe1",
              "ip -n %s link add probe2 type bridge",
              "tc -n %s qdisc add dev probe0 root tbf rate 1gbit burst 128kb latency 20ms")) {
        Programs.run(List.of(words.formatted(probe).split(" ")));
      }
      return null;
    } catch (LabException e) {
      return "links cannot be shaped here: " + e.getMessage();
    } finally {
      try {
        Programs.run(List.of("ip", "netns", "delete", probe));
      } catch (LabException _) {
        // Made a moment ago: somebody else has removed it.
      }
    }
  }
}
