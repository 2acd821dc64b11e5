package dev.tutti.collectives.algorithm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.collectives.algorithm.ScheduleInterpreter.Placement;
import dev.tutti.collectives.algorithm.ScheduleInterpreter.Sends;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.ScheduleSet;
import dev.tutti.collectives.schedule.ScheduleVerifier;
import dev.tutti.collectives.schedule.VerificationReport;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.LongBinaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Every algorithm, proved by the verifier and run by the interpreter.
final class AlgorithmPropertyTest {
  private static final int[] PIECES = {1, 3, 8};
  private static final Set<String> CANONICAL =
      Set.of("flat", "direct", "recursive-doubling", "halving-doubling", "binomial-tree");
  private static final Set<String> PIPELINED =
      Set.of("ring", "binomial-tree", "double-binary-tree");

  /// Commutative but not associative, so that the value tells the tree.
  private static long combine(long a, long b) {
    long x = (Math.min(a, b) * 0x9E3779B97F4A7C15L) ^ Math.max(a, b);
    return (x ^ (x >>> 32)) * 0xD6E8FEB86659FD93L;
  }

  static Stream<Arguments> combinations() {
    return Algorithms.all().stream()
        .flatMap(a ->
            Arrays.stream(Collective.values())
                .filter(c -> a.supports(c, 8))
                .map(c -> Arguments.of(a, c)));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("combinations")
  void shouldBeProvedByTheVerifier(Algorithm algorithm, Collective collective) {
    IntStream all = IntStream.concat(IntStream.rangeClosed(1, 33), IntStream.of(64, 127, 128));
    all.forEach(ranks -> {
      for (int root : roots(collective, ranks)) {
        for (int pieces : pieces(algorithm, ranks)) {
          ScheduleSet set = algorithm.scheduleSet(collective, ranks, root, pieces);
          VerificationReport report = ScheduleVerifier.verify(set, 1);
          String what = what(algorithm, set, pieces) + ": " + report.describe();
          assertThat(report.isValid()).as(what).isTrue();
          assertThat(report.isSafeInPlace()).as(what + " in place").isTrue();
          assertThat(report.isConsistent()).as(what + " consistent").isTrue();
          boolean canonical = isCanonical(algorithm, collective, ranks);
          assertThat(report.isCanonical()).as(what + " canonical").isEqualTo(canonical);
          boolean buffered = algorithm.name().equals("dissemination") && ranks > 1;
          assertThat(report.requiredSlots()).as(what).isEqualTo(buffered ? 1 : 0);
        }
      }
    });
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("combinations")
  void shouldDependOnThePiecesWhereItPipelines(Algorithm algorithm, Collective collective) {
    for (int ranks = 2; ranks < 10; ranks++) {
      ScheduleSet whole = algorithm.scheduleSet(collective, ranks, 1, 1);
      ScheduleSet cut = algorithm.scheduleSet(collective, ranks, 1, 3);

      assertThat(!cut.equals(whole)).isEqualTo(algorithm.pipelines(collective));
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("combinations")
  void shouldGiveTheRightResultInBothPlacements(Algorithm algorithm, Collective collective) {
    IntStream.rangeClosed(1, 33)
        .forEach(ranks -> {
          int root = ranks / 2;
          for (int pieces : ranks < 9 ? pieces(algorithm, ranks) : List.of(3)) {
            ScheduleSet set = algorithm.scheduleSet(collective, ranks, root, pieces);
            for (long count : counts(set)) {
              for (Placement placement : Placement.values()) {
                check(algorithm, set, count, placement, Long::sum);
              }
            }
          }
        });
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("combinations")
  void shouldAddAlongTheSameTreeOnAllRanks(Algorithm algorithm, Collective collective) {
    if (!collective.reduces()) {
      return;
    }
    for (int ranks : new int[] {2, 3, 5, 6, 7, 8, 11, 12, 13, 16, 23}) {
      ScheduleSet set = algorithm.scheduleSet(collective, ranks, 0, 2);
      if (isCanonical(algorithm, collective, ranks)) {
        check(algorithm, set, longCount(set), Placement.IN_PLACE, AlgorithmPropertyTest::combine);
      } else if (collective == Collective.ALL_REDUCE) {
        long[][] results =
            interpret(set, longCount(set), Placement.IN_PLACE, AlgorithmPropertyTest::combine);
        for (long[] result : results) {
          assertThat(result).as(what(algorithm, set, 2)).containsExactly(results[0]);
        }
      }
    }
  }

  @Test
  void shouldDetectDeadlockWhenEveryRankSendsFirst() {
    ScheduleSet set = Algorithms.named("dissemination").scheduleSet(Collective.BARRIER, 5, 0, 1);
    ScheduleInterpreter interpreter =
        new ScheduleInterpreter(set, 0, Long::sum, Sends.RENDEZVOUS, Placement.IN_PLACE, 1);

    assertThatThrownBy(interpreter::run)
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("deadlock");
  }

  private static void check(
      Algorithm algorithm,
      ScheduleSet set,
      long count,
      Placement placement,
      LongBinaryOperator operator) {
    String what = what(algorithm, set, 0) + " count " + count + " " + placement;
    long[][] results = interpret(set, count, placement, operator);
    long[] expected =
        IntStream.range(0, Math.toIntExact(elements(set, count)))
            .mapToLong(e -> expected(set, count, e, operator))
            .toArray();
    for (int rank = 0; rank < set.ranks(); rank++) {
      int from = 0;
      int to = set.collective() == Collective.BARRIER ? 0 : expected.length;
      if (set.collective() == Collective.REDUCE_SCATTER) {
        from = Math.toIntExact(rank * count);
        to = Math.toIntExact(from + count);
      }
      assertThat(Arrays.copyOfRange(results[rank], from, to))
          .as("%s rank %d", what, rank)
          .isEqualTo(Arrays.copyOfRange(expected, from, to));
    }
  }

  private static long[][] interpret(
      ScheduleSet set, long count, Placement placement, LongBinaryOperator operator) {
    Sends sends = set.collective() == Collective.BARRIER ? Sends.BUFFERED : Sends.RENDEZVOUS;
    long seed = 31L * set.ranks() + count;
    return new ScheduleInterpreter(set, elements(set, count), operator, sends, placement, seed)
        .run();
  }

  private static long expected(
      ScheduleSet set, long count, int element, LongBinaryOperator operator) {
    return switch (set.collective()) {
      case ALL_REDUCE, REDUCE_SCATTER -> tree(0, set.ranks(), element, operator);
      case BROADCAST -> ScheduleInterpreter.value(set.root(), element);
      case ALL_GATHER -> ScheduleInterpreter.value((int) (element / count), element);
      case BARRIER -> 0;
    };
  }

  /// The definition of the canonical tree, written again.
  private static long tree(int lo, int hi, int element, LongBinaryOperator operator) {
    if (hi - lo == 1) {
      return ScheduleInterpreter.value(lo, element);
    }
    int left = 1;
    while (2 * left < hi - lo) {
      left *= 2;
    }
    return operator.applyAsLong(
        tree(lo, lo + left, element, operator), tree(lo + left, hi, element, operator));
  }

  private static boolean isCanonical(Algorithm algorithm, Collective collective, int ranks) {
    return ranks <= 2 || !collective.reduces() || CANONICAL.contains(algorithm.name());
  }

  private static List<Integer> roots(Collective collective, int ranks) {
    if (!collective.isRooted()) {
      return List.of(0);
    }
    return IntStream.of(0, 1, ranks / 2, ranks - 1)
        .filter(r -> r < ranks)
        .distinct()
        .boxed()
        .toList();
  }

  private static List<Integer> pieces(Algorithm algorithm, int ranks) {
    boolean varies = PIPELINED.contains(algorithm.name()) && ranks <= 64;
    return varies ? Arrays.stream(PIECES).boxed().toList() : List.of(1);
  }

  private static long[] counts(ScheduleSet set) {
    return set.collective() == Collective.BARRIER
        ? new long[] {0}
        : new long[] {0, 1, longCount(set)};
  }

  /// Returns a count for which chunks have two or three elements, more than a channel holds.
  private static long longCount(ScheduleSet set) {
    return switch (set.collective()) {
      case ALL_REDUCE, BROADCAST, BARRIER -> 2L * set.partition().chunks() + 1;
      case ALL_GATHER, REDUCE_SCATTER -> 3;
    };
  }

  private static long elements(ScheduleSet set, long count) {
    return switch (set.collective()) {
      case ALL_REDUCE, BROADCAST, BARRIER -> count;
      case ALL_GATHER, REDUCE_SCATTER -> count * set.ranks();
    };
  }

  private static String what(Algorithm algorithm, ScheduleSet set, int pieces) {
    return algorithm.name()
        + " "
        + set.collective().label()
        + " ranks "
        + set.ranks()
        + " root "
        + set.root()
        + " pieces "
        + pieces;
  }
}
