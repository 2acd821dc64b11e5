package dev.tutti.bindings.linux;

/// Flags and commands of the Linux system calls in use, the same on x86_64 and aarch64.
///
/// What differs between the two is in [LinuxAbi]. A test compares every value here with the
/// system's C headers where a C compiler is installed.
public final class LinuxConstants {

  // memfd_create

  /// Close the descriptor in programs this process starts.
  public static final int MFD_CLOEXEC = 0x1;

  /// Allow seals, for example against shrinking.
  public static final int MFD_ALLOW_SEALING = 0x2;

  // open

  /// Open for reading.
  public static final int O_RDONLY = 0;

  /// Open for reading and writing.
  public static final int O_RDWR = 0x2;

  /// Close the descriptor in programs this process starts.
  public static final int O_CLOEXEC = 0x80000;

  // mmap

  /// No access: reserves addresses only.
  public static final int PROT_NONE = 0;

  /// Readable pages.
  public static final int PROT_READ = 0x1;

  /// Writable pages.
  public static final int PROT_WRITE = 0x2;

  /// Changes are seen by everyone who maps the same file.
  public static final int MAP_SHARED = 0x1;

  /// Changes stay in this process.
  public static final int MAP_PRIVATE = 0x2;

  /// Map at exactly the given address and replace what is there.
  public static final int MAP_FIXED = 0x10;

  /// Memory without a file.
  public static final int MAP_ANONYMOUS = 0x20;

  /// Reserve no swap space.
  public static final int MAP_NORESERVE = 0x4000;

  /// Fill the page tables before returning.
  public static final int MAP_POPULATE = 0x8000;

  // madvise

  /// Give the pages back; a shared mapping keeps its contents.
  public static final int MADV_DONTNEED = 4;

  /// Huge pages are welcome here.
  public static final int MADV_HUGEPAGE = 14;

  /// No huge pages here.
  public static final int MADV_NOHUGEPAGE = 15;

  /// Leave the range out of core dumps.
  public static final int MADV_DONTDUMP = 16;

  /// Fault all pages in for reading (Linux 5.14).
  public static final int MADV_POPULATE_READ = 22;

  /// Fault all pages in for writing (Linux 5.14).
  public static final int MADV_POPULATE_WRITE = 23;

  /// Make huge pages of the range now, whatever the system's policy is (Linux 6.1).
  ///
  /// The mapping has to be aligned to the huge page, address and file offset alike, and each huge
  /// page needs at least one page that was touched; otherwise the answer is `EINVAL`.
  public static final int MADV_COLLAPSE = 25;

  // fallocate

  /// Leave the file's length as it is.
  static final int FALLOC_FL_KEEP_SIZE = 0x1;

  /// Free the range.
  static final int FALLOC_FL_PUNCH_HOLE = 0x2;

  // futex; without FUTEX_PRIVATE_FLAG, so that they work across processes

  /// Sleep while the word holds a value.
  static final int FUTEX_WAIT = 0;

  /// Wake sleepers.
  static final int FUTEX_WAKE = 1;

  // prctl

  /// Set the signal this process gets when its parent dies.
  static final int PR_SET_PDEATHSIG = 1;

  /// Name the process that may trace this one.
  static final int PR_SET_PTRACER = 0x59616d61;

  /// Any process, as the argument of [Linux#allowPtraceBy(int)].
  public static final int PR_SET_PTRACER_ANY = -1;

  // kill

  /// Kills at once; cannot be caught.
  public static final int SIGKILL = 9;

  /// Asks a process to end.
  public static final int SIGTERM = 15;

  // Sockets

  /// IPv4.
  public static final int AF_INET = 2;

  /// IPv6.
  public static final int AF_INET6 = 10;

  /// A stream.
  public static final int SOCK_STREAM = 1;

  /// Calls return [Errno#EAGAIN] instead of waiting.
  public static final int SOCK_NONBLOCK = 0x800;

  /// Close the descriptor in programs this process starts.
  public static final int SOCK_CLOEXEC = 0x80000;

  /// This call does not wait.
  public static final int MSG_DONTWAIT = 0x40;

  /// No SIGPIPE when the peer has closed.
  public static final int MSG_NOSIGNAL = 0x4000;

  /// Leave the data in the socket.
  public static final int MSG_PEEK = 0x2;

  /// Options of every socket.
  public static final int SOL_SOCKET = 1;

  /// Bind although old connections linger.
  public static final int SO_REUSEADDR = 2;

  /// The pending error, cleared by reading.
  public static final int SO_ERROR = 4;

  /// Size of the send buffer.
  public static final int SO_SNDBUF = 7;

  /// Size of the receive buffer.
  public static final int SO_RCVBUF = 8;

  /// Probe idle connections.
  public static final int SO_KEEPALIVE = 9;

  /// Options of TCP.
  public static final int IPPROTO_TCP = 6;

  /// Send small segments at once.
  public static final int TCP_NODELAY = 1;

  /// Idle seconds before the first probe.
  public static final int TCP_KEEPIDLE = 4;

  /// Seconds between probes.
  public static final int TCP_KEEPINTVL = 5;

  /// Probes without an answer that break a connection.
  public static final int TCP_KEEPCNT = 6;

  /// What the kernel knows of a connection: `struct tcp_info`.
  public static final int TCP_INFO = 11;

  /// Name of the congestion control.
  public static final int TCP_CONGESTION = 13;

  /// Milliseconds until unacknowledged data break a connection.
  public static final int TCP_USER_TIMEOUT = 18;

  /// Acknowledge at once.
  public static final int TCP_QUICKACK = 12;

  /// End both directions.
  public static final int SHUT_RDWR = 2;

  /// There is something to read.
  public static final int POLLIN = 1;

  /// There is room to write.
  public static final int POLLOUT = 4;

  /// The socket is broken.
  public static final int POLLERR = 8;

  /// The peer has hung up.
  public static final int POLLHUP = 0x10;

  /// Bytes sent that the peer has not acknowledged.
  public static final int SIOCOUTQ = 0x5411;

  /// Bytes received that the process has not taken yet.
  public static final int SIOCINQ = 0x541b;

  private LinuxConstants() {}
}
