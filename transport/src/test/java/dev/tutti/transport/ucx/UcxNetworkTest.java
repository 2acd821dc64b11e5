package dev.tutti.transport.ucx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.bindings.Memory;
import dev.tutti.bindings.ucx.UcxContext;
import dev.tutti.bindings.ucx.UcxWorker;
import dev.tutti.transport.Channel;
import dev.tutti.transport.NetworkException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What UCX needs beyond the conformance test: connecting in a circle, floods, memory that changes,
/// strangers, peers that die.
@EnabledOnOs(OS.LINUX)
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class UcxNetworkTest {
  private static final Map<String, String> POSIX = Map.of("TLS", "posix,cma,self");
  private static final Map<String, String> TCP = Map.of("TLS", "tcp,self", "NET_DEVICES", "lo");

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private UcxRanks ranks = new UcxRanks(POSIX);
  private List<UcxNetwork> networks = List.of();

  @BeforeAll
  static void needUcx() {
    UcxRanks.assumeUcx();
  }

  @AfterEach
  void close() throws Exception {
    networks.forEach(UcxNetwork::close);
    threads.shutdownNow();
    assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    ranks.close();
  }

  /// What a rank does.
  private interface Task {
    void run(UcxNetwork network, int rank) throws Exception;
  }

  private void onEach(Task task) throws Exception {
    List<Future<?>> results = new ArrayList<>();
    for (int r = 0; r < networks.size(); r++) {
      int rank = r;
      results.add(
          threads.submit(() -> {
            task.run(networks.get(rank), rank);
            return null;
          }));
    }
    for (Future<?> result : results) {
      result.get();
    }
  }

  private void open(Map<String, String> settings, int members) {
    ranks = new UcxRanks(settings);
    networks = ranks.open(members, 4);
  }

  private void openPair(Map<String, String> settings) throws Exception {
    open(settings, 2);
    onEach((network, rank) -> network.connect(1 - rank));
  }

  private static void step(UcxNetwork network) {
    if (!network.progress()) {
      network.await(1_000_000);
    }
  }

  private static void send(UcxNetwork network, Channel.Sender sender, long address, int bytes) {
    while (!sender.send(address, bytes)) {
      step(network);
    }
  }

  private static void drain(UcxNetwork network, Channel.Sender sender) {
    while (!sender.isDrained()) {
      step(network);
    }
  }

  private static long poll(UcxNetwork network, Channel.Receiver receiver) {
    while (true) {
      long message = receiver.poll();
      if (message != Channel.NONE) {
        return message;
      }
      step(network);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 5})
  void shouldConnectInACircle(int members) throws Exception {
    open(TCP, members);

    onEach((network, rank) -> {
      int next = (rank + 1) % members;
      int previous = (rank + members - 1) % members;
      network.connect(next);
      network.connect(previous);
      network.begin(1, 0);
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment data = arena.allocate(8);
        Memory.putLong(data.address(), rank);
        Channel.Sender sender = network.sender(next, 0);
        send(network, sender, data.address(), 8);
        drain(network, sender);
        long message = poll(network, network.receiver(previous, 0));
        assertThat(Memory.getLong(message)).isEqualTo(previous);
      }
      network.end();
    });
  }

  @Test
  void shouldHoldAFloodOfSmallMessagesBackAndLoseNone() throws Exception {
    openPair(TCP);
    UcxNetwork a = networks.get(0);
    UcxNetwork b = networks.get(1);
    try (Arena arena = Arena.ofShared()) {
      long data = arena.allocate(8).address();
      Channel.Sender sender = a.sender(1, 0);
      int taken = 0;
      for (int vain = 0; vain < 50; ) {
        Memory.putLong(data, taken);
        if (sender.send(data, 8)) {
          taken++;
          vain = 0;
        } else {
          vain++;
          step(a);
        }
        assertThat(taken).isLessThan(10_000);
      }
      int total = taken + 5000;
      int first = taken;
      onEach((network, rank) -> {
        if (rank == 0) {
          for (int i = first; i < total; i++) {
            Memory.putLong(data, i);
            send(a, sender, data, 8);
          }
          drain(a, sender);
        } else {
          for (int i = 0; i < total; i++) {
            assertThat(Memory.getLong(poll(b, b.receiver(0, 0)))).isEqualTo(i);
            b.receiver(0, 0).release();
          }
        }
      });
    }
  }

  /// The receiver lets the data in although nobody waits for them, or the two would wait for ever.
  @Test
  void shouldHaveSentMemoryThatIsGoingToChange() throws Exception {
    openPair(TCP);
    int bytes = 200_000;
    onEach((network, rank) -> {
      network.begin(1, 0);
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment data = arena.allocate(bytes, 64);
        data.fill((byte) (rank + 1));
        Channel.Sender sender = network.sender(1 - rank, 2);
        send(network, sender, data.address(), bytes);
        network.settle(data.address() + bytes - 1, 1);
        data.fill((byte) 99);
        long message = poll(network, network.receiver(1 - rank, 2));
        MemorySegment got = Memory.ALL.asSlice(message, bytes);
        MemorySegment wanted = arena.allocate(bytes).fill((byte) (2 - rank));
        assertThat(got.mismatch(wanted)).isEqualTo(-1);
        drain(network, sender);
      }
      network.end();
    });
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldNameAPeerThatVanishes(boolean sending) throws Exception {
    openPair(TCP);
    UcxNetwork a = networks.get(0);
    UcxNetwork b = networks.get(1);
    a.begin(1, 0);
    try (Arena arena = Arena.ofConfined()) {
      long data = arena.allocate(1 << 20).address();
      if (sending) {
        assertThat(a.sender(1, 0).send(data, 100_000)).isTrue();
      }

      b.abandon();

      assertThatThrownBy(
              () -> {
                drain(a, a.sender(1, 0));
                poll(a, a.receiver(1, 0));
              })
          .isInstanceOfSatisfying(NetworkException.class, e -> assertThat(e.peer()).isEqualTo(1))
          .hasMessageContaining("the connection to rank 1 broke: ");
    }
  }

  @Test
  void shouldIgnoreStrangers() throws Exception {
    openPair(TCP);
    UcxNetwork a = networks.get(0);
    UcxNetwork b = networks.get(1);
    try (Arena arena = Arena.ofConfined();
        UcxContext context = UcxContext.open(TCP, 0);
        UcxWorker stranger = context.worker()) {
      long data = arena.allocate(64).address();
      long endpoint = stranger.connectWithinHost(b.address());
      long ticket = stranger.send(endpoint, data, 64, UcxTag.of(UcxTag.SMALL, 77, 0, 0));
      while (UcxWorker.isRequest(ticket) && UcxWorker.isPending(stranger.status(ticket))) {
        int _ = stranger.progress();
        boolean _ = b.progress();
      }
      if (UcxWorker.isRequest(ticket)) {
        assertThat(stranger.status(ticket)).isZero();
        stranger.free(ticket);
      }

      send(a, a.sender(1, 0), data, 8);

      long _ = poll(b, b.receiver(0, 0));
      assertThat(b.receiver(0, 0).receivedBytes()).isEqualTo(8);
    }
  }

  @Test
  void shouldEndTheCommunicatorWhenAMessageIsAbsurd() throws Exception {
    openPair(POSIX);
    UcxNetwork b = networks.get(1);
    try (Arena arena = Arena.ofConfined();
        UcxContext context = UcxContext.open(POSIX, 0);
        UcxWorker forger = context.worker()) {
      long data = arena.allocate(64).address();
      long endpoint = forger.connectWithinHost(b.address());
      long ticket = forger.send(endpoint, data, 64, UcxTag.of(UcxTag.OPEN, 0, 0, 0));
      assertThat(ticket).isEqualTo(UcxWorker.DONE);

      assertThatThrownBy(() -> poll(b, b.receiver(0, 0)))
          .isInstanceOf(NetworkException.class)
          .hasMessage("rank 0 sent 64 bytes on lane 0, which is absurd");
    }
  }

  @Test
  void shouldKeepTheFieldsOfATagApart() {
    long tag = UcxTag.of(UcxTag.SIGNAL, 65_535, 16_383, -1);

    assertThat(UcxTag.kind(tag)).isEqualTo(UcxTag.SIGNAL);
    assertThat(UcxTag.sender(tag)).isEqualTo(65_535);
    assertThat(UcxTag.lane(tag)).isEqualTo(16_383);
    assertThat(UcxTag.ahead(UcxTag.of(0, 0, 0, 1L << 32), (1L << 32) - 1)).isEqualTo(1);
    assertThat(UcxTag.of(UcxTag.LARGE, 0, 3, 5) & UcxTag.SENDER_MASK).isZero();
  }
}
