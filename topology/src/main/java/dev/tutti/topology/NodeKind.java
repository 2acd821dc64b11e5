package dev.tutti.topology;

import java.util.Arrays;
import java.util.Locale;

/// What a node of a topology is.
public enum NodeKind {
  /// Hosts that stand together: a rack, a pod, a zone, a super-pod.
  GROUP,
  /// A computer.
  HOST,
  /// A processor package (socket).
  PACKAGE,
  /// A NUMA domain: memory and what is near to it. In NCCL's files: a `cpu`.
  NUMA,
  /// A cache that several cores may share.
  CACHE,
  /// A processor core.
  CORE,
  /// A PCI Express switch, bridge or root port.
  PCI_BRIDGE,
  /// What computes beside the processor: a GPU or an NPU.
  DEVICE,
  /// A network interface, or one port of it.
  NIC,
  /// A switch: of the network, or between devices (NVSwitch, HCCS switch).
  SWITCH,
  /// A network whose inside is not known.
  NETWORK;

  /// Returns the name in files and on the command line: lower case, with hyphens.
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// Finds a kind by its label.
  ///
  /// @throws IllegalArgumentException if there is none; the message lists all
  public static NodeKind of(String label) {
    return Arrays.stream(values())
        .filter(kind -> kind.label().equals(label))
        .findFirst()
        .orElseThrow(() -> unknown(label));
  }

  private static IllegalArgumentException unknown(String label) {
    return new IllegalArgumentException(
        "no kind of node '"
            + label
            + "'; there are "
            + Arrays.stream(values()).map(NodeKind::label).toList());
  }
}
