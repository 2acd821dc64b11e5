package dev.tutti.transport.ucx;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.tutti.transport.Channel;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Counts the bytes that two ranks allocate while they exchange messages in operations.
///
/// Until the compiler has seen a path, some is allocated that it later removes, so the count is
/// repeated until it is zero; what is really allocated per operation never gets there.
@EnabledOnOs(OS.LINUX)
@Timeout(60)
final class UcxAllocationIT {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int ATTEMPTS = 40;
  private static final int OPERATIONS = 500;

  private final ExecutorService threads = Executors.newFixedThreadPool(2);

  @BeforeAll
  static void needUcx() {
    UcxRanks.assumeUcx();
  }

  @AfterEach
  void stop() throws InterruptedException {
    threads.shutdownNow();
    assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "posix,cma,self | 64",
        "posix,cma,self | 100000",
        "tcp,self       | 6000",
        "tcp,self       | 100000"
      })
  void shouldNotAllocate(String transports, int bytes) throws Exception {
    Map<String, String> settings = Map.of("TLS", transports, "NET_DEVICES", "lo");
    try (UcxRanks ranks = new UcxRanks(settings)) {
      List<UcxNetwork> networks = ranks.open(2, 1);
      List<Callable<Long>> sides =
          List.of(
              () -> exchange(networks.get(0), 1, bytes), () -> exchange(networks.get(1), 0, bytes));
      for (Future<Long> side : threads.invokeAll(sides)) {
        assertThat(side.get()).isZero();
      }
    }
  }

  /// Returns the least that an attempt allocated. Both sides make all attempts, so that none waits
  /// for one that has stopped.
  private static long exchange(UcxNetwork network, int peer, int bytes) {
    long least = Long.MAX_VALUE;
    try (network;
        Arena arena = Arena.ofConfined()) {
      network.connect(peer);
      long source = arena.allocate(bytes, 64).address();
      long target = arena.allocate(bytes, 64).address();
      long number = 0;
      for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < OPERATIONS / (1 + bytes / 5000); i++) {
          operation(network, peer, ++number, source, target, bytes);
        }
        least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
      }
    }
    return least;
  }

  private static void operation(
      UcxNetwork network, int peer, long number, long source, long target, int bytes) {
    network.begin(number, 7);
    Channel.Sender sender = network.sender(peer, 0);
    Channel.Receiver receiver = network.receiver(peer, 0);
    receiver.expect(target, bytes);
    boolean sent = false;
    boolean received = false;
    while (!sent || !received || !sender.isDrained()) {
      sent = sent || sender.send(source, bytes);
      if (!received && receiver.poll() != Channel.NONE) {
        receiver.release();
        received = true;
      }
      if (!network.progress()) {
        Thread.yield();
      }
    }
    network.settle(source, bytes);
    network.end();
  }
}
