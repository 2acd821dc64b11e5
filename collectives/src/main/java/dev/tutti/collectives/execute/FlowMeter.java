package dev.tutti.collectives.execute;

import java.util.Arrays;

/// Tells from the arrivals of a flow's messages how fast it was.
///
/// A thread that had to wait for its core finds everything that came meanwhile at once: what it
/// counts then says when it ran, not when the data came. So the meter reads its clock where nothing
/// more is there: whatever has come until then has been counted, however late. Only a flow that
/// never runs dry, because the receiver is slower than the sender, is measured from message to
/// message.
///
/// The beginning does not count: shapers let the first bytes pass at full speed, and TCP begins
/// slowly. Nor does the end, when flows that began earlier compete no longer.
final class FlowMeter {
  // The part of a flow's time that counts.
  private static final double FROM = 0.3;
  private static final double UNTIL = 0.95;

  // Readings of the clock must be so far apart, as a part of the flow's time.
  private static final double LEAST_SPAN = 0.3;
  private static final int LEAST_MESSAGES = 3;

  // Shorter parts of a flow say more about when threads ran than about the rate.
  private static final double LEAST_SAMPLE_NANOS = 5_000_000;
  private static final int STAMPS = 1024;

  private final long nanos;
  private final long opened;
  private final Curve whenDry = new Curve();
  private final Curve whenCounted = new Curve();
  private long first;
  private long last;
  private long bytes;
  private long firstBytes;
  private int messages;
  private boolean counted; // since it was dry last

  /// Begins.
  ///
  /// @param nanos how long the flow lasts
  /// @param now the time
  FlowMeter(long nanos, long now) {
    this.nanos = nanos;
    this.opened = now;
  }

  /// A message has been received.
  void count(int size, long now) {
    if (messages++ == 0) {
      first = now;
      firstBytes = size;
    }
    bytes += size;
    last = now;
    counted = true;
    whenCounted.add(now);
  }

  /// Returns whether messages have been counted since the flow was dry last.
  boolean isToldWhenDry() {
    return counted;
  }

  /// All that has arrived is counted.
  void dry(long now) {
    counted = false;
    whenDry.add(now);
  }

  /// Returns the rate and its samples.
  ///
  /// @param samples how many at most
  FlowPort.Reading reading(int samples) {
    long from = first + (long) (FROM * nanos);
    long until = first + (long) (UNTIL * nanos);
    for (Curve curve : new Curve[] {whenDry, whenCounted}) {
      int start = curve.firstSince(from);
      int end = curve.lastUntil(until);
      if (end - start + 1 >= LEAST_MESSAGES && curve.nanos(start, end) >= LEAST_SPAN * nanos) {
        return new FlowPort.Reading(
            curve.rate(start, end), curve.parts(start, end, sampleCount(end - start, samples)));
      }
    }
    if (messages >= LEAST_MESSAGES && last > first) {
      double seconds = (last - first) * 1e-9;
      return new FlowPort.Reading((bytes - firstBytes) / seconds, new double[0]);
    }
    // So slow that there is hardly anything to count: everything since the beginning.
    double seconds = Math.max(1, last - opened) * 1e-9;
    return new FlowPort.Reading(messages == 0 ? 0 : bytes / seconds, new double[0]);
  }

  private int sampleCount(int stamps, int most) {
    boolean fine = (UNTIL - FROM) * nanos / most >= LEAST_SAMPLE_NANOS;
    return fine && stamps >= 4 * most ? most : 0;
  }

  /// How much had been counted when.
  private final class Curve {
    private final long[] times = new long[STAMPS];
    private final long[] totals = new long[STAMPS];
    private int size;

    void add(long now) {
      // Not so many of them that the end of the flow finds no place.
      if (size < STAMPS && (size == 0 || now - times[size - 1] >= nanos / STAMPS)) {
        times[size] = now;
        totals[size] = bytes;
        size++;
      }
    }

    int firstSince(long time) {
      int i = 0;
      while (i < size && times[i] - time < 0) {
        i++;
      }
      return i;
    }

    int lastUntil(long time) {
      int i = size - 1;
      while (i >= 0 && times[i] - time > 0) {
        i--;
      }
      return i;
    }

    long nanos(int start, int end) {
      return times[end] - times[start];
    }

    double rate(int start, int end) {
      return (totals[end] - totals[start]) / (nanos(start, end) * 1e-9);
    }

    /// Returns the rates of equal parts of a time.
    double[] parts(int start, int end, int count) {
      double[] at = new double[count + 1];
      double step = (double) nanos(start, end) / Math.max(1, count);
      for (int part = 0, i = start; part <= count; part++) {
        double time = part * step;
        while (i + 1 < end && times[i + 1] - times[start] < time) {
          i++;
        }
        double share = (time - (times[i] - times[start])) / (times[i + 1] - times[i]);
        at[part] = totals[i] + share * (totals[i + 1] - totals[i]);
      }
      double[] rates = new double[count];
      Arrays.setAll(rates, part -> (at[part + 1] - at[part]) / (step * 1e-9));
      return rates;
    }
  }
}
