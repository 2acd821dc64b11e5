package dev.tutti.collectives.algorithm;

import static dev.tutti.collectives.schedule.Collective.ALL_GATHER;
import static dev.tutti.collectives.schedule.Collective.ALL_REDUCE;
import static dev.tutti.collectives.schedule.Collective.BARRIER;
import static dev.tutti.collectives.schedule.Collective.BROADCAST;
import static dev.tutti.collectives.schedule.Collective.REDUCE_SCATTER;

import dev.tutti.collectives.schedule.Collective;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/// The known algorithms.
///
/// | name | all-reduce | broadcast | all-gather | reduce-scatter | barrier |
/// |---|---|---|---|---|---|
/// | flat | canonical | yes | yes | canonical | yes |
/// | direct | canonical | | | | |
/// | ring | yes | yes | yes | yes | |
/// | recursive-doubling | canonical | | yes | | |
/// | halving-doubling | canonical | | | canonical | |
/// | binomial-tree | canonical | yes | | | |
/// | double-binary-tree | yes | yes | | | |
/// | two-rings | yes | | yes | yes | |
/// | edge-disjoint-rings | yes | | yes | yes | |
/// | dissemination | | | | | yes |
///
/// *Canonical* means that the sums are the balanced binary tree over rank ids for every number of
/// ranks, so that switching between such algorithms does not change a bit. All support any number
/// of ranks.
public final class Algorithms {
  private static final List<Algorithm> ALL =
      List.of(
          new AlgorithmFamily(
              "flat",
              Map.of(
                  ALL_REDUCE, (n, rank, _, _) -> FlatAllReduce.schedule(n, rank),
                  BROADCAST, (n, rank, root, _) -> FlatBroadcast.schedule(n, rank, root),
                  ALL_GATHER, (n, rank, _, _) -> FlatAllGather.schedule(n, rank),
                  REDUCE_SCATTER, (n, rank, _, _) -> FlatReduceScatter.schedule(n, rank),
                  BARRIER, (n, rank, _, _) -> FlatBarrier.schedule(n, rank))),
          new AlgorithmFamily(
              "direct", Map.of(ALL_REDUCE, (n, rank, _, _) -> DirectAllReduce.schedule(n, rank))),
          new AlgorithmFamily(
              "ring",
              Map.of(
                  ALL_REDUCE, (n, rank, _, _) -> RingAllReduce.schedule(n, rank),
                  BROADCAST, RingBroadcast::schedule,
                  ALL_GATHER, (n, rank, _, _) -> RingAllGather.schedule(n, rank),
                  REDUCE_SCATTER, (n, rank, _, _) -> RingReduceScatter.schedule(n, rank)),
              Set.of(BROADCAST)),
          new AlgorithmFamily(
              "recursive-doubling",
              Map.of(
                  ALL_REDUCE, (n, rank, _, _) -> RecursiveDoublingAllReduce.schedule(n, rank),
                  ALL_GATHER, (n, rank, _, _) -> RecursiveDoublingAllGather.schedule(n, rank))),
          new AlgorithmFamily(
              "halving-doubling",
              Map.of(
                  ALL_REDUCE, (n, rank, _, _) -> HalvingDoublingAllReduce.schedule(n, rank),
                  REDUCE_SCATTER,
                      (n, rank, _, _) -> HalvingDoublingReduceScatter.schedule(n, rank))),
          new AlgorithmFamily(
              "binomial-tree",
              Map.of(
                  ALL_REDUCE,
                  (n, rank, _, pieces) -> BinomialTreeAllReduce.schedule(n, rank, pieces),
                  BROADCAST,
                  BinomialTreeBroadcast::schedule),
              Set.of(ALL_REDUCE, BROADCAST)),
          new AlgorithmFamily(
              "double-binary-tree",
              Map.of(
                  ALL_REDUCE,
                  (n, rank, _, pieces) -> DoubleBinaryTreeAllReduce.schedule(n, rank, pieces),
                  BROADCAST,
                  DoubleBinaryTreeBroadcast::schedule),
              Set.of(ALL_REDUCE, BROADCAST)),
          rings("two-rings", TwoRings::of),
          rings("edge-disjoint-rings", EdgeDisjointRings::ofFullMesh),
          new AlgorithmFamily(
              "dissemination",
              Map.of(BARRIER, (n, rank, _, _) -> DisseminationBarrier.schedule(n, rank))));

  private Algorithms() {}

  private static Algorithm rings(String name, IntFunction<int[][]> orders) {
    return new AlgorithmFamily(
        name,
        Map.of(
            ALL_REDUCE,
            (n, rank, _, _) -> MultiRingAllReduce.schedule(orders.apply(n), rank),
            ALL_GATHER,
            (n, rank, _, _) -> MultiRingAllGather.schedule(orders.apply(n), rank),
            REDUCE_SCATTER,
            (n, rank, _, _) -> MultiRingReduceScatter.schedule(orders.apply(n), rank)));
  }

  /// Returns all algorithms, one per family.
  public static List<Algorithm> all() {
    return ALL;
  }

  /// Returns the algorithms that realise a collective for a number of ranks.
  public static List<Algorithm> supporting(Collective collective, int ranks) {
    return ALL.stream().filter(a -> a.supports(collective, ranks)).toList();
  }

  /// Returns the algorithm of that name.
  ///
  /// @throws IllegalArgumentException if there is none; the message lists the known names and,
  ///   where one is close, suggests it
  public static Algorithm named(String name) {
    for (Algorithm algorithm : ALL) {
      if (algorithm.name().equals(name)) {
        return algorithm;
      }
    }
    String known = ALL.stream().map(Algorithm::name).collect(Collectors.joining(", "));
    throw new IllegalArgumentException(
        "no algorithm named '" + name + "'" + suggestion(name) + "; known: " + known);
  }

  private static String suggestion(String name) {
    String wanted = name.toLowerCase(Locale.ROOT).replace('_', '-').replace(' ', '-');
    return ALL.stream()
        .map(Algorithm::name)
        .min(Comparator.comparingInt(known -> editDistance(wanted, known)))
        .filter(known -> editDistance(wanted, known) <= known.length() / 3)
        .map(known -> ", did you mean '" + known + "'?")
        .orElse("");
  }

  /// Returns the Levenshtein distance.
  private static int editDistance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replace = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replace, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
