package dev.tutti.transport.tcp;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/// Stands between two ranks, ends their connections itself, and breaks them after a given number of
/// bytes. What it had taken from one side and not yet given to the other is lost with them.
final class UnreliableProxy implements AutoCloseable {
  private static final int BUFFER_BYTES = 128 << 10; // of each socket, lest it hides the rate

  private final InetSocketAddress address;
  private volatile ServerSocket listener;
  private final InetSocketAddress target;
  private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger cuts = new AtomicInteger();
  private final AtomicLong passed = new AtomicLong();
  private volatile double nanosPerByte;
  private volatile LongSupplier budget = () -> Long.MAX_VALUE;
  private volatile Tamperer tamperer = (buffer, length) -> {};

  /// Changes what passes.
  @FunctionalInterface
  interface Tamperer {
    void change(byte[] buffer, int length);
  }

  UnreliableProxy(InetSocketAddress target) throws IOException {
    this(InetAddress.getLoopbackAddress(), target);
  }

  UnreliableProxy(InetAddress own, InetSocketAddress target) throws IOException {
    this.target = target;
    this.listener = open(new InetSocketAddress(own, 0));
    this.address = new InetSocketAddress(own, listener.getLocalPort());
  }

  private ServerSocket open(InetSocketAddress at) throws IOException {
    ServerSocket socket = new ServerSocket();
    socket.setReceiveBufferSize(BUFFER_BYTES);
    socket.bind(at);
    Thread.ofPlatform().daemon().name("proxy").start(() -> accept(socket));
    return socket;
  }

  InetSocketAddress address() {
    return address;
  }

  /// Listens again after [#close].
  void reopen() throws IOException {
    listener = open(address);
  }

  /// Lets no more than so many bytes through per second and direction of a connection.
  void limit(long bytesPerSecond) {
    nanosPerByte = 1e9 / bytesPerSecond;
  }

  long passed() {
    return passed.get();
  }

  /// Says after how many bytes in both directions each further connection is cut.
  void cutAfter(LongSupplier bytes) {
    budget = bytes;
  }

  /// Cuts connections after a random number of bytes.
  void cutAtRandom(long seed, int least, int most) {
    SplittableRandom random = new SplittableRandom(seed);
    cutAfter(() -> random.nextLong(least, most));
  }

  void tamper(Tamperer by) {
    tamperer = by;
  }

  int cuts() {
    return cuts.get();
  }

  int connections() {
    return connections.get();
  }

  private void accept(ServerSocket socket) {
    try {
      while (true) {
        Socket client = socket.accept();
        sockets.add(client);
        int number = connections.incrementAndGet();
        AtomicLong left = new AtomicLong(budget.getAsLong());
        Socket server = new Socket();
        server.setReceiveBufferSize(BUFFER_BYTES);
        server.connect(target);
        sockets.add(server);
        if (socket.isClosed()) { // meanwhile; close() may have missed these two
          client.close();
          server.close();
          return;
        }
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        boolean reset = number % 2 == 0;
        pump(client, server, left, reset);
        pump(server, client, left, reset);
      }
    } catch (IOException _) {
      // closed
    }
  }

  private void pump(Socket from, Socket to, AtomicLong left, boolean reset) {
    Thread.ofPlatform()
        .daemon()
        .name("proxy-pump")
        .start(() -> {
          byte[] buffer = new byte[32 << 10];
          try (from;
              to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            int length;
            while ((length = in.read(buffer)) >= 0) {
              tamperer.change(buffer, length);
              long before = left.getAndAdd(-length);
              if (before <= length) {
                out.write(buffer, 0, (int) Math.max(0, before));
                cut(from, to, before > 0, reset);
                return;
              }
              out.write(buffer, 0, length);
              long _ = passed.addAndGet(length);
              LockSupport.parkNanos((long) (length * nanosPerByte));
            }
          } catch (IOException _) {
            // the other pump has cut, or one side has closed
          }
        });
  }

  private void cut(Socket from, Socket to, boolean first, boolean reset) throws IOException {
    if (first) {
      cuts.incrementAndGet();
    }
    if (reset) {
      from.setOption(StandardSocketOptions.SO_LINGER, 0);
      to.setOption(StandardSocketOptions.SO_LINGER, 0);
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
