package dev.tutti.bench.netlab;

import dev.tutti.bench.netlab.SteadyJob.Connection;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Packets that vanish when they arrive at the hosts of a lab of two, until this is closed. Nobody
/// is told: no RST, no ICMP.
final class PacketLoss implements AutoCloseable {
  private static final List<String> ATTACH =
      List.of("tc", "qdisc", "add", "dev", Lab.HOST_INTERFACE, "clsact");
  private static final List<String> DETACH =
      List.of("tc", "qdisc", "delete", "dev", Lab.HOST_INTERFACE, "clsact");

  private final Lab lab;

  private PacketLoss(Lab lab) {
    this.lab = lab;
  }

  /// Returns why packets cannot vanish here, null if they can.
  static @Nullable String missing(Lab lab) {
    try (PacketLoss _ = new PacketLoss(lab).begin("1,6 0 0 0", "1,6 0 0 0")) {
      return null;
    } catch (LabException e) {
      return "tc cannot drop packets by a BPF program here: " + e.getMessage();
    }
  }

  /// The packets of one connection vanish in both directions.
  ///
  /// @param first the connection as host 0 sees it
  static PacketLoss of(Lab lab, Connection first) throws LabException {
    return new PacketLoss(lab)
        .begin(
            one(first.remotePort(), first.localPort()), one(first.localPort(), first.remotePort()));
  }

  /// All packets vanish but those from and to a port.
  static PacketLoss ofAllBut(Lab lab, int port) throws LabException {
    String program = allBut(port);
    return new PacketLoss(lab).begin(program, program);
  }

  // Offsets: 12 type of the frame, 34 and 36 the ports, behind an IPv4 header without options. The
  // program returns what is done with the packet: 0 it passes, 2 it is dropped.

  private static String one(int source, int destination) {
    return "6,40 0 0 34,21 0 3 %d,40 0 0 36,21 0 1 %d,6 0 0 2,6 0 0 0"
        .formatted(source, destination);
  }

  private static String allBut(int port) {
    return "8,40 0 0 12,21 0 5 2048,40 0 0 34,21 3 0 %d,40 0 0 36,21 1 0 %d,6 0 0 2,6 0 0 0"
        .formatted(port, port);
  }

  private PacketLoss begin(String... programs) throws LabException {
    for (int host = 0; host < programs.length; host++) {
      String _ = Programs.run(lab.onHost(host, ATTACH));
      String filter = "tc filter add dev " + Lab.HOST_INTERFACE + " ingress bpf da bytecode";
      List<String> words = new ArrayList<>(List.of(filter.split(" ")));
      words.add(programs[host]);
      String _ = Programs.run(lab.onHost(host, words));
    }
    return this;
  }

  @Override
  public void close() throws LabException {
    for (int host = 0; host < lab.spec().hosts(); host++) {
      String _ = Programs.run(lab.onHost(host, DETACH));
    }
  }
}
