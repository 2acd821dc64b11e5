package dev.tutti.collectives.execute;

import java.util.Arrays;

/// Notes how much of a flow has arrived when.
///
/// A thread that had to wait for its core finds everything that came meanwhile at once: what it
/// counts then says when it ran, not when the data came. So the clock is read where nothing more is
/// there: whatever has come until then has been counted, however late. Only a flow that hardly ever
/// runs dry, because the receiver is slower than the sender, is noted message by message.
final class FlowMeter {
  // Notes must cover this part of a flow's time.
  private static final double LEAST_SPAN = 0.5;
  private static final int LEAST_NOTES = 3;

  // So many notes, at equal distances at least, reach for twice the time that a flow should take.
  private static final int NOTES = 2048;

  private final long nanos;
  private final long start;
  private final Curve whenDry = new Curve();
  private final Curve whenCounted = new Curve();
  private long last;
  private long bytes;
  private boolean counted; // since it was dry last

  /// Begins.
  ///
  /// @param nanos how long data are sent
  /// @param now the time
  FlowMeter(long nanos, long now) {
    this.nanos = nanos;
    this.start = now;
    this.last = now;
  }

  /// A message has been received.
  void count(int size, long now) {
    bytes += size;
    last = now;
    counted = true;
    whenCounted.note(now);
  }

  /// Returns whether messages have been counted since the flow was dry last.
  boolean isToldWhenDry() {
    return counted;
  }

  /// All that has arrived is counted.
  void dry(long now) {
    counted = false;
    whenDry.note(now);
  }

  /// Returns what has arrived.
  FlowPort.Reading reading() {
    Curve curve = whenDry.isEnough() ? whenDry : whenCounted;
    double[] arrived = new double[FlowPort.PARTS + 1];
    Arrays.setAll(arrived, part -> curve.at(part * (2.0 * nanos / FlowPort.PARTS)));
    return new FlowPort.Reading((last - start) * 1e-9, arrived);
  }

  /// How much had been counted when.
  private final class Curve {
    private final long[] times = new long[NOTES]; // since the start
    private final long[] totals = new long[NOTES];
    private int size;

    void note(long now) {
      long time = now - start;
      if (size < NOTES && (size == 0 || time - times[size - 1] >= 2 * nanos / NOTES)) {
        times[size] = time;
        totals[size] = bytes;
        size++;
      }
    }

    boolean isEnough() {
      return size >= LEAST_NOTES && times[size - 1] - times[0] >= LEAST_SPAN * nanos;
    }

    /// Returns how much had arrived at a time; between notes and up to the last message as if it
    /// had come evenly.
    double at(double time) {
      int next = 0;
      while (next < size && times[next] < time) {
        next++;
      }
      double before = next == 0 ? 0 : times[next - 1];
      double beforeTotal = next == 0 ? 0 : totals[next - 1];
      double after = next < size ? times[next] : last - start;
      double afterTotal = next < size ? totals[next] : bytes;
      return time >= after || after <= before
          ? afterTotal
          : beforeTotal + (afterTotal - beforeTotal) * (time - before) / (after - before);
    }
  }
}
