package dev.tutti.bindings.ucx;

import dev.tutti.bindings.library.Downcalls;
import dev.tutti.bindings.ucx.generated.LibUcp;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/// The calls of the data path, with pointers as `long` so that no segment is made per call.
///
/// Linked anew from the generated descriptors and addresses, each on its first use. A status comes
/// back as a byte, and as a pointer where C returns a `ucs_status_ptr_t`: 0, a negative status, or
/// the address of a request, which is positive on the supported machines.
final class UcxCalls {
  private UcxCalls() {}

  private static final class Progress {
    static final MethodHandle HANDLE =
        link(LibUcp.ucp_worker_progress$address(), LibUcp.ucp_worker_progress$descriptor());
  }

  static int progress(long worker) {
    try {
      return (int) Progress.HANDLE.invokeExact(worker);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static final class Arm {
    static final MethodHandle HANDLE =
        link(LibUcp.ucp_worker_arm$address(), LibUcp.ucp_worker_arm$descriptor());
  }

  static int arm(long worker) {
    try {
      return (byte) Arm.HANDLE.invokeExact(worker);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static final class Send {
    static final MethodHandle HANDLE =
        link(LibUcp.ucp_tag_send_nbx$address(), LibUcp.ucp_tag_send_nbx$descriptor());
  }

  static long send(long endpoint, long address, long bytes, long tag, long parameters) {
    try {
      return (long) Send.HANDLE.invokeExact(endpoint, address, bytes, tag, parameters);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static final class SendSync {
    static final MethodHandle HANDLE =
        link(LibUcp.ucp_tag_send_sync_nbx$address(), LibUcp.ucp_tag_send_sync_nbx$descriptor());
  }

  static long sendSync(long endpoint, long address, long bytes, long tag, long parameters) {
    try {
      return (long) SendSync.HANDLE.invokeExact(endpoint, address, bytes, tag, parameters);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static final class Probe {
    static final MethodHandle HANDLE =
        link(LibUcp.ucp_tag_probe_nb$address(), LibUcp.ucp_tag_probe_nb$descriptor());
  }

  static long probe(long worker, long tag, long mask, int remove, long info) {
    try {
      return (long) Probe.HANDLE.invokeExact(worker, tag, mask, remove, info);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static final class Receive {
    static final MethodHandle HANDLE =
        link(LibUcp.ucp_tag_msg_recv_nbx$address(), LibUcp.ucp_tag_msg_recv_nbx$descriptor());
  }

  static long receive(long worker, long address, long bytes, long message, long parameters) {
    try {
      return (long) Receive.HANDLE.invokeExact(worker, address, bytes, message, parameters);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  // Critical: reads one word.
  private static final class Status {
    static final MethodHandle HANDLE =
        link(
            LibUcp.ucp_request_check_status$address(),
            LibUcp.ucp_request_check_status$descriptor(),
            Linker.Option.critical(false));
  }

  static int status(long request) {
    try {
      return (byte) Status.HANDLE.invokeExact(request);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static final class Free {
    static final MethodHandle HANDLE =
        link(LibUcp.ucp_request_free$address(), LibUcp.ucp_request_free$descriptor());
  }

  static void free(long request) {
    try {
      Free.HANDLE.invokeExact(request);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static MethodHandle link(
      MemorySegment address, FunctionDescriptor descriptor, Linker.Option... options) {
    return Linker.nativeLinker().downcallHandle(address, Downcalls.withLongs(descriptor), options);
  }

  private static AssertionError unexpected(Throwable t) {
    return new AssertionError("a native method does not throw", t);
  }
}
