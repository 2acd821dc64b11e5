package dev.tutti.collectives.execute;

import dev.tutti.bindings.Memory;
import dev.tutti.transport.Channel;

/// Flows that measure what the channels between two members carry. Nobody looks at the data, but
/// they are taken to the receiver's memory: by the network, or by the receiver where they are
/// shared.
///
/// A flow lasts a time, not a number of bytes, so that all flows of a round compete from its
/// beginning to its end, however slow some of them are. Its last message is shorter than the
/// others.
///
/// Used by one thread at a time, and not while a message of [MessagePort] is under way.
public final class FlowPort {
  /// Equal parts of twice the time of a flow, at whose ends it is known how much has arrived.
  public static final int PARTS = 32;

  /// Stands for no rail in particular.
  public static final int ALL_RAILS = -1;

  private static final int END_BYTES = 8;
  private static final int LEAST_SLICE_BYTES = 8 << 10;
  private static final int MOST_SLICE_BYTES = 256 << 10;

  // A slice should take so long to send. How fast the flow is shows after a part of its time: until
  // then buffers are filled, and what lies in them in large slices arrives in few pieces.
  private static final double SLICE_NANOS = 50_000;
  private static final int SMALL_SLICES = 8;

  // So often a flow of the network is looked at before the thread sleeps until something comes.
  private static final int LOOKS = 8;

  // Memory: a slice to send, and twice what is received.
  private static final int LANDING_BYTES = 4 * MOST_SLICE_BYTES;
  private static final int SCRATCH_BYTES = MOST_SLICE_BYTES + 2 * LANDING_BYTES;

  private final Members members;
  private final ScratchMemory scratch;

  FlowPort(Members members, ScratchMemory scratch) {
    this.members = members;
    this.scratch = scratch;
  }

  /// What the receiver of a flow saw.
  ///
  /// @param seconds from the beginning to the last message; 0 if nothing came
  /// @param arrived bytes that had arrived at the ends of [#PARTS] equal parts of twice the time
  ///   that was asked for, beginning with none
  public record Reading(double seconds, double[] arrived) {}

  /// Sends messages of 8 bytes to and fro.
  ///
  /// @param first whether this member begins; the peer passes the opposite
  /// @param count how many times
  /// @return seconds of each time, half of the way to and fro
  public double[] pingPong(int peer, boolean first, int count) {
    Channel.Sender sender = members.channels().to(peer, 0);
    Channel.Receiver receiver = members.channels().from(peer, 0);
    long buffer = scratch.atLeast(SCRATCH_BYTES);
    double[] seconds = new double[count];
    for (int i = 0; i < count; i++) {
      long start = System.nanoTime();
      if (first) {
        members.send(sender, buffer, END_BYTES);
      }
      long _ = members.await(receiver);
      members.release(receiver);
      if (!first) {
        members.send(sender, buffer, END_BYTES);
      }
      seconds[i] = (System.nanoTime() - start) * 1e-9 / 2;
    }
    members.leave();
    return seconds;
  }

  /// Sends to one member and receives from another for a time.
  ///
  /// @param to who is sent to, -1 for nobody
  /// @param from who is received from, -1 for nobody; must send to this member for the same time
  /// @param nanos how long
  /// @return what was received
  public Reading stream(int to, int from, long nanos) {
    return stream(to, from, nanos, ALL_RAILS);
  }

  /// Does the same over one rail alone.
  ///
  /// @param rail its number, in the order of the interfaces, or [#ALL_RAILS]
  public Reading stream(int to, int from, long nanos, int rail) {
    Outflow out = to < 0 ? null : new Outflow(to, nanos);
    Inflow in = from < 0 ? null : new Inflow(from, nanos);
    if (to >= 0) {
      members.useRail(to, rail);
    }
    boolean near = isLocal(to) || isLocal(from);
    int round = 0;
    long waitStart = 0;
    while ((out != null && !out.done) || (in != null && !in.done)) {
      boolean progress = out != null && out.advance();
      progress |= in != null && in.advance();
      if (progress) {
        round = 0;
        waitStart = 0;
        members.wakePeers();
        boolean _ = members.progress();
      } else if (members.progress()) {
        round = 0;
        waitStart = 0;
      } else if (near || round < LOOKS) {
        waitStart = members.idle(round++, waitStart);
      } else {
        waitStart = members.rest(waitStart);
      }
    }
    members.leave();
    if (to >= 0) {
      members.useRail(to, ALL_RAILS);
    }
    return in == null ? new Reading(0, new double[PARTS + 1]) : in.reading();
  }

  private boolean isLocal(int member) {
    return member >= 0 && members.channels().isLocal(member);
  }

  /// The sending half of a flow.
  private final class Outflow {
    private final Channel.Sender sender;
    private final long start = System.nanoTime();
    private final long nanos;
    private final long buffer;
    private final int most;
    private int slice;
    private long bytes;
    private boolean ending;
    private boolean done;

    Outflow(int to, long nanos) {
      this.sender = members.channels().to(to, 0);
      this.nanos = nanos;
      this.buffer = scratch.atLeast(SCRATCH_BYTES);
      this.most = Math.min(MOST_SLICE_BYTES, sender.slotBytes());
      // In shared memory no buffers have to be filled, and a thread that waits for its core between
      // small slices would never seem fast enough for larger ones.
      this.slice = isLocal(to) ? most : Math.min(LEAST_SLICE_BYTES, most);
    }

    boolean advance() {
      if (done || !sender.send(buffer, ending ? END_BYTES : slice)) {
        return false;
      }
      done = ending;
      bytes += slice;
      long elapsed = System.nanoTime() - start;
      ending = elapsed >= nanos;
      if (elapsed >= nanos / SMALL_SLICES) {
        double fitting = (double) bytes / elapsed * SLICE_NANOS;
        slice = fitting >= 2.0 * slice ? Math.min(2 * slice, most) : slice;
      }
      return true;
    }
  }

  /// The receiving half of a flow.
  private final class Inflow {
    private final Channel.Receiver receiver;
    private final FlowMeter meter;
    private final boolean local;
    private final long landing;
    private long expected; // bytes that have a place to land
    private int half;
    private boolean done;

    Inflow(int from, long nanos) {
      this.receiver = members.channels().from(from, 0);
      this.local = isLocal(from);
      this.meter = new FlowMeter(nanos, System.nanoTime());
      this.landing = scratch.atLeast(SCRATCH_BYTES) + MOST_SLICE_BYTES;
      expectMore();
    }

    /// Gives what comes next a place, so that a receiver who lags behind needs no buffers. What
    /// still has its place in the one half is released before its turn comes again.
    private void expectMore() {
      receiver.expect(landing + (long) half * LANDING_BYTES, LANDING_BYTES);
      expected = LANDING_BYTES;
      half ^= 1;
    }

    boolean advance() {
      if (done) {
        return false;
      }
      long slot = receiver.poll();
      if (slot == Channel.NONE) {
        if (meter.isToldWhenDry()) {
          meter.dry(System.nanoTime());
        }
        return false;
      }
      int size = receiver.receivedBytes();
      if (local) {
        Memory.copy(landing, slot, size);
      }
      receiver.release();
      done = size == END_BYTES;
      if (done) {
        receiver.expect(0, 0);
      } else {
        meter.count(size, System.nanoTime());
        expected -= size;
        if (expected < MOST_SLICE_BYTES) {
          expectMore();
        }
      }
      return true;
    }

    Reading reading() {
      return meter.reading();
    }
  }
}
