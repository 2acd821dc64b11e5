package dev.tutti.collectives.execute;

import dev.tutti.bindings.Memory;
import dev.tutti.bindings.linux.Errno;
import dev.tutti.bindings.linux.Linux;

/// Reads the private memory of the other members with `process_vm_readv`: one copy where the window
/// needs two, at the price of a system call and of pinning pages.
///
/// Not always allowed (Yama, containers), hence [#isAllowed].
final class VmReader {
  private static final int MAX_BYTES = 1 << 30; // the kernel copies a little under 2 GiB at once
  private static final int PROBE_BYTES = 8;

  private final SharedGroup group;

  VmReader(SharedGroup group) {
    this.group = group;
  }

  /// Returns whether this member can read the memory of all others; tries it.
  boolean isAllowed() {
    for (int m = 0; m < group.size; m++) {
      if (m != group.index) {
        long pid = group.processId(m);
        long theirs = Memory.getLong(group.block(m) + GroupLayout.OWNER_ADDRESS);
        long here = group.own + GroupLayout.PROBE;
        if (pid < 0 || Linux.processVmRead((int) pid, here, theirs, PROBE_BYTES) != PROBE_BYTES) {
          return false;
        }
      }
    }
    return true;
  }

  /// Copies `bytes` bytes at `address` of a member's own address space to `target` here.
  ///
  /// @throws IllegalStateException if the kernel refuses
  void read(int member, long target, long address, long bytes) {
    int pid = (int) group.processId(member);
    long done = 0;
    while (done < bytes) {
      long wanted = Math.min(bytes - done, MAX_BYTES);
      long copied = Linux.processVmRead(pid, target + done, address + done, wanted);
      if (copied <= 0) {
        throw new IllegalStateException(
            "process_vm_readv of "
                + wanted
                + " bytes of rank "
                + member
                + " (process "
                + pid
                + ") failed: "
                + Errno.name((int) -copied));
      }
      done += copied;
    }
  }
}
