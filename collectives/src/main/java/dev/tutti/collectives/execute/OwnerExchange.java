package dev.tutti.collectives.execute;

import dev.tutti.collectives.kernel.BulkCopy;
import dev.tutti.collectives.kernel.CombinerException;
import dev.tutti.collectives.kernel.CustomKernel;
import dev.tutti.collectives.kernel.ReductionKernel;
import dev.tutti.collectives.kernel.Stores;
import dev.tutti.collectives.schedule.Partition;
import org.jspecify.annotations.Nullable;

/// Reductions in which each part of the vector has an owner, who reads that part of every rank's
/// data in one pass and, in an all-reduce, writes the result to every rank.
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
/// Large foreign buffers may instead be read with `process_vm_readv`, inputs by the owners and
/// results by everybody else, where that measures faster, see [PathTrial].
///
/// What a user's combiner throws is kept until the members have agreed that all are through: they
/// may be at this rank's buffers, which the caller may free as soon as it sees an exception.
///
/// The slices count on over the life of the group, so a slot left by one operation is safe in the
/// next.
final class OwnerExchange implements Exchange {
  private static final int LINE_BYTES = 64;
  private static final long READ_PART_BYTES = 128 << 10; // least part to be worth a system call

  private final SharedGroup group;
  private final Partition owners;
  private final boolean redistributes;
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
  private long count; // elements of the vector (all-reduce) or of a block (reduce-scatter)
  private long sliceElements; // of the vector or of a block
  private long first; // number of this operation's first slice
  private ReductionKernel kernel;
  private int divisor;
  private Stores stores;
  private ForeignPath path = ForeignPath.WINDOW;
  private boolean sendShared;
  private boolean receiveShared;
  private boolean allReceiveShared;
  private @Nullable CombinerException thrown;
  private final long[] failing = new long[1]; // 1 + a member whose combiner has thrown, else 0

  /// Makes an exchange.
  ///
  /// @param owners chunk r is the part of rank r (all-reduce)
  /// @param redistributes whether the result goes to every rank (all-reduce) or stays with its
  ///   owner (reduce-scatter)
  /// @param streamingBytes total footprint from which results are written past the cache
  OwnerExchange(
      SharedGroup group,
      Partition owners,
      boolean redistributes,
      long streamingBytes,
      ScratchMemory scratch,
      ReductionKernel anyKernel) {
    this.group = group;
    this.scratch = scratch;
    this.reader = new VmReader(group);
    this.trials = new PathTrials(group, reader, ForeignPath.WINDOW);
    this.owners = owners;
    this.redistributes = redistributes;
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
      int root) {
    send = sendAddress;
    receive = receiveAddress;
    count = elements;
    elementBytes = bytesPerElement;
    kernel = arithmetic;
    divisor = dividedBy;
    long blockBytes = elements * bytesPerElement;
    long sendBytes = redistributes ? blockBytes : blockBytes * group.size;
    long footprint = (sendBytes + (send == receive ? 0 : blockBytes)) * group.size;
    stores = footprint >= streamingBytes && send != receive ? Stores.STREAMING : Stores.CACHED;
    first = group.slices;
    sliceElements = windowElements();
    group.rotate(slices());
    sendShared = group.isShared(send, sendBytes);
    path = trials.path(sendBytes);
    long start = trials.isMeasuring(sendBytes) ? System.nanoTime() : 0;
    if (!sendShared && path == ForeignPath.WINDOW) {
      copyIn(0); // so that whoever has seen this rank's entry has seen its first slice, too
    }
    group.enter(signature, send, sendBytes, receive, blockBytes);
    receiveShared = group.isReceiveShared(group.index);
    allReceiveShared = !redistributes || group.allShared(GroupLayout.RECEIVE_SHARED);
    long needed = GroupLayout.SEND_SHARED | (redistributes ? GroupLayout.RECEIVE_SHARED : 0);
    if (group.allShared(needed)) {
      sliceElements = Math.max(1, count);
      runInPlace();
    } else {
      runForeign();
      trials.record(sendBytes, start == 0 ? 0 : System.nanoTime() - start);
    }
    if (kernel instanceof CustomKernel) {
      agreeOnSuccess(signature);
    }
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
      runThroughWindow(slices());
    } else {
      long elements = READ_PART_BYTES / elementBytes;
      sliceElements = Math.max(sliceElements, redistributes ? elements * group.size : elements);
      runByReading(slices());
    }
  }

  private long slices() {
    return Math.max(1, (count + sliceElements - 1) / sliceElements);
  }

  /// Returns how many elements (of the vector or of a block) fit a window slot.
  private long windowElements() {
    long elements = group.layout.windowSlotBytes() / elementBytes;
    return redistributes ? elements : Math.max(1, elements / group.size);
  }

  /// Everything is shared: one pass, then wait until nobody reads or writes this rank's buffers.
  private void runInPlace() {
    gatherSources(0);
    targets[0] = receive + (redistributes ? partInVector(0, group.index) : 0);
    int written = redistributes ? addSharedTargets(0) : 1;
    long elements = partBytes(0, group.index) / elementBytes;
    combineAll(written, elements, stores);
    group.complete();
  }

  private void runThroughWindow(long slices) {
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
    if (sendShared || (redistributes && receiveShared)) {
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
        long elements = partBytes(i, group.index) / elementBytes;
        targets[0] = receive + (redistributes ? partInVector(i, group.index) : ownOffset(i));
        combineAll(1, elements, Stores.CACHED);
        group.publish(GroupLayout.REDUCED, first + i + 1);
      }
      if (redistributes && i >= 1) {
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
    long bytes = partBytes(slice, self);
    long room = scratch.atLeast(bytes * group.size);
    for (int m = 0; m < group.size; m++) {
      long offset = partInVector(slice, self);
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
      long offset = partInVector(slice, m);
      long source = group.receiveBuffer(m) + offset;
      if (group.isReceiveShared(m)) {
        BulkCopy.copy(receive + offset, source, partBytes(slice, m), stores);
      } else {
        reader.read(m, receive + offset, source, partBytes(slice, m));
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
            slot + partInSlot(slice, m),
            send + partInVector(slice, m),
            partBytes(slice, m),
            Stores.CACHED);
      }
    }
    group.publish(GroupLayout.COPIED, number + 1);
  }

  private void reduce(long slice) {
    long number = first + slice;
    gatherSources(slice);
    long elements = partBytes(slice, group.index) / elementBytes;
    targets[0] = receive + (redistributes ? partInVector(slice, group.index) : ownOffset(slice));
    if (allReceiveShared) {
      int written = redistributes ? addSharedTargets(slice) : 1;
      combineAll(written, elements, stores);
    } else {
      group.awaitAll(GroupLayout.DRAINED, number + 1 - group.rotation);
      reduceToResultSlot(slice, elements);
    }
    group.publish(GroupLayout.REDUCED, number + 1);
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
        sources[m] = send + partInVector(slice, self);
      } else if (group.isSendShared(m)) {
        sources[m] = group.sendBuffer(m) + partInVector(slice, self);
      } else {
        if (slice > 0) {
          group.await(m, GroupLayout.COPIED, number + 1);
        }
        sources[m] = group.window(m, number) + partInSlot(slice, self);
      }
    }
  }

  /// Appends this rank's part of the peers' shared outputs to `targets` and returns their number.
  private int addSharedTargets(long slice) {
    int written = 1;
    for (int m = 0; m < group.size; m++) {
      if (m != group.index && group.isReceiveShared(m)) {
        targets[written++] = group.receiveBuffer(m) + partInVector(slice, group.index);
      }
    }
    return written;
  }

  private void copyOut(long slice) {
    long number = first + slice;
    for (int i = 1; i < group.size && !receiveShared; i++) {
      int m = group.index + i < group.size ? group.index + i : group.index + i - group.size;
      group.await(m, GroupLayout.REDUCED, number + 1);
      long target = receive + partInVector(slice, m);
      long source = group.result(m, number);
      BulkCopy.copy(target, source, partBytes(slice, m), stores);
    }
    group.publish(GroupLayout.DRAINED, number + 1);
  }

  // Where things are. All-reduce: slice s covers elements [s * L, min((s + 1) * L, count)) of the
  // vector and part m of it is chunk m of `owners`, its bounds rounded down to cache lines.
  // Example, 4 ranks, float32, L = 128, count = 150: slice 1 has 22 elements, chunks start at 0, 5,
  // 11, 16 and, rounded to 16 elements, at 0, 0, 0, 16, so ranks 2 and 3 own 16 and 6 elements.
  // Reduce-scatter: slice s covers elements [s * L, min((s + 1) * L, count)) of every block, and
  // part m is that range of block m.

  private long sliceLength(long slice) {
    return Math.min(sliceElements, count - slice * sliceElements);
  }

  private long partStart(long length, int m) {
    if (m == group.size) {
      return length;
    }
    long lineElements = LINE_BYTES / elementBytes;
    return owners.start(m, length) / lineElements * lineElements;
  }

  private long partBytes(long slice, int m) {
    long length = sliceLength(slice);
    long elements = redistributes ? partStart(length, m + 1) - partStart(length, m) : length;
    return elements * elementBytes;
  }

  private long partInSlot(long slice, int m) {
    long element = redistributes ? partStart(sliceLength(slice), m) : (long) m * sliceElements;
    return element * elementBytes;
  }

  private long partInVector(long slice, int m) {
    long element =
        redistributes
            ? slice * sliceElements + partStart(sliceLength(slice), m)
            : m * count + slice * sliceElements;
    return element * elementBytes;
  }

  private long ownOffset(long slice) {
    return slice * sliceElements * elementBytes;
  }
}
