package dev.tutti.bindings.linux;

import static dev.tutti.bindings.linux.LinuxConstants.FALLOC_FL_KEEP_SIZE;
import static dev.tutti.bindings.linux.LinuxConstants.FALLOC_FL_PUNCH_HOLE;
import static dev.tutti.bindings.linux.LinuxConstants.FUTEX_WAIT;
import static dev.tutti.bindings.linux.LinuxConstants.FUTEX_WAKE;
import static dev.tutti.bindings.linux.LinuxConstants.PR_SET_PDEATHSIG;
import static dev.tutti.bindings.linux.LinuxConstants.PR_SET_PTRACER;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.tutti.bindings.NativeCallException;
import dev.tutti.bindings.linux.generated.LibC;
import dev.tutti.bindings.linux.generated.iovec;
import dev.tutti.bindings.linux.generated.timespec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;

/// The Linux system calls Tutti uses: memory shared between processes, futexes, reading another
/// process, and placing processes and threads.
///
/// Addresses are `long`s on purpose: the data path computes with addresses, and a `MemorySegment`
/// per call would be garbage. Nothing here checks that an address is mapped; a wrong one given to
/// [#munmap(long, long)] or [#mmap(long, long, int, int, int, long)] with `MAP_FIXED` destroys
/// memory of the JVM. Flags are in [LinuxConstants], error numbers in [Errno].
///
/// *Errors.* A call that fails throws [NativeCallException] with the function, its arguments and
/// `errno`, and has changed nothing. Where a method returns an error number instead, it says so.
/// `EINTR` is retried wherever POSIX lets the call be repeated. On anything but Linux on x86_64 or
/// aarch64 every method throws `UnsupportedOperationException` (see [LinuxAbi]).
///
/// *Threads.* Every method may be called by any thread.
public final class Linux {

  private static final Path YAMA = Path.of("/proc/sys/kernel/yama/ptrace_scope");
  private static final int OWNER_READ_WRITE = 0600;
  private static final int THIS_THREAD = 0;

  /// Room for 8192 processors, the most a Linux kernel is built for.
  private static final int AFFINITY_BYTES = 1024;

  private Linux() {}

  // Memory shared between processes

  /// Makes an anonymous file in memory and returns its descriptor.
  ///
  /// The file has length 0 until [#truncate(int, long)], and goes away with its last descriptor and
  /// mapping, so that a killed process leaves nothing behind.
  ///
  /// @param name shown as `/memfd:name` in `/proc`; at most 249 bytes, need not be unique
  /// @param flags `MFD_*`
  public static int memfdCreate(String name, int flags) {
    CallState state = CallState.current();
    try (Arena arena = Arena.ofConfined()) {
      int fd = LinuxCalls.memfdCreate(state, cString(arena, "name", name), flags);
      if (fd == -1) {
        throw failure("memfd_create", "name=" + name + ", flags=" + hex(flags), state);
      }
      return fd;
    }
  }

  /// Sets the length of a file; new bytes read as zero and take no memory until touched.
  ///
  /// @param fd a descriptor open for writing
  /// @param bytes the new length
  public static void truncate(int fd, long bytes) {
    CallState state = CallState.current();
    int result;
    do {
      result = LinuxCalls.ftruncate(state, fd, bytes);
    } while (result == -1 && state.errno() == Errno.EINTR);
    if (result == -1) {
      throw failure("ftruncate", "fd=" + fd + ", bytes=" + bytes, state);
    }
  }

  /// Frees the memory of a range of a file, which reads as zero afterwards; the length stays.
  ///
  /// @param fd a descriptor open for writing
  /// @param offset where the range begins; whole pages inside the range are freed, parts of pages
  ///   at its ends are set to zero
  /// @param bytes the length of the range, above 0
  public static void punchHole(int fd, long offset, long bytes) {
    CallState state = CallState.current();
    int mode = FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE;
    int result;
    do {
      result = LinuxCalls.fallocate(state, fd, mode, offset, bytes);
    } while (result == -1 && state.errno() == Errno.EINTR);
    if (result == -1) {
      throw failure("fallocate", "fd=" + fd + ", offset=" + offset + ", bytes=" + bytes, state);
    }
  }

  /// Lets only the file's owner open it (mode 0600). Open descriptors keep working.
  ///
  /// @param fd a descriptor of the file
  public static void chmodOwnerOnly(int fd) {
    CallState state = CallState.current();
    if (LinuxCalls.fchmod(state, fd, OWNER_READ_WRITE) == -1) {
      throw failure("fchmod", "fd=" + fd + ", mode=0600", state);
    }
  }

  /// Opens an existing file and returns its descriptor.
  ///
  /// `/proc/PID/fd/N` opens the file behind descriptor N of another process of the same user: that
  /// is how two processes come to share a file made by [#memfdCreate(String, int)].
  ///
  /// @param path the file; files cannot be created here
  /// @param flags `O_*`
  public static int open(String path, int flags) {
    CallState state = CallState.current();
    try (Arena arena = Arena.ofConfined()) {
      long pathAddress = cString(arena, "path", path);
      int fd;
      do {
        fd = LinuxCalls.open(state, pathAddress, flags);
      } while (fd == -1 && state.errno() == Errno.EINTR);
      if (fd == -1) {
        throw failure("open", "path=" + path + ", flags=" + hex(flags), state);
      }
      return fd;
    }
  }

  /// Closes a descriptor. Mappings of its file stay.
  ///
  /// `EINTR` counts as success: Linux has freed the descriptor by then, and a second try could
  /// close one that another thread has opened meanwhile.
  public static void close(int fd) {
    CallState state = CallState.current();
    if (LinuxCalls.close(state, fd) == -1 && state.errno() != Errno.EINTR) {
      throw failure("close", "fd=" + fd, state);
    }
  }

  /// Maps a file, or anonymous memory, and returns the address.
  ///
  /// @param addressHint where the mapping is wanted, or 0; binding only with `MAP_FIXED`
  /// @param bytes the length, above 0; the kernel rounds it up to whole pages
  /// @param prot `PROT_*`
  /// @param flags `MAP_*`
  /// @param fd the file, or -1 with `MAP_ANONYMOUS`
  /// @param offset where in the file the mapping begins, a multiple of [#pageBytes()]
  public static long mmap(long addressHint, long bytes, int prot, int flags, int fd, long offset) {
    CallState state = CallState.current();
    long address = LinuxCalls.mmap(state, addressHint, bytes, prot, flags, fd, offset);
    if (address == -1) {
      String arguments =
          ("addressHint=" + hex(addressHint) + ", bytes=" + bytes + ", prot=" + hex(prot))
              + (", flags=" + hex(flags) + ", fd=" + fd + ", offset=" + offset);
      throw failure("mmap", arguments, state);
    }
    return address;
  }

  /// Removes the mappings of an address range. Whoever touches it afterwards crashes the JVM.
  ///
  /// @param address the first address, a multiple of [#pageBytes()]
  /// @param bytes the length, above 0
  public static void munmap(long address, long bytes) {
    CallState state = CallState.current();
    if (LinuxCalls.munmap(state, address, bytes) == -1) {
      throw failure("munmap", "address=" + hex(address) + ", bytes=" + bytes, state);
    }
  }

  /// Advises the kernel about an address range and returns 0 or the error number.
  ///
  /// Advice does not change what a program computes, and kernels differ in what they know, so a
  /// failure is an answer here: `EINVAL` for advice that is unknown or cannot be followed, `EAGAIN`
  /// and `ENOMEM` for lack of memory. A part of the range may have been handled all the same.
  ///
  /// @param address the first address, a multiple of [#pageBytes()]
  /// @param bytes the length
  /// @param advice `MADV_*`
  public static int madvise(long address, long bytes, int advice) {
    CallState state = CallState.current();
    return LinuxCalls.madvise(state, address, bytes, advice) == -1 ? state.errno() : 0;
  }

  /// The size of a page of memory in bytes.
  public static int pageBytes() {
    LinuxAbi.require();
    return LibC.getpagesize();
  }

  // Waiting for another process

  /// Sleeps until another thread or process calls [#futexWake(long, int)] for the same memory.
  ///
  /// The kernel compares and falls asleep in one step, so a wake that follows a change of the word
  /// is never missed. Does not allocate after a thread's first call. Blocks, also the carrier of a
  /// virtual thread.
  ///
  /// Returns true when woken, which can be spurious: the caller looks at the word again. Returns
  /// false at once if the word does not hold `expected`, and otherwise when the time is over or a
  /// signal came.
  ///
  /// @param address of an `int`, a multiple of 4; processes find each other by the memory itself,
  ///   each may have mapped it elsewhere
  /// @param expected the value that means "go on sleeping"
  /// @param timeoutNanos the longest sleep; 0 or less only compares
  public static boolean futexWait(long address, int expected, long timeoutNanos) {
    checkFutex(address);
    CallState state = CallState.current();
    long timeout = Math.max(0, timeoutNanos);
    timespec.tv_sec(state.timeout, timeout / 1_000_000_000);
    timespec.tv_nsec(state.timeout, timeout % 1_000_000_000);
    return LinuxCalls.futex(address, FUTEX_WAIT, expected, state.timeoutAddress) == 0;
  }

  /// Wakes sleepers of [#futexWait(long, int, long)] and returns how many there were.
  ///
  /// Does not allocate after a thread's first call.
  ///
  /// @param address of the `int` they sleep on
  /// @param count how many to wake at most
  public static int futexWake(long address, int count) {
    checkFutex(address);
    int woken = LinuxCalls.futex(address, FUTEX_WAKE, count, 0);
    if (woken == -1) {
      throw new IllegalArgumentException("no futex can lie at " + hex(address));
    }
    return woken;
  }

  private static void checkFutex(long address) {
    if ((address & 3) != 0) {
      throw new IllegalArgumentException("a futex lies at a multiple of 4, not at " + hex(address));
    }
  }

  // Other processes

  /// Copies memory of another process into this one and returns the bytes copied, or `-errno`.
  ///
  /// Whether it is allowed depends on the user, on Yama and on the container, so a refusal is an
  /// answer: [Errno#EPERM] or [Errno#ENOSYS], negated. [Errno#ESRCH]: no such process.
  /// [Errno#EFAULT]: nothing is mapped at the first byte of a range. Fewer bytes than asked for are
  /// copied when a range ends in unmapped memory, and when more than about 2 GiB are asked for. The
  /// copy is not atomic. Does not allocate after a thread's first call.
  ///
  /// @param pid the process to read
  /// @param localAddress where the bytes go in this process
  /// @param remoteAddress where they are in the other
  /// @param bytes how many
  public static long processVmRead(int pid, long localAddress, long remoteAddress, long bytes) {
    CallState state = CallState.current();
    state.local.set(JAVA_LONG, iovec.iov_base$offset(), localAddress);
    state.local.set(JAVA_LONG, iovec.iov_len$offset(), bytes);
    state.remote.set(JAVA_LONG, iovec.iov_base$offset(), remoteAddress);
    state.remote.set(JAVA_LONG, iovec.iov_len$offset(), bytes);
    long copied = LinuxCalls.processVmReadv(state, pid);
    if (copied == -1) {
      copied = LinuxCalls.processVmReadvCapturing(state, pid); // says why, or works now
    }
    return copied == -1 ? -state.errno() : copied;
  }

  /// Lets a process that is not an ancestor read this one, where the Yama module restricts that.
  ///
  /// Does nothing on a kernel without Yama. A later call replaces the permission of an earlier one.
  ///
  /// @param pid the process, 0 for nobody, or [LinuxConstants#PR_SET_PTRACER_ANY]
  public static void allowPtraceBy(int pid) {
    CallState state = CallState.current();
    if (LinuxCalls.prctl(state, PR_SET_PTRACER, pid) == -1) {
      // Without Yama the option is unknown: EINVAL. With it, EINVAL means that pid does not exist.
      if (state.errno() != Errno.EINVAL || Files.exists(YAMA)) {
        throw failure("prctl", "PR_SET_PTRACER, pid=" + pid, state);
      }
    }
  }

  /// Sets the signal that this process gets when its parent dies.
  ///
  /// "Parent" is the *thread* that started this process: the signal also comes when that thread
  /// ends while its process lives on. A parent that died before this call is not noticed; look at
  /// `ProcessHandle.current().parent()` afterwards.
  ///
  /// @param signal for example [LinuxConstants#SIGKILL]; 0 for none
  public static void setParentDeathSignal(int signal) {
    CallState state = CallState.current();
    if (LinuxCalls.prctl(state, PR_SET_PDEATHSIG, signal) == -1) {
      throw failure("prctl", "PR_SET_PDEATHSIG, signal=" + signal, state);
    }
  }

  /// Sends a signal to a process and returns false if there is no such process.
  ///
  /// A process that has ended stays until its parent has collected it, and counts as there.
  ///
  /// @param pid the process, above 0: groups cannot be addressed
  /// @param signal the signal, or 0 to only look whether the process is there
  public static boolean kill(int pid, int signal) {
    if (pid <= 0) {
      throw new IllegalArgumentException("pid must be above 0, got " + pid);
    }
    CallState state = CallState.current();
    if (LinuxCalls.kill(state, pid, signal) == -1) {
      if (state.errno() == Errno.ESRCH) {
        return false;
      }
      throw failure("kill", "pid=" + pid + ", signal=" + signal, state);
    }
    return true;
  }

  /// The id of this process, as seen in its own process namespace.
  public static int processId() {
    LinuxAbi.require();
    return LibC.getpid();
  }

  /// The id of the user this process runs as.
  public static int userId() {
    LinuxAbi.require();
    return LibC.getuid();
  }

  // Processors

  /// Binds the calling thread to one processor and returns whether that is possible.
  ///
  /// @param cpu the processor's number
  /// @return false if the processor does not exist or is not allowed for this process
  public static boolean setAffinity(int cpu) {
    BitSet cpus = new BitSet();
    cpus.set(cpu);
    return setAffinity(cpus);
  }

  /// Binds the calling thread to a set of processors and returns whether that is possible.
  ///
  /// @param cpus processor numbers below 8192; those not there or not allowed are ignored
  /// @return false if none is left
  public static boolean setAffinity(BitSet cpus) {
    if (cpus.length() > AFFINITY_BYTES * Byte.SIZE) {
      throw new IllegalArgumentException(
          "processor numbers must be below 8192, got " + (cpus.length() - 1));
    }
    CallState state = CallState.current();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment mask = arena.allocate(AFFINITY_BYTES, Long.BYTES);
      byte[] bits = cpus.toByteArray();
      MemorySegment.copy(MemorySegment.ofArray(bits), 0, mask, 0, bits.length);
      if (LinuxCalls.schedSetaffinity(state, THIS_THREAD, AFFINITY_BYTES, mask.address()) == 0) {
        return true;
      }
      if (state.errno() == Errno.EINVAL) {
        return false;
      }
      throw failure("sched_setaffinity", "cpus=" + cpus, state);
    }
  }

  /// The processors the calling thread may run on.
  public static BitSet affinity() {
    CallState state = CallState.current();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment mask = arena.allocate(AFFINITY_BYTES, Long.BYTES);
      if (LinuxCalls.schedGetaffinity(state, THIS_THREAD, AFFINITY_BYTES, mask.address()) == -1) {
        throw failure("sched_getaffinity", "bytes=" + AFFINITY_BYTES, state);
      }
      return BitSet.valueOf(mask.asByteBuffer());
    }
  }

  /// Lets another thread that waits for this processor run first.
  public static void yieldProcessor() {
    LinuxAbi.require();
    LibC.sched_yield();
  }

  /// Copies a string as C wants it. A zero inside would cut it short there, so it is refused.
  private static long cString(Arena arena, String name, String value) {
    if (value.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(name + " contains a zero character");
    }
    return arena.allocateFrom(value).address();
  }

  private static String hex(long value) {
    return "0x" + Long.toHexString(value);
  }

  private static String hex(int value) {
    return "0x" + Integer.toHexString(value);
  }

  private static NativeCallException failure(String function, String arguments, CallState state) {
    int errno = state.errno();
    return new NativeCallException(function, arguments, errno, Errno.name(errno));
  }
}
