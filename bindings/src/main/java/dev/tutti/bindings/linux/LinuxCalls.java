package dev.tutti.bindings.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.tutti.bindings.linux.generated.LibC;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// The libc calls that can fail, each as one static method that also saves `errno`.
///
/// The generated handles cannot save `errno`, so the handles here are linked anew from the
/// generated descriptors and addresses, with two changes: the first argument is the segment that
/// receives `errno`, and pointers are `long` addresses, so that no segment is made per call. The
/// methods return what C returns; [Linux] turns that into exceptions.
///
/// A handle that saves `errno` makes a segment of 40 bytes per call unless the compiler inlines all
/// of the JDK's check of the saving segment, which it does most of the time only. The calls of the
/// data path therefore do not save it: what they return has to do, or the call is repeated with a
/// handle that does.
///
/// Linking takes about 10 ms per function, so each handle has a class of its own and is linked when
/// it is first used. The descriptors of the variadic functions are written here: to read a
/// generated one means to link it.
final class LinuxCalls {

  static final Linker.Option CAPTURE_ERRNO = Linker.Option.captureCallState("errno");

  private LinuxCalls() {}

  private static final class MemfdCreate {
    static final MethodHandle HANDLE =
        link(LibC.memfd_create$address(), LibC.memfd_create$descriptor(), CAPTURE_ERRNO);
  }

  static int memfdCreate(CallState state, long name, int flags) {
    try {
      return (int) MemfdCreate.HANDLE.invokeExact(state.capture, name, flags);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static final class Ftruncate {
    static final MethodHandle HANDLE =
        link(LibC.ftruncate$address(), LibC.ftruncate$descriptor(), CAPTURE_ERRNO);
  }

  static int ftruncate(CallState state, int fd, long bytes) {
    try {
      return (int) Ftruncate.HANDLE.invokeExact(state.capture, fd, bytes);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static final class Fallocate {
    static final MethodHandle HANDLE =
        link(LibC.fallocate$address(), LibC.fallocate$descriptor(), CAPTURE_ERRNO);
  }

  static int fallocate(CallState state, int fd, int mode, long offset, long bytes) {
    try {
      return (int) Fallocate.HANDLE.invokeExact(state.capture, fd, mode, offset, bytes);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static final class Fchmod {
    static final MethodHandle HANDLE =
        link(LibC.fchmod$address(), LibC.fchmod$descriptor(), CAPTURE_ERRNO);
  }

  static int fchmod(CallState state, int fd, int mode) {
    try {
      return (int) Fchmod.HANDLE.invokeExact(state.capture, fd, mode);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static final class Open {
    static final MethodHandle HANDLE =
        link(
            LibC.open.address(),
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
            CAPTURE_ERRNO,
            Linker.Option.firstVariadicArg(2));
  }

  static int open(CallState state, long path, int flags) {
    try {
      return (int) Open.HANDLE.invokeExact(state.capture, path, flags);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static final class Close {
    static final MethodHandle HANDLE =
        link(LibC.close$address(), LibC.close$descriptor(), CAPTURE_ERRNO);
  }

  static int close(CallState state, int fd) {
    try {
      return (int) Close.HANDLE.invokeExact(state.capture, fd);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static final class Mmap {
    static final MethodHandle HANDLE =
        link(LibC.mmap$address(), LibC.mmap$descriptor(), CAPTURE_ERRNO);
  }

  static long mmap(
      CallState state, long address, long bytes, int prot, int flags, int fd, long offset) {
    try {
      return (long) Mmap.HANDLE.invokeExact(state.capture, address, bytes, prot, flags, fd, offset);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static final class Munmap {
    static final MethodHandle HANDLE =
        link(LibC.munmap$address(), LibC.munmap$descriptor(), CAPTURE_ERRNO);
  }

  static int munmap(CallState state, long address, long bytes) {
    try {
      return (int) Munmap.HANDLE.invokeExact(state.capture, address, bytes);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static final class Madvise {
    static final MethodHandle HANDLE =
        link(LibC.madvise$address(), LibC.madvise$descriptor(), CAPTURE_ERRNO);
  }

  static int madvise(CallState state, long address, long bytes, int advice) {
    try {
      return (int) Madvise.HANDLE.invokeExact(state.capture, address, bytes, advice);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static final class ProcessVmReadv {
    static final MethodHandle HANDLE =
        link(LibC.process_vm_readv$address(), LibC.process_vm_readv$descriptor());
    static final MethodHandle CAPTURING =
        link(LibC.process_vm_readv$address(), LibC.process_vm_readv$descriptor(), CAPTURE_ERRNO);
  }

  /// Does not save `errno`; see the class.
  static long processVmReadv(CallState state, int pid) {
    try {
      return (long)
          ProcessVmReadv.HANDLE.invokeExact(
              pid, state.localAddress, 1L, state.remoteAddress, 1L, 0L);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /// Saves `errno`.
  static long processVmReadvCapturing(CallState state, int pid) {
    try {
      return (long)
          ProcessVmReadv.CAPTURING.invokeExact(
              state.capture, pid, state.localAddress, 1L, state.remoteAddress, 1L, 0L);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  // Not a critical call: a wait blocks, and a wake may take microseconds, during which a critical
  // call would hold up every safepoint of the JVM.
  private static final class Futex {
    static final long NUMBER = LinuxAbi.require().futexSystemCall();
    static final MethodHandle HANDLE =
        link(
            LibC.syscall.address(),
            FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
            Linker.Option.firstVariadicArg(1));
  }

  /// Does not save `errno`; see the class.
  static int futex(long address, int operation, int value, long timeoutAddress) {
    try {
      return (int)
          (long)
              Futex.HANDLE.invokeExact(
                  Futex.NUMBER, address, (long) operation, (long) value, timeoutAddress);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static final class Prctl {
    // All arguments, whatever the command uses: libc reads them all.
    static final MethodHandle HANDLE =
        link(
            LibC.prctl.address(),
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
            CAPTURE_ERRNO,
            Linker.Option.firstVariadicArg(1));
  }

  static int prctl(CallState state, int option, long argument) {
    try {
      return (int) Prctl.HANDLE.invokeExact(state.capture, option, argument, 0L, 0L, 0L);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static final class Kill {
    static final MethodHandle HANDLE =
        link(LibC.kill$address(), LibC.kill$descriptor(), CAPTURE_ERRNO);
  }

  static int kill(CallState state, int pid, int signal) {
    try {
      return (int) Kill.HANDLE.invokeExact(state.capture, pid, signal);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static final class SchedSetaffinity {
    static final MethodHandle HANDLE =
        link(LibC.sched_setaffinity$address(), LibC.sched_setaffinity$descriptor(), CAPTURE_ERRNO);
  }

  static int schedSetaffinity(CallState state, int thread, long bytes, long mask) {
    try {
      return (int) SchedSetaffinity.HANDLE.invokeExact(state.capture, thread, bytes, mask);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static final class SchedGetaffinity {
    static final MethodHandle HANDLE =
        link(LibC.sched_getaffinity$address(), LibC.sched_getaffinity$descriptor(), CAPTURE_ERRNO);
  }

  static int schedGetaffinity(CallState state, int thread, long bytes, long mask) {
    try {
      return (int) SchedGetaffinity.HANDLE.invokeExact(state.capture, thread, bytes, mask);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static MethodHandle link(
      MemorySegment address, FunctionDescriptor descriptor, Linker.Option... options) {
    FunctionDescriptor withLongs =
        FunctionDescriptor.of(
            addressAsLong(descriptor.returnLayout().orElseThrow()),
            descriptor.argumentLayouts().stream()
                .map(LinuxCalls::addressAsLong)
                .toArray(MemoryLayout[]::new));
    return Linker.nativeLinker().downcallHandle(address, withLongs, options);
  }

  private static MemoryLayout addressAsLong(MemoryLayout layout) {
    return layout instanceof AddressLayout ? JAVA_LONG : layout;
  }

  /// A downcall itself throws nothing that is checked.
  static RuntimeException unexpected(Throwable t) {
    switch (t) {
      case Error e -> throw e;
      case RuntimeException e -> throw e;
      default -> throw new AssertionError(t);
    }
  }
}
