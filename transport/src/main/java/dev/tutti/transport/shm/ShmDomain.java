package dev.tutti.transport.shm;

import dev.tutti.bindings.Memory;
import dev.tutti.bindings.linux.Linux;
import dev.tutti.bindings.linux.LinuxConstants;
import dev.tutti.bindings.linux.Processes;
import dev.tutti.transport.MemoryDomain;
import dev.tutti.transport.RegionAllocator;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Ranks that are processes of one host: each maps the memfd of every other.
///
/// A region is one sparse anonymous file per rank, as large as the rank may ever need; a page costs
/// memory only once it is touched, and the kernel frees everything when the last process is gone,
/// so a killed job leaves nothing behind. A peer opens the file through `/proc/<pid>/fd/<fd>`,
/// which the kernel allows to the same user only; the file's mode is owner-only besides. A token is
/// an offset in the owner's region.
///
/// Ranks may come and go: [#add] and [#drop].
public final class ShmDomain implements MemoryDomain {
  private static final long HUGE_PAGE_BYTES = ShmRegion.HUGE_PAGE_BYTES;
  private static final long PAGE_BYTES = 4096;
  private static final long FENCE_NANOS = 2_000_000_000;
  private static final long EXIT_NANOS = 100_000_000; // to end by itself
  private static final long FENCE_NAP_NANOS = 1_000_000;
  private static final System.Logger LOGGER = System.getLogger(ShmDomain.class.getName());

  private final int rank;
  private final long regionBytes;
  private final ShmRegion own;
  private final long base; // address of the own region
  private final RegionAllocator allocator;
  private final Map<Integer, ProcessHandle> processes = new HashMap<>(); // guarded by this
  private volatile Peers peers;

  /// The regions as this rank sees them, by rank, its own included.
  ///
  /// @param bases addresses here, 0 for those out of reach
  private record Peers(long[] bases, long[] sizes, long[] processIds) {
    static Peers none() {
      return new Peers(new long[0], new long[0], new long[0]);
    }

    Peers with(int rank, long base, long size, long processId) {
      int length = Math.max(bases.length, rank + 1);
      Peers result =
          new Peers(
              Arrays.copyOf(bases, length),
              Arrays.copyOf(sizes, length),
              Arrays.copyOf(processIds, length));
      Arrays.fill(result.processIds, bases.length, length, -1);
      result.bases[rank] = base;
      result.sizes[rank] = size;
      result.processIds[rank] = processId;
      return result;
    }
  }

  private ShmDomain(ShmRegion own, int rank, int size, long processId) {
    this.rank = rank;
    this.regionBytes = own.bytes();
    this.own = own;
    this.allocator = own.allocator();
    this.base = own.address();
    Peers all = size == 0 ? Peers.none() : Peers.none().with(size - 1, 0, 0, -1);
    this.peers = all.with(rank, base, own.bytes(), processId);
  }

  /// Maps the regions of all ranks that share this host.
  ///
  /// @param own this rank's region, which the domain takes over
  /// @param rank this rank
  /// @param cards what every rank said of its region, by rank; null for those of other hosts
  /// @throws IllegalStateException if a peer's region cannot be opened
  public static ShmDomain connect(ShmRegion own, int rank, List<ShmRegion.@Nullable Card> cards) {
    ShmRegion.Card ownCard = cards.get(rank);
    ShmDomain domain =
        new ShmDomain(own, rank, cards.size(), ownCard == null ? -1 : ownCard.processId());
    boolean done = false;
    try {
      for (int r = 0; r < cards.size(); r++) {
        ShmRegion.Card card = cards.get(r);
        if (r != rank && card != null) {
          domain.add(r, card);
        }
      }
      done = true;
    } finally {
      if (!done) {
        domain.close();
      }
    }
    return domain;
  }

  /// Takes in a rank that came later; maps its region if it shares this host.
  ///
  /// @param newRank its rank, greater than all before or one that is not mapped
  /// @param card what it said of its region; null if it is on another host
  /// @throws IllegalStateException if its region cannot be opened
  public synchronized void add(int newRank, ShmRegion.@Nullable Card card) {
    if (card == null) {
      peers = peers.with(newRank, 0, 0, -1);
    } else {
      ProcessHandle.of(card.processId()).ifPresent(process -> processes.put(newRank, process));
      peers = peers.with(newRank, ShmRegion.map(card, newRank), card.bytes(), card.processId());
    }
  }

  /// Makes sure that a rank which counts as dead is: one that only stood still would go on to read
  /// and write shared memory where it stopped. Kills its process if that is still there.
  ///
  /// @return whether it is gone; false if it could not be killed in time
  public boolean fence(int deadRank) {
    ProcessHandle process;
    synchronized (this) {
      process = processes.get(deadRank);
    }
    if (process == null || isGone(process, EXIT_NANOS)) {
      return true;
    }
    LOGGER.log(
        Level.WARNING,
        "killing process {0}: it was rank {1}, was declared dead, but shares memory and lives",
        Long.toString(process.pid()),
        deadRank);
    boolean _ = process.destroyForcibly();
    return isGone(process, FENCE_NANOS);
  }

  private static boolean isGone(ProcessHandle process, long nanos) {
    long deadline = System.nanoTime() + nanos;
    while (Processes.isRunning(process)) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      LockSupport.parkNanos(FENCE_NAP_NANOS);
    }
    return true;
  }

  /// Unmaps the region of a rank that is gone, so that the kernel can free it. Nothing may look at
  /// its memory any more.
  public synchronized void drop(int goneRank) {
    Peers before = peers;
    if (goneRank != rank && before.bases[goneRank] != 0) {
      peers = before.with(goneRank, 0, 0, -1);
      Linux.munmap(before.bases[goneRank], before.sizes[goneRank]);
    }
  }

  @Override
  public String transport() {
    return "shm";
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return peers.bases.length;
  }

  @Override
  public boolean reaches(int ofRank) {
    return peers.bases[ofRank] != 0;
  }

  @Override
  public boolean isShared(long address, long bytes) {
    long offset = address - base;
    return offset >= 0 && offset <= regionBytes - bytes;
  }

  @Override
  public long token(long address) {
    return address - base;
  }

  @Override
  public long address(int ofRank, long token) {
    return peers.bases[ofRank] + token;
  }

  @Override
  public long allocate(long bytes, long alignment) {
    long offset = allocator.allocate(bytes, Math.max(alignment, PAGE_BYTES));
    return base + offset;
  }

  /// Huge pages first: one byte per huge page makes a page for the kernel to collapse, which works
  /// whatever the system's setting for shared memory is and costs a tenth of populating small
  /// pages.
  @Override
  public void populate(long address, long bytes) {
    long end = address + bytes;
    long hugeStart = (address + HUGE_PAGE_BYTES - 1) & -HUGE_PAGE_BYTES;
    long hugeEnd = end & -HUGE_PAGE_BYTES;
    if (hugeEnd > hugeStart) {
      for (long page = hugeStart; page < hugeEnd; page += HUGE_PAGE_BYTES) {
        Memory.putInt(page, Memory.getInt(page));
      }
      int _ = Linux.madvise(hugeStart, hugeEnd - hugeStart, LinuxConstants.MADV_COLLAPSE);
    }
    // What is huge already is skipped at once; the rest gets small pages.
    int _ =
        Linux.madvise(address & -PAGE_BYTES, pageCeil(bytes), LinuxConstants.MADV_POPULATE_WRITE);
  }

  @Override
  public void free(long address) {
    long offset = address - base;
    long bytes = allocator.free(offset);
    Linux.punchHole(own.fd(), offset, pageCeil(bytes));
  }

  private static long pageCeil(long bytes) {
    return (bytes + PAGE_BYTES - 1) & -PAGE_BYTES;
  }

  @Override
  public long processId(int ofRank) {
    return peers.processIds[ofRank];
  }

  @Override
  public synchronized void close() {
    for (int r = 0; r < size(); r++) {
      drop(r);
    }
    own.close();
  }
}
