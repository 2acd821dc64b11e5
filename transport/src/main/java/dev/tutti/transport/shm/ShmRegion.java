package dev.tutti.transport.shm;

import dev.tutti.bindings.Memory;
import dev.tutti.bindings.NativeCallException;
import dev.tutti.bindings.linux.Linux;
import dev.tutti.bindings.linux.LinuxConstants;
import dev.tutti.transport.RegionAllocator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicBoolean;

/// This rank's shared region: an owner-only anonymous file, mapped.
///
/// The first page holds a random number, by which a peer knows that it has opened the right file.
public final class ShmRegion implements AutoCloseable {
  static final long HUGE_PAGE_BYTES = 2L << 20;
  private static final long FIRST_OFFSET = 4096;

  private final long address;
  private final long bytes;
  private final int fd;
  private final long nonce;
  private final RegionAllocator allocator;
  private final AtomicBoolean closed = new AtomicBoolean();

  /// What a peer needs to map a region.
  ///
  /// @param processId the owner
  /// @param fd the owner's file descriptor
  /// @param bytes the region's size
  /// @param nonce what the region begins with
  public record Card(long processId, int fd, long bytes, long nonce) {}

  private ShmRegion(long address, long bytes, int fd) {
    this.address = address;
    this.bytes = bytes;
    this.fd = fd;
    this.nonce = new SecureRandom().nextLong();
    this.allocator = new RegionAllocator(FIRST_OFFSET, bytes);
    Memory.putLong(address, nonce);
  }

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
      ShmRegion region = new ShmRegion(mapFd(fd, bytes), bytes, fd);
      done = true;
      return region;
    } finally {
      if (!done) {
        Linux.close(fd);
      }
    }
  }

  /// Returns where the region is mapped here.
  long address() {
    return address;
  }

  /// Returns its size.
  long bytes() {
    return bytes;
  }

  /// Returns its file.
  int fd() {
    return fd;
  }

  /// Returns what hands out its offsets.
  RegionAllocator allocator() {
    return allocator;
  }

  /// Allocates a block before the domain exists and returns its token.
  public long allocateBlock(long blockBytes) {
    return allocator.allocate(blockBytes, HUGE_PAGE_BYTES);
  }

  /// Unmaps and closes it. Idempotent.
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      Linux.munmap(address, bytes);
      Linux.close(fd);
    }
  }

  /// Returns what peers need to know.
  public Card card() {
    return new Card(ProcessHandle.current().pid(), fd, bytes, nonce);
  }

  /// Maps a peer's region and returns its address here.
  ///
  /// @throws IllegalStateException if it cannot be opened or is not that region
  static long map(Card card, int rank) {
    String path = "/proc/" + card.processId() + "/fd/" + card.fd();
    int fd;
    try {
      if (Files.size(Path.of(path)) != card.bytes()) { // a smaller file would crash this process
        throw new IllegalStateException(problem(rank, path, "is not a region"));
      }
      fd = Linux.open(path, LinuxConstants.O_RDWR | LinuxConstants.O_CLOEXEC);
    } catch (IOException | NativeCallException e) {
      throw new IllegalStateException(problem(rank, path, "cannot be opened"), e);
    }
    long address;
    try {
      address = mapFd(fd, card.bytes());
    } finally {
      Linux.close(fd);
    }
    if (Memory.getLong(address) != card.nonce()) {
      Linux.munmap(address, card.bytes());
      throw new IllegalStateException(problem(rank, path, "belongs to another process"));
    }
    return address;
  }

  private static String problem(int rank, String path, String what) {
    return "the shared memory of rank "
        + rank
        + " ("
        + path
        + ") "
        + what
        + ": ranks of one host must run as the same user and see each other's processes"
        + " (containers: share the PID namespace)";
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
