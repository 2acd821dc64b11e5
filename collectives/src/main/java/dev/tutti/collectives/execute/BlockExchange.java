package dev.tutti.collectives.execute;

import dev.tutti.bindings.Memory;
import dev.tutti.collectives.MismatchException;
import dev.tutti.collectives.execute.BlockLayout.Side;
import dev.tutti.collectives.kernel.BulkCopy;
import dev.tutti.collectives.kernel.ReductionKernel;
import dev.tutti.collectives.kernel.Stores;

/// Gather, scatter, all-to-all and all-gather, of equal or of uneven blocks, in which each rank
/// copies the blocks that are for it straight from the ranks that have them.
///
/// A rank lays a table in its flat slot, 16 bytes for each peer: length of the block for it, and
/// where that begins. Behind the table it lays the blocks if they fit, so that the operation costs
/// one wait. Else peers read them in its send buffer where that is shared, and wait at the end
/// until everybody is through. Others go through the window as in [GatherExchange], cut into a part
/// for each receiver, or are read with `process_vm_readv`; how many slices there are follows from
/// the longest such block of all ranks, which travels with the entries. Each rank may do it another
/// way.
///
/// Whoever finds that a block is not as long as it expects throws before it has copied anything.
final class BlockExchange implements UnevenExchange {
  private static final int TABLE_ENTRY = 16;
  private static final int LINE_BYTES = 64;

  /// Vectors up to this size, and of an all-to-all what a rank sends, are not worth a table.
  static final long LEAST_BYTES = 8 << 10;

  private final SharedGroup group;
  private final Shape shape;
  private final long streamingBytes;
  private final VmReader reader;
  private final PathTrials trials;

  // This operation's blocks by member, in bytes; owned by the running thread, as all that follows.
  private final long[] sendBytes;
  private final long[] sendOffsets;
  private final long[] receiveBytes;
  private final long[] receiveOffsets;
  private long[] slots = {};
  private long send;
  private long receive;
  private long foreign; // longest block that has to go through a window
  private long first;
  private boolean copies; // this rank's blocks go through its window
  private ForeignPath path = ForeignPath.WINDOW;
  private Stores stores = Stores.CACHED;

  /// Who has blocks for whom.
  enum Shape {
    /// Every rank has one for the root.
    GATHER,
    /// The root has one for every rank.
    SCATTER,
    /// Every rank has one for every rank.
    ALL_TO_ALL,
    /// Every rank has one, which is for all.
    ALL_GATHER
  }

  BlockExchange(SharedGroup group, Shape shape, long streamingBytes) {
    this.group = group;
    this.shape = shape;
    this.streamingBytes = streamingBytes;
    this.reader = new VmReader(group);
    // Every turn that the window makes ranks take costs much where they share cores.
    boolean crowded = group.waiter.isCrowded();
    this.trials = new PathTrials(group, reader, crowded ? ForeignPath.VM_READ : ForeignPath.WINDOW);
    this.sendBytes = new long[group.size];
    this.sendOffsets = new long[group.size];
    this.receiveBytes = new long[group.size];
    this.receiveOffsets = new long[group.size];
  }

  /// Returns how large a flat slot must be for a number of ranks.
  static long tableBytes(int ranks) {
    return (long) TABLE_ENTRY * ranks;
  }

  @Override
  public String form(long vectorBytes) {
    return trials.describe(vectorBytes / group.size);
  }

  @Override
  public void run(
      long signature,
      long sendAddress,
      long receiveAddress,
      long count,
      int elementBytes,
      ReductionKernel kernel,
      int divisor,
      int root) {
    long bytes = count * elementBytes;
    boolean isRoot = root == group.index;
    for (int m = 0; m < group.size; m++) {
      boolean sends =
          switch (shape) {
            case GATHER -> m == root;
            case SCATTER -> isRoot;
            case ALL_TO_ALL, ALL_GATHER -> true;
          };
      boolean receives =
          switch (shape) {
            case GATHER -> isRoot;
            case SCATTER -> m == root;
            case ALL_TO_ALL, ALL_GATHER -> true;
          };
      sendBytes[m] = sends ? bytes : 0;
      sendOffsets[m] = hasOneToSend() ? 0 : m * bytes;
      receiveBytes[m] = receives ? bytes : 0;
      receiveOffsets[m] = shape == Shape.SCATTER ? 0 : m * bytes;
    }
    run(signature, sendAddress, receiveAddress);
  }

  @Override
  public void runUneven(
      long signature,
      long sendAddress,
      long receiveAddress,
      BlockLayout blocks,
      int elementBytes,
      ReductionKernel kernel,
      int divisor,
      int root) {
    for (int m = 0; m < group.size; m++) {
      boolean toRoot = shape != Shape.GATHER || m == root;
      int out = hasOneToSend() ? 0 : m;
      boolean sends = toRoot && out < blocks.send().counts().length;
      set(sendBytes, sendOffsets, m, blocks.send(), sends ? out : -1, elementBytes);
      boolean fromRoot = shape != Shape.SCATTER || m == root;
      int in = shape == Shape.SCATTER ? 0 : m;
      boolean receives = fromRoot && in < blocks.receive().counts().length;
      set(receiveBytes, receiveOffsets, m, blocks.receive(), receives ? in : -1, elementBytes);
    }
    run(signature, sendAddress, receiveAddress);
  }

  private static void set(
      long[] bytes, long[] offsets, int member, Side side, int block, int elementBytes) {
    bytes[member] = block < 0 ? 0 : side.counts()[block] * elementBytes;
    offsets[member] = block < 0 ? 0 : side.displacements()[block] * elementBytes;
  }

  private boolean hasOneToSend() {
    return shape == Shape.GATHER || shape == Shape.ALL_GATHER;
  }

  private void run(long signature, long sendAddress, long receiveAddress) {
    send = sendAddress;
    receive = receiveAddress;
    slots = group.flatSlots();
    long place = layTable();
    long longest = 0;
    long received = 0;
    for (int m = 0; m < group.size; m++) {
      longest = m == group.index ? longest : Math.max(longest, sendBytes[m]);
      received += receiveBytes[m];
    }
    copies = place == 0;
    foreign = group.enterBlocks(signature, send, place, copies ? longest : 0);
    checkLengths(signature);
    stores = 2 * received * group.size >= streamingBytes ? Stores.STREAMING : Stores.CACHED;
    takeOwn();
    if (foreign == 0) {
      takeWhole();
      if (isAnyRead()) {
        group.complete();
      }
      return;
    }
    path = trials.path(foreign);
    long start = trials.isMeasuring(foreign) ? System.nanoTime() : 0;
    if (path == ForeignPath.WINDOW) {
      runThroughWindow();
    } else {
      takeWhole();
      group.complete();
    }
    trials.record(foreign, start == 0 ? 0 : System.nanoTime() - start);
  }

  /// Writes the table, and the blocks if there is room; returns where they are, see
  /// [SharedGroup#enterBlocks].
  private long layTable() {
    long slot = slots[group.index];
    long needed = tableBytes(group.size);
    long end = 0;
    for (int m = 0; m < group.size; m++) {
      boolean lies = m != group.index && (shape != Shape.ALL_GATHER || end == 0);
      needed += lies ? sendBytes[m] : 0;
      end = m == group.index ? end : Math.max(end, sendOffsets[m] + sendBytes[m]);
    }
    boolean shared = group.isShared(send, end);
    // To read in place saves a copy and costs a wait, which is dear where ranks share cores.
    boolean isWorthWaiting = shared && end > LEAST_BYTES && !group.waiter.isCrowded();
    boolean inSlot = needed <= group.layout.flatBytes() && !isWorthWaiting;
    long next = tableBytes(group.size);
    for (int m = 0; m < group.size; m++) {
      Memory.putLong(slot + (long) m * TABLE_ENTRY, sendBytes[m]);
      Memory.putLong(slot + (long) m * TABLE_ENTRY + Long.BYTES, inSlot ? next : sendOffsets[m]);
      if (inSlot && m != group.index && shape != Shape.ALL_GATHER) {
        copySmall(slot + next, send + sendOffsets[m], sendBytes[m]);
        next += sendBytes[m];
      }
    }
    if (inSlot) {
      copySmall(slot + next, send, shape == Shape.ALL_GATHER ? sendBytes[group.index] : 0);
      return GroupLayout.IN_SLOT;
    }
    return shared ? GroupLayout.SEND_SHARED : 0;
  }

  private void checkLengths(long signature) {
    for (int m = 0; m < group.size; m++) {
      long sent = Memory.getLong(slots[m] + (long) group.index * TABLE_ENTRY);
      if (sent != receiveBytes[m]) {
        throw new MismatchException(
            "ranks disagree on operation "
                + group.operation
                + ", "
                + Signature.describe(signature)
                + ": rank "
                + group.name(m)
                + " sends "
                + Signature.elements(signature, sent)
                + " elements to rank "
                + group.name(group.index)
                + ", which expects "
                + Signature.elements(signature, receiveBytes[m]),
            group.name(group.index),
            group.operation,
            null);
      }
    }
  }

  private boolean isAnyRead() {
    for (int m = 0; m < group.size; m++) {
      if (!group.isInSlot(m)) {
        return true;
      }
    }
    return false;
  }

  private void takeOwn() {
    int self = group.index;
    long target = receive + receiveOffsets[self];
    long source = send + sendOffsets[self];
    if (target != source && receiveBytes[self] > 0) {
      BulkCopy.copy(target, source, receiveBytes[self], stores);
    }
  }

  /// Takes all blocks but the own one; foreign ones by reading.
  private void takeWhole() {
    for (int i = 1; i < group.size; i++) {
      int m = group.index + i < group.size ? group.index + i : group.index + i - group.size;
      if (!takeReadable(m) && receiveBytes[m] > 0) {
        long source = group.sendBuffer(m) + offsetAt(m);
        reader.read(m, receive + receiveOffsets[m], source, receiveBytes[m]);
      }
    }
  }

  /// Takes the block of a member if it lies where this rank can read it.
  private boolean takeReadable(int m) {
    long target = receive + receiveOffsets[m];
    if (group.isInSlot(m)) {
      copySmall(target, slots[m] + offsetAt(m), receiveBytes[m]);
      return true;
    }
    if (group.isSendShared(m)) {
      BulkCopy.copy(target, group.sendBuffer(m) + offsetAt(m), receiveBytes[m], stores);
      return true;
    }
    return false;
  }

  private static void copySmall(long target, long source, long bytes) {
    if (bytes > 0) {
      Memory.copy(target, source, bytes);
    }
  }

  /// Returns where a member's block for this rank begins, in its slot or in its send buffer.
  private long offsetAt(int m) {
    return Memory.getLong(slots[m] + (long) group.index * TABLE_ENTRY + Long.BYTES);
  }

  private void runThroughWindow() {
    long part = partBytes();
    long slices = (foreign + part - 1) / part;
    first = group.slices;
    group.rotate(slices);
    for (long i = 0; i <= slices; i++) {
      if (i < slices && copies) {
        copyIn(i, part);
      }
      if (i >= 1) {
        takeSlice(i - 1, part);
        group.publish(GroupLayout.REDUCED, first + i);
      }
    }
    if (!copies) {
      group.awaitAll(GroupLayout.REDUCED, first + slices);
    }
    group.slices = first + slices;
    if (!copies) {
      group.publish(GroupLayout.COPIED, group.slices);
    }
    group.publish(GroupLayout.DRAINED, group.slices);
  }

  /// Returns how much of a window slot each receiver has.
  private long partBytes() {
    long slot = group.layout.windowSlotBytes();
    long part = hasOneToSend() ? slot : slot / group.size;
    return part >= LINE_BYTES ? part & -LINE_BYTES : part & -Long.BYTES;
  }

  private long partOffset(int receiver, long part) {
    return hasOneToSend() ? 0 : receiver * part;
  }

  private static long sliceLength(long bytes, long slice, long part) {
    return Math.clamp(bytes - slice * part, 0, part);
  }

  private void copyIn(long slice, long part) {
    long number = first + slice;
    group.awaitAll(GroupLayout.REDUCED, number + 1 - group.rotation);
    long slot = group.window(group.index, number);
    for (int m = 0; m < group.size; m++) {
      long length = m == group.index ? 0 : sliceLength(sendBytes[m], slice, part);
      if (length > 0) {
        long source = send + sendOffsets[m] + slice * part;
        BulkCopy.copy(slot + partOffset(m, part), source, length, Stores.CACHED);
        if (hasOneToSend()) {
          break;
        }
      }
    }
    group.publish(GroupLayout.COPIED, number + 1);
  }

  private void takeSlice(long slice, long part) {
    long number = first + slice;
    for (int i = 1; i < group.size; i++) {
      int m = group.index + i < group.size ? group.index + i : group.index + i - group.size;
      boolean windowed = !group.isInSlot(m) && !group.isSendShared(m);
      long length = sliceLength(receiveBytes[m], slice, part);
      if (!windowed) {
        boolean _ = slice == 0 && takeReadable(m);
      } else if (length > 0) {
        group.await(m, GroupLayout.COPIED, number + 1);
        long source = group.window(m, number) + partOffset(group.index, part);
        BulkCopy.copy(receive + receiveOffsets[m] + slice * part, source, length, stores);
      }
    }
  }
}
