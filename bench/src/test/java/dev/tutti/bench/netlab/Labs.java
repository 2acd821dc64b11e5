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

  /// Joins the two hosts of a lab by a cable of its own, between network cards of a name.
  ///
  /// @param rates what each host can send over it
  static void addCable(Lab pair, String card, String... rates) throws LabException {
    LabNames names = pair.names();
    run(
        "ip link add %s netns %s type veth peer name %s netns %s"
            .formatted(card, names.host(0), card, names.host(1)));
    for (int host = 0; host < 2; host++) {
      onHost(pair, host, "ip addr add 10.78.0.%d/24 dev %s".formatted(host + 1, card));
      onHost(pair, host, "ip link set %s up".formatted(card));
      String bucket = "root tbf rate " + rates[host] + " burst 128kb latency 20ms";
      onHost(pair, host, "tc qdisc replace dev %s ".formatted(card) + bucket);
    }
  }

  private static void run(String command) throws LabException {
    String _ = Programs.run(List.of(command.split(" ")));
  }

  private static void onHost(Lab lab, int host, String command) throws LabException {
    String _ = Programs.run(lab.onHost(host, List.of(command.split(" "))));
  }

  /// Removes a lab and checks that nothing of it stays behind.
  static void remove(Lab lab) throws LabException, SocketException {
    lab.destroy();
    assertThat(namespaces(lab.name())).isEmpty();
    assertThat(NetworkInterface.getByName(lab.launcherInterface())).isNull();
  }
}
