package dev.tutti.transport.inproc;

import dev.tutti.bindings.linux.Linux;
import dev.tutti.bindings.linux.LinuxConstants;
import dev.tutti.transport.MemoryDomain;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Ranks that are threads of one JVM: every native address of one rank is an address of all, so a
/// token is the address itself and every buffer is shared.
public final class InprocDomain implements MemoryDomain {
  private static final long HUGE_PAGE_BYTES = 2L << 20;
  private static final long PAGE_BYTES = 4096;

  private final World world;
  private final int rank;

  private InprocDomain(World world, int rank) {
    this.world = world;
    this.rank = rank;
  }

  /// Which memory counts as shared.
  public enum Sharing {
    /// All native memory: threads see everything.
    ALL,
    /// What [MemoryDomain#allocate] returned, as between processes.
    ALLOCATED
  }

  /// Makes the domains of `size` ranks; index r of the list is rank r's.
  public static List<InprocDomain> create(int size, Sharing sharing) {
    World world = new World(size, sharing);
    List<InprocDomain> domains = new ArrayList<>(size);
    for (int r = 0; r < size; r++) {
      domains.add(new InprocDomain(world, r));
    }
    return domains;
  }

  @Override
  public String transport() {
    return "inproc";
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return world.size;
  }

  @Override
  public boolean reaches(int ofRank) {
    return true;
  }

  @Override
  public boolean isShared(long address, long bytes) {
    return world.sharing == Sharing.ALL || world.isAllocated(address, bytes);
  }

  @Override
  public long token(long address) {
    return address;
  }

  @Override
  public long address(int ofRank, long token) {
    return token;
  }

  @Override
  public long allocate(long bytes, long alignment) {
    return world.allocate(bytes, alignment);
  }

  @Override
  public void populate(long address, long bytes) {
    int _ = Linux.madvise(address, bytes, LinuxConstants.MADV_POPULATE_WRITE);
  }

  @Override
  public void free(long address) {
    world.free(address);
  }

  @Override
  public long processId(int ofRank) {
    return -1;
  }

  /// Frees the memory of all ranks when the last of them closes.
  @Override
  public void close() {
    world.close(this);
  }

  private static final class World {
    private final int size;
    private final Sharing sharing;
    private final ConcurrentSkipListMap<Long, Mapping> mappings = new ConcurrentSkipListMap<>();
    private final Map<InprocDomain, Boolean> closed = new ConcurrentHashMap<>();
    private final AtomicInteger open;

    World(int size, Sharing sharing) {
      this.size = size;
      this.sharing = sharing;
      this.open = new AtomicInteger(size);
    }

    long allocate(long bytes, long alignment) {
      long length = Math.max(bytes, 1) + Math.max(alignment, PAGE_BYTES);
      long mapping =
          Linux.mmap(
              0,
              length,
              LinuxConstants.PROT_READ | LinuxConstants.PROT_WRITE,
              LinuxConstants.MAP_PRIVATE | LinuxConstants.MAP_ANONYMOUS,
              -1,
              0);
      long address = (mapping + alignment - 1) & -alignment;
      if (bytes >= HUGE_PAGE_BYTES) {
        int _ = Linux.madvise(mapping, length, LinuxConstants.MADV_HUGEPAGE);
      }
      mappings.put(address, new Mapping(mapping, length));
      return address;
    }

    boolean isAllocated(long address, long bytes) {
      Map.Entry<Long, Mapping> entry = mappings.floorEntry(address);
      return entry != null
          && address + bytes <= entry.getValue().address() + entry.getValue().bytes();
    }

    void free(long address) {
      Mapping mapping = mappings.remove(address);
      if (mapping == null) {
        throw new IllegalArgumentException("address " + address + " is not allocated");
      }
      Linux.munmap(mapping.address(), mapping.bytes());
    }

    void close(InprocDomain domain) {
      if (closed.put(domain, true) != null) {
        return;
      }
      if (open.decrementAndGet() == 0) {
        mappings.values().forEach(m -> Linux.munmap(m.address(), m.bytes()));
        mappings.clear();
      }
    }
  }

  private record Mapping(long address, long bytes) {}
}
