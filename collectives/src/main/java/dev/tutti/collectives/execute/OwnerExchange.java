package dev.tutti.collectives.execute;

import dev.tutti.collectives.kernel.BulkCopy;
import dev.tutti.collectives.kernel.CombinerException;
import dev.tutti.collectives.kernel.CustomKernel;
import dev.tutti.collectives.kernel.ReductionKernel;
import dev.tutti.collectives.kernel.Stores;
import dev.tutti.collectives.schedule.Partition;
import org.jspecify.annotations.Nullable;

/// Reductions in which each part of the vector has an owner, who reads that part of every rank's
/// data in one pass and writes the result to whoever gets it: to every rank, to the root, or, in a
/// scan, to each rank its own.
///
/// Shared buffers are read and written where they are: each input is read once and each output
/// written once, which is the least traffic possible. Buffers that the peers cannot see go through
/// a window of a few cache-sized slots, slice by slice, as a software pipeline of three stages:
///
/// ```
///   copy in   slice i      own data for the other owners  -> own window slot     (COPIED)
///   reduce    slice i - 1  own part of everyone's data    -> output, result slot (REDUCED)
///   copy out  slice i - 2  the others' result slots       -> own output          (DRAINED)
/// ```
///
/// The first slice is copied in before the operation is entered, which saves a wait. A window slot
/// is reused once all peers have REDUCED the slice it held, a result slot once they have DRAINED
/// it. Ranks with shared and with foreign buffers mix freely. In place works: a stage writes only
/// what no later stage reads.
///
/// Large foreign buffers of all-reduces and reduce-scatters may instead be read with
/// `process_vm_readv`, inputs by the owners and results by everybody else, where that measures
/// faster, see [PathTrial].
///
/// In a scan an owner sums the same ranks again for every result, in blocks that stay in its cache,
/// the result of the last rank first: in place, that overwrites what no other result needs.
///
/// What a user's combiner throws is kept until the members have agreed that all are through: they
/// may be at this rank's buffers, which the caller may free as soon as it sees an exception.
///
/// The slices count on over the life of the group, so a slot left by one operation is safe in the
/// next.
final class OwnerExchange implements Exchange {
  private static final long SCAN_BLOCK_BYTES = 16 << 10; // of each rank's data
  private static final long READ_PART_BYTES = 128 << 10; // least part to be worth a system call

  private final SharedGroup group;
  private final Results results;
  private final OwnerParts parts;
  private final long streamingBytes;
  private final ScratchMemory scratch;
  private final VmReader reader;
  private final PathTrials trials;
  private final long[] sources;
  private final long[] targets;

  // This operation's arguments; owned by the running thread.
  private long send;
  private long receive;
  private int elementBytes;
  private int root;
  private long first; // number of this operation's first slice
  private ReductionKernel kernel;
  private int divisor;
  private Stores stores;
  private ForeignPath path = ForeignPath.WINDOW;
  private boolean sendShared;
  private boolean receives; // this rank gets results from others
  private boolean receiveShared; // and they write them where they belong
  private boolean allReceiveShared; // that is so for all that get results
  private @Nullable CombinerException thrown;
  private final long[] failing = new long[1]; // 1 + a member whose combiner has thrown, else 0

  /// Who gets the results.
  enum Results {
    /// Every rank: an all-reduce.
    ALL,
    /// The owner, of whose block it is: a reduce-scatter.
    OWN,
    /// The root: a reduce.
    ROOT,
    /// Every rank that of the ranks up to itself: a scan.
    UP_TO_SELF,
    /// Every rank that of the ranks below itself: an exclusive scan.
    BELOW_SELF;

    private boolean isPrefix() {
      return this == UP_TO_SELF || this == BELOW_SELF;
    }
  }

  /// Makes an exchange.
  ///
  /// @param owners chunk r is the part of rank r, unless each owns its block
  /// @param results who gets what
  /// @param streamingBytes total footprint from which results are written past the cache
  OwnerExchange(
      SharedGroup group,
      Partition owners,
      Results results,
      long streamingBytes,
      ScratchMemory scratch,
      ReductionKernel anyKernel) {
    this.group = group;
    this.scratch = scratch;
    this.reader = new VmReader(group);
    this.trials = new PathTrials(group, reader, ForeignPath.WINDOW);
    this.results = results;
    this.parts = new OwnerParts(owners, group.size, results != Results.OWN, results.isPrefix());
    this.streamingBytes = streamingBytes;
    this.sources = new long[group.size];
    this.targets = new long[group.size + 1];
    this.kernel = anyKernel;
    this.stores = Stores.CACHED;
  }

  @Override
  public String form(long vectorBytes) {
    return trials.describe(vectorBytes);
  }

  @Override
  public void run(
      long signature,
      long sendAddress,
      long receiveAddress,
      long elements,
      int bytesPerElement,
      ReductionKernel arithmetic,
      int dividedBy,
      int rootRank) {
    send = sendAddress;
    receive = receiveAddress;
    elementBytes = bytesPerElement;
    kernel = arithmetic;
    divisor = dividedBy;
    root = rootRank;
    receives = results != Results.OWN && isReceiver(group.index);
    long blockBytes = elements * bytesPerElement;
    long sendBytes = results == Results.OWN ? blockBytes * group.size : blockBytes;
    stores = storesFor(sendBytes, blockBytes);
    first = group.slices;
    parts.cut(elements, bytesPerElement, group.layout.windowSlotBytes());
    group.rotate(parts.slices());
    sendShared = group.isShared(send, sendBytes);
    boolean hasTrial = results == Results.ALL || results == Results.OWN;
    path = hasTrial ? trials.path(sendBytes) : ForeignPath.WINDOW;
    long start = hasTrial && trials.isMeasuring(sendBytes) ? System.nanoTime() : 0;
    if (!sendShared && path == ForeignPath.WINDOW) {
      copyIn(0); // so that whoever has seen this rank's entry has seen its first slice, too
    }
    group.enter(signature, send, sendBytes, receive, blockBytes);
    receiveShared = receives && group.isReceiveShared(group.index);
    allReceiveShared = areReceiversShared();
    if (allReceiveShared && group.allShared(GroupLayout.SEND_SHARED)) {
      parts.whole();
      runInPlace();
    } else {
      runForeign();
      if (hasTrial) {
        trials.record(sendBytes, start == 0 ? 0 : System.nanoTime() - start);
      }
    }
    if (kernel instanceof CustomKernel) {
      agreeOnSuccess(signature);
    }
  }

  /// Returns how results are written: past the cache if all that is touched exceeds it.
  private Stores storesFor(long sendBytes, long blockBytes) {
    boolean isInPlace = send == receive;
    long written = isInPlace ? 0 : results == Results.ROOT ? blockBytes / group.size : blockBytes;
    long footprint = (sendBytes + written) * group.size;
    return footprint >= streamingBytes && !isInPlace ? Stores.STREAMING : Stores.CACHED;
  }

  /// Returns whether a member gets results.
  private boolean isReceiver(int m) {
    return switch (results) {
      case ALL, OWN, UP_TO_SELF -> true;
      case ROOT -> m == root;
      case BELOW_SELF -> m > 0;
    };
  }

  private boolean areReceiversShared() {
    boolean all = true;
    for (int m = 0; m < group.size && results != Results.OWN; m++) {
      all &= !isReceiver(m) || group.isReceiveShared(m);
    }
    return all;
  }

  private void combineAll(int written, long elements, Stores how) {
    if (thrown != null) {
      return; // there will be no result
    }
    try {
      kernel.combineAll(targets, written, sources, group.size, 0, elements, divisor, how);
    } catch (CombinerException e) {
      thrown = e;
    }
  }

  /// Throws on every member if a combiner has thrown on one.
  private void agreeOnSuccess(long signature) {
    CombinerException own = thrown;
    thrown = null;
    failing[0] = own == null ? 0 : 1 + group.index;
    group.agreeOnMaximum(signature, failing);
    if (own != null) {
      throw own;
    }
    if (failing[0] != 0) {
      group.await((int) failing[0] - 1, GroupLayout.DONE, Long.MAX_VALUE); // until it has said why
    }
  }

  private void runForeign() {
    if (path == ForeignPath.WINDOW) {
      runThroughWindow(parts.slices());
    } else {
      parts.lengthen(READ_PART_BYTES);
      runByReading(parts.slices());
    }
  }

  /// Everything is shared: one pass, then wait until nobody reads or writes this rank's buffers.
  private void runInPlace() {
    gatherSources(0);
    combineSlice(0);
    group.complete();
  }

  private void runThroughWindow(long slices) {
    boolean redistributes = results != Results.OWN;
    int drainLag = redistributes ? 2 : 1;
    for (long i = 0; i < slices + drainLag; i++) {
      if (i > 0 && i < slices && !sendShared) {
        copyIn(i);
      }
      if (i >= 1 && i <= slices) {
        reduce(i - 1);
      }
      if (redistributes && i >= 2) {
        copyOut(i - 2);
      }
    }
    if (sendShared || receiveShared) {
      group.awaitAll(GroupLayout.REDUCED, first + slices);
    }
    group.slices = first + slices;
    if (sendShared) {
      group.publish(GroupLayout.COPIED, group.slices);
    }
    if (!redistributes) {
      group.publish(GroupLayout.DRAINED, group.slices);
    }
  }

  /// Reads foreign inputs and results in place; nothing goes through the windows.
  private void runByReading(long slices) {
    for (long i = 0; i <= slices; i++) {
      if (i < slices) {
        readSources(i);
        long elements = parts.bytes(i, group.index) / elementBytes;
        targets[0] = receive + parts.inResult(i, group.index);
        combineAll(1, elements, Stores.CACHED);
        group.publish(GroupLayout.REDUCED, first + i + 1);
      }
      if (results == Results.ALL && i >= 1) {
        readResults(i - 1);
      }
    }
    group.slices = first + slices;
    group.publish(GroupLayout.COPIED, group.slices);
    group.publish(GroupLayout.DRAINED, group.slices);
    group.complete();
  }

  private void readSources(long slice) {
    int self = group.index;
    long bytes = parts.bytes(slice, self);
    long room = scratch.atLeast(bytes * group.size);
    for (int m = 0; m < group.size; m++) {
      long offset = parts.inVector(slice, self);
      if (m == self) {
        sources[m] = send + offset;
      } else if (group.isSendShared(m)) {
        sources[m] = group.sendBuffer(m) + offset;
      } else {
        sources[m] = room + m * bytes;
        reader.read(m, sources[m], group.sendBuffer(m) + offset, bytes);
      }
    }
  }

  private void readResults(long slice) {
    for (int i = 1; i < group.size; i++) {
      int m = group.index + i < group.size ? group.index + i : group.index + i - group.size;
      group.await(m, GroupLayout.REDUCED, first + slice + 1);
      long offset = parts.inVector(slice, m);
      long source = group.receiveBuffer(m) + offset;
      if (group.isReceiveShared(m)) {
        BulkCopy.copy(receive + offset, source, parts.bytes(slice, m), stores);
      } else {
        reader.read(m, receive + offset, source, parts.bytes(slice, m));
      }
    }
  }

  private void copyIn(long slice) {
    long number = first + slice;
    group.awaitAll(GroupLayout.REDUCED, number + 1 - group.rotation);
    long slot = group.window(group.index, number);
    for (int m = 0; m < group.size; m++) {
      if (m != group.index) {
        BulkCopy.copy(
            slot + parts.inSlot(slice, m),
            send + parts.inVector(slice, m),
            parts.bytes(slice, m),
            Stores.CACHED);
      }
    }
    group.publish(GroupLayout.COPIED, number + 1);
  }

  private void reduce(long slice) {
    long number = first + slice;
    gatherSources(slice);
    if (!allReceiveShared) {
      group.awaitAll(GroupLayout.DRAINED, number + 1 - group.rotation);
    }
    combineSlice(slice);
    group.publish(GroupLayout.REDUCED, number + 1);
  }

  /// Combines this rank's part of a slice, and writes it to whoever gets it or, if that is foreign
  /// to this rank, to the result slot.
  private void combineSlice(long slice) {
    int self = group.index;
    long elements = parts.bytes(slice, self) / elementBytes;
    switch (results) {
      case ALL -> {
        targets[0] = receive + parts.inResult(slice, self);
        if (allReceiveShared) {
          combineAll(addSharedTargets(slice), elements, stores);
        } else {
          reduceToResultSlot(slice, elements);
        }
      }
      case OWN -> {
        targets[0] = receive + parts.inResult(slice, self);
        combineAll(1, elements, stores);
      }
      case ROOT -> {
        targets[0] = placeOf(root, slice);
        combineAll(1, elements, isDirect(root) ? stores : Stores.CACHED);
      }
      case UP_TO_SELF, BELOW_SELF -> combinePrefixes(slice, elements);
    }
  }

  /// Combines for each rank what it gets, block by block and the last rank's first.
  private void combinePrefixes(long slice, long elements) {
    int least = results == Results.BELOW_SELF ? 1 : 0; // the least rank that gets anything
    long block = SCAN_BLOCK_BYTES / elementBytes;
    for (long i = 0; i < elements; i += block) {
      long n = Math.min(block, elements - i);
      long offset = i * elementBytes;
      for (int m = group.size - 1; m >= least; m--) {
        targets[0] = placeOf(m, slice);
        int ranks = m + 1 - least;
        if (ranks > 1 || targets[0] != sources[0]) {
          combineFirst(ranks, offset, n, isDirect(m) ? stores : Stores.CACHED);
        }
      }
    }
  }

  /// Combines the data of the first `ranks` ranks, from an offset, for one of them.
  private void combineFirst(int ranks, long offset, long elements, Stores how) {
    if (thrown != null) {
      return;
    }
    try {
      kernel.combineAll(targets, 1, sources, ranks, offset, elements, 1, how);
    } catch (CombinerException e) {
      thrown = e;
    }
  }

  /// Returns whether this rank can write where a member wants its results.
  private boolean isDirect(int m) {
    return m == group.index || group.isReceiveShared(m);
  }

  /// Returns where this rank writes its part of the only result that a member gets.
  private long placeOf(int m, long slice) {
    int self = group.index;
    if (m == self) {
      return receive + parts.inResult(slice, self);
    }
    return group.isReceiveShared(m)
        ? group.receiveBuffer(m) + parts.inResult(slice, self)
        : group.result(self, first + slice) + inResultSlot(slice, self, m);
  }

  /// Returns where in the result slot of an owner that is which a member gets.
  private long inResultSlot(long slice, int owner, int m) {
    return results.isPrefix() ? m * parts.bytes(slice, owner) : 0;
  }

  private void reduceToResultSlot(long slice, long elements) {
    long result = group.result(group.index, first + slice);
    long own = targets[0];
    int written = addSharedTargets(slice);
    if (stores == Stores.STREAMING) { // the slot stays cached for the peers, the output does not
      targets[0] = result;
      combineAll(written, elements, Stores.CACHED);
      BulkCopy.copy(own, result, elements * elementBytes, stores);
    } else {
      targets[written++] = result;
      combineAll(written, elements, Stores.CACHED);
    }
  }

  /// Fills `sources` with this rank's part of everyone's data, waiting for those in windows.
  private void gatherSources(long slice) {
    long number = first + slice;
    int self = group.index;
    for (int m = 0; m < group.size; m++) {
      if (m == self) {
        sources[m] = send + parts.inVector(slice, self);
      } else if (group.isSendShared(m)) {
        sources[m] = group.sendBuffer(m) + parts.inVector(slice, self);
      } else {
        if (slice > 0) {
          group.await(m, GroupLayout.COPIED, number + 1);
        }
        sources[m] = group.window(m, number) + parts.inSlot(slice, self);
      }
    }
  }

  /// Appends this rank's part of the peers' shared outputs to `targets` and returns their number.
  private int addSharedTargets(long slice) {
    int written = 1;
    for (int m = 0; m < group.size; m++) {
      if (m != group.index && group.isReceiveShared(m)) {
        targets[written++] = group.receiveBuffer(m) + parts.inVector(slice, group.index);
      }
    }
    return written;
  }

  private void copyOut(long slice) {
    long number = first + slice;
    for (int i = 1; i < group.size && receives && !receiveShared; i++) {
      int m = group.index + i < group.size ? group.index + i : group.index + i - group.size;
      group.await(m, GroupLayout.REDUCED, number + 1);
      long target = receive + parts.inResult(slice, m);
      long source = group.result(m, number) + inResultSlot(slice, m, group.index);
      BulkCopy.copy(target, source, parts.bytes(slice, m), stores);
    }
    group.publish(GroupLayout.DRAINED, number + 1);
  }
}
