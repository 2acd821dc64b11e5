package dev.tutti.collectives;

import dev.tutti.collectives.execute.FlowPort;
import dev.tutti.topology.probe.Flow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The time during which all flows of a round competed, and how fast each was in it.
///
/// Rates of different times do not add up: what shares a link would seem to carry more than it. So
/// all flows of a round are measured over the same time. It begins when TCP has found its pace and
/// the buckets of shapers are empty, and ends when the first flow does.
final class FlowWindow {
  /// Numbers that a rank tells of a round: the time of the last message, and what had arrived when.
  static final int VALUES = FlowPort.PARTS + 2;

  // Parts of the time that flows are asked for.
  private static final double FROM = 0.3;
  private static final double LEAST_UNTIL = 0.8;
  private static final double MOST_UNTIL = 2;

  // A flow is steady if most of so many parts of the time differ no more than that from their
  // median.
  private static final int SPANS = 5;
  private static final double STEADY = 0.1;

  // Shorter parts of a flow say more about when threads ran than about the rate.
  private static final double LEAST_SAMPLE_SECONDS = 0.005;

  private final double[][] told; // by rank
  private final int at; // where the round begins
  private final double step;
  private final double from;
  private final double until;

  private FlowWindow(double[][] told, int at, double step, double from, double until) {
    this.told = told;
    this.at = at;
    this.step = step;
    this.from = from;
    this.until = until;
  }

  /// Writes what a rank tells of a round.
  static void write(FlowPort.Reading reading, double[] target, int round) {
    int at = round * VALUES;
    target[at] = reading.seconds();
    System.arraycopy(reading.arrived(), 0, target, at + 1, reading.arrived().length);
  }

  /// Reads what all ranks tell of a round.
  static FlowWindow of(List<Flow> flows, int round, double[][] told, long nanos) {
    int at = round * VALUES;
    double seconds = nanos * 1e-9;
    double until = MOST_UNTIL * seconds;
    for (Flow flow : flows) {
      until = Math.min(until, told[flow.to()][at]);
    }
    until = Math.max(until, LEAST_UNTIL * seconds);
    double step = 2 * seconds / FlowPort.PARTS;
    return new FlowWindow(told, at, step, FROM * seconds, until);
  }

  /// Returns the bytes per second of a flow. Where it was steady but for a gap, the gap does not
  /// count: then a thread had to wait for its core longer than buffers last, and the network did
  /// not decide.
  double rate(Flow flow) {
    double[] rates = new double[SPANS];
    double length = (until - from) / SPANS;
    for (int i = 0; i < SPANS; i++) {
      double start = from + i * length;
      rates[i] = (arrived(flow, start + length) - arrived(flow, start)) / length;
    }
    Arrays.sort(rates);
    double median = rates[SPANS / 2];
    double most = median * (1 + STEADY);
    double[] steady = Arrays.stream(rates).filter(rate -> rate >= median * (1 - STEADY)).toArray();
    boolean hasGap = steady.length > SPANS / 2 && rates[SPANS - 1] <= most;
    return Arrays.stream(hasGap ? steady : rates).average().orElse(0);
  }

  /// Returns the rates of parts of the time; of all of it, if the parts would be too short.
  List<Double> samples(Flow flow) {
    List<Double> samples = new ArrayList<>();
    int count = (int) Math.max(1, (until - from) / Math.max(step, LEAST_SAMPLE_SECONDS));
    double length = (until - from) / count;
    for (int i = 0; i < count; i++) {
      double start = from + i * length;
      samples.add((arrived(flow, start + length) - arrived(flow, start)) / length);
    }
    return samples;
  }

  private double arrived(Flow flow, double time) {
    double[] values = told[flow.to()];
    int part = (int) Math.min(time / step, FlowPort.PARTS - 1.0);
    double share = Math.min(1, time / step - part);
    double before = values[at + 1 + part];
    return before + share * (values[at + 2 + part] - before);
  }
}
