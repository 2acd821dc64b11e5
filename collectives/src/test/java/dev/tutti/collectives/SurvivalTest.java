package dev.tutti.collectives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What is left when a rank fails or a communicator is aborted, among threads.
@Timeout(60)
final class SurvivalTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  @Test
  void shouldGoOnWithoutTheDead() {
    Map<Integer, String> results = new ConcurrentHashMap<>();
    try (World world = World.threads(4)) {
      assertThatThrownBy(() ->
              world.run(c -> {
                MemorySegment data = c.allocate(8);
                c.barrier();
                if (c.rank() == 1) {
                  throw new IllegalStateException("planted");
                }
                RankFailedException failed =
                    catchThrowableOfType(RankFailedException.class, c::barrier);
                assertThat(failed.failedRanks()).containsExactly(1);
                int old = c.rank();
                try (Communicator living = c.shrink(LONG)) {
                  data.set(ValueLayout.JAVA_LONG, 0, 1L << old);
                  living.allReduce(data, data, 1, DataType.INT64, ReduceOp.SUM);
                  results.put(
                      old,
                      living.rank()
                          + " of "
                          + living.size()
                          + ": "
                          + data.get(ValueLayout.JAVA_LONG, 0));
                  living.free(data);
                  try (Communicator pair = living.split(living.rank() / 2, 0)) {
                    pair.barrier();
                  }
                }
              }))
          .hasRootCauseMessage("planted");
    }
    assertThat(results).isEqualTo(Map.of(0, "0 of 3: 13", 2, "1 of 3: 13", 3, "2 of 3: 13"));
  }

  @Test
  void shouldNumberTheDeadAsTheCommunicatorDoes() {
    Map<Integer, String> messages = new ConcurrentHashMap<>();
    try (World world = World.threads(4)) {
      assertThatThrownBy(() ->
              world.run(c -> {
                Communicator half = c.split(c.rank() / 2, 0);
                half.barrier();
                if (c.rank() == 3) {
                  throw new IllegalStateException("planted");
                }
                if (c.rank() == 2) {
                  RankFailedException failed =
                      catchThrowableOfType(RankFailedException.class, half::barrier);
                  assertThat(failed.failedRanks()).containsExactly(1);
                  messages.put(2, String.valueOf(failed.getMessage()));
                } else {
                  half.barrier(); // the dead one is none of this communicator's
                }
              }))
          .hasRootCauseMessage("planted");
    }
    assertThat(messages.get(2)).startsWith("rank 1 (3 in the world) failed: rank 3 failed: ");
  }

  @Test
  void shouldAbortOneCommunicatorOnly() {
    try (World world = World.threads(3)) {
      world.run(c -> {
        Communicator part = c.split(0, 0);
        part.barrier();
        if (c.rank() == 1) {
          part.abort("enough");
        }
        assertThatThrownBy(part::barrier)
            .isInstanceOf(AbortedException.class)
            .hasMessage("rank 1 aborted: enough");
        c.barrier();
        Communicator again = part.shrink(LONG);
        part.close();
        assertThat(again.size()).isEqualTo(3);
        again.barrier();
        again.close();
      });
    }
  }

  @Test
  void shouldSurviveAMismatchByShrinking() {
    try (World world = World.threads(2)) {
      world.run(c -> {
        int[] data = new int[1 + c.rank()];
        assertThatThrownBy(() -> c.allReduce(data, ReduceOp.SUM))
            .isInstanceOf(MismatchException.class);
        try (Communicator again = c.shrink(LONG)) {
          int[] one = {1};
          again.allReduce(one, ReduceOp.SUM);
          assertThat(one[0]).isEqualTo(2);
          assertThatThrownBy(c::barrier).isInstanceOf(MismatchException.class);
        }
      });
    }
  }

  @Test
  void shouldNameRanksThatDoNotShrink() {
    CountDownLatch late = new CountDownLatch(2);
    try (World world = World.threads(3)) {
      world.run(c -> {
        if (c.rank() == 1) {
          assertThat(late.await(30, TimeUnit.SECONDS)).isTrue();
        } else {
          assertThatThrownBy(() -> c.shrink(Duration.ofMillis(200)))
              .isInstanceOf(TimeoutException.class)
              .matches(e -> !((TuttiException) e).isCommunicatorUsable())
              // Whoever gives up first is missing for the other.
              .hasMessageMatching("ranks \\[(0, )?1(, 2)?\\] .*")
              .hasMessageContaining("have not called within 0.2 s");
          assertThatThrownBy(c::barrier)
              .isInstanceOf(AbortedException.class)
              .hasMessageContaining("replaced by the one that shrink returned");
          late.countDown();
        }
        // After the timeout all may try again.
        try (Communicator all = c.shrink(LONG)) {
          assertThat(all.size()).isEqualTo(3);
          all.barrier();
        }
      });
    }
  }

  @Test
  void shouldNotGrowAmongThreads() {
    try (World world = World.threads(2)) {
      world.run(c -> {
        assertThat(c.rendezvous()).isNull();
        assertThatThrownBy(() -> c.grow(1, LONG))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("nobody can join ranks that are threads");
        c.barrier();
      });
    }
  }
}
