package dev.tutti.bench.doctor;

import dev.tutti.bindings.Memory;
import dev.tutti.bindings.NativeCallException;
import dev.tutti.bindings.linux.Errno;
import dev.tutti.bindings.linux.Linux;
import dev.tutti.bindings.linux.LinuxConstants;
import dev.tutti.transport.shm.ShmDomain;
import dev.tutti.transport.shm.ShmRegion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// Memory that processes share: what the ranks of one host need.
final class MemoryChecks {
  private static final long BYTES = 4L << 20;
  private static final long HUGE_PAGE_BYTES = 2L << 20;
  private static final int WAIT_SECONDS = 10;

  private static final String CAPABILITIES = "CapEff:";
  private static final int CAP_SYS_PTRACE = 19;

  /// What another process writes: the numbers of four ASCII letters, first byte lowest.
  private static final String WORD = "Tutt";

  private static final int WORD_NUMBER = 'T' | 'u' << 8 | 't' << 16 | 't' << 24;

  private MemoryChecks() {}

  static List<Check> all() {
    return List.of(
        guarded("shared memory", MemoryChecks::sharedMemory).needed(),
        guarded("other processes", MemoryChecks::otherProcess).needed(),
        guarded("process_vm_readv", MemoryChecks::readAcross),
        guarded("huge pages", MemoryChecks::hugePages));
  }

  private static Check guarded(String name, Supplier<Check> check) {
    try {
      return check.get();
    } catch (NativeCallException
        | IllegalStateException
        | UnsupportedOperationException
        | IllegalCallerException e) {
      return Check.broken(
          name,
          String.valueOf(e.getMessage()),
          "ranks of one host share a memfd: run them as one user, with one PID namespace and /proc,"
              + " and allow memfd_create and mmap (seccomp)");
    }
  }

  /// As two ranks of one host do it.
  private static Check sharedMemory() {
    ShmRegion own = ShmRegion.create(BYTES);
    try (ShmRegion peer = ShmRegion.create(BYTES);
        ShmDomain domain = ShmDomain.connect(own, 0, List.of(own.card(), peer.card()))) {
      Objects.requireNonNull(domain);
      return Check.ok("shared memory", "memfd, mapped through /proc/<pid>/fd");
    }
  }

  /// A child writes to the memory of this process as a peer would: through `/proc/<pid>/fd/<fd>`.
  private static Check otherProcess() {
    String name = "other processes";
    int fd = Linux.memfdCreate("tutti-doctor", LinuxConstants.MFD_CLOEXEC);
    try {
      Linux.truncate(fd, BYTES);
      long address =
          Linux.mmap(
              0,
              BYTES,
              LinuxConstants.PROT_READ | LinuxConstants.PROT_WRITE,
              LinuxConstants.MAP_SHARED,
              fd,
              0);
      try {
        String file = "/proc/" + Linux.processId() + "/fd/" + fd;
        String said = runChild("printf " + WORD + " 1<>" + file);
        return Memory.getInt(address) == WORD_NUMBER
            ? Check.ok(name, "one that was started wrote to this one's memory")
            : Check.broken(
                name,
                "one that was started could not open " + file + ": " + said,
                "ranks of one host must see each other: one user, one PID namespace, /proc without"
                    + " hidepid");
      } finally {
        Linux.munmap(address, BYTES);
      }
    } finally {
      Linux.close(fd);
    }
  }

  private static String runChild(String script) {
    try {
      Process child = new ProcessBuilder("/bin/sh", "-c", script).redirectErrorStream(true).start();
      child.getOutputStream().close();
      boolean done = child.waitFor(WAIT_SECONDS, TimeUnit.SECONDS);
      if (!done) {
        child.destroyForcibly();
        return "no answer in " + WAIT_SECONDS + " s";
      }
      return new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }

  /// Reading this process itself tells whether the call is there; Yama tells of whom else.
  private static Check readAcross() {
    String name = "process_vm_readv";
    String advice = "messages between the ranks of a host take two copies instead of one without";
    long copied = readSelf();
    if (copied < 0) {
      return Check.missing(name, "refused: " + Errno.name((int) -copied), advice);
    }
    String told = SystemText.read("/proc/sys/kernel/yama/ptrace_scope");
    String scope = told == null ? "0" : told;
    if (scope.equals("0") || (!scope.equals("3") && mayTrace())) {
      return Check.ok(name, "allowed, ptrace_scope " + (told == null ? "not set" : told));
    }
    return Check.missing(
        name,
        "refused between ranks, ptrace_scope " + scope,
        advice + "; 'sysctl kernel.yama.ptrace_scope=0' allows it");
  }

  private static boolean mayTrace() {
    return SystemText.lines("/proc/self/status").stream()
        .filter(line -> line.startsWith(CAPABILITIES))
        .map(line -> line.substring(CAPABILITIES.length()).strip())
        .anyMatch(digits -> (Long.parseUnsignedLong(digits, 16) >>> CAP_SYS_PTRACE & 1) == 1);
  }

  private static long readSelf() {
    long address = mapAnonymous(BYTES);
    try {
      return Linux.processVmRead(Linux.processId(), address, address + HUGE_PAGE_BYTES, Long.BYTES);
    } finally {
      Linux.munmap(address, BYTES);
    }
  }

  /// Collapses a page as regions are: that works whatever the setting for shared memory is.
  private static Check hugePages() {
    String settings =
        "anonymous: "
            + SystemText.choice("/sys/kernel/mm/transparent_hugepage/enabled")
            + ", shared: "
            + SystemText.choice("/sys/kernel/mm/transparent_hugepage/shmem_enabled");
    int fd = Linux.memfdCreate("tutti-doctor", LinuxConstants.MFD_CLOEXEC);
    try {
      Linux.truncate(fd, BYTES);
      long reserved = mapAnonymous(2 * BYTES);
      try {
        long page = (reserved + HUGE_PAGE_BYTES - 1) & -HUGE_PAGE_BYTES;
        long mapped =
            Linux.mmap(
                page,
                BYTES,
                LinuxConstants.PROT_READ | LinuxConstants.PROT_WRITE,
                LinuxConstants.MAP_SHARED | LinuxConstants.MAP_FIXED,
                fd,
                0);
        Memory.putInt(mapped, 1);
        int result = Linux.madvise(mapped, HUGE_PAGE_BYTES, LinuxConstants.MADV_COLLAPSE);
        return result == 0
            ? Check.ok("huge pages", "MADV_COLLAPSE works on shared memory; " + settings)
            : Check.missing(
                "huge pages",
                "MADV_COLLAPSE: " + Errno.name(result) + "; " + settings,
                "needs Linux 6.1 or newer with transparent huge pages; large messages are slower"
                    + " without");
      } finally {
        Linux.munmap(reserved, 2 * BYTES);
      }
    } finally {
      Linux.close(fd);
    }
  }

  private static long mapAnonymous(long bytes) {
    return Linux.mmap(
        0,
        bytes,
        LinuxConstants.PROT_READ | LinuxConstants.PROT_WRITE,
        LinuxConstants.MAP_PRIVATE | LinuxConstants.MAP_ANONYMOUS,
        -1,
        0);
  }
}
