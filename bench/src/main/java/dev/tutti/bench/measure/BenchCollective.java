package dev.tutti.bench.measure;

import java.util.Locale;

/// A collective that can be measured: how long its buffers are, what its bus bandwidth is, and
/// which memory traffic no implementation of it can avoid.
///
/// The *size* of a measurement is nccl-tests': the larger of the two buffers of one rank. With
/// `count` the number nccl-tests prints and n ranks:
///
/// ```
///                  send buffer   recv buffer   size          count      busbw / algbw
/// all-reduce       count         count         count         elements   2(n-1)/n
/// broadcast        count         count         count         elements   1
/// all-gather       count         n * count     n * count     per rank   (n-1)/n
/// reduce-scatter   n * count     count         n * count     per rank   (n-1)/n
/// reduce           count         count         count         elements   1
/// gather           count         n * count     n * count     per rank   (n-1)/n
/// scatter          n * count     count         n * count     per rank   (n-1)/n
/// all-to-all       n * count     n * count     n * count     per block  (n-1)/n
/// all-to-all-v     u * count     u * count     u * count     see below  (n-1)/n
/// scan             count         count         count         elements   1
/// send-recv        count         count         count         elements   1
/// send-stream      count         count         count         elements   1
/// put, get, ...    count         count         count         elements   1
/// ```
///
/// The blocks of all-to-all-v are skewed: what rank s sends to rank d has `1 + (s + d) mod n` times
/// `count` elements, so that every rank sends and receives u = n (n + 1) / 2 times `count`.
public enum BenchCollective {
  /// Every rank gets the reduction of all ranks' data.
  ALL_REDUCE,
  /// Every rank gets the root's data.
  BROADCAST,
  /// Every rank gets the data of all ranks, in rank order.
  ALL_GATHER,
  /// Every rank gets its part of the reduction of all ranks' data.
  REDUCE_SCATTER,
  /// The root gets the reduction of all ranks' data.
  REDUCE,
  /// The root gets the data of all ranks, in rank order.
  GATHER,
  /// Every rank gets its part of the root's data.
  SCATTER,
  /// Every rank gets a part of every rank's data.
  ALL_TO_ALL,
  /// The same with parts of different lengths.
  ALL_TO_ALL_V,
  /// Every rank gets the reduction of the data of the ranks up to itself.
  SCAN,
  /// Nobody returns before everybody has called.
  BARRIER,
  /// Ranks 0 and 1 send one message to and fro; the time is half of the round trip.
  SEND_RECV,
  /// Rank 0 sends messages to rank 1, back to back; the time is that of one message.
  SEND_STREAM,
  /// Rank 0 writes to rank 1's window and waits until it has taken effect.
  PUT,
  /// Rank 0 reads from rank 1's window.
  GET,
  /// Rank 0 combines with what is in rank 1's window and waits until it has taken effect.
  ACCUMULATE,
  /// Rank 0 writes to rank 1's window, again and again, and waits at the end; the time is that of
  /// one put.
  PUT_STREAM;

  private static final long STREAM_BYTES = 16L << 20;
  private static final long MOST_MESSAGES = 256;

  /// Returns the name on the command line and in reports, in kebab case.
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// Returns whether the result depends on a reduction operator.
  public boolean reduces() {
    return switch (this) {
      case ALL_REDUCE, REDUCE_SCATTER, REDUCE, SCAN, ACCUMULATE -> true;
      default -> false;
    };
  }

  /// Returns whether there are data, and so sizes and types, at all.
  public boolean hasData() {
    return this != BARRIER;
  }

  /// Returns whether ranks 0 and 1 exchange something and the others do nothing.
  public boolean isPointToPoint() {
    return this == SEND_RECV || this == SEND_STREAM || isOneSided();
  }

  /// Returns whether rank 0 works on rank 1's memory, which does nothing for it.
  public boolean isOneSided() {
    return this == PUT || this == GET || this == ACCUMULATE || this == PUT_STREAM;
  }

  /// Returns the messages one way that one timed operation of a point-to-point measurement consists
  /// of; 1 for the others.
  ///
  /// A stream is timed by some 16 MiB at a time: what lies between the ranks fills and empties in
  /// bursts, and a single message's time says nothing.
  public int messages(long sizeBytes) {
    return switch (this) {
      case SEND_RECV -> 2;
      case SEND_STREAM, PUT_STREAM ->
          (int) Math.clamp(STREAM_BYTES / Math.max(1, sizeBytes), 1, MOST_MESSAGES);
      default -> 1;
    };
  }

  /// Returns whether one rank is the root.
  public boolean hasRoot() {
    return this == BROADCAST || this == REDUCE || this == GATHER || this == SCATTER;
  }

  /// Returns the count of a measurement whose size is at most `elements`; 0 where the ranks' parts
  /// would be empty.
  public long count(long elements, int ranks) {
    return elements / parts(ranks);
  }

  /// Returns the length of a rank's send buffer in elements.
  public long sendElements(long count, int ranks) {
    return sendsParts() ? count * parts(ranks) : count;
  }

  /// Returns whether a rank's send buffer has a part for every rank.
  public boolean sendsParts() {
    return switch (this) {
      case REDUCE_SCATTER, SCATTER, ALL_TO_ALL, ALL_TO_ALL_V -> true;
      case ALL_REDUCE, BROADCAST, ALL_GATHER, REDUCE, GATHER, SCAN -> false;
      case BARRIER, SEND_RECV, SEND_STREAM, PUT, GET, ACCUMULATE, PUT_STREAM -> false;
    };
  }

  /// Returns the length of a rank's receive buffer in elements.
  public long recvElements(long count, int ranks) {
    return receivesParts() ? count * parts(ranks) : count;
  }

  /// Returns whether a rank's receive buffer has a part of every rank.
  public boolean receivesParts() {
    return switch (this) {
      case ALL_GATHER, GATHER, ALL_TO_ALL, ALL_TO_ALL_V -> true;
      case ALL_REDUCE, BROADCAST, REDUCE_SCATTER, REDUCE, SCATTER, SCAN -> false;
      case BARRIER, SEND_RECV, SEND_STREAM, PUT, GET, ACCUMULATE, PUT_STREAM -> false;
    };
  }

  /// Returns the size of a measurement in elements.
  public long sizeElements(long count, int ranks) {
    return count * parts(ranks);
  }

  /// Returns the length of the part that a rank has for another, in counts.
  public long share(int from, int to, int ranks) {
    return this == ALL_TO_ALL_V ? 1 + (from + to) % ranks : 1;
  }

  /// Returns where the part that `from` has for `to` begins in its send buffer, in counts.
  public long shareStart(int from, int to, int ranks) {
    long start = 0;
    for (int r = 0; r < to; r++) {
      start += share(from, r, ranks);
    }
    return start;
  }

  /// Returns bus bandwidth divided by algorithm bandwidth.
  public double busFactor(int ranks) {
    return switch (this) {
      case ALL_REDUCE -> 2.0 * (ranks - 1) / ranks;
      case ALL_GATHER, REDUCE_SCATTER, GATHER, SCATTER, ALL_TO_ALL, ALL_TO_ALL_V ->
          (ranks - 1.0) / ranks;
      case BROADCAST, REDUCE, SCAN, SEND_RECV, SEND_STREAM, BARRIER -> 1.0;
      case PUT, GET, ACCUMULATE, PUT_STREAM -> 1.0;
    };
  }

  /// Returns one rank's share of the memory traffic that the operation cannot avoid: every input is
  /// read once and every output written once, and all ranks do equal parts of it. A part of the
  /// output that is in place already is not written.
  ///
  /// ```
  ///                  out of place            in place
  ///                  reads      writes       reads      writes
  /// all-reduce       size       size         size       size, over what was read
  /// broadcast        size/n     size         size/n     size(n-1)/n
  /// all-gather       size/n     size         size/n     size(n-1)/n
  /// reduce-scatter   size       size/n       size       size/n, over what was read
  /// reduce           size       size/n       size       size/n, over what was read
  /// gather, scatter  size/n     size/n       size/n     size(n-1)/n²
  /// all-to-all (-v)  size       size         size       size
  /// scan             size       size         size       size, over what was read
  /// send-recv        size/2     size/2       size/2     size/2         ranks 0 and 1 only
  /// send-stream      size/2     size/2       size/2     size/2         ranks 0 and 1 only
  /// put, get         size/2     size/2                                 ranks 0 and 1 only
  /// accumulate       size       size/2                                 ranks 0 and 1 only
  /// ```
  ///
  /// For 4 ranks and an all-reduce of 1 GiB: the ranks together read 4 GiB and write 4 GiB, each of
  /// them a quarter of either.
  public Traffic traffic(long sizeBytes, int ranks, int rank, Placement placement) {
    long part = sizeBytes / ranks;
    boolean inPlace = placement == Placement.IN_PLACE;
    return switch (this) {
      case ALL_REDUCE, SCAN -> new Traffic(sizeBytes, sizeBytes, inPlace);
      case REDUCE_SCATTER, REDUCE -> new Traffic(sizeBytes, part, inPlace);
      case GATHER, SCATTER -> new Traffic(part, inPlace ? part - part / ranks : part, false);
      case ALL_TO_ALL, ALL_TO_ALL_V -> new Traffic(sizeBytes, sizeBytes, inPlace);
      case BROADCAST, ALL_GATHER ->
          new Traffic(part, inPlace ? sizeBytes - part : sizeBytes, false);
      case SEND_RECV, SEND_STREAM, PUT, GET, PUT_STREAM -> {
        long half = rank < 2 ? sizeBytes / 2 : 0;
        yield new Traffic(half, half, false);
      }
      case ACCUMULATE -> {
        long whole = rank < 2 ? sizeBytes : 0;
        yield new Traffic(whole, whole / 2, false);
      }
      case BARRIER -> new Traffic(0, 0, false);
    };
  }

  /// Returns how many counts the larger buffer of a rank has.
  private long parts(int ranks) {
    if (this == ALL_TO_ALL_V) {
      return ranks * (ranks + 1L) / 2;
    }
    return sendsParts() || receivesParts() ? ranks : 1;
  }

  /// One rank's share of an operation's memory traffic.
  ///
  /// @param readBytes bytes to read once
  /// @param writeBytes bytes to write once
  /// @param sameLines whether what is written lies where it was read, so that it need not be
  ///   fetched again
  public record Traffic(long readBytes, long writeBytes, boolean sameLines) {}
}
