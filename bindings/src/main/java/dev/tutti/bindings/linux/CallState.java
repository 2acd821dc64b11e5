package dev.tutti.bindings.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.tutti.bindings.linux.generated.iovec;
import dev.tutti.bindings.linux.generated.timespec;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/// One thread's native memory for calls that must not allocate: where `errno` is saved, and the
/// structures that are passed by address.
///
/// Owner: the thread that [#current()] returned it to; it is freed some time after the thread has
/// ended.
final class CallState {

  private static final ThreadLocal<CallState> CURRENT = ThreadLocal.withInitial(CallState::new);

  private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
  private static final long ERRNO_OFFSET = CAPTURE.byteOffset(PathElement.groupElement("errno"));

  /// First argument of every method of [LinuxCalls] that can fail.
  final MemorySegment capture;

  /// A `struct timespec` and its address.
  final MemorySegment timeout;

  final long timeoutAddress;

  /// A `struct iovec` for this process and its address.
  final MemorySegment local;

  final long localAddress;

  /// A `struct iovec` for the other process and its address.
  final MemorySegment remote;

  final long remoteAddress;

  private CallState() {
    // Automatic: lives as long as the thread holds this object, and passing one of its segments
    // costs nothing, unlike with a shared arena.
    Arena arena = Arena.ofAuto();
    capture = arena.allocate(CAPTURE);
    timeout = timespec.allocate(arena);
    timeoutAddress = timeout.address();
    local = iovec.allocate(arena);
    localAddress = local.address();
    remote = iovec.allocate(arena);
    remoteAddress = remote.address();
  }

  /// The calling thread's state; allocates only on the thread's first call.
  ///
  /// @throws UnsupportedOperationException if [LinuxAbi#require()] does
  static CallState current() {
    LinuxAbi.require();
    return CURRENT.get();
  }

  /// The `errno` of this thread's last call that failed.
  int errno() {
    return capture.get(JAVA_INT, ERRNO_OFFSET);
  }
}
