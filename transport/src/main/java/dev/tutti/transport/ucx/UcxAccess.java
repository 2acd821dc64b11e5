package dev.tutti.transport.ucx;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Who can reach what UCX opens, and hence what it may open.
///
/// UCX's own TCP listens on a port of every interface, and takes messages from everybody who
/// connects: it knows no secret. So it is left out, or kept to the loopback interface, unless the
/// user says that only trusted programs reach the ports. What else UCX uses has no ports: shared
/// memory belongs to the user, and an RDMA fabric to those who are connected to it.
public enum UcxAccess {
  /// All ranks are on this host.
  HOST,

  /// The ranks are on several hosts, and anybody may be connected to them.
  NETWORK,

  /// Only trusted programs can reach this host's ports.
  TRUSTED_NETWORK;

  private static final String TRANSPORTS = "UCX_TLS";
  private static final String DEVICES = "UCX_NET_DEVICES";
  private static final String ALL = "all";
  private static final String TCP = "tcp";
  private static final String REMOTE_MEMORY = "cma,knem,xpmem"; // of other processes of this host
  private static final String LOOPBACK = "lo";
  private static final Path RDMA_DEVICES = Path.of("/sys/class/infiniband");
  private static final String OPEN =
      "UCX's own TCP takes messages from everybody who reaches its ports";
  private static final String REMEDY =
      "set tutti.ucxTcp (TUTTI_UCX_TCP) to trusted if only trusted programs can reach this host";

  /// Returns the settings that keep UCX within these bounds; they go into [UcxOptions].
  ///
  /// @throws UnsupportedOperationException if nothing is left to use, or the user's own settings
  ///   open more; says which and what to do
  public Map<String, String> settings() {
    return settings(System.getenv(), RDMA_DEVICES);
  }

  Map<String, String> settings(Map<String, String> environment, Path rdmaDevices) {
    Map<String, String> result = new HashMap<>(Map.of("RNDV_SCHEME", scheme()));
    String transports = environment.get(TRANSPORTS);
    String devices = environment.get(DEVICES);
    if (this == TRUSTED_NETWORK) {
      if (transports == null) {
        result.put("TLS", "^" + REMOTE_MEMORY);
      }
      return result;
    }
    if (transports == null) {
      if (this == NETWORK && !isUsable(rdmaDevices)) {
        throw new UnsupportedOperationException(
            "this host has no RDMA device, and " + OPEN + ": " + REMEDY);
      }
      result.put("TLS", "^" + TCP + "," + REMOTE_MEMORY);
    } else if (hasTcp(transports) && !isClosed(devices, rdmaDevices)) {
      if (this == NETWORK || devices != null) {
        throw new UnsupportedOperationException(
            TRANSPORTS
                + " is \""
                + transports
                + "\" and "
                + DEVICES
                + (devices == null ? " is not set" : " is \"" + devices + "\"")
                + ", but "
                + OPEN
                + ": leave tcp out, or "
                + REMEDY);
      }
      result.put("NET_DEVICES", LOOPBACK);
    }
    return result;
  }

  /// Returns how large messages travel.
  ///
  /// Not by reading them from the sender: it would wait for a word of the receiver that leaves UCX
  /// only when the receiver next makes progress. Between hosts they are written into the receiver's
  /// memory, by connections that end when an operation fails. Within a host such a connection would
  /// be the right to write to the process, which does not end, so they travel in pieces there.
  private String scheme() {
    return this == HOST ? "am" : "put_zcopy";
  }

  private static boolean isUsable(Path rdmaDevices) {
    String[] names = rdmaDevices.toFile().list();
    return names != null && names.length > 0;
  }

  /// Returns whether a list of UCX's transports has TCP: `all`, `tcp,self`, but not `^tcp`.
  private static boolean hasTcp(String transports) {
    boolean negated = transports.startsWith("^");
    List<String> names =
        Arrays.stream((negated ? transports.substring(1) : transports).split(","))
            .map(name -> name.strip().replace("\\", ""))
            .toList();
    return negated ? !names.contains(TCP) : names.contains(TCP) || names.contains(ALL);
  }

  /// Returns whether no device of a list carries TCP beyond this host.
  private static boolean isClosed(@Nullable String devices, Path rdmaDevices) {
    return devices != null
        && Arrays.stream(devices.split(","))
            .map(device -> device.strip().replaceFirst(":.*", ""))
            .allMatch(device ->
                device.equals(LOOPBACK)
                    || (!device.isEmpty() && Files.exists(rdmaDevices.resolve(device))));
  }
}
