package dev.tutti.collectives;

import dev.tutti.transport.MemoryDomain;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/// The shared memory that one communicator has handed out, and its own staging area.
///
/// [#allocate] and [#free] may be called from any thread, [#staging] by the one that runs
/// operations.
final class RegisteredMemory {
  private static final long PAGE_BYTES = 4096;
  private static final long HUGE_PAGE_BYTES = 2L << 20;

  private final MemoryDomain domain;
  private final Map<Long, Arena> lifetimes = new HashMap<>(); // by address; guarded by this
  private long stagingAddress;
  private long stagingBytes;

  RegisteredMemory(MemoryDomain domain) {
    this.domain = domain;
  }

  /// See [Communicator#allocate].
  MemorySegment allocate(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("cannot allocate " + bytes + " bytes");
    }
    long address = domain.allocate(bytes, bytes >= HUGE_PAGE_BYTES ? HUGE_PAGE_BYTES : PAGE_BYTES);
    domain.populate(address, bytes);
    Arena lifetime = Arena.ofShared();
    synchronized (this) {
      lifetimes.put(address, lifetime);
    }
    @SuppressWarnings("restricted") // the size is the allocated one
    MemorySegment segment = MemorySegment.ofAddress(address).reinterpret(bytes, lifetime, null);
    return segment;
  }

  /// See [Communicator#free].
  void free(MemorySegment segment) {
    Arena lifetime;
    synchronized (this) {
      lifetime = lifetimes.remove(segment.address());
    }
    if (lifetime == null) {
      throw new IllegalArgumentException(
          "the segment at 0x"
              + Long.toHexString(segment.address())
              + " was not allocated by this communicator");
    }
    lifetime.close();
    domain.free(segment.address());
  }

  /// Takes over what another communicator has handed out.
  void adopt(RegisteredMemory other) {
    Map<Long, Arena> given;
    synchronized (other) {
      given = Map.copyOf(other.lifetimes);
      other.lifetimes.clear();
    }
    synchronized (this) {
      lifetimes.putAll(given);
    }
  }

  /// Returns the address of at least `bytes` bytes, contents undefined, valid until the next call.
  long staging(long bytes) {
    if (bytes > stagingBytes) {
      if (stagingBytes > 0) {
        domain.free(stagingAddress);
        stagingBytes = 0;
      }
      stagingAddress = domain.allocate(bytes, PAGE_BYTES);
      stagingBytes = bytes;
      domain.populate(stagingAddress, bytes);
    }
    return stagingAddress;
  }

  /// Ends all lifetimes and frees the memory.
  ///
  /// @param inUse whether a peer may still look at it: then it is left to the end of the world
  void close(boolean inUse) {
    synchronized (this) {
      lifetimes.forEach((address, lifetime) -> {
        lifetime.close();
        if (!inUse) {
          domain.free(address);
        }
      });
      lifetimes.clear();
    }
    if (stagingBytes > 0 && !inUse) {
      domain.free(stagingAddress);
      stagingBytes = 0;
    }
  }
}
