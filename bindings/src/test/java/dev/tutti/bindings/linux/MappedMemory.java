package dev.tutti.bindings.linux;

import static dev.tutti.bindings.linux.LinuxConstants.MAP_SHARED;
import static dev.tutti.bindings.linux.LinuxConstants.MFD_CLOEXEC;
import static dev.tutti.bindings.linux.LinuxConstants.PROT_READ;
import static dev.tutti.bindings.linux.LinuxConstants.PROT_WRITE;

import java.lang.foreign.MemorySegment;

/// A memfd of one page and one mapping of it, for tests.
final class MappedMemory implements AutoCloseable {

  final int fd;
  final long bytes = Linux.pageBytes();
  final long address;
  final MemorySegment segment;

  MappedMemory() {
    fd = Linux.memfdCreate("tutti-test", MFD_CLOEXEC);
    Linux.truncate(fd, bytes);
    address = map(fd, bytes);
    segment = view(address, bytes);
  }

  static long map(int fd, long bytes) {
    return Linux.mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  }

  static MemorySegment view(long address, long bytes) {
    return MemorySegment.ofAddress(address).reinterpret(bytes);
  }

  @Override
  public void close() {
    Linux.munmap(address, bytes);
    Linux.close(fd);
  }
}
