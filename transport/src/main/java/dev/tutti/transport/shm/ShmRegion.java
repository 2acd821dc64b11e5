package dev.tutti.transport.shm;

import dev.tutti.bindings.NativeCallException;
import dev.tutti.bindings.linux.Linux;
import dev.tutti.bindings.linux.LinuxConstants;
import dev.tutti.transport.RegionAllocator;

/// This rank's shared region before the peers are known: an owner-only anonymous file, mapped.
///
/// @param address where it is mapped here
/// @param bytes its size
/// @param fd the file
/// @param allocator hands out its offsets
public record ShmRegion(long address, long bytes, int fd, RegionAllocator allocator) {
  static final long HUGE_PAGE_BYTES = 2L << 20;

  /// What a peer needs to map a region.
  ///
  /// @param processId the owner
  /// @param fd the owner's file descriptor
  /// @param bytes the region's size
  public record Card(long processId, int fd, long bytes) {}

  /// Creates and maps a region.
  ///
  /// @param wantedBytes its size, rounded up to whole huge pages
  /// @throws NativeCallException if the kernel refuses
  public static ShmRegion create(long wantedBytes) {
    long bytes = (wantedBytes + HUGE_PAGE_BYTES - 1) & -HUGE_PAGE_BYTES;
    int fd = Linux.memfdCreate("tutti", LinuxConstants.MFD_CLOEXEC);
    boolean done = false;
    try {
      Linux.chmodOwnerOnly(fd);
      Linux.truncate(fd, bytes);
      long address = mapFd(fd, bytes);
      done = true;
      return new ShmRegion(address, bytes, fd, new RegionAllocator(4096, bytes));
    } finally {
      if (!done) {
        Linux.close(fd);
      }
    }
  }

  /// Allocates a block before the domain exists and returns its token.
  public long allocateBlock(long blockBytes) {
    return allocator.allocate(blockBytes, HUGE_PAGE_BYTES);
  }

  /// Unmaps and closes a region that no domain has taken over.
  public void close() {
    Linux.munmap(address, bytes);
    Linux.close(fd);
  }

  /// Returns what peers need to know.
  public Card card() {
    return new Card(ProcessHandle.current().pid(), fd, bytes);
  }

  /// Maps a peer's region and returns its address here.
  static long map(Card card, int rank) {
    String path = "/proc/" + card.processId() + "/fd/" + card.fd();
    int fd;
    try {
      fd = Linux.open(path, LinuxConstants.O_RDWR | LinuxConstants.O_CLOEXEC);
    } catch (NativeCallException e) {
      throw new IllegalStateException(
          "cannot open the shared memory of rank "
              + rank
              + " ("
              + path
              + "): ranks of one host must run as the same user and see each other's processes "
              + "(containers: share the PID namespace)",
          e);
    }
    try {
      return mapFd(fd, card.bytes());
    } finally {
      Linux.close(fd);
    }
  }

  /// Maps the whole file at a multiple of the huge page size, which huge pages need: reserves a
  /// range that is one huge page longer, maps into it, and gives the ends back.
  private static long mapFd(int fd, long bytes) {
    long length = (bytes + HUGE_PAGE_BYTES - 1) & -HUGE_PAGE_BYTES;
    long reserved =
        Linux.mmap(
            0,
            length + HUGE_PAGE_BYTES,
            LinuxConstants.PROT_NONE,
            LinuxConstants.MAP_PRIVATE
                | LinuxConstants.MAP_ANONYMOUS
                | LinuxConstants.MAP_NORESERVE,
            -1,
            0);
    long address = (reserved + HUGE_PAGE_BYTES - 1) & -HUGE_PAGE_BYTES;
    long before = address - reserved;
    if (before > 0) {
      Linux.munmap(reserved, before);
    }
    Linux.munmap(address + length, HUGE_PAGE_BYTES - before);
    return Linux.mmap(
        address,
        length,
        LinuxConstants.PROT_READ | LinuxConstants.PROT_WRITE,
        LinuxConstants.MAP_SHARED | LinuxConstants.MAP_FIXED,
        fd,
        0);
  }
}
