package dev.tutti.collectives.execute;

import dev.tutti.transport.Channel;
import java.util.Arrays;

/// Flows that measure what the channels between two members carry. Nobody looks at the data.
///
/// A flow lasts a time, not a number of bytes, so that all flows of a round compete from its
/// beginning to its end, however slow some of them are. Its last message is shorter than the
/// others.
///
/// Used by one thread at a time, and not while a message of [MessagePort] is under way.
public final class FlowPort {
  /// Most samples of one reading.
  public static final int SAMPLES = 12;

  private static final int END_BYTES = 8;
  private static final int FIRST_SLICE_BYTES = 16 << 10;
  private static final int MOST_SLICE_BYTES = 1 << 20;

  // A slice that took less than this to send is too small to measure with.
  private static final long LEAST_SLICE_NANOS = 20_000;

  // Shapers let the first bytes pass at full speed, and TCP begins slowly.
  private static final double SETTLING = 0.3;

  // Shorter parts of a flow say more about when threads ran than about the rate.
  private static final long LEAST_SAMPLE_NANOS = 5_000_000;

  private final Members members;
  private final ScratchMemory scratch;

  FlowPort(Members members, ScratchMemory scratch) {
    this.members = members;
    this.scratch = scratch;
  }

  /// What the receiver of a flow saw.
  ///
  /// @param bytesPerSecond its rate once it had settled; 0 if nothing came
  /// @param samples the rates of equal parts of that time; empty if too few messages came
  public record Reading(double bytesPerSecond, double[] samples) {}

  /// Sends messages of 8 bytes to and fro.
  ///
  /// @param first whether this member begins; the peer passes the opposite
  /// @param count how many times
  /// @return seconds of each time, half of the way to and fro
  public double[] pingPong(int peer, boolean first, int count) {
    Channel.Sender sender = members.channels().to(peer, 0);
    Channel.Receiver receiver = members.channels().from(peer, 0);
    long buffer = scratch.atLeast(MOST_SLICE_BYTES);
    double[] seconds = new double[count];
    for (int i = 0; i < count; i++) {
      long start = System.nanoTime();
      if (first) {
        sendShort(sender, buffer);
        receiveShort(receiver);
      } else {
        receiveShort(receiver);
        sendShort(sender, buffer);
      }
      seconds[i] = (System.nanoTime() - start) * 1e-9 / 2;
    }
    members.leave();
    return seconds;
  }

  private void sendShort(Channel.Sender sender, long buffer) {
    long start = 0;
    for (int round = 0; !sender.send(buffer, END_BYTES); round++) {
      start = members.progress() ? 0 : members.idle(round, start);
    }
    members.wakePeers();
  }

  private void receiveShort(Channel.Receiver receiver) {
    long start = 0;
    for (int round = 0; receiver.poll() == Channel.NONE; round++) {
      start = members.progress() ? 0 : members.idle(round, start);
    }
    receiver.release();
    members.wakePeers();
  }

  /// Sends to one member and receives from another for a time.
  ///
  /// @param to who is sent to, -1 for nobody
  /// @param from who is received from, -1 for nobody; must send to this member for the same time
  /// @param nanos how long
  /// @return what was received
  public Reading stream(int to, int from, long nanos) {
    Outflow out = to < 0 ? null : new Outflow(members.channels().to(to, 0), nanos);
    Inflow in = from < 0 ? null : new Inflow(members.channels().from(from, 0), nanos);
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
      } else {
        waitStart = members.idle(round++, waitStart);
      }
    }
    members.leave();
    return in == null ? new Reading(0, new double[0]) : in.reading();
  }

  /// The sending half of a flow.
  private final class Outflow {
    private final Channel.Sender sender;
    private final long end;
    private final long buffer;
    private int slice;
    private long sliceStart;
    private boolean ending;
    private boolean done;

    Outflow(Channel.Sender sender, long nanos) {
      this.sender = sender;
      this.buffer = scratch.atLeast(MOST_SLICE_BYTES);
      this.slice = Math.min(FIRST_SLICE_BYTES, sender.slotBytes());
      this.sliceStart = System.nanoTime();
      this.end = sliceStart + nanos;
    }

    boolean advance() {
      if (done || !sender.send(buffer, ending ? END_BYTES : slice)) {
        return false;
      }
      done = ending;
      long now = System.nanoTime();
      if (now - end >= 0) {
        ending = true;
      } else if (now - sliceStart < LEAST_SLICE_NANOS) {
        slice = Math.min(2 * slice, Math.min(MOST_SLICE_BYTES, sender.slotBytes()));
      }
      sliceStart = now;
      return true;
    }
  }

  /// The receiving half of a flow: counts what arrives in equal parts of its settled time.
  private static final class Inflow {
    private final Channel.Receiver receiver;
    private final long nanos;
    private final double[] bucketBytes = new double[SAMPLES];
    private final long opened = System.nanoTime();
    private long first;
    private long last;
    private long bytes; // all but the first message's
    private int messages;
    private long settledFirst;
    private long settledLast;
    private long settledBytes; // likewise
    private int settledMessages;
    private boolean done;

    Inflow(Channel.Receiver receiver, long nanos) {
      this.receiver = receiver;
      this.nanos = nanos;
    }

    boolean advance() {
      if (done || receiver.poll() == Channel.NONE) {
        return false;
      }
      int size = receiver.receivedBytes();
      receiver.release();
      if (size == END_BYTES) {
        done = true;
      } else {
        count(size, System.nanoTime());
      }
      return true;
    }

    private void count(int size, long now) {
      if (messages++ == 0) {
        first = now;
      } else {
        bytes += size;
      }
      last = now;
      double part = (double) (now - first) / nanos;
      if (part < SETTLING || part >= 1) {
        return;
      }
      if (settledMessages++ == 0) {
        settledFirst = now;
      } else {
        settledBytes += size;
      }
      settledLast = now;
      int bucket = (int) ((part - SETTLING) / (1 - SETTLING) * SAMPLES);
      bucketBytes[Math.min(bucket, SAMPLES - 1)] += size;
    }

    Reading reading() {
      double[] samples = new double[0];
      double seconds = nanos * 1e-9 * (1 - SETTLING) / SAMPLES;
      if (settledMessages >= 4 * SAMPLES && seconds >= LEAST_SAMPLE_NANOS * 1e-9) {
        samples = Arrays.stream(bucketBytes).map(b -> b / seconds).toArray();
      }
      if (settledMessages >= 3 && settledLast > settledFirst) {
        return new Reading(settledBytes / ((settledLast - settledFirst) * 1e-9), samples);
      }
      // So slow that there is hardly anything to count: everything since the beginning.
      double whole = Math.max(1, last - opened) * 1e-9;
      return new Reading(messages == 0 ? 0 : (bytes + FIRST_SLICE_BYTES) / whole, samples);
    }
  }
}
