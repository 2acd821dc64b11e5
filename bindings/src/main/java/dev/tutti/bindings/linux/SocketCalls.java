package dev.tutti.bindings.linux;

import static dev.tutti.bindings.linux.LinuxCalls.CAPTURE_ERRNO;
import static dev.tutti.bindings.linux.LinuxCalls.link;
import static dev.tutti.bindings.linux.LinuxCalls.unexpected;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.tutti.bindings.linux.generated.LibC;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/// The socket calls of libc, as [LinuxCalls] has the others.
final class SocketCalls {
  private SocketCalls() {}

  private static final class Socket {
    static final MethodHandle HANDLE =
        link(LibC.socket$address(), LibC.socket$descriptor(), CAPTURE_ERRNO);
  }

  static int socket(CallState state, int domain, int type, int protocol) {
    try {
      return (int) Socket.HANDLE.invokeExact(state.capture, domain, type, protocol);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static final class Bind {
    static final MethodHandle HANDLE =
        link(LibC.bind$address(), LibC.bind$descriptor(), CAPTURE_ERRNO);
  }

  static int bind(CallState state, int fd, long address, int length) {
    try {
      return (int) Bind.HANDLE.invokeExact(state.capture, fd, address, length);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static final class Listen {
    static final MethodHandle HANDLE =
        link(LibC.listen$address(), LibC.listen$descriptor(), CAPTURE_ERRNO);
  }

  static int listen(CallState state, int fd, int backlog) {
    try {
      return (int) Listen.HANDLE.invokeExact(state.capture, fd, backlog);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static final class Accept4 {
    static final MethodHandle HANDLE =
        link(LibC.accept4$address(), LibC.accept4$descriptor(), CAPTURE_ERRNO);
  }

  static int accept(CallState state, int fd, long address, long length, int flags) {
    try {
      return (int) Accept4.HANDLE.invokeExact(state.capture, fd, address, length, flags);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static final class Connect {
    static final MethodHandle HANDLE =
        link(LibC.connect$address(), LibC.connect$descriptor(), CAPTURE_ERRNO);
  }

  static int connect(CallState state, int fd, long address, int length) {
    try {
      return (int) Connect.HANDLE.invokeExact(state.capture, fd, address, length);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static final class Shutdown {
    static final MethodHandle HANDLE =
        link(LibC.shutdown$address(), LibC.shutdown$descriptor(), CAPTURE_ERRNO);
  }

  static int shutdown(CallState state, int fd, int how) {
    try {
      return (int) Shutdown.HANDLE.invokeExact(state.capture, fd, how);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static final class Getsockname {
    static final MethodHandle HANDLE =
        link(LibC.getsockname$address(), LibC.getsockname$descriptor(), CAPTURE_ERRNO);
  }

  static int getsockname(CallState state, int fd, long address, long length) {
    try {
      return (int) Getsockname.HANDLE.invokeExact(state.capture, fd, address, length);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static final class Setsockopt {
    static final MethodHandle HANDLE =
        link(LibC.setsockopt$address(), LibC.setsockopt$descriptor(), CAPTURE_ERRNO);
  }

  static int setsockopt(CallState state, int fd, int level, int name, long value, int length) {
    try {
      return (int) Setsockopt.HANDLE.invokeExact(state.capture, fd, level, name, value, length);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static final class Getsockopt {
    static final MethodHandle HANDLE =
        link(LibC.getsockopt$address(), LibC.getsockopt$descriptor(), CAPTURE_ERRNO);
  }

  static int getsockopt(CallState state, int fd, int level, int name, long value, long length) {
    try {
      return (int) Getsockopt.HANDLE.invokeExact(state.capture, fd, level, name, value, length);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static final class Send {
    static final MethodHandle HANDLE = link(LibC.send$address(), LibC.send$descriptor());
    static final MethodHandle CAPTURING =
        link(LibC.send$address(), LibC.send$descriptor(), CAPTURE_ERRNO);
  }

  /// Does not save `errno`.
  static long send(int fd, long data, long length, int flags) {
    try {
      return (long) Send.HANDLE.invokeExact(fd, data, length, flags);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /// Saves `errno`.
  static long sendCapturing(CallState state, int fd, long data, long length, int flags) {
    try {
      return (long) Send.CAPTURING.invokeExact(state.capture, fd, data, length, flags);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static final class Recv {
    static final MethodHandle HANDLE = link(LibC.recv$address(), LibC.recv$descriptor());
    static final MethodHandle CAPTURING =
        link(LibC.recv$address(), LibC.recv$descriptor(), CAPTURE_ERRNO);
  }

  /// Does not save `errno`.
  static long recv(int fd, long data, long length, int flags) {
    try {
      return (long) Recv.HANDLE.invokeExact(fd, data, length, flags);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /// Saves `errno`.
  static long recvCapturing(CallState state, int fd, long data, long length, int flags) {
    try {
      return (long) Recv.CAPTURING.invokeExact(state.capture, fd, data, length, flags);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static final class Sendmsg {
    static final MethodHandle HANDLE = link(LibC.sendmsg$address(), LibC.sendmsg$descriptor());
    static final MethodHandle CAPTURING =
        link(LibC.sendmsg$address(), LibC.sendmsg$descriptor(), CAPTURE_ERRNO);
  }

  /// Does not save `errno`.
  static long sendmsg(int fd, long message, int flags) {
    try {
      return (long) Sendmsg.HANDLE.invokeExact(fd, message, flags);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /// Saves `errno`.
  static long sendmsgCapturing(CallState state, int fd, long message, int flags) {
    try {
      return (long) Sendmsg.CAPTURING.invokeExact(state.capture, fd, message, flags);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static final class Poll {
    static final MethodHandle HANDLE = link(LibC.poll$address(), LibC.poll$descriptor());
  }

  /// Does not save `errno`.
  static int poll(long fds, long count, int timeoutMillis) {
    try {
      return (int) Poll.HANDLE.invokeExact(fds, count, timeoutMillis);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static final class Ioctl {
    static final MethodHandle HANDLE =
        link(
            LibC.ioctl.address(),
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG),
            Linker.Option.firstVariadicArg(2));
  }

  /// Does not save `errno`.
  static int ioctl(int fd, long request, long argument) {
    try {
      return (int) Ioctl.HANDLE.invokeExact(fd, request, argument);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }
}
