package dev.tutti.bench.measure;

import dev.tutti.bindings.linux.Linux;
import dev.tutti.bindings.linux.LinuxConstants;
import dev.tutti.collectives.Communicator;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// The send and the receive buffer of one rank, touched, so that no measurement pays for page
/// faults.
final class BenchBuffers implements AutoCloseable {
  private static final long PAGE_BYTES = 4096;
  private static final long HUGE_PAGE_BYTES = 2L << 20;

  private final Communicator communicator;
  private final @Nullable Arena arena; // null if the memory is the communicator's
  private final MemorySegment send;
  private final MemorySegment recv;

  private BenchBuffers(
      Communicator communicator, @Nullable Arena arena, MemorySegment send, MemorySegment recv) {
    this.communicator = communicator;
    this.arena = arena;
    this.send = send;
    this.recv = recv;
  }

  /// Allocates the buffers of one rank.
  static BenchBuffers allocate(
      Communicator communicator, BufferKind kind, long sendBytes, long recvBytes) {
    if (kind == BufferKind.REGISTERED) {
      MemorySegment send = communicator.allocate(Math.max(1, sendBytes));
      MemorySegment recv = communicator.allocate(Math.max(1, recvBytes));
      send.fill((byte) 0);
      recv.fill((byte) 0);
      return new BenchBuffers(communicator, null, send, recv);
    }
    Arena arena = Arena.ofShared();
    return new BenchBuffers(
        communicator, arena, foreign(arena, kind, sendBytes), foreign(arena, kind, recvBytes));
  }

  private static MemorySegment foreign(Arena arena, BufferKind kind, long bytes) {
    return kind == BufferKind.HUGE_PAGES
        ? onHugePages(arena, Math.max(1, bytes))
        : arena.allocate(Math.max(1, bytes), PAGE_BYTES);
  }

  /// Maps memory, asks for huge pages before the first touch, then touches it.
  @SuppressWarnings("restricted") // native access is a documented requirement of this module
  private static MemorySegment onHugePages(Arena arena, long bytes) {
    long length = (bytes + 2 * HUGE_PAGE_BYTES - 1) & -HUGE_PAGE_BYTES;
    long address =
        Linux.mmap(
            0,
            length,
            LinuxConstants.PROT_READ | LinuxConstants.PROT_WRITE,
            LinuxConstants.MAP_PRIVATE | LinuxConstants.MAP_ANONYMOUS,
            -1,
            0);
    long start = (address + HUGE_PAGE_BYTES - 1) & -HUGE_PAGE_BYTES;
    int _ = Linux.madvise(start, length - (start - address), LinuxConstants.MADV_HUGEPAGE);
    MemorySegment segment =
        MemorySegment.ofAddress(start)
            .reinterpret(bytes, arena, ignored -> Linux.munmap(address, length));
    segment.fill((byte) 0);
    return segment;
  }

  MemorySegment send() {
    return send;
  }

  MemorySegment recv() {
    return recv;
  }

  @Override
  public void close() {
    if (arena != null) {
      arena.close();
    } else {
      communicator.free(send);
      communicator.free(recv);
    }
  }
}
