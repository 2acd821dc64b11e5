package dev.tutti.collectives.algorithm;

import static dev.tutti.collectives.schedule.Collective.ALL_GATHER;
import static dev.tutti.collectives.schedule.Collective.ALL_TO_ALL;
import static dev.tutti.collectives.schedule.Collective.GATHER;
import static dev.tutti.collectives.schedule.Collective.REDUCE_SCATTER;
import static dev.tutti.collectives.schedule.Collective.SCATTER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.collectives.algorithm.ScheduleInterpreter.Placement;
import dev.tutti.collectives.algorithm.ScheduleInterpreter.Sends;
import dev.tutti.collectives.schedule.Collective;
import dev.tutti.collectives.schedule.ScheduleSet;
import dev.tutti.collectives.schedule.ScheduleVerifier;
import dev.tutti.collectives.schedule.VerificationReport;
import java.util.Arrays;
import java.util.EnumSet;
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
  private static final Set<Collective> UNEVEN =
      EnumSet.of(ALL_GATHER, REDUCE_SCATTER, GATHER, SCATTER, ALL_TO_ALL);
  private static final Set<String> THROUGH_OTHERS = Set.of("binomial-tree", "bruck");

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
    int most = collective == ALL_TO_ALL ? 127 : 128; // of whose chunks there are ranks²
    all.filter(ranks -> ranks <= most)
        .forEach(ranks -> {
          for (int root : roots(collective, ranks)) {
            for (int pieces : pieces(algorithm, ranks)) {
              ScheduleSet set = algorithm.scheduleSet(collective, ranks, root, pieces);
              VerificationReport report = ScheduleVerifier.verify(set, 1);
              String what = what(algorithm, set, pieces) + ": " + report.describe();
              assertThat(report.isValid()).as(what).isTrue();
              boolean staged = collective == ALL_TO_ALL && ranks > 1;
              assertThat(report.isSafeInPlace()).as(what + " in place").isEqualTo(!staged);
              boolean uneven = UNEVEN.contains(collective) && isDirect(algorithm, ranks);
              assertThat(report.allowsUnevenBlocks()).as(what + " uneven").isEqualTo(uneven);
              assertThat(report.isConsistent()).as(what + " consistent").isTrue();
              boolean canonical = isCanonical(algorithm, set);
              assertThat(report.isCanonical()).as(what + " canonical").isEqualTo(canonical);
              boolean ordered = report.rankOrder() != null;
              assertThat(canonical && collective.reduces() && !ordered).as(what).isFalse();
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
              for (Placement placement : placements(collective)) {
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
      if (isCanonical(algorithm, set)) {
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
    long[] shared = null;
    for (int rank = 0; rank < set.ranks(); rank++) {
      if (shared == null || set.collective().isPrefix() || set.collective() == ALL_TO_ALL) {
        int of = rank;
        shared =
            IntStream.range(0, results[rank].length)
                .mapToLong(e -> expected(set, of, count, e, operator))
                .toArray();
      }
      int from = 0;
      int to = hasResult(set, rank) ? shared.length : 0;
      if (set.collective() == REDUCE_SCATTER || set.collective() == SCATTER) {
        from = Math.toIntExact(rank * count);
        to = Math.toIntExact(from + count);
      }
      assertThat(Arrays.copyOfRange(results[rank], from, to))
          .as("%s rank %d", what, rank)
          .isEqualTo(Arrays.copyOfRange(shared, from, to));
    }
  }

  private static boolean hasResult(ScheduleSet set, int rank) {
    return switch (set.collective()) {
      case BARRIER -> false;
      case REDUCE, GATHER -> rank == set.root();
      case EXCLUSIVE_SCAN -> rank > 0;
      default -> true;
    };
  }

  /// In place, an all-to-all is called with a copy of its input.
  private static List<Placement> placements(Collective collective) {
    return collective == ALL_TO_ALL ? List.of(Placement.OUT_OF_PLACE) : List.of(Placement.values());
  }

  private static long[][] interpret(
      ScheduleSet set, long count, Placement placement, LongBinaryOperator operator) {
    Sends sends = set.collective() == Collective.BARRIER ? Sends.BUFFERED : Sends.RENDEZVOUS;
    long seed = 31L * set.ranks() + count;
    return new ScheduleInterpreter(set, elements(set, count), operator, sends, placement, seed)
        .run();
  }

  private static long expected(
      ScheduleSet set, int rank, long count, int element, LongBinaryOperator operator) {
    return switch (set.collective()) {
      case ALL_REDUCE, REDUCE_SCATTER, REDUCE -> tree(0, set.ranks(), element, operator);
      case SCAN -> tree(0, rank + 1, element, operator);
      case EXCLUSIVE_SCAN -> rank == 0 ? 0 : tree(0, rank, element, operator);
      case BROADCAST, SCATTER -> ScheduleInterpreter.value(set.root(), element);
      case ALL_GATHER, GATHER -> ScheduleInterpreter.value((int) (element / count), element);
      case ALL_TO_ALL -> {
        int sent = Math.toIntExact(rank * count + element % count);
        yield ScheduleInterpreter.value((int) (element / count), sent);
      }
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

  /// The sums of a chain are canonical as long as they have no more than three terms, in order.
  private static boolean isCanonical(Algorithm algorithm, ScheduleSet set) {
    int ranks = set.ranks();
    int most =
        switch (set.collective()) {
          case SCAN -> 3;
          case EXCLUSIVE_SCAN -> 4;
          case REDUCE -> set.root() == ranks - 1 ? 3 : 2;
          default -> 2;
        };
    return ranks <= most || !set.collective().reduces() || CANONICAL.contains(algorithm.name());
  }

  /// Returns whether no block passes through a rank that neither sends nor receives it.
  private static boolean isDirect(Algorithm algorithm, int ranks) {
    boolean passes = THROUGH_OTHERS.contains(algorithm.name());
    return !passes || ranks <= 3; // among so few nobody stands between two others
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
    return set.collective().blocks(set.ranks()) > 1 ? 3 : 2L * set.partition().chunks() + 1;
  }

  private static long elements(ScheduleSet set, long count) {
    return count * set.collective().blocks(set.ranks());
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
