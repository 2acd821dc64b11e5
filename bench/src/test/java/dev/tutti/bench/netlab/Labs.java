package dev.tutti.bench.netlab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tutti.bench.netlab.LabSpec.Changes;
import dev.tutti.bench.netlab.LabSpec.Scenario;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What tests of labs have in common.
final class Labs {
  private Labs() {}

  /// Skips a test, and says why, where labs cannot be made.
  static void assumeAllowed(Class<?> test) {
    skipIf(test, LabSupport.missing());
  }

  /// Skips a test, and says why.
  ///
  /// @param missing what it needs and does not find, null if there is all
  static void skipIf(Class<?> test, @Nullable String missing) {
    if (missing != null) {
      System.err.println(test.getSimpleName() + " skipped: " + missing);
    }
    assumeTrue(missing == null, () -> "skipped: " + missing);
  }

  /// Returns the namespaces of a lab that exist.
  static List<String> namespaces(String lab) throws LabException {
    return Programs.run(List.of("ip", "netns", "list"))
        .lines()
        .filter(line -> line.contains("-" + lab + "-"))
        .toList();
  }

  /// Makes a lab of two hosts with links of a rate, for this process.
  static Lab createPair(String name, String rate) throws LabException {
    LabSpec pair =
        LabSpec.of(Scenario.UNIFORM, new Changes(2, BitRate.parse(rate), null, null, null));
    return Lab.createTemporary(name + ProcessHandle.current().pid(), pair);
  }

  /// Removes a lab and checks that nothing of it stays behind.
  static void remove(Lab lab) throws LabException, SocketException {
    lab.destroy();
    assertThat(namespaces(lab.name())).isEmpty();
    assertThat(NetworkInterface.getByName(lab.launcherInterface())).isNull();
  }
}
