package dev.tutti.transport.tcp;

/// How fast one stream moves data, measured on the data it moves.
///
/// A sample is taken between two looks at which the stream had something under way, so that the
/// time in which it had nothing does not count. A rate that has not been measured for a while is
/// forgotten: a rail that was slow gets another chance.
///
/// Used by one thread at a time.
final class StreamRate {
  private static final long LEAST_NANOS = 500_000; // of a sample
  private static final long OUTDATED_NANOS = 200_000_000;
  private static final double WEIGHT = 0.25; // of a new sample

  private double bytesPerNano; // 0: not known
  private long measuredNanos; // of the last sample
  private long lastNanos; // of the last look that may begin a sample
  private long lastDone;
  private boolean busy;

  /// Says how far the stream is.
  ///
  /// @param done bytes that the peer's kernel has acknowledged
  /// @param underWay bytes that it has not
  void look(long nanos, long done, long underWay) {
    if (nanos - measuredNanos > OUTDATED_NANOS) {
      bytesPerNano = 0;
    }
    if (!busy || done < lastDone) {
      restart(nanos, done, underWay);
    } else if (nanos - lastNanos >= LEAST_NANOS) {
      double rate = (double) (done - lastDone) / (nanos - lastNanos);
      bytesPerNano = bytesPerNano == 0 ? rate : bytesPerNano + WEIGHT * (rate - bytesPerNano);
      measuredNanos = nanos;
      restart(nanos, done, underWay);
    } else if (underWay == 0) {
      busy = false;
    }
  }

  private void restart(long nanos, long done, long underWay) {
    busy = underWay > 0;
    lastNanos = nanos;
    lastDone = done;
  }

  /// Returns the rate in bytes per nanosecond, 0 if it is not known.
  double bytesPerNano() {
    return bytesPerNano;
  }
}
