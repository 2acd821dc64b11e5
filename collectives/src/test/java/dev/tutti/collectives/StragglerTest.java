package dev.tutti.collectives;

import static dev.tutti.collectives.StragglerCases.COUNT;
import static dev.tutti.collectives.StragglerCases.allAre;
import static dev.tutti.collectives.StragglerCases.fill;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// All-reduces that begin without a rank that is late, among threads.
@Timeout(60)
final class StragglerTest {
  private static final int RANKS = 5;

  private static CommunicatorConfig config(String algorithm) {
    return CommunicatorConfig.builder()
        .algorithm(algorithm)
        .set("stragglers", "auto")
        .set("stragglerPatienceMicros", "1")
        .build();
  }

  private static MemorySegment filled(Communicator c, float value) {
    MemorySegment data = c.allocate(COUNT * 4L);
    fill(data, value);
    return data;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2, 4}) // the first three decide
  void shouldBeginWithoutALateRank(int late) {
    Map<Integer, Boolean> without = new ConcurrentHashMap<>();
    try (World world = World.threads(RANKS, config("ring"))) {
      world.run(c -> without.put(c.rank(), StragglerCases.beginsWithout(c, late, late % 2 == 0)));
    }

    assertThat(without).hasSize(RANKS).doesNotContainValue(false);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ring", "auto"})
  void shouldGiveTheSameSumsWhoeverIsLate(String algorithm) {
    try (World world = World.threads(RANKS, config(algorithm))) {
      world.run(c -> {
        MemorySegment send = filled(c, c.rank() + 1);
        MemorySegment receive = c.allocate(COUNT * 4L);
        for (int i = 0; i < 3 * RANKS; i++) {
          if (i % RANKS == c.rank() && i >= RANKS) {
            LockSupport.parkNanos(i * 20_000L);
          }
          ReduceOp op = i % 2 == 0 ? ReduceOp.SUM : ReduceOp.AVG;
          fill(receive, -1);
          if (i % 3 == 0) {
            c.allReduceAsync(send, receive, COUNT, DataType.FLOAT32, op).await();
          } else {
            c.allReduce(send, receive, COUNT, DataType.FLOAT32, op);
          }
          assertThat(allAre(receive, op == ReduceOp.SUM ? 15 : 3)).as("operation %d", i).isTrue();
          if (i % 4 == 0) {
            c.barrier();
          }
        }
      });
    }
  }

  @Test
  void shouldWaitForSeveralLateRanks() {
    CountDownLatch entering = new CountDownLatch(RANKS - 2);
    try (World world = World.threads(RANKS, config("ring"))) {
      world.run(c -> {
        MemorySegment data = filled(c, c.rank() + 1);
        if (c.rank() == 0 || c.rank() == 1) {
          entering.await();
        } else {
          entering.countDown();
        }
        c.allReduce(data, data, COUNT, DataType.FLOAT32, ReduceOp.SUM);
        assertThat(allAre(data, 15)).isTrue();
      });
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void shouldNameALateRankThatNeverComes(int victim) {
    CountDownLatch entering = new CountDownLatch(RANKS - 1);
    Map<Integer, Boolean> told = new ConcurrentHashMap<>();
    try (World world = World.threads(RANKS, config("ring"))) {
      assertThatThrownBy(() ->
              world.run(c -> {
                MemorySegment data = filled(c, 1);
                c.allReduce(data, data, COUNT, DataType.FLOAT32, ReduceOp.SUM);
                if (c.rank() == victim) {
                  entering.await();
                  throw new IllegalStateException("planted");
                }
                entering.countDown();
                RankFailedException failed =
                    catchThrowableOfType(
                        RankFailedException.class,
                        () -> c.allReduce(data, data, COUNT, DataType.FLOAT32, ReduceOp.SUM));
                told.put(c.rank(), failed.failedRanks().contains(victim));
              }))
          .hasRootCauseMessage("planted");
    }

    assertThat(told).hasSize(RANKS - 1).doesNotContainValue(false);
  }

  @Test
  void shouldTellEveryRankThatTheLateOneCallsSomethingElse() {
    CountDownLatch entering = new CountDownLatch(RANKS - 1);
    Map<Integer, String> told = new ConcurrentHashMap<>();
    try (World world = World.threads(RANKS, config("ring"))) {
      world.run(c -> {
        MemorySegment data = filled(c, 1);
        c.allReduce(data, data, COUNT, DataType.FLOAT32, ReduceOp.SUM);
        if (c.rank() == 4) {
          entering.await();
          assertThatThrownBy(c::barrier).isInstanceOf(MismatchException.class);
          told.put(4, "");
          return;
        }
        entering.countDown();
        MismatchException mismatch =
            catchThrowableOfType(
                MismatchException.class,
                () -> c.allReduce(data, data, COUNT, DataType.FLOAT32, ReduceOp.SUM));
        told.put(c.rank(), String.valueOf(mismatch.getMessage()));
      });
    }

    assertThat(told).hasSize(RANKS);
    assertThat(told.get(0)).contains("rank 4 called barrier");
  }

  @Test
  void shouldLeaveCanonicalSumsAlone() {
    CommunicatorConfig config =
        CommunicatorConfig.builder()
            .set("stragglers", "auto")
            .set("reproducibility", "canonical")
            .build();
    try (World world = World.threads(3, config)) {
      world.run(c -> {
        MemorySegment data = filled(c, 1);
        assertThat(c.prepareAllReduce(data, data, COUNT, DataType.FLOAT32, ReduceOp.SUM).form())
            .doesNotContain("late");
      });
    }
  }

  @Test
  void shouldNameAWrongSetting() {
    assertThatThrownBy(() -> CommunicatorConfig.builder().set("stragglers", "on").build())
        .hasMessage("tutti.stragglers is \"on\", expected off or auto");
    assertThatThrownBy(
            () -> CommunicatorConfig.builder().set("stragglerPatienceMicros", "0").build())
        .hasMessage("tutti.stragglerPatienceMicros is \"0\", expected a number of at least 1");
  }
}
