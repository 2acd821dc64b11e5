package dev.tutti.collectives;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class CommunicatorTest {

  @Test
  void shouldReduceHeapArrays() {
    try (World world = World.threads(3)) {
      world.run(c -> {
        float[] floats = {c.rank(), 1};
        double[] doubles = {c.rank()};
        int[] ints = {c.rank() + 1};
        long[] longs = {c.rank() + 1};

        c.allReduce(floats, ReduceOp.SUM);
        c.allReduce(doubles, ReduceOp.MAX);
        c.allReduce(ints, ReduceOp.PROD);
        c.allReduce(longs, ReduceOp.MIN);

        assertThat(floats).containsExactly(3, 3);
        assertThat(doubles).containsExactly(2);
        assertThat(ints).containsExactly(6);
        assertThat(longs).containsExactly(1);
      });
    }
  }

  @Test
  void shouldAverageAndPreMultiply() {
    for (String algorithm : List.of("flat", "direct", "binomial-tree")) {
      CommunicatorConfig config = CommunicatorConfig.builder().algorithm(algorithm).build();
      try (World world = World.threads(4, config)) {
        world.run(c -> {
          float[] data = new float[100];
          Arrays.fill(data, c.rank());
          c.allReduce(data, ReduceOp.AVG);
          assertThat(data).containsOnly(1.5f);

          MemorySegment heap = MemorySegment.ofArray(new float[] {1, 2});
          c.allReducePreMultiplied(heap, heap, 2, DataType.FLOAT32, c.rank());
          assertThat(heap.toArray(JAVA_FLOAT)).containsExactly(6, 12);
        });
      }
    }
  }

  @Test
  void shouldMixSharedAndForeignBuffers() {
    CommunicatorConfig config =
        CommunicatorConfig.builder()
            .algorithm("direct")
            .set("threadSharing", "allocated")
            .set("windowSlotBytes", "1024")
            .set("flatBytes", "128")
            .build();
    try (World world = World.threads(4, config);
        Arena arena = Arena.ofShared()) {
      world.run(c -> {
        int n = 5000;
        for (int round = 0; round < 8; round++) {
          boolean shareSend = ((c.rank() + round) & 1) == 0;
          boolean shareReceive = ((c.rank() + round) & 2) == 0;
          MemorySegment send = shareSend ? c.allocate(4L * n) : arena.allocate(4L * n, 64);
          MemorySegment receive = shareReceive ? c.allocate(4L * n) : arena.allocate(4L * n, 64);
          for (int i = 0; i < n; i++) {
            send.setAtIndex(JAVA_INT, i, i * (c.rank() + 1));
          }

          c.allReduce(send, receive, n, DataType.INT32, ReduceOp.SUM);
          MemorySegment all = arena.allocate(4L * n * c.size(), 64);
          c.allGather(send, all, n, DataType.INT32);

          assertThat(IntStream.range(0, n).filter(i -> receive.getAtIndex(JAVA_INT, i) != i * 10))
              .isEmpty();
          assertThat(
                  IntStream.range(0, n * c.size())
                      .filter(i -> all.getAtIndex(JAVA_INT, i) != i % n * (i / n + 1)))
              .isEmpty();
        }
      });
    }
  }

  @Test
  void shouldRunAsynchronousOperationsInOrder() {
    try (World world = World.threads(2);
        Arena arena = Arena.ofShared()) {
      world.run(c -> {
        MemorySegment data = arena.allocate(4000, 64);
        data.setAtIndex(JAVA_INT, 0, 1);
        Request last = c.barrierAsync();
        for (int i = 0; i < 20; i++) {
          last = c.allReduceAsync(data, data, 1000, DataType.INT32, ReduceOp.SUM);
        }
        c.broadcast(data, data, 1000, DataType.INT32, 1); // blocking: after all of them

        assertThat(last.isDone()).isTrue();
        last.await();
        last.await(Duration.ofSeconds(1));
        assertThat(data.getAtIndex(JAVA_INT, 0)).isEqualTo(1 << 20);
      });
    }
  }

  @Test
  void shouldReusePreparedOperation() {
    try (World world = World.threads(2);
        Arena arena = Arena.ofShared()) {
      world.run(c -> {
        MemorySegment data = arena.allocate(8, 8);
        data.set(JAVA_LONG, 0, 1);
        PreparedOperation sum = c.prepareAllReduce(data, data, 1, DataType.INT64, ReduceOp.SUM);
        for (int i = 0; i < 5; i++) {
          sum.run();
          sum.start().await();
        }
        assertThat(data.get(JAVA_LONG, 0)).isEqualTo(1024);
        assertThat(sum.algorithm()).isNotEmpty();
        assertThat(sum.form()).isEqualTo("inline");
      });
    }
  }

  @Test
  void shouldTimeOutAwaitAndGoOn() {
    CountDownLatch timedOut = new CountDownLatch(1);
    try (World world = World.threads(2);
        Arena arena = Arena.ofShared()) {
      world.run(c -> {
        MemorySegment data = arena.allocate(8, 8);
        if (c.rank() == 0) {
          Request request = c.allReduceAsync(data, data, 1, DataType.INT64, ReduceOp.SUM);
          assertThatThrownBy(() -> request.await(Duration.ofMillis(20)))
              .isInstanceOf(TimeoutException.class)
              .matches(e -> ((TuttiException) e).isCommunicatorUsable())
              .hasMessageContaining("await may be called again");
          timedOut.countDown();
          request.await();
        } else {
          timedOut.await();
          c.allReduce(data, data, 1, DataType.INT64, ReduceOp.SUM);
        }
      });
    }
  }

  @Test
  void shouldSplitByColorAndKey() {
    try (World world = World.threads(6)) {
      world.run(c -> {
        try (Communicator half = c.split(c.rank() % 2, -c.rank());
            Communicator host = c.byHost()) {
          int[] ranks = {c.rank() * (half.rank() == 0 ? 1 : 0)};
          half.allReduce(ranks, ReduceOp.SUM);

          assertThat(half.size()).isEqualTo(3);
          assertThat(half.rank()).isEqualTo(2 - c.rank() / 2);
          assertThat(ranks).containsExactly(4 + c.rank() % 2); // the highest rank comes first
          assertThat(host.rank()).isEqualTo(c.rank());
          host.barrier();
        }
      });
    }
  }

  @Test
  void shouldSendAndReceiveInOrder() {
    for (String sharing : List.of("all", "allocated")) {
      CommunicatorConfig config =
          CommunicatorConfig.builder()
              .set("threadSharing", sharing)
              .set("channelSlotBytes", "1024")
              .build();
      try (World world = World.threads(3, config);
          Arena arena = Arena.ofShared()) {
        world.run(c -> {
          int next = (c.rank() + 1) % 3;
          int previous = (c.rank() + 2) % 3;
          for (int n : new int[] {0, 1, 100, 300, 20_000}) {
            MemorySegment out = arena.allocate(4L * n + 4, 4);
            MemorySegment in = arena.allocate(4L * n + 4, 4);
            for (int i = 0; i < n; i++) {
              out.setAtIndex(JAVA_INT, i, c.rank() + 7 * i);
            }
            if (c.rank() == 0) {
              c.send(out, n, DataType.INT32, next);
              c.receive(in, n, DataType.INT32, previous);
            } else {
              c.receive(in, n, DataType.INT32, previous);
              c.send(out, n, DataType.INT32, next);
            }
            assertThat(
                    IntStream.range(0, n)
                        .filter(i -> in.getAtIndex(JAVA_INT, i) != previous + 7 * i))
                .isEmpty();
          }
        });
      }
    }
  }

  @Test
  void shouldReportMismatchOnEveryRank() {
    var errors = new ConcurrentHashMap<Integer, String>();
    try (World world = World.threads(3);
        Arena arena = Arena.ofShared()) {
      world.run(c -> {
        MemorySegment data = arena.allocate(1 << 20, 64);
        c.barrier();
        Throwable error =
            catchThrowable(() -> {
              if (c.rank() == 2) {
                c.broadcast(data, data, 100_000, DataType.INT8, 1);
              } else {
                c.allReduce(data, data, 10 + c.rank(), DataType.FLOAT32, ReduceOp.MAX);
              }
            });
        assertThat(error).isInstanceOf(MismatchException.class);
        errors.put(c.rank(), String.valueOf(error.getMessage()));
        assertThatThrownBy(c::barrier)
            .isInstanceOf(MismatchException.class)
            .cause()
            .isSameAs(error);
      });
    }
    assertThat(errors.values())
        .hasSize(3)
        .containsOnly(
            "ranks disagree on operation 1: rank 0 called all-reduce of 10 FLOAT32 MAX; "
                + "rank 1 called all-reduce of 11 FLOAT32 MAX; "
                + "rank 2 called broadcast of 100000 INT8 from root 1");
  }

  @Test
  void shouldReportMessageMismatch() {
    try (World world = World.threads(2)) {
      assertThatThrownBy(() ->
              world.run(c -> {
                MemorySegment data = MemorySegment.ofArray(new byte[64]);
                if (c.rank() == 0) {
                  c.send(data, 4, DataType.INT32, 1);
                } else {
                  c.receive(data, 8, DataType.FLOAT16, 0);
                }
              }))
          .hasRootCauseMessage("rank 0 sent 4 INT32, rank 1 receives 8 FLOAT16");
    }
  }

  @Test
  void shouldFailOthersWhenRankFails() {
    AtomicReference<Throwable> seen = new AtomicReference<>();
    try (World world = World.threads(3)) {
      Throwable thrown =
          catchThrowable(() ->
              world.run(c -> {
                c.barrier();
                if (c.rank() == 1) {
                  throw new IllegalStateException("planted");
                }
                try {
                  c.barrier();
                } catch (RankFailedException e) {
                  seen.set(e);
                  assertThat(e.failedRanks()).containsExactly(1);
                  assertThat(e.peer()).isEqualTo(1);
                  assertThat(e.operation()).isEqualTo(1);
                  throw e;
                }
              }));
      assertThat(thrown).hasMessageContaining("rank 1 failed").hasRootCauseMessage("planted");
    }
    assertThat(seen.get()).hasMessageContaining("planted");
  }

  @Test
  void shouldFailWhenRankLeaves() {
    try (World world = World.threads(2)) {
      assertThatThrownBy(() ->
              world.run(c -> {
                c.barrier();
                if (c.rank() == 1) {
                  c.close();
                } else {
                  c.barrier();
                }
              }))
          .hasRootCauseMessage("rank 1 closed its communicator before operation 1");
    }
  }

  @Test
  void shouldAbortWaitingRanks() {
    try (World world = World.threads(2)) {
      assertThatThrownBy(() ->
              world.run(c -> {
                if (c.rank() == 1) {
                  c.abort("enough");
                } else {
                  c.barrier();
                }
              }))
          .hasRootCauseInstanceOf(AbortedException.class)
          .hasRootCauseMessage("rank 1 aborted: enough");
    }
  }

  @Test
  void shouldTimeOutNamingMissingRanks() {
    CommunicatorConfig config =
        CommunicatorConfig.builder().operationTimeout(Duration.ofMillis(50)).build();
    try (World world = World.threads(3, config)) {
      assertThatThrownBy(() ->
              world.run(c -> {
                if (c.rank() == 0) {
                  c.barrier();
                }
              }))
          .hasStackTraceContaining(
              "operation 0 made no progress within 50 ms; rank(s) 1, 2 had not entered it");
    }
  }

  @Test
  void shouldRejectBadArguments() {
    try (World world = World.threads(1);
        Arena arena = Arena.ofConfined()) {
      Communicator c = world.communicator(0);
      MemorySegment small = arena.allocate(16, 8);

      assertThatThrownBy(() -> c.allReduce(small, small, 5, DataType.FLOAT32, ReduceOp.SUM))
          .hasMessage("send buffer has 16 bytes, 20 are needed");
      assertThatThrownBy(() -> c.allReduce(small, small, -1, DataType.FLOAT32, ReduceOp.SUM))
          .hasMessage("count is -1, expected at least 0");
      assertThatThrownBy(
              () -> c.allReduce(small, small.asReadOnly(), 1, DataType.INT8, ReduceOp.SUM))
          .hasMessage("receive buffer is read-only");
      assertThatThrownBy(() ->
              c.allReduce(small.asSlice(0, 8), small.asSlice(4, 8), 8, DataType.INT8, ReduceOp.SUM))
          .hasMessageStartingWith("send and receive buffer overlap");
      assertThatThrownBy(() -> c.allReduce(small, small, 1, DataType.INT32, ReduceOp.PRE_MUL_SUM))
          .hasMessage("PRE_MUL_SUM needs a floating-point type, not INT32");
      assertThatThrownBy(() -> c.broadcast(small, small, 1, DataType.INT8, 1))
          .hasMessage("root is 1, expected 0 to 0");
      assertThatThrownBy(() -> c.send(small, 1, DataType.INT8, 0))
          .hasMessage("rank 0 cannot send to or receive from itself");
      assertThatThrownBy(() -> c.allocate(-1)).hasMessage("cannot allocate -1 bytes");
      assertThatThrownBy(() -> c.free(small)).hasMessageContaining("was not allocated by");
      assertThatThrownBy(() -> c.split(-1, 0)).hasMessage("color is -1, expected at least 0");
    }
  }

  @Test
  void shouldRejectUseAfterCloseOrFree() {
    World world = World.threads(1);
    Communicator c = world.communicator(0);
    MemorySegment data = c.allocate(8);
    MemorySegment freed = c.allocate(8);
    c.free(freed);
    world.close();
    world.close();

    assertThatThrownBy(() -> data.get(JAVA_LONG, 0)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> freed.get(JAVA_LONG, 0)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(c::barrier).hasMessage("the communicator is closed");
  }

  @Test
  void shouldRejectUnknownAlgorithm() {
    CommunicatorConfig config = CommunicatorConfig.builder().algorithm("rign").build();

    assertThatThrownBy(() -> World.threads(2, config)).hasMessageContaining("rign");
  }
}
