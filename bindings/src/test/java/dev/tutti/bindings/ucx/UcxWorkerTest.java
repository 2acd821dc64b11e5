package dev.tutti.bindings.ucx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import dev.tutti.bindings.LibraryNotFoundException;
import dev.tutti.bindings.NativeCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Two workers of one thread, over UCX's shared memory.
@EnabledOnOs(OS.LINUX)
@Timeout(60)
final class UcxWorkerTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int CALLS = 10_000;
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

  private final Arena arena = Arena.ofConfined();
  private UcxContext context;
  private UcxWorker left;
  private UcxWorker right;
  private long toRight;

  @BeforeAll
  static void needUcx() {
    String problem = null;
    try {
      Path _ = Ucx.load();
    } catch (LibraryNotFoundException e) {
      problem = e.getMessage();
    }
    assumeTrue(problem == null, problem);
  }

  @BeforeEach
  void connect() {
    context = UcxContext.open(Map.of("TLS", "posix,self"), 0);
    left = context.worker();
    right = context.worker();
    toRight = left.connectWithinHost(right.address());
  }

  @AfterEach
  void close() {
    left.close();
    right.close();
    context.close();
    arena.close();
  }

  private long awaitMessage() {
    long message;
    while ((message = right.probe()) == UcxWorker.DONE) {
      int _ = left.progress() + right.progress();
    }
    return message;
  }

  private void finish(UcxWorker worker, long ticket) {
    if (UcxWorker.isRequest(ticket)) {
      while (UcxWorker.isPending(worker.status(ticket))) {
        int _ = left.progress() + right.progress();
      }
      assertThat(worker.status(ticket)).isZero();
      worker.free(ticket);
    } else {
      assertThat(ticket).isEqualTo(UcxWorker.DONE);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 8000, 1 << 20})
  void shouldCarryAMessage(long bytes) {
    MemorySegment source = arena.allocate(bytes);
    MemorySegment target = arena.allocate(bytes);
    source.fill((byte) 7);

    long sending = left.send(toRight, source.address(), bytes, 0x8000_0000_0000_0003L);
    long message = awaitMessage();
    assertThat(right.probedTag()).isEqualTo(0x8000_0000_0000_0003L);
    assertThat(right.probedBytes()).isEqualTo(bytes);
    finish(right, right.receive(message, target.address(), bytes));
    finish(left, sending);

    assertThat(target.mismatch(source)).isEqualTo(-1);
  }

  @Test
  void shouldEndASynchronousMessageWhenItIsTaken() {
    long memory = arena.allocate(8).address();
    long ticket = left.sendSync(toRight, memory, 0, 1);
    long message = awaitMessage();
    assertThat(UcxWorker.isPending(left.status(ticket))).isTrue();

    finish(right, right.receive(message, memory, 0));

    finish(left, ticket);
  }

  @Test
  void shouldNameWhatUcxRefuses() {
    assertThatThrownBy(() -> UcxContext.open(Map.of("TLS", "nosuch"), 0))
        .isInstanceOf(NativeCallException.class)
        .hasMessageContaining("TLS=nosuch");
  }

  @Test
  void shouldTellItsVersion() {
    assertThat(Ucx.version()).matches("\\d+\\.\\d+.*");
  }

  @Test
  void shouldNotAllocateWhenSendingAndReceiving() {
    long memory = arena.allocate(64).address();
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    long allocated;
    do {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < CALLS; i++) {
        long sending = left.send(toRight, memory, 8, 5);
        long receiving = right.receive(awaitMessage(), memory, 64);
        assert sending == UcxWorker.DONE && receiving == UcxWorker.DONE;
      }
      allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    } while (allocated > 0 && System.nanoTime() < deadline);

    assertThat(allocated).isZero();
  }
}
