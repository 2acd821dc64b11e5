package dev.tutti.transport.tcp;

import dev.tutti.bindings.Memory;
import dev.tutti.transport.Channel;
import dev.tutti.transport.rendezvous.Secret;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Two ranks of one process that are connected over TCP, and what they do with each other in tests.
final class TcpPair implements AutoCloseable {
  static final long COMMUNICATOR = 5;
  private static final int LANES = 4;
  private static final int LIMIT_SECONDS = 40;

  final TcpEndpoint[] endpoints = new TcpEndpoint[2];
  final TcpNetwork[] networks = new TcpNetwork[2];
  final List<UnreliableProxy> proxies = new ArrayList<>();
  final UnreliableProxy proxy; // the first
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final long[] operations = new long[2];
  volatile boolean givenUp;

  /// What a side does between two messages.
  interface Interference {
    void before(int side, int message);
  }

  /// Opens both; rank 0 connects through the proxy if that is wanted.
  TcpPair(TcpOptions options, boolean proxied) throws IOException {
    this(options, proxied, List.of(InetAddress.getLoopbackAddress().getHostAddress()));
  }

  /// Opens both; they can reach each other at several addresses of this host.
  TcpPair(TcpOptions options, boolean proxied, List<String> rails) throws IOException {
    Secret secret = Secret.random();
    for (int i = 0; i < 2; i++) {
      endpoints[i] = TcpEndpoint.open(options, secret, 42, i);
    }
    List<List<InetSocketAddress>> addresses = List.of(new ArrayList<>(), new ArrayList<>());
    for (String rail : rails) {
      InetAddress address = InetAddress.ofLiteral(rail);
      UnreliableProxy railProxy = new UnreliableProxy(address, endpoints[1].addresses().getLast());
      proxies.add(railProxy);
      addresses.get(0).add(new InetSocketAddress(address, port(0)));
      addresses.get(1).add(proxied ? railProxy.address() : new InetSocketAddress(address, port(1)));
    }
    proxy = proxies.getFirst();
    for (TcpEndpoint endpoint : endpoints) {
      endpoint.peers(addresses);
    }
    for (int i = 0; i < 2; i++) {
      networks[i] =
          endpoints[i].network(COMMUNICATOR, new int[] {0, 1}, i, LANES, this::checkWanted);
    }
  }

  private int port(int side) {
    return endpoints[side].addresses().getLast().getPort();
  }

  private void checkWanted() {
    if (givenUp) {
      throw new IllegalStateException("the test has given up");
    }
  }

  TcpPair connect() throws Exception {
    both(side -> networks[side].connect(1 - side));
    return this;
  }

  /// Something that a side does on its thread.
  interface Task {
    void run(int side) throws Exception;
  }

  /// Runs both sides at the same time, each on a thread of its own; fails if that takes too long.
  void both(Task task) throws Exception {
    List<Future<?>> results = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      results.add(start(i, task));
    }
    for (Future<?> result : results) {
      finish(result);
    }
  }

  Future<?> start(int side, Task task) {
    Callable<Integer> call =
        () -> {
          task.run(side);
          return 0;
        };
    return threads.submit(call);
  }

  void finish(Future<?> result) throws Exception {
    try {
      Object _ = result.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      givenUp = true;
      throw new AssertionError("hangs", e);
    }
  }

  TcpLifeline lifeline(int side, int stream) {
    TcpLifeline lifeline = endpoints[side].lifeline(new StreamKey(COMMUNICATOR, 1 - side, stream));
    if (lifeline == null) {
      throw new IllegalStateException("closed");
    }
    return lifeline;
  }

  /// One operation of one side: sends and receives so many bytes in messages of random sizes, then
  /// overwrites what it has sent; checks what it has received.
  void exchange(int side, long seed, int sends, int receives, int most, Interference interference) {
    TcpNetwork network = networks[side];
    long operation = ++operations[side];
    network.begin(operation, 7);
    SplittableRandom random = new SplittableRandom(seed + side);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment source = arena.allocate(sends + 8L, 64);
      MemorySegment target = arena.allocate(receives + 8L, 64);
      fill(source, seed + side, operation);
      int lane = (int) (operation % LANES);
      Channel.Sender sender = network.sender(1 - side, lane);
      Channel.Receiver receiver = network.receiver(1 - side, lane);
      if (receives > 0) {
        receiver.expect(target.address(), receives);
      }
      int sent = 0;
      int received = 0;
      int messages = 0;
      int length = 0;
      while (sent < sends || received < receives || !sender.isDrained()) {
        checkWanted();
        boolean moved = network.progress();
        if (sent < sends) {
          if (length == 0) {
            interference.before(side, messages++);
            length = Math.min(sends - sent, random.nextInt(1, Math.min(most, sender.slotBytes())));
          }
          if (sender.send(source.address() + sent, length)) {
            sent += length;
            length = 0;
            moved = true;
          }
        }
        long message = received < receives ? receiver.poll() : Channel.NONE;
        if (message != Channel.NONE) {
          int bytes = receiver.receivedBytes();
          if (message != target.address() + received) {
            Memory.copy(target.address() + received, message, bytes);
          }
          receiver.release();
          received += bytes;
          moved = true;
        }
        if (!moved) {
          network.await(200_000);
        }
      }
      network.end();
      source.fill((byte) -1);
      check(target, receives, seed + 1 - side, operation);
    }
  }

  private static void fill(MemorySegment segment, long seed, long operation) {
    for (long i = 0; i + 8 <= segment.byteSize(); i += 8) {
      segment.set(ValueLayout.JAVA_LONG_UNALIGNED, i, value(seed, operation, i));
    }
  }

  private static long value(long seed, long operation, long offset) {
    long z = seed * 0x9e3779b97f4a7c15L + operation * 0xbf58476d1ce4e5b9L + offset;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    return z ^ (z >>> 27);
  }

  private static void check(MemorySegment target, long bytes, long seed, long operation) {
    for (long i = 0; i < bytes; i++) {
      byte wanted = (byte) (value(seed, operation, i & -8) >>> (8 * (i & 7)));
      byte found = target.get(ValueLayout.JAVA_BYTE, i);
      if (found != wanted) {
        throw new AssertionError(
            "operation " + operation + ", byte " + i + " of " + bytes + " is wrong");
      }
    }
  }

  @Override
  public void close() {
    givenUp = true;
    try {
      both(side -> networks[side].close());
      threads.shutdownNow();
      if (!threads.awaitTermination(10, TimeUnit.SECONDS)) {
        throw new AssertionError("a thread hangs");
      }
      for (TcpEndpoint endpoint : endpoints) {
        endpoint.close();
      }
      for (UnreliableProxy each : proxies) {
        each.close();
      }
    } catch (Exception e) {
      throw new AssertionError("closing failed", e);
    }
  }
}
