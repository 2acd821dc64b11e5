package dev.tutti.bindings.linux;

/// Error numbers of Linux, the same on x86_64 and aarch64 (`asm-generic/errno.h`).
///
/// Constants exist for the numbers that callers tell apart; [#name(int)] knows every number that
/// the calls of [Linux] are documented to return.
public final class Errno {

  /// The call may not do this: a missing capability, or a process that belongs to someone else.
  public static final int EPERM = 1;

  /// No such file, or no such entry under `/proc`.
  public static final int ENOENT = 2;

  /// No such process.
  public static final int ESRCH = 3;

  /// A signal came before anything was done.
  public static final int EINTR = 4;

  /// Not an open file descriptor.
  public static final int EBADF = 9;

  /// Try again; for a futex: the word does not hold the expected value.
  public static final int EAGAIN = 11;

  /// No memory, or an address range that is not mapped.
  public static final int ENOMEM = 12;

  /// The file's permissions forbid it.
  public static final int EACCES = 13;

  /// An address that is not mapped.
  public static final int EFAULT = 14;

  /// The resource is in use.
  public static final int EBUSY = 16;

  /// An argument the kernel rejects, or an operation this kernel does not know.
  public static final int EINVAL = 22;

  /// The kernel, or a container's seccomp filter, does not offer this system call.
  public static final int ENOSYS = 38;

  /// The operation is not supported on this kind of file.
  public static final int EOPNOTSUPP = 95;

  /// The peer closed its end; nobody reads what is sent.
  public static final int EPIPE = 32;

  /// The address belongs to another socket.
  public static final int EADDRINUSE = 98;

  /// The connection was reset by the peer.
  public static final int ECONNRESET = 104;

  /// The time ran out.
  public static final int ETIMEDOUT = 110;

  /// Nobody listens at the address.
  public static final int ECONNREFUSED = 111;

  /// No route leads to the host.
  public static final int EHOSTUNREACH = 113;

  /// The connection is being set up.
  public static final int EINPROGRESS = 115;

  private Errno() {}

  /// The name of an error number, for example `ENOMEM` for 12; `E?` for a number not known here.
  ///
  /// @param errno the positive number
  public static String name(int errno) {
    return switch (errno) {
      case EPERM -> "EPERM";
      case ENOENT -> "ENOENT";
      case ESRCH -> "ESRCH";
      case EINTR -> "EINTR";
      case 5 -> "EIO";
      case 6 -> "ENXIO";
      case EBADF -> "EBADF";
      case EAGAIN -> "EAGAIN";
      case ENOMEM -> "ENOMEM";
      case EACCES -> "EACCES";
      case EFAULT -> "EFAULT";
      case EBUSY -> "EBUSY";
      case 17 -> "EEXIST";
      case 19 -> "ENODEV";
      case 20 -> "ENOTDIR";
      case 21 -> "EISDIR";
      case EINVAL -> "EINVAL";
      case 23 -> "ENFILE";
      case 24 -> "EMFILE";
      case 26 -> "ETXTBSY";
      case 27 -> "EFBIG";
      case 28 -> "ENOSPC";
      case 29 -> "ESPIPE";
      case 30 -> "EROFS";
      case 36 -> "ENAMETOOLONG";
      case ENOSYS -> "ENOSYS";
      case 40 -> "ELOOP";
      case 75 -> "EOVERFLOW";
      case EPIPE -> "EPIPE";
      case EOPNOTSUPP -> "EOPNOTSUPP";
      case 97 -> "EAFNOSUPPORT";
      case EADDRINUSE -> "EADDRINUSE";
      case 99 -> "EADDRNOTAVAIL";
      case 100 -> "ENETDOWN";
      case 101 -> "ENETUNREACH";
      case 103 -> "ECONNABORTED";
      case ECONNRESET -> "ECONNRESET";
      case 105 -> "ENOBUFS";
      case 107 -> "ENOTCONN";
      case ETIMEDOUT -> "ETIMEDOUT";
      case ECONNREFUSED -> "ECONNREFUSED";
      case EHOSTUNREACH -> "EHOSTUNREACH";
      case EINPROGRESS -> "EINPROGRESS";
      default -> "E?";
    };
  }
}
