package dev.tutti.collectives.execute;

import dev.tutti.collectives.kernel.BulkCopy;
import dev.tutti.collectives.kernel.ReductionKernel;
import dev.tutti.collectives.kernel.Stores;

/// Broadcast and all-gather in which every rank copies what it needs straight from the rank that
/// has it.
///
/// Shared send buffers are read where they are. Others go through the window, slice by slice, with
/// the same counters and the same rules of reuse as in [OwnerExchange]; here REDUCED means that a
/// rank has taken a slice from every window. Large ones may be read with `process_vm_readv`
/// instead, where that measures faster, see [PathTrial].
final class GatherExchange implements Exchange {
  private final SharedGroup group;
  private final boolean fromRootOnly;
  private final long streamingBytes;
  private final VmReader reader;
  private final PathTrials trials;

  // This operation's arguments; owned by the running thread.
  private long send;
  private long receive;
  private long bytes; // of a block
  private int root;
  private long first;
  private boolean contributes; // this rank's data are wanted
  private boolean copies; // and go through its window
  private ForeignPath path = ForeignPath.WINDOW;
  private Stores stores = Stores.CACHED;

  GatherExchange(SharedGroup group, boolean fromRootOnly, long streamingBytes) {
    this.group = group;
    this.fromRootOnly = fromRootOnly;
    this.streamingBytes = streamingBytes;
    this.reader = new VmReader(group);
    this.trials = new PathTrials(group, reader, ForeignPath.WINDOW);
  }

  @Override
  public String form(long vectorBytes) {
    return trials.describe(vectorBytes / (fromRootOnly ? 1 : group.size));
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
      int rootRank) {
    send = sendAddress;
    receive = receiveAddress;
    bytes = count * elementBytes;
    root = rootRank;
    long receiveBytes = fromRootOnly ? bytes : bytes * group.size;
    boolean large = (receiveBytes + bytes) * group.size >= streamingBytes;
    stores = large ? Stores.STREAMING : Stores.CACHED;
    first = group.slices;
    group.rotate(slices(group.layout.windowSlotBytes()));
    contributes = !fromRootOnly || group.index == root;
    copies = contributes && !group.isShared(send, bytes);
    path = trials.path(bytes);
    long start = trials.isMeasuring(bytes) ? System.nanoTime() : 0;
    if (copies && path == ForeignPath.WINDOW) {
      copyIn(0, group.layout.windowSlotBytes()); // seen by whoever has seen this rank's entry
    }
    group.enter(signature, send, bytes, receive, receiveBytes);
    if (fromRootOnly ? group.isSendShared(root) : group.allShared(GroupLayout.SEND_SHARED)) {
      takeSlice(0, bytes);
      group.complete();
    } else {
      runForeign();
      trials.record(bytes, start == 0 ? 0 : System.nanoTime() - start);
    }
  }

  private void runForeign() {
    if (path == ForeignPath.WINDOW) {
      runThroughWindow();
    } else {
      takeSlice(0, bytes);
      group.complete();
    }
  }

  private void runThroughWindow() {
    long sliceBytes = group.layout.windowSlotBytes();
    long slices = slices(sliceBytes);
    for (long i = 0; i <= slices; i++) {
      if (i > 0 && i < slices && copies) {
        copyIn(i, sliceBytes);
      }
      if (i >= 1) {
        takeSlice(i - 1, sliceBytes);
        group.publish(GroupLayout.REDUCED, first + i);
      }
    }
    if (contributes && !copies) {
      group.awaitAll(GroupLayout.REDUCED, first + slices);
    }
    group.slices = first + slices;
    if (!copies) {
      group.publish(GroupLayout.COPIED, group.slices);
    }
    group.publish(GroupLayout.DRAINED, group.slices);
  }

  private long slices(long sliceBytes) {
    return Math.max(1, (bytes + sliceBytes - 1) / sliceBytes);
  }

  private long sliceLength(long slice, long sliceBytes) {
    return Math.min(sliceBytes, bytes - slice * sliceBytes);
  }

  private void copyIn(long slice, long sliceBytes) {
    long number = first + slice;
    group.awaitAll(GroupLayout.REDUCED, number + 1 - group.rotation);
    long slot = group.window(group.index, number);
    BulkCopy.copy(slot, send + slice * sliceBytes, sliceLength(slice, sliceBytes), Stores.CACHED);
    group.publish(GroupLayout.COPIED, number + 1);
  }

  private void takeSlice(long slice, long sliceBytes) {
    long number = first + slice;
    long offset = slice * sliceBytes;
    long length = sliceLength(slice, sliceBytes);
    for (int i = 0; i < group.size; i++) {
      int m = group.index + i < group.size ? group.index + i : group.index + i - group.size;
      if (fromRootOnly && m != root) {
        continue;
      }
      long target = receive + offset + (fromRootOnly ? 0 : m * bytes);
      if (m == group.index) {
        BulkCopy.copy(target, send + offset, length, stores);
      } else if (group.isSendShared(m)) {
        BulkCopy.copy(target, group.sendBuffer(m) + offset, length, stores);
      } else if (path == ForeignPath.VM_READ) {
        reader.read(m, target, group.sendBuffer(m) + offset, length);
      } else {
        if (slice > 0) {
          group.await(m, GroupLayout.COPIED, number + 1);
        }
        BulkCopy.copy(target, group.window(m, number), length, stores);
      }
    }
  }
}
