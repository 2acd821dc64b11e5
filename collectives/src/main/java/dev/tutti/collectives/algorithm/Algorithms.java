package dev.tutti.collectives.algorithm;

import static dev.tutti.collectives.schedule.Collective.ALL_GATHER;
import static dev.tutti.collectives.schedule.Collective.ALL_REDUCE;
import static dev.tutti.collectives.schedule.Collective.ALL_TO_ALL;
import static dev.tutti.collectives.schedule.Collective.BARRIER;
import static dev.tutti.collectives.schedule.Collective.BROADCAST;
import static dev.tutti.collectives.schedule.Collective.EXCLUSIVE_SCAN;
import static dev.tutti.collectives.schedule.Collective.GATHER;
import static dev.tutti.collectives.schedule.Collective.REDUCE;
import static dev.tutti.collectives.schedule.Collective.REDUCE_SCATTER;
import static dev.tutti.collectives.schedule.Collective.SCAN;
import static dev.tutti.collectives.schedule.Collective.SCATTER;
import static java.util.Map.entry;

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
/// | name | reduce | gather | scatter | all-to-all | scan, exclusive-scan |
/// |---|---|---|---|---|---|
/// | flat | canonical | yes, uneven | yes, uneven | yes, uneven | canonical |
/// | ring | yes | | | | yes |
/// | recursive-doubling | | | | | canonical |
/// | binomial-tree | canonical | yes | yes | | |
/// | pairwise | | | | yes, uneven | |
/// | bruck | | | | yes | |
///
/// *Canonical* means that the sums are the balanced binary tree over rank ids for every number of
/// ranks, so that switching between such algorithms does not change a bit. *Uneven* means that they
/// work on blocks of different lengths, too; so do all of all-gather and reduce-scatter. All
/// support any number of ranks.
public final class Algorithms {
  private static final List<Algorithm> ALL =
      List.of(
          new AlgorithmFamily(
              "flat",
              Map.ofEntries(
                  entry(ALL_REDUCE, (n, rank, _, _) -> FlatAllReduce.schedule(n, rank)),
                  entry(BROADCAST, (n, rank, root, _) -> FlatBroadcast.schedule(n, rank, root)),
                  entry(ALL_GATHER, (n, rank, _, _) -> FlatAllGather.schedule(n, rank)),
                  entry(REDUCE_SCATTER, (n, rank, _, _) -> FlatReduceScatter.schedule(n, rank)),
                  entry(BARRIER, (n, rank, _, _) -> FlatBarrier.schedule(n, rank)),
                  entry(REDUCE, (n, rank, root, _) -> FlatReduce.schedule(n, rank, root)),
                  entry(GATHER, (n, rank, root, _) -> FlatGather.schedule(n, rank, root)),
                  entry(SCATTER, (n, rank, root, _) -> FlatScatter.schedule(n, rank, root)),
                  entry(ALL_TO_ALL, (n, rank, _, _) -> FlatAllToAll.schedule(n, rank)),
                  entry(SCAN, (n, rank, _, _) -> FlatScan.schedule(SCAN, n, rank)),
                  entry(
                      EXCLUSIVE_SCAN,
                      (n, rank, _, _) -> FlatScan.schedule(EXCLUSIVE_SCAN, n, rank)))),
          new AlgorithmFamily(
              "direct", Map.of(ALL_REDUCE, (n, rank, _, _) -> DirectAllReduce.schedule(n, rank))),
          new AlgorithmFamily(
              "ring",
              Map.of(
                  ALL_REDUCE, (n, rank, _, _) -> RingAllReduce.schedule(n, rank),
                  BROADCAST, RingBroadcast::schedule,
                  ALL_GATHER, (n, rank, _, _) -> RingAllGather.schedule(n, rank),
                  REDUCE_SCATTER, (n, rank, _, _) -> RingReduceScatter.schedule(n, rank),
                  REDUCE, RingReduce::schedule,
                  SCAN, (n, rank, _, pieces) -> RingScan.schedule(SCAN, n, rank, pieces),
                  EXCLUSIVE_SCAN,
                      (n, rank, _, pieces) -> RingScan.schedule(EXCLUSIVE_SCAN, n, rank, pieces)),
              Set.of(BROADCAST, REDUCE, SCAN, EXCLUSIVE_SCAN)),
          new AlgorithmFamily(
              "recursive-doubling",
              Map.of(
                  ALL_REDUCE, (n, rank, _, _) -> RecursiveDoublingAllReduce.schedule(n, rank),
                  ALL_GATHER, (n, rank, _, _) -> RecursiveDoublingAllGather.schedule(n, rank),
                  SCAN, (n, rank, _, _) -> RecursiveDoublingScan.schedule(SCAN, n, rank),
                  EXCLUSIVE_SCAN,
                      (n, rank, _, _) -> RecursiveDoublingScan.schedule(EXCLUSIVE_SCAN, n, rank))),
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
                  BinomialTreeBroadcast::schedule,
                  REDUCE,
                  BinomialTreeReduce::schedule,
                  GATHER,
                  (n, rank, root, _) -> BinomialTreeGather.schedule(n, rank, root),
                  SCATTER,
                  (n, rank, root, _) -> BinomialTreeScatter.schedule(n, rank, root)),
              Set.of(ALL_REDUCE, BROADCAST, REDUCE)),
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
              "pairwise",
              Map.of(ALL_TO_ALL, (n, rank, _, _) -> PairwiseAllToAll.schedule(n, rank))),
          new AlgorithmFamily(
              "bruck", Map.of(ALL_TO_ALL, (n, rank, _, _) -> BruckAllToAll.schedule(n, rank))),
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
