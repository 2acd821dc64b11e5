package dev.tutti.transport.rendezvous;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// Sends heartbeats on quiet connections and notices those that have gone silent.
///
/// Only [System#nanoTime()] is read: steps of the clock do not matter. If this process itself did
/// not run for a while (stopped, suspended, a long collection), what others sent meanwhile lies
/// unread in the sockets: their silence is then counted anew.
final class Heart implements AutoCloseable {
  private static final long LONGEST_NAP_NANOS = 250_000_000;
  private static final Frame BEAT = Frame.empty(FrameType.HEARTBEAT);

  private final Set<Pulse> pulses = ConcurrentHashMap.newKeySet();
  private final Thread thread;
  private volatile boolean stopped;
  // Written by the thread of this heart only.
  private volatile long lastTickNanos = System.nanoTime();
  private volatile long lastPauseEndNanos;
  private volatile long pauseLimitNanos = Long.MAX_VALUE;
  private volatile boolean paused;

  /// One connection under watch. Times are written by the thread of the heart only.
  static final class Pulse {
    private final FrameConnection connection;
    private final Timing timing;
    private final Consumer<String> onSilence;
    private long lastBeatNanos = System.nanoTime();
    private long forgivenNanos = lastBeatNanos;

    private Pulse(FrameConnection connection, Timing timing, Consumer<String> onSilence) {
      this.connection = connection;
      this.timing = timing;
      this.onSilence = onSilence;
    }
  }

  Heart(String threadName) {
    thread = Thread.ofPlatform().daemon().name(threadName).start(this::beatLoop);
  }

  /// Watches a connection until it is forgotten.
  ///
  /// @param onSilence called once by the thread of the heart, with the cause; must not block
  Pulse watch(FrameConnection connection, Timing timing, Consumer<String> onSilence) {
    Pulse pulse = new Pulse(connection, timing, onSilence);
    pulses.add(pulse);
    LockSupport.unpark(thread);
    return pulse;
  }

  void forget(Pulse pulse) {
    pulses.remove(pulse);
  }

  /// Tells whether this process stood still at some time in the last `nanos`.
  boolean pausedWithin(long nanos) {
    long now = System.nanoTime();
    return now - lastTickNanos > pauseLimitNanos || (paused && now - lastPauseEndNanos < nanos);
  }

  private void beatLoop() {
    while (!stopped) {
      long now = System.nanoTime();
      long gap = now - lastTickNanos;
      long nap = LONGEST_NAP_NANOS;
      long limit = Long.MAX_VALUE;
      for (Pulse pulse : pulses) {
        if (gap > pulse.timing.timeoutNanos() / 2) {
          pulse.forgivenNanos = now;
          lastPauseEndNanos = now;
          paused = true;
        }
        beat(pulse, now);
        nap = Math.min(nap, pulse.timing.intervalNanos() / 2);
        limit = Math.min(limit, pulse.timing.timeoutNanos() / 2);
      }
      pauseLimitNanos = limit;
      lastTickNanos = now;
      LockSupport.parkNanos(this, nap);
    }
  }

  private void beat(Pulse pulse, long now) {
    if (now - pulse.lastBeatNanos >= pulse.timing.intervalNanos()) {
      pulse.lastBeatNanos = now;
      pulse.connection.offer(BEAT, 1); // nothing queued: a beat would only say what frames say
    }
    long heard = pulse.connection.lastReadNanos();
    long since = heard - pulse.forgivenNanos > 0 ? heard : pulse.forgivenNanos;
    if (now - since > pulse.timing.timeoutNanos() && pulses.remove(pulse)) {
      pulse.onSilence.accept(
          "silent for "
              + Membership.seconds(Duration.ofNanos(now - heard))
              + " (stopped, or its host cannot be reached)");
    }
  }

  /// Ends the thread.
  @Override
  public void close() {
    stopped = true;
    LockSupport.unpark(thread);
  }
}
