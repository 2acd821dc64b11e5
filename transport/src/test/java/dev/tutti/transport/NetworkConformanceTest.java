package dev.tutti.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tutti.bindings.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What every transport must do; each has a subclass that opens its networks. Shared memory takes
/// part through a [SlotNetwork].
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
public abstract class NetworkConformanceTest {
  private static final int LANES = 8;

  /// What only some transports have.
  protected enum Ability {
    /// A member may begin, run and end an operation that its peer has not begun.
    RUNS_AHEAD,
    /// Messages say what their operation is.
    SIGNED_MESSAGES,
    /// The end of a peer shows on the channels from it.
    REPORTS_CLOSED_PEERS
  }

  private List<? extends Network> networks = List.of();
  private final ExecutorService threads = Executors.newCachedThreadPool();

  /// Opens the networks of the members of one communicator, by member; nothing need be connected.
  protected abstract List<? extends Network> open(int members, int lanes) throws Exception;

  /// Frees what belongs to the networks of a test, after they have been closed.
  protected abstract void release() throws Exception;

  /// Returns why the transport lacks an ability, which skips the tests of it; null if it has it.
  protected @Nullable String lacks(Ability ability) {
    return null;
  }

  private void assumeItHas(Ability ability) {
    String reason = lacks(ability);
    assumeTrue(reason == null, () -> ability + ": " + reason);
  }

  @BeforeEach
  void connect() throws Exception {
    networks = open(2, LANES);
    both(
        () -> {
          networks.get(0).connect(1);
          return 0;
        },
        () -> {
          networks.get(1).connect(0);
          return 0;
        });
  }

  @AfterEach
  void close() throws Exception {
    List<Callable<Integer>> closes = new ArrayList<>();
    for (Network network : networks) {
      closes.add(() -> {
        network.close();
        return 0;
      });
    }
    for (Future<Integer> closed : threads.invokeAll(closes)) {
      int _ = closed.get();
    }
    threads.shutdownNow();
    assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    release();
  }

  /// Runs the two sides at the same time and fails with the first failure, but not before both have
  /// ended: networks are closed afterwards, which must not happen under a thread that uses one.
  private <T> List<T> both(Callable<T> first, Callable<T> second) throws Exception {
    List<Future<T>> sides = threads.invokeAll(List.of(first, second));
    return List.of(sides.get(0).get(), sides.get(1).get());
  }

  private static void sendAll(Network network, Channel.Sender sender, long address, long bytes) {
    long done = 0;
    do {
      int next = (int) Math.min(bytes - done, sender.slotBytes());
      while (!sender.send(address + done, next)) {
        step(network);
      }
      done += next;
    } while (done < bytes);
  }

  private static void drain(Network network, Channel.Sender sender) {
    while (!sender.isDrained()) {
      step(network);
    }
  }

  private static void step(Network network) {
    if (!network.progress()) {
      network.await(1_000_000);
    }
  }

  private static long poll(Network network, Channel.Receiver receiver) {
    while (true) {
      long message = receiver.poll();
      if (message != Channel.NONE) {
        return message;
      }
      step(network);
    }
  }

  private static void receiveAll(
      Network network, Channel.Receiver receiver, long target, long bytes, boolean expected) {
    if (expected && bytes > 0) {
      receiver.expect(target, bytes);
    }
    long done = 0;
    do {
      long message = poll(network, receiver);
      int length = receiver.receivedBytes();
      if (message != target + done) {
        Memory.copy(target + done, message, length);
      }
      receiver.release();
      done += length;
    } while (done < bytes);
    assertThat(done).isEqualTo(bytes);
  }

  private static void fill(MemorySegment segment, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    long offset = 0;
    for (; offset + 8 <= segment.byteSize(); offset += 8) {
      segment.set(ValueLayout.JAVA_LONG_UNALIGNED, offset, random.nextLong());
    }
    for (; offset < segment.byteSize(); offset++) {
      segment.set(ValueLayout.JAVA_BYTE, offset, (byte) random.nextInt());
    }
  }

  private void transfer(long bytes, int offset, boolean expected) throws Exception {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment source = arena.allocate(bytes + 64, 64).asSlice(offset, bytes);
      MemorySegment target = arena.allocate(bytes + 64, 64).asSlice(64 - offset, bytes);
      fill(source, bytes);
      both(
          () -> {
            Network a = networks.get(0);
            a.begin(1, 7);
            Channel.Sender sender = a.sender(1, 3);
            sendAll(a, sender, source.address(), bytes);
            drain(a, sender);
            a.end();
            return 0;
          },
          () -> {
            Network b = networks.get(1);
            b.begin(1, 7);
            receiveAll(b, b.receiver(0, 3), target.address(), bytes, expected);
            b.end();
            return 0;
          });
      assertThat(source.mismatch(target)).isEqualTo(-1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      longs = {0, 1, 4, 4096, 16 << 10, (16 << 10) + 1, 64 << 10, 300_001, 1 << 20, 64 << 20})
  void shouldCarryAnySizeToWhereItIsExpected(long bytes) throws Exception {
    transfer(bytes, 0, true);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 5, 5000, 100_000, 3 << 20})
  void shouldCarryAnySizeThatIsNotExpected(long bytes) throws Exception {
    transfer(bytes, 0, false);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 7, 13, 63})
  void shouldCarryDataAtOddAddresses(int offset) throws Exception {
    transfer(100_003, offset, true);
  }

  /// As on a ring, where a rank passes on the last slice of a chunk and then waits for another.
  @Test
  void shouldSendWhatWasPublishedWhileAnotherLaneWasBusy() throws Exception {
    int most = 32;
    AtomicInteger sent = new AtomicInteger();
    CountDownLatch full = new CountDownLatch(1);
    CountDownLatch arrived = new CountDownLatch(1);
    try (Arena arena = Arena.ofShared()) {
      both(
          () -> {
            Network a = networks.get(0);
            a.begin(1, 7);
            Channel.Sender busy = a.sender(1, 0);
            Channel.Sender other = a.sender(1, 1);
            MemorySegment data = arena.allocate(busy.slotBytes(), 64);
            boolean taken = true;
            while (taken && sent.incrementAndGet() < most) {
              taken = busy.send(data.address(), busy.slotBytes());
            }
            long slot = other.claim();
            if (slot == Channel.NONE) { // some transports have no room here, either
              full.countDown();
              while ((slot = other.claim()) == Channel.NONE) {
                step(a);
              }
            }
            Memory.putLong(slot, 4711);
            other.publish(20_000);
            full.countDown();
            while (arrived.getCount() > 0) {
              step(a); // and no call of the sender any more
            }
            while (!taken && !busy.send(data.address(), busy.slotBytes())) {
              step(a);
            }
            drain(a, busy);
            a.end();
            return 0;
          },
          () -> {
            full.await();
            Network b = networks.get(1);
            b.begin(1, 7);
            Channel.Receiver other = b.receiver(0, 1);
            long message = poll(b, other);
            assertThat(Memory.getLong(message)).isEqualTo(4711);
            assertThat(other.receivedBytes()).isEqualTo(20_000);
            other.release();
            arrived.countDown();
            Channel.Receiver busy = b.receiver(0, 0);
            long left = (long) (sent.get() < most ? sent.get() : most - 1) * busy.slotBytes();
            while (left > 0) {
              long _ = poll(b, busy);
              left -= busy.receivedBytes();
              busy.release();
            }
            b.end();
            return 0;
          });
    }
  }

  @Test
  void shouldKeepTheOrderOfEachLaneWhenAllLanesSendAtOnce() throws Exception {
    int rounds = 300;
    both(
        () -> {
          Network a = networks.get(0);
          a.begin(1, 0);
          for (int i = 0; i < rounds; i++) {
            for (int lane = 0; lane < LANES; lane++) {
              Channel.Sender sender = a.sender(1, lane);
              long slot;
              while ((slot = sender.claim()) == Channel.NONE) {
                step(a);
              }
              int bytes = 8 + (i * 37 + lane * 1001) % 40_000;
              Memory.putLong(slot, ((long) i << 32) + lane);
              sender.publish(bytes);
            }
          }
          for (int lane = 0; lane < LANES; lane++) {
            drain(a, a.sender(1, lane));
          }
          a.end();
          return 0;
        },
        () -> {
          Network b = networks.get(1);
          b.begin(1, 0);
          for (int i = 0; i < rounds; i++) {
            for (int lane = LANES - 1; lane >= 0; lane--) {
              Channel.Receiver receiver = b.receiver(0, lane);
              long message = poll(b, receiver);
              assertThat(Memory.getLong(message)).isEqualTo(((long) i << 32) + lane);
              assertThat(receiver.receivedBytes()).isEqualTo(8 + (i * 37 + lane * 1001) % 40_000);
              receiver.release();
            }
          }
          b.end();
          return 0;
        });
  }

  @Test
  void shouldCarryBothDirectionsAtOnceWhenBothSidesSendFirst() throws Exception {
    long bytes = 24 << 20;
    try (Arena arena = Arena.ofShared()) {
      List<Callable<Integer>> sides = new ArrayList<>();
      for (int side = 0; side < 2; side++) {
        int me = side;
        MemorySegment source = arena.allocate(bytes, 64);
        MemorySegment target = arena.allocate(bytes, 64);
        fill(source, me);
        sides.add(() -> {
          Network network = networks.get(me);
          network.begin(1, 0);
          exchange(network, 1 - me, source, target);
          network.end();
          MemorySegment wanted = Arena.ofAuto().allocate(bytes);
          fill(wanted, 1 - me);
          assertThat(target.mismatch(wanted)).isEqualTo(-1);
          return 0;
        });
      }
      both(sides.get(0), sides.get(1));
    }
  }

  /// Sends and receives in turn, as the engine does.
  private static void exchange(
      Network network, int peer, MemorySegment source, MemorySegment target) {
    Channel.Sender sender = network.sender(peer, 0);
    Channel.Receiver receiver = network.receiver(peer, 0);
    long bytes = source.byteSize();
    receiver.expect(target.address(), bytes);
    long sent = 0;
    long received = 0;
    while (sent < bytes || received < bytes || !sender.isDrained()) {
      boolean moved = false;
      if (sent < bytes) {
        int next = (int) Math.min(bytes - sent, sender.slotBytes());
        if (sender.send(source.address() + sent, next)) {
          sent += next;
          moved = true;
        }
      }
      long message = received < bytes ? receiver.poll() : Channel.NONE;
      if (message != Channel.NONE) {
        int length = receiver.receivedBytes();
        if (message != target.address() + received) {
          Memory.copy(target.address() + received, message, length);
        }
        receiver.release();
        received += length;
        moved = true;
      }
      if (!moved) {
        step(network);
      }
    }
  }

  @Test
  void shouldHoldTheSenderBackWhenTheReceiverDoesNotReceive() throws Exception {
    long bytes = 64 << 20;
    try (Arena arena = Arena.ofShared()) {
      MemorySegment source = arena.allocate(bytes, 64);
      MemorySegment target = arena.allocate(bytes, 64);
      fill(source, 1);
      Network a = networks.get(0);
      Network b = networks.get(1);
      a.begin(1, 0);
      Channel.Sender sender = a.sender(1, 0);
      long taken = 0;
      int vain = 0;
      while (vain < 200) {
        if (sender.send(source.address() + taken, sender.slotBytes())) {
          taken += sender.slotBytes();
          vain = 0;
        } else {
          vain++;
          step(a);
        }
        assertThat(taken).as("bytes taken while nobody receives").isLessThan(bytes);
      }

      long before = taken;
      both(
          () -> {
            sendAll(a, sender, source.address() + before, bytes - before);
            drain(a, sender);
            a.end();
            return 0;
          },
          () -> {
            b.begin(1, 0);
            receiveAll(b, b.receiver(0, 0), target.address(), bytes, true);
            b.end();
            return 0;
          });
      assertThat(source.mismatch(target)).isEqualTo(-1);
    }
  }

  /// Whoever has called a failed operation may free its memory at once.
  @Test
  void shouldLeaveMemoryAloneOnceItsOperationHasFailed() throws Exception {
    Network a = networks.get(0);
    Network b = networks.get(1);
    long bytes = 8 << 20;
    try (Arena arena = Arena.ofShared()) {
      MemorySegment source = arena.allocate(bytes, 64);
      MemorySegment target = arena.allocate(bytes, 64);
      a.begin(1, 0);
      b.begin(1, 0);
      Channel.Sender sender = a.sender(1, 0);
      Channel.Receiver receiver = b.receiver(0, 0);
      receiver.expect(target.address(), bytes);
      long taken = 0;
      int ahead = 0;
      while (ahead < 50) { // so that there is more on the way than has been taken
        if (taken < bytes && sender.send(source.address() + taken, sender.slotBytes())) {
          taken += sender.slotBytes();
        }
        boolean _ = a.progress();
        if (receiver.poll() == Channel.NONE) {
          boolean _ = b.progress();
        } else {
          ahead++;
        }
      }
      receiver.release(); // from now on there is room for what is under way

      b.abandon();
      a.abandon();
      target.fill((byte) 99);
      b.close();
      a.close();

      assertThat(target.mismatch(arena.allocate(bytes).fill((byte) 99))).isEqualTo(-1);
    }
  }

  @Test
  void shouldLeaveLaterOperationsAloneUntilTheyBegin() throws Exception {
    assumeItHas(Ability.RUNS_AHEAD);
    Network a = networks.get(0);
    Network b = networks.get(1);
    try (Arena arena = Arena.ofShared()) {
      MemorySegment data = arena.allocate(64, 64);
      for (int operation = 1; operation <= 3; operation++) {
        a.begin(operation, 100 + operation);
        data.set(ValueLayout.JAVA_LONG, 0, operation);
        sendAll(a, a.sender(1, 0), data.address(), 64);
        drain(a, a.sender(1, 0));
        a.end();
      }

      for (int operation = 1; operation <= 3; operation++) {
        b.begin(operation, 100 + operation);
        long message = poll(b, b.receiver(0, 0));
        assertThat(Memory.getLong(message)).isEqualTo(operation);
        b.receiver(0, 0).release();
        assertThat(b.receiver(0, 0).poll()).isEqualTo(Channel.NONE);
        b.end();
      }
    }
  }

  @Test
  void shouldReportAPeerThatRunsSomethingElse() {
    assumeItHas(Ability.SIGNED_MESSAGES);
    Network a = networks.get(0);
    Network b = networks.get(1);
    try (Arena arena = Arena.ofShared()) {
      long data = arena.allocate(64, 64).address();
      a.begin(1, 111);
      sendAll(a, a.sender(1, 0), data, 64);
      b.begin(1, 222);

      assertThatThrownBy(() -> poll(b, b.receiver(0, 0)))
          .isInstanceOfSatisfying(
              SignatureMismatchException.class,
              e -> {
                assertThat(e.peer()).isEqualTo(0);
                assertThat(e.operation()).isEqualTo(1);
                assertThat(e.signature()).isEqualTo(111);
              });
    }
  }

  @Test
  void shouldDeliverWhatWasSentBeforeThePeerClosed() throws Exception {
    long bytes = 2 << 20;
    try (Arena arena = Arena.ofShared()) {
      MemorySegment source = arena.allocate(bytes, 64);
      MemorySegment target = arena.allocate(bytes, 64);
      fill(source, 5);
      both(
          () -> {
            Network a = networks.get(0);
            a.begin(1, 0);
            sendAll(a, a.sender(1, 0), source.address(), bytes);
            drain(a, a.sender(1, 0));
            a.end();
            source.fill((byte) 0); // the memory is the caller's again
            a.close();
            return 0;
          },
          () -> {
            Network b = networks.get(1);
            b.begin(1, 0);
            receiveAll(b, b.receiver(0, 0), target.address(), bytes, true);
            b.end();
            return 0;
          });
      fill(source, 5);
      assertThat(source.mismatch(target)).isEqualTo(-1);
    }
  }

  @Test
  void shouldSayThatNothingMoreComesWhenThePeerHasClosed() {
    assumeItHas(Ability.REPORTS_CLOSED_PEERS);
    networks.get(0).close();
    Network b = networks.get(1);
    b.begin(1, 0);

    assertThatThrownBy(() -> poll(b, b.receiver(0, 0)))
        .isInstanceOfSatisfying(NetworkException.class, e -> assertThat(e.peer()).isEqualTo(0))
        .hasMessageContaining("rank 0");
  }
}
