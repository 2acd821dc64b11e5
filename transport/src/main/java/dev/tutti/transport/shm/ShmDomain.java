package dev.tutti.transport.shm;

import dev.tutti.bindings.Memory;
import dev.tutti.bindings.linux.Linux;
import dev.tutti.bindings.linux.LinuxConstants;
import dev.tutti.transport.MemoryDomain;
import dev.tutti.transport.RankStatus;
import dev.tutti.transport.RegionAllocator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Ranks that are processes of one host: each maps the memfd of every other.
///
/// A region is one sparse anonymous file per rank, as large as the rank may ever need; a page costs
/// memory only once it is touched, and the kernel frees everything when the last process is gone,
/// so a killed job leaves nothing behind. A peer opens the file through `/proc/<pid>/fd/<fd>`,
/// which the kernel allows to the same user only; the file's mode is owner-only besides. A token is
/// an offset in the owner's region.
public final class ShmDomain implements MemoryDomain {
  private static final long HUGE_PAGE_BYTES = ShmRegion.HUGE_PAGE_BYTES;
  private static final long PAGE_BYTES = 4096;

  private final int rank;
  private final long regionBytes;
  private final ShmRegion own;
  private final long[] bases; // address of each rank's region here; own included
  private final long[] sizes;
  private final long[] processIds;
  private final RegionAllocator allocator;
  private final RankStatus status;

  private ShmDomain(ShmRegion own, int rank, List<ShmRegion.@Nullable Card> cards) {
    this.rank = rank;
    this.regionBytes = own.bytes();
    this.own = own;
    this.allocator = own.allocator();
    this.status = new RankStatus(cards.size());
    this.bases = new long[cards.size()];
    this.sizes = new long[cards.size()];
    this.processIds = new long[cards.size()];
    for (int r = 0; r < cards.size(); r++) {
      ShmRegion.Card card = cards.get(r);
      sizes[r] = card == null ? 0 : card.bytes();
      processIds[r] = card == null ? -1 : card.processId();
    }
  }

  /// Maps the regions of all ranks that share this host.
  ///
  /// @param own this rank's region, which the domain takes over
  /// @param rank this rank
  /// @param cards what every rank said of its region, by rank; null for those of other hosts
  /// @throws IllegalStateException if a peer's region cannot be opened
  public static ShmDomain connect(ShmRegion own, int rank, List<ShmRegion.@Nullable Card> cards) {
    ShmDomain domain = new ShmDomain(own, rank, cards);
    boolean done = false;
    try {
      for (int r = 0; r < cards.size(); r++) {
        ShmRegion.Card card = cards.get(r);
        if (r == rank) {
          domain.bases[r] = own.address();
        } else if (card != null) {
          domain.bases[r] = ShmRegion.map(card, r);
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
    return bases.length;
  }

  @Override
  public boolean reaches(int ofRank) {
    return bases[ofRank] != 0;
  }

  @Override
  public boolean isShared(long address, long bytes) {
    long offset = address - bases[rank];
    return offset >= 0 && offset <= regionBytes - bytes;
  }

  @Override
  public long token(long address) {
    return address - bases[rank];
  }

  @Override
  public long address(int ofRank, long token) {
    return bases[ofRank] + token;
  }

  @Override
  public long allocate(long bytes, long alignment) {
    long offset = allocator.allocate(bytes, Math.max(alignment, PAGE_BYTES));
    return bases[rank] + offset;
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
    long offset = address - bases[rank];
    long bytes = allocator.free(offset);
    Linux.punchHole(own.fd(), offset, pageCeil(bytes));
  }

  private static long pageCeil(long bytes) {
    return (bytes + PAGE_BYTES - 1) & -PAGE_BYTES;
  }

  @Override
  public long processId(int ofRank) {
    return processIds[ofRank];
  }

  @Override
  public RankStatus status() {
    return status;
  }

  @Override
  public synchronized void close() {
    for (int r = 0; r < bases.length; r++) {
      if (r != rank && bases[r] != 0) {
        Linux.munmap(bases[r], sizes[r]);
        bases[r] = 0;
      }
    }
    own.close();
  }
}
