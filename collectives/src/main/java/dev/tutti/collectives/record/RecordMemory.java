package dev.tutti.collectives.record;

import dev.tutti.bindings.NativeCallException;
import dev.tutti.bindings.linux.Linux;
import dev.tutti.bindings.linux.LinuxConstants;
import java.lang.System.Logger.Level;

/// The memory behind a record.
///
/// Where other processes may look at it, it is an anonymous file, which they find by its name among
/// the open files of this process. So it belongs to one user, no disk is behind it whose writing
/// back could stop the rank, and nothing is left when the process ends, however it ends.
///
/// @param address where it is mapped
/// @param bytes its size
/// @param fd the file, -1 if nobody else sees it
record RecordMemory(long address, long bytes, int fd) {
  /// The file's name; `/proc` shows `/memfd:` before it.
  static final String NAME = "tutti-counters";

  private static final System.Logger LOGGER = System.getLogger(RecordMemory.class.getName());
  private static final int READ_WRITE = LinuxConstants.PROT_READ | LinuxConstants.PROT_WRITE;

  /// Maps memory that no other process sees.
  static RecordMemory hidden(long bytes) {
    int flags = LinuxConstants.MAP_PRIVATE | LinuxConstants.MAP_ANONYMOUS;
    return new RecordMemory(Linux.mmap(0, bytes, READ_WRITE, flags, -1, 0), bytes, -1);
  }

  /// Maps memory that the processes of this user can look at; hidden memory where the kernel has no
  /// file left, because counters are no reason to fail.
  static RecordMemory visible(long bytes) {
    int fd = -1;
    try {
      fd = Linux.memfdCreate(NAME, LinuxConstants.MFD_CLOEXEC);
      Linux.chmodOwnerOnly(fd);
      Linux.truncate(fd, bytes);
      long address = Linux.mmap(0, bytes, READ_WRITE, LinuxConstants.MAP_SHARED, fd, 0);
      return new RecordMemory(address, bytes, fd);
    } catch (NativeCallException e) {
      if (fd >= 0) {
        Linux.close(fd);
      }
      LOGGER.log(
          Level.WARNING, "No counters for `tutti stat`, all else works: {0}", e.getMessage());
      return hidden(bytes);
    }
  }

  void close() {
    Linux.munmap(address, bytes);
    if (fd >= 0) {
      Linux.close(fd);
    }
  }
}
