package dev.tutti.bench.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.bench.doctor.Check.Status;
import dev.tutti.bench.report.Palette;
import dev.tutti.topology.Attributes;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import dev.tutti.transport.rendezvous.LaunchEnvironment;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ChecksTest {
  private static final Check WRONG =
      Check.broken("shared memory", "memfd_create: EPERM", "allow it").needed();

  @Test
  void shouldFindThatProcessesOfThisHostShareMemory() {
    List<Check> checks = MemoryChecks.all();

    assertThat(checks)
        .filteredOn(Check::isNeeded)
        .extracting(Check::name)
        .containsExactly("shared memory", "other processes");
    assertThat(checks).noneMatch(Check::isFailure);
  }

  @Test
  void shouldTellStateSpeedAndMtuOfAnInterface() {
    Topology topology =
        Topology.builder("two ports")
            .node("host", NodeKind.HOST, "host", null)
            .node(nic("up", "4200"))
            .node(nic("down", "1500"))
            .node("net", NodeKind.NETWORK, "Ethernet", null)
            .cable(Link.of("up", "net", LinkKind.ETHERNET, 12.5e9, "test"))
            .build();

    List<Check> checks = NetworkChecks.all(topology);

    assertThat(checks.getFirst().name()).isEqualTo("loopback TCP");
    assertThat(checks.getFirst().status()).isEqualTo(Status.OK);
    assertThat(checks.get(1).found()).isEqualTo("up, 100.0 Gbit/s, MTU 4200");
    assertThat(checks.get(2).status()).isEqualTo(Status.MISSING);
    assertThat(checks.get(2).advice()).contains("ip link set down up");
  }

  private static Node nic(String state, String mtu) {
    return new Node(
        state, NodeKind.NIC, state, "host", Map.of(Attributes.STATE, state, Attributes.MTU, mtu));
  }

  @Test
  void shouldTellTheLinksOfADevice() {
    Topology topology =
        Topology.builder("pair")
            .node("gpu0", NodeKind.DEVICE, "GPU 0", null)
            .node("gpu1", NodeKind.DEVICE, "GPU 1", null)
            .cable(Link.of("gpu0", "gpu1", LinkKind.NVLINK, 450e9, "test").withLanes(18))
            .build();

    assertThat(DeviceChecks.all(topology))
        .filteredOn(check -> check.name().equals("GPU 0"))
        .extracting(Check::found)
        .containsExactly("NVLink x18 to GPU 1 450.0 GB/s");
  }

  @Test
  void shouldNameTheVariableWhenALauncherContradictsItself() {
    List<Check> checks =
        JobChecks.all(
            Map.of(
                LaunchEnvironment.RANK,
                "3",
                LaunchEnvironment.SIZE,
                "2",
                LaunchEnvironment.RENDEZVOUS,
                "tcp://alder:4711",
                LaunchEnvironment.SECRET,
                "xyz"));

    assertThat(checks).extracting(Check::status).containsOnly(Status.BROKEN);
    assertThat(checks.getFirst().found()).contains(LaunchEnvironment.RANK);
    assertThat(checks.getLast().found()).contains(LaunchEnvironment.SECRET).doesNotContain("xyz");
  }

  @Test
  void shouldFailWhenSomethingNeededIsBroken() {
    List<Section> sections =
        List.of(
            new Section("memory", List.of(WRONG)),
            new Section("library", List.of(Check.missing("NCCL", "not found", "install it"))));

    assertThat(DoctorReport.failures(sections))
        .containsExactly("shared memory: memfd_create: EPERM");
    assertThat(DoctorReport.lines(sections, false, Palette.PLAIN))
        .containsExactly(
            "# about    check          status   found",
            "  memory   shared memory  broken   memfd_create: EPERM",
            "  library  NCCL           missing  not found",
            "",
            "# what to do",
            "  shared memory: allow it",
            "  NCCL: install it",
            "",
            "Tutti cannot work here: shared memory: memfd_create: EPERM");
  }

  @Test
  void shouldListDetailsWhenVerbose() {
    Check check = Check.missing("NCCL", "not found", "").withDetails(List.of("/opt: no such file"));

    assertThat(
            DoctorReport.lines(
                List.of(new Section("library", List.of(check))), true, Palette.PLAIN))
        .contains("      /opt: no such file")
        .last()
        .isEqualTo("all that Tutti needs by itself works");
  }

  @Test
  void shouldWriteAllFieldsAsJson() {
    assertThat(DoctorReport.json(List.of(new Section("memory", List.of(WRONG)))))
        .isEqualTo(
            "{\"schema\":\"tutti-doctor/1\",\"works\":false,\"checks\":[{\"about\":\"memory\","
                + "\"check\":\"shared memory\",\"status\":\"broken\",\"needed\":true,"
                + "\"found\":\"memfd_create: EPERM\",\"advice\":\"allow it\",\"details\":[]}]}");
  }
}
