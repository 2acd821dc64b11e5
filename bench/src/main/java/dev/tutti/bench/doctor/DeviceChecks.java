package dev.tutti.bench.doctor;

import dev.tutti.bindings.LibraryNotFoundException;
import dev.tutti.bindings.NativeCallException;
import dev.tutti.bindings.acl.Acl;
import dev.tutti.bindings.acl.AclRuntime;
import dev.tutti.bindings.cuda.Cuda;
import dev.tutti.bindings.cuda.CudaDevice;
import dev.tutti.bindings.cuda.CudaRuntime;
import dev.tutti.topology.Attributes;
import dev.tutti.topology.Link;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Accelerators: as their runtimes show them, as the topology has them, and whether this user may.
final class DeviceChecks {
  private static final double GIB = 1L << 30;

  private DeviceChecks() {}

  static List<Check> all(Topology topology) {
    List<Check> checks = new ArrayList<>();
    checks.addAll(present(DeviceChecks::cuda));
    checks.addAll(present(DeviceChecks::ascend));
    topology.nodes().stream()
        .filter(node -> node.kind() == NodeKind.DEVICE)
        .forEach(device -> checks.add(inTopology(topology, device)));
    permission("/dev", "nvidia[0-9]*", checks);
    permission("/dev", "davinci[0-9]*", checks);
    if (checks.isEmpty()) {
      checks.add(Check.missing("devices", "no accelerator", ""));
    }
    return checks;
  }

  /// What is absent or broken is told among the libraries.
  private static List<Check> present(Supplier<List<Check>> devices) {
    try {
      return devices.get();
    } catch (LibraryNotFoundException
        | NativeCallException
        | UnsupportedOperationException
        | IllegalCallerException _) {
      return List.of();
    }
  }

  private static List<Check> cuda() {
    CudaRuntime runtime = Cuda.runtime();
    int count = runtime.deviceCount();
    List<Check> checks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int device = i;
      checks.add(
          LibraryChecks.guarded(
              "CUDA " + i,
              () -> {
                CudaDevice told = runtime.describe(device);
                return Check.ok(
                    "CUDA " + device,
                    String.format(
                        Locale.ROOT,
                        "%s, %.1f GiB, compute %d.%d%s%s",
                        told.name(),
                        told.memoryBytes() / GIB,
                        told.computeMajor(),
                        told.computeMinor(),
                        told.pciAddress() == null ? "" : ", " + told.pciAddress(),
                        peers(count, device, peer -> runtime.canAccessPeer(device, peer))));
              }));
    }
    return checks;
  }

  private static List<Check> ascend() {
    AclRuntime runtime = Acl.runtime();
    String soc = Objects.requireNonNullElse(Acl.read().socName(), "Ascend");
    int count = runtime.deviceCount();
    List<Check> checks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int device = i;
      checks.add(LibraryChecks.guarded("Ascend " + i, () -> ascend(runtime, soc, count, device)));
    }
    return checks;
  }

  /// Opens the device, as a rank would, and closes it again.
  private static Check ascend(AclRuntime runtime, String soc, int count, int device) {
    runtime.setDevice(device);
    try {
      return Check.ok(
          "Ascend " + device,
          String.format(
              Locale.ROOT,
              "%s, %.1f GiB%s",
              soc,
              runtime.memory().totalBytes() / GIB,
              peers(count, device, peer -> runtime.canAccessPeer(device, peer))));
    } finally {
      runtime.resetDevice(device);
    }
  }

  private static String peers(int count, int device, IntPredicate canAccess) {
    List<String> reached =
        IntStream.range(0, count)
            .filter(peer -> peer != device && canAccess.test(peer))
            .mapToObj(Integer::toString)
            .toList();
    return count < 2
        ? ""
        : ", peer access to " + (reached.isEmpty() ? "no other" : String.join(" ", reached));
  }

  private static Check inTopology(Topology topology, Node device) {
    List<String> links =
        topology.linksFrom(device.id()).stream()
            .filter(link -> link.kind() != LinkKind.UNKNOWN)
            .map(link -> link(topology, link))
            .toList();
    String found =
        Stream.of(
                device.attribute(Attributes.MODEL_NAME),
                device.attribute(Attributes.MODEL),
                device.attribute(Attributes.DRIVER))
            .filter(Objects::nonNull)
            .collect(Collectors.joining(", "));
    String all = String.join(", ", links);
    return Check.ok(
        device.name(), found.isEmpty() ? all : found + (all.isEmpty() ? "" : "; " + all));
  }

  private static String link(Topology topology, Link link) {
    Double rate = link.bestKnownBytesPerSecond();
    return link.kind().display()
        + (link.lanes() > 0 ? " x" + link.lanes() : "")
        + " to "
        + topology.node(link.to()).name()
        + (rate == null ? "" : String.format(Locale.ROOT, " %.4g GB/s", rate / 1e9));
  }

  private static void permission(String folder, String glob, List<Check> checks) {
    DeviceFiles files = DeviceFiles.find(folder, glob);
    if (files.areThere()) {
      String name = folder + "/" + glob;
      checks.add(
          files.areUsable()
              ? Check.ok(name, files.usable().size() + " readable and writable")
              : Check.broken(
                  name, files.describe(), "add the user to the group that owns these files"));
    }
  }
}
