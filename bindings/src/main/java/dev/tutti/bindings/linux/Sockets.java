package dev.tutti.bindings.linux;

import static dev.tutti.bindings.linux.LinuxConstants.AF_INET;
import static dev.tutti.bindings.linux.LinuxConstants.AF_INET6;
import static dev.tutti.bindings.linux.LinuxConstants.IPPROTO_TCP;
import static dev.tutti.bindings.linux.LinuxConstants.MSG_DONTWAIT;
import static dev.tutti.bindings.linux.LinuxConstants.MSG_NOSIGNAL;
import static dev.tutti.bindings.linux.LinuxConstants.SHUT_RDWR;
import static dev.tutti.bindings.linux.LinuxConstants.SIOCINQ;
import static dev.tutti.bindings.linux.LinuxConstants.SIOCOUTQ;
import static dev.tutti.bindings.linux.LinuxConstants.SOCK_CLOEXEC;
import static dev.tutti.bindings.linux.LinuxConstants.SOCK_NONBLOCK;
import static dev.tutti.bindings.linux.LinuxConstants.SOCK_STREAM;
import static dev.tutti.bindings.linux.LinuxConstants.SOL_SOCKET;
import static dev.tutti.bindings.linux.LinuxConstants.SO_ERROR;
import static dev.tutti.bindings.linux.LinuxConstants.TCP_CONGESTION;
import static dev.tutti.bindings.linux.LinuxConstants.TCP_INFO;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.tutti.bindings.Memory;
import dev.tutti.bindings.NativeCallException;
import dev.tutti.bindings.linux.generated.iovec;
import dev.tutti.bindings.linux.generated.msghdr;
import dev.tutti.bindings.linux.generated.pollfd;
import dev.tutti.bindings.linux.generated.sockaddr_in;
import dev.tutti.bindings.linux.generated.sockaddr_in6;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// TCP sockets of Linux by file descriptor and raw address: non-blocking, with the options and the
/// queue lengths that `java.nio` does not show, and without a buffer object per call.
///
/// All sockets are non-blocking and close on exec. Calls that fail throw [NativeCallException]
/// unless they say otherwise. [#send], [#sendMessage], [#receive] and [#poll] allocate nothing and
/// do not tell why they did nothing: [#BLOCKED] may also mean that the connection is broken, which
/// [#sendChecked] and [#receiveChecked] tell; ask them after a while without progress.
public final class Sockets {
  /// Returned where a call would have had to wait, or failed.
  public static final long BLOCKED = -1;

  private static final int LONGEST_ADDRESS = 28; // struct sockaddr_in6

  // struct tcp_info; it only ever grows at its end.
  private static final int TCP_INFO_BYTES = 60;
  private static final int RETRANSMITS = 2;
  private static final int PROBES = 3;
  private static final int LAST_ACK = 56;

  private Sockets() {}

  /// A connection that was accepted.
  ///
  /// @param fd its descriptor
  /// @param peer where it comes from
  public record Accepted(int fd, InetSocketAddress peer) {}

  /// What the kernel knows of a connection.
  ///
  /// @param retransmits how often the oldest data in flight have been sent again in vain
  /// @param probes how often a closed window has been probed in vain
  /// @param millisSinceAck how long ago the peer's kernel has said anything
  public record ConnectionInfo(int retransmits, int probes, long millisSinceAck) {}

  /// Opens a socket of the family of `address`.
  public static int open(InetAddress address) {
    CallState state = CallState.current();
    int family = address instanceof Inet6Address ? AF_INET6 : AF_INET;
    int fd =
        SocketCalls.socket(state, family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    return checked(fd, "socket", address.toString(), state);
  }

  /// Gives a socket its local address; port 0 takes any free one.
  public static void bind(int fd, InetSocketAddress address) {
    CallState state = CallState.current();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment native_ = toNative(address, arena);
      int rc = SocketCalls.bind(state, fd, native_.address(), (int) native_.byteSize());
      int _ = checked(rc, "bind", address.toString(), state);
    }
  }

  /// Lets a bound socket accept connections.
  public static void listen(int fd, int backlog) {
    CallState state = CallState.current();
    int _ = checked(SocketCalls.listen(state, fd, backlog), "listen", "fd=" + fd, state);
  }

  /// Accepts a connection; its descriptor is `-errno` where there is none: [Errno#EAGAIN] if none
  /// waits, [Errno#name(int)] `EMFILE` if the process has no descriptor left.
  public static Accepted accept(int fd) {
    CallState state = CallState.current();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = arena.allocate(LONGEST_ADDRESS, Long.BYTES);
      MemorySegment length = arena.allocateFrom(JAVA_INT, LONGEST_ADDRESS);
      int accepted =
          SocketCalls.accept(
              state, fd, address.address(), length.address(), SOCK_NONBLOCK | SOCK_CLOEXEC);
      return new Accepted(accepted == -1 ? -state.errno() : accepted, fromNative(address));
    }
  }

  /// Starts to connect; returns 0 if that is done, else the error number: [Errno#EINPROGRESS] means
  /// that [#error] tells the outcome once [#poll] finds the socket writable.
  public static int connect(int fd, InetSocketAddress address) {
    CallState state = CallState.current();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment native_ = toNative(address, arena);
      int rc = SocketCalls.connect(state, fd, native_.address(), (int) native_.byteSize());
      return rc == 0 ? 0 : state.errno();
    }
  }

  /// Returns and clears the pending error of a socket, 0 if there is none.
  public static int error(int fd) {
    return option(fd, SOL_SOCKET, SO_ERROR);
  }

  /// Returns an option of type int.
  public static int option(int fd, int level, int name) {
    CallState state = CallState.current();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(JAVA_INT);
      MemorySegment length = arena.allocateFrom(JAVA_INT, Integer.BYTES);
      int rc = SocketCalls.getsockopt(state, fd, level, name, value.address(), length.address());
      int _ = checked(rc, "getsockopt", "fd=" + fd + ", option=" + name, state);
      return value.get(JAVA_INT, 0);
    }
  }

  /// Sets an option of type int.
  public static void option(int fd, int level, int name, int value) {
    CallState state = CallState.current();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment native_ = arena.allocateFrom(JAVA_INT, value);
      int rc = SocketCalls.setsockopt(state, fd, level, name, native_.address(), Integer.BYTES);
      int _ = checked(rc, "setsockopt", "fd=" + fd + ", option=" + name + ", " + value, state);
    }
  }

  /// Chooses the congestion control of a connection, for example `cubic`; false if the kernel does
  /// not have it or reserves it.
  public static boolean congestionControl(int fd, String name) {
    CallState state = CallState.current();
    byte[] ascii = name.getBytes(StandardCharsets.US_ASCII);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment native_ = arena.allocateFrom(JAVA_BYTE, ascii);
      return SocketCalls.setsockopt(
              state, fd, IPPROTO_TCP, TCP_CONGESTION, native_.address(), ascii.length)
          == 0;
    }
  }

  /// Returns the name of the congestion control of a connection.
  public static String congestionControl(int fd) {
    CallState state = CallState.current();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocate(64);
      MemorySegment length = arena.allocateFrom(JAVA_INT, 64);
      int rc =
          SocketCalls.getsockopt(
              state, fd, IPPROTO_TCP, TCP_CONGESTION, name.address(), length.address());
      int _ = checked(rc, "getsockopt", "fd=" + fd + ", TCP_CONGESTION", state);
      return name.getString(0, StandardCharsets.US_ASCII);
    }
  }

  /// Returns the address a socket is bound to.
  public static InetSocketAddress localAddress(int fd) {
    CallState state = CallState.current();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = arena.allocate(LONGEST_ADDRESS);
      MemorySegment length = arena.allocateFrom(JAVA_INT, LONGEST_ADDRESS);
      int rc = SocketCalls.getsockname(state, fd, address.address(), length.address());
      int _ = checked(rc, "getsockname", "fd=" + fd, state);
      return fromNative(address);
    }
  }

  /// Returns what the kernel knows of a connection, null if it does not tell.
  public static @Nullable ConnectionInfo info(int fd) {
    CallState state = CallState.current();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = arena.allocate(TCP_INFO_BYTES, Long.BYTES);
      MemorySegment length = arena.allocateFrom(JAVA_INT, TCP_INFO_BYTES);
      int rc =
          SocketCalls.getsockopt(
              state, fd, IPPROTO_TCP, TCP_INFO, info.address(), length.address());
      if (rc != 0 || length.get(JAVA_INT, 0) < TCP_INFO_BYTES) {
        return null;
      }
      return new ConnectionInfo(
          Byte.toUnsignedInt(info.get(JAVA_BYTE, RETRANSMITS)),
          Byte.toUnsignedInt(info.get(JAVA_BYTE, PROBES)),
          Integer.toUnsignedLong(info.get(JAVA_INT, LAST_ACK)));
    }
  }

  /// Returns how many bytes have arrived that this process has not received yet; they can still be
  /// received when the connection has broken.
  public static int queued(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(JAVA_INT);
      return SocketCalls.ioctl(fd, SIOCINQ, bytes.address()) == 0 ? bytes.get(JAVA_INT, 0) : 0;
    }
  }

  /// Ends both directions of a connection; what the peer sent before can still be received.
  public static void shutdown(int fd) {
    int _ = SocketCalls.shutdown(CallState.current(), fd, SHUT_RDWR);
  }

  // The data path

  /// Sends; returns the number of bytes taken, or [#BLOCKED].
  public static long send(int fd, long address, long bytes) {
    return SocketCalls.send(fd, address, bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
  }

  /// Sends; returns the number of bytes taken, or `-errno`.
  public static long sendChecked(int fd, long address, long bytes) {
    CallState state = CallState.current();
    long sent = SocketCalls.sendCapturing(state, fd, address, bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent == -1 ? -state.errno() : sent;
  }

  /// Receives; returns the number of bytes, 0 at the end of the stream, or [#BLOCKED].
  public static long receive(int fd, long address, long bytes) {
    return SocketCalls.recv(fd, address, bytes, MSG_DONTWAIT);
  }

  /// Receives; returns the number of bytes, 0 at the end of the stream, or `-errno`.
  public static long receiveChecked(int fd, long address, long bytes) {
    CallState state = CallState.current();
    long received = SocketCalls.recvCapturing(state, fd, address, bytes, MSG_DONTWAIT);
    return received == -1 ? -state.errno() : received;
  }

  /// Returns how much memory [#sendMessage] needs.
  public static long messageBytes() {
    return msghdr.sizeof() + 2 * iovec.sizeof();
  }

  /// Sends two pieces of memory one after the other; returns the number of bytes taken together, or
  /// [#BLOCKED].
  ///
  /// @param message [#messageBytes()] zeroed bytes for this call alone
  public static long sendMessage(
      int fd, long message, long first, long firstBytes, long second, long secondBytes) {
    long pieces = message + msghdr.sizeof();
    Memory.putLong(message + msghdr.msg_iov$offset(), pieces);
    Memory.putLong(message + msghdr.msg_iovlen$offset(), 2);
    Memory.putLong(pieces + iovec.iov_base$offset(), first);
    Memory.putLong(pieces + iovec.iov_len$offset(), firstBytes);
    pieces += iovec.sizeof();
    Memory.putLong(pieces + iovec.iov_base$offset(), second);
    Memory.putLong(pieces + iovec.iov_len$offset(), secondBytes);
    return SocketCalls.sendmsg(fd, message, MSG_DONTWAIT | MSG_NOSIGNAL);
  }

  /// Returns how many bytes the peer's kernel has not acknowledged yet, those included that have
  /// not left this host; -1 if the socket is closed.
  ///
  /// @param scratch address of 4 bytes
  public static int unacknowledged(int fd, long scratch) {
    return SocketCalls.ioctl(fd, SIOCOUTQ, scratch) == 0 ? Memory.getInt(scratch) : -1;
  }

  /// Returns how much memory [#poll] needs for a number of sockets.
  public static long pollBytes(int sockets) {
    return sockets * pollfd.sizeof();
  }

  /// Writes entry `index` of a table for [#poll].
  ///
  /// @param events POLLIN, POLLOUT of [LinuxConstants]; 0 looks for errors only
  public static void pollEntry(long table, int index, int fd, int events) {
    long entry = table + index * pollfd.sizeof();
    MemorySegment all = Memory.ALL;
    all.set(JAVA_INT, entry, fd);
    all.set(JAVA_SHORT, entry + pollfd.events$offset(), (short) events);
    all.set(JAVA_SHORT, entry + pollfd.revents$offset(), (short) 0);
  }

  /// Returns what [#poll] found for entry `index`.
  public static int pollResult(long table, int index) {
    return Memory.ALL.get(JAVA_SHORT, table + index * pollfd.sizeof() + pollfd.revents$offset());
  }

  /// Waits until a socket of the table is ready; returns how many are, 0 when the time is over, -1
  /// when a signal came.
  ///
  /// Blocks, also the carrier of a virtual thread.
  public static int poll(long table, int count, int timeoutMillis) {
    return SocketCalls.poll(table, count, timeoutMillis);
  }

  // Addresses

  private static MemorySegment toNative(InetSocketAddress address, Arena arena) {
    InetAddress host = address.getAddress();
    if (host == null) {
      throw new IllegalArgumentException("unknown host: " + address.getHostString());
    }
    byte[] bytes = host.getAddress();
    if (host instanceof Inet4Address) {
      MemorySegment result = sockaddr_in.allocate(arena);
      sockaddr_in.sin_family(result, (short) AF_INET);
      sockaddr_in.sin_port(result, port(address.getPort()));
      MemorySegment.copy(bytes, 0, result, JAVA_BYTE, sockaddr_in.sin_addr$offset(), 4);
      return result;
    }
    MemorySegment result = sockaddr_in6.allocate(arena);
    sockaddr_in6.sin6_family(result, (short) AF_INET6);
    sockaddr_in6.sin6_port(result, port(address.getPort()));
    sockaddr_in6.sin6_scope_id(result, ((Inet6Address) host).getScopeId());
    MemorySegment.copy(bytes, 0, result, JAVA_BYTE, sockaddr_in6.sin6_addr$offset(), 16);
    return result;
  }

  private static InetSocketAddress fromNative(MemorySegment address) {
    boolean four = sockaddr_in.sin_family(address) == AF_INET;
    long offset = four ? sockaddr_in.sin_addr$offset() : sockaddr_in6.sin6_addr$offset();
    byte[] bytes = new byte[four ? 4 : 16];
    MemorySegment.copy(address, JAVA_BYTE, offset, bytes, 0, bytes.length);
    int port = Short.toUnsignedInt(port(sockaddr_in.sin_port(address)));
    try {
      return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e); // the length is right
    }
  }

  /// Ports are big-endian on the wire, and this host is little-endian.
  private static short port(int value) {
    return Short.reverseBytes((short) value);
  }

  private static int checked(int result, String function, String arguments, CallState state) {
    if (result == -1) {
      int errno = state.errno();
      throw new NativeCallException(function, arguments, errno, Errno.name(errno));
    }
    return result;
  }
}
