package dev.tutti.collectives;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class CustomReductionTest {
  private static final DataType TYPE = DataType.INT64;

  private static CustomReduction commutative(String name) {
    return CustomReduction.commutative(name, Combiner.ofLongs(Long::sum), TYPE);
  }

  private static CommunicatorConfig.Builder config(String algorithm) {
    return CommunicatorConfig.builder().algorithm(algorithm).set("flatBytes", "1024");
  }

  @Test
  void shouldFindTheMaximumAndWhereItIs() {
    Reduction max = CustomReduction.commutative("max-location", Combiner.ofLongs(Math::max), TYPE);
    try (World world = World.threads(3)) {
      world.run(c -> {
        long[] pair = {((10L * (c.rank() % 2)) << 32) | c.rank()};

        c.allReduce(pair, max);

        assertThat(pair).containsExactly((10L << 32) | 1);
      });
    }
  }

  /// A commutative one goes by schedules that combine in any order.
  @Test
  void shouldRunCommutativeReductionsInARing() {
    Combiner sum =
        (left, right, target, count) -> {
          for (long i = 0; i < count; i++) {
            float both = left.getAtIndex(JAVA_FLOAT, i) + right.getAtIndex(JAVA_FLOAT, i);
            target.setAtIndex(JAVA_FLOAT, i, both);
          }
        };
    Reduction op = CustomReduction.commutative("sum", sum, DataType.FLOAT32, DataType.FLOAT64);
    try (World world = World.threads(3, config("ring").build())) {
      world.run(c -> {
        float[] data = new float[5000];
        data[4999] = c.rank();

        c.allReduce(data, op);

        assertThat(data[4999]).isEqualTo(3);
      });
    }
  }

  /// Rank 1 fails while the others need its part: in shared memory and interpreted, in the call and
  /// on the progress thread.
  @ParameterizedTest
  @CsvSource({"direct, false", "direct, true", "ring, false", "halving-doubling, true"})
  void shouldFailOnEveryRankWhenACombinerThrows(String algorithm, boolean asynchronous) {
    RuntimeException original = new IllegalStateException("not today");
    try (World world = World.threads(3, config(algorithm).build())) {
      world.run(c -> {
        TuttiException thrown = failure(c, asynchronous, original);
        if (c.rank() == 1) {
          assertThat(thrown).cause().isSameAs(original);
        }
        assertThatThrownBy(c::barrier).isInstanceOf(TuttiException.class);
      });
    }
  }

  /// Returns what a rank gets when the combiner of rank 1 throws.
  private static TuttiException failure(
      Communicator c, boolean asynchronous, RuntimeException original) {
    Combiner combiner =
        (left, right, target, count) -> {
          if (c.rank() == 1) {
            throw original;
          }
        };
    Reduction op = CustomReduction.commutative("mood", combiner, TYPE);
    try (Arena arena = Arena.ofShared()) {
      MemorySegment data = arena.allocate(8 * 5000, 8);
      TuttiException thrown =
          catchThrowableOfType(
              TuttiException.class,
              () -> {
                if (asynchronous) {
                  c.allReduceAsync(data, data, 5000, TYPE, op).await();
                } else {
                  c.allReduce(data, data, 5000, TYPE, op);
                }
                c.barrier(); // who was through before rank 1 failed hears of it here
              });
      assertThat(thrown)
          .hasMessageContaining(
              "reduction mood threw java.lang.IllegalStateException: not today on rank 1");
      return thrown;
    }
  }

  @Test
  void shouldTellTheOthersOfErrorsToo() {
    try (World world = World.threads(2)) {
      world.run(c -> {
        Combiner combiner =
            (left, right, target, count) -> {
              throw new StackOverflowError();
            };
        long[] data = {1};
        assertThatThrownBy(
                () -> c.allReduce(data, CustomReduction.commutative("deep", combiner, TYPE)))
            .isInstanceOf(TuttiException.class)
            .hasMessageContaining("reduction deep threw java.lang.StackOverflowError");
      });
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5000})
  void shouldNameBothReductionsOnEveryRankWhenTheyDiffer(int count) {
    try (World world = World.threads(3, config("auto").build())) {
      world.run(c -> {
        Reduction op = commutative(c.rank() == 2 ? "second" : "first");
        assertThatThrownBy(() -> c.allReduce(new long[count], op))
            .isInstanceOf(MismatchException.class)
            .hasMessageContaining("rank 0 called all-reduce of " + count + " INT64 first (comm")
            .hasMessageContaining("rank 2 called all-reduce of " + count + " INT64 second (comm");
      });
    }
  }

  @Test
  void shouldTellCommutativeFromRankOrderFromBuiltIn() {
    Combiner sum = Combiner.ofLongs(Long::sum);
    Reduction[] ops = {
      ReduceOp.SUM, commutative("SUM"), CustomReduction.inRankOrder("SUM", sum, TYPE)
    };
    try (World world = World.threads(3)) {
      world.run(c -> {
        MemorySegment data = c.allocate(8);
        assertThatThrownBy(() -> c.reduce(data, data, 1, TYPE, ops[c.rank()], 1))
            .isInstanceOf(MismatchException.class)
            .hasMessageContaining("rank 0 called reduce of 1 INT64 SUM to root 1")
            .hasMessageContaining("rank 1 called reduce of 1 INT64 custom (commutative) to root 1")
            .hasMessageContaining("rank 2 called reduce of 1 INT64 custom (in rank order) to ");
      });
    }
  }

  @Test
  void shouldRefuseTypesThatTheReductionDoesNotWorkOn() {
    Reduction op = commutative("xor");
    try (World world = World.threads(1)) {
      world.run(c ->
          assertThatThrownBy(() -> c.allReduce(new float[1], op))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessage("reduction xor works on [INT64], not on FLOAT32"));
    }
  }

  @Test
  void shouldRefuseNamesThatNobodyCanRead() {
    assertThatThrownBy(() -> commutative(" "))
        .hasMessage("the name of a reduction is ' ', expected 1 to 100 characters");
  }

  /// The combiner's calls come with what was promised, whatever the caller's buffers are.
  @Test
  void shouldKeepCombinersWithinTheOperation() {
    try (World world = World.threads(2)) {
      world.run(c -> {
        MemorySegment[] kept = new MemorySegment[1];
        Combiner curious =
            (left, right, target, count) -> {
              assertThat(left.byteSize()).isEqualTo(8 * count).isEqualTo(target.byteSize());
              assertThat(left.isReadOnly() && right.isReadOnly()).isTrue();
              assertThatThrownBy(() -> target.getAtIndex(JAVA_LONG, count))
                  .isInstanceOf(IndexOutOfBoundsException.class);
              Combiner.ofLongs(Long::sum)
                  .combine(left, right, target, count); // throws if not aligned
              kept[0] = target;
            };
        try (Arena arena = Arena.ofConfined()) {
          MemorySegment data = arena.allocate(8 * 3000 + 1, 8).asSlice(1);
          c.allReduce(
              data, data, 3000, TYPE, CustomReduction.commutative("curious", curious, TYPE));
        }
        assertThatThrownBy(() -> kept[0].get(JAVA_LONG, 0))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("closed");
      });
    }
  }
}
