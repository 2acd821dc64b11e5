package dev.tutti.collectives.simulate;

import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// What a simulation assumes beside what the topology says.
///
/// @param sliceBytes what a step that passes data on takes in before it begins to give out
/// @param slots slices that may wait at a receiver before it takes them; at least 1
/// @param messageSeconds what a message costs the processors of its two ends, half each, on top of
///   the latency of its links; a rank's processor does one thing at a time
/// @param reduceSecondsPerByte γ: what a rank's processor needs to add a byte
/// @param copySecondsPerByte what it needs to copy one within the rank
/// @param nodeBytesPerSecond what ranks on the same node of the topology can pass to each other,
///   all of them together
/// @param messages what messages cost the ranks themselves, where that was measured
/// @param mostSlices slices become larger where a simulation would have more of them
/// @param mostSteps a simulation of more steps is refused
/// @param lateSeconds when ranks begin that do not begin at time 0, by rank, in seconds
public record SimulationOptions(
    long sliceBytes,
    int slots,
    double messageSeconds,
    double reduceSecondsPerByte,
    double copySecondsPerByte,
    double nodeBytesPerSecond,
    MessageModel messages,
    long mostSlices,
    long mostSteps,
    SortedMap<Integer, Double> lateSeconds) {

  private static final long USUAL_SLICES = 2L << 20;
  private static final long USUAL_STEPS = 16L << 20; // some 120 bytes each
  private static final SortedMap<Integer, Double> NOBODY = Collections.emptySortedMap();

  /// Checks.
  ///
  /// @throws IllegalArgumentException if a number is out of range
  public SimulationOptions {
    require(sliceBytes >= 1, "slice size", sliceBytes, "at least 1");
    require(slots >= 1, "number of slots", slots, "at least 1");
    requireTime("seconds per message", messageSeconds);
    requireTime("seconds per reduced byte", reduceSecondsPerByte);
    requireTime("seconds per copied byte", copySecondsPerByte);
    require(
        nodeBytesPerSecond > 0 && nodeBytesPerSecond < Double.POSITIVE_INFINITY,
        "rate within a node",
        nodeBytesPerSecond,
        "a number of bytes/s above 0");
    require(mostSlices >= 1, "greatest number of slices", mostSlices, "at least 1");
    require(mostSteps >= 1, "greatest number of steps", mostSteps, "at least 1");
    SortedMap<Integer, Double> late = new TreeMap<>(lateSeconds);
    late.forEach((rank, seconds) -> {
      require(rank >= 0, "late rank", rank, "at least 0");
      requireTime("seconds that rank " + rank + " is late", seconds);
    });
    late.values().removeIf(seconds -> seconds == 0);
    lateSeconds = Collections.unmodifiableSortedMap(late);
  }

  /// Returns the usual numbers for ranks that are processes: slices of 1 MiB and 4 slots as the
  /// engine has over a network, 6 us for each message, 10 GB/s to add, to copy and within a node.
  public static SimulationOptions ofProcesses() {
    return new SimulationOptions(
        1 << 20,
        4,
        6e-6,
        0.1e-9,
        0.1e-9,
        10e9,
        MessageModel.NONE,
        USUAL_SLICES,
        USUAL_STEPS,
        NOBODY);
  }

  /// Returns the usual numbers for ranks that are devices: slices of 512 KiB, 8 slots, 2 us for
  /// each message, 1000 GB/s to add, to copy and within a device.
  public static SimulationOptions ofDevices() {
    return new SimulationOptions(
        512 << 10,
        8,
        2e-6,
        1e-12,
        1e-12,
        1000e9,
        MessageModel.NONE,
        USUAL_SLICES,
        USUAL_STEPS,
        NOBODY);
  }

  /// Returns what is usual for the nodes that the ranks of a topology are placed on.
  public static SimulationOptions usual(Topology topology) {
    boolean devices =
        !topology.ranks().isEmpty()
            && topology.ranks().values().stream()
                .allMatch(node -> topology.node(node).kind() == NodeKind.DEVICE);
    return devices ? ofDevices() : ofProcesses();
  }

  /// Returns these options with another slice size.
  public SimulationOptions withSliceBytes(long bytes) {
    return new SimulationOptions(
        bytes,
        slots,
        messageSeconds,
        reduceSecondsPerByte,
        copySecondsPerByte,
        nodeBytesPerSecond,
        messages,
        mostSlices,
        mostSteps,
        lateSeconds);
  }

  /// Returns these options with other costs of messages, of adding and of copying.
  public SimulationOptions withCosts(
      double secondsPerMessage, double reduceSeconds, double copySeconds) {
    return new SimulationOptions(
        sliceBytes,
        slots,
        secondsPerMessage,
        reduceSeconds,
        copySeconds,
        nodeBytesPerSecond,
        messages,
        mostSlices,
        mostSteps,
        lateSeconds);
  }

  /// Returns these options with other costs of messages.
  public SimulationOptions withMessages(MessageModel model) {
    return new SimulationOptions(
        sliceBytes,
        slots,
        messageSeconds,
        reduceSecondsPerByte,
        copySecondsPerByte,
        nodeBytesPerSecond,
        model,
        mostSlices,
        mostSteps,
        lateSeconds);
  }

  /// Returns these options with other limits.
  public SimulationOptions withLimits(long slices, long steps) {
    return new SimulationOptions(
        sliceBytes,
        slots,
        messageSeconds,
        reduceSecondsPerByte,
        copySecondsPerByte,
        nodeBytesPerSecond,
        messages,
        slices,
        steps,
        lateSeconds);
  }

  /// Returns these options with other arrivals.
  ///
  /// @param seconds when ranks begin that do not begin at time 0, by rank
  public SimulationOptions withLate(Map<Integer, Double> seconds) {
    return new SimulationOptions(
        sliceBytes,
        slots,
        messageSeconds,
        reduceSecondsPerByte,
        copySecondsPerByte,
        nodeBytesPerSecond,
        messages,
        mostSlices,
        mostSteps,
        new TreeMap<>(seconds));
  }

  /// Returns when a rank begins, in seconds.
  double lateSeconds(int rank) {
    return lateSeconds.getOrDefault(rank, 0.0);
  }

  private static void requireTime(String what, double value) {
    require(value >= 0 && value < 1e6, what, value, "at least 0 and below 10^6");
  }

  private static void require(boolean condition, String what, Number value, String expected) {
    if (!condition) {
      throw new IllegalArgumentException(what + " is " + value + ", expected " + expected);
    }
  }
}
