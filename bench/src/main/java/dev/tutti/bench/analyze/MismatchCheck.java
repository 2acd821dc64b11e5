package dev.tutti.bench.analyze;

import dev.tutti.collectives.record.Dump;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// Did all ranks call the same things in the same order?
final class MismatchCheck {
  private MismatchCheck() {}

  /// Returns the first place where they did not.
  static List<Finding> of(RankDumps dumps) {
    SortedMap<Long, SortedMap<Integer, String>> calls = new TreeMap<>();
    for (Dump dump : dumps.all()) {
      for (Dump.Operation operation : dump.operations()) {
        if (operation.kind() == Dump.Kind.COLLECTIVE) {
          calls
              .computeIfAbsent(operation.number(), _ -> new TreeMap<>())
              .put(dump.identity().rank(), operation.call());
        }
      }
    }
    for (Map.Entry<Long, SortedMap<Integer, String>> entry : calls.entrySet()) {
      if (entry.getValue().values().stream().distinct().count() > 1) {
        return List.of(mismatch(dumps, entry.getKey(), entry.getValue()));
      }
    }
    return List.of();
  }

  private static Finding mismatch(
      RankDumps dumps, long number, SortedMap<Integer, String> callByRank) {
    Map<String, List<Integer>> ranksByCall = new TreeMap<>();
    callByRank.forEach(
        (rank, call) -> ranksByCall.computeIfAbsent(call, _ -> new ArrayList<>()).add(rank));
    List<List<Integer>> camps =
        ranksByCall.values().stream()
            .sorted(Comparator.comparingInt((List<Integer> ranks) -> ranks.size()).reversed())
            .toList();
    boolean isMajority = 2 * camps.getFirst().size() > callByRank.size();
    List<Integer> guilty =
        (isMajority ? camps.subList(1, camps.size()) : camps)
            .stream().flatMap(List::stream).sorted().toList();
    List<String> evidence = new ArrayList<>();
    ranksByCall.forEach((call, ranks) ->
        evidence.add(
            RankDumps.ranks(ranks)
                + (ranks.size() == 1 ? " calls " : " call ")
                + call
                + " as operation "
                + number));
    evidence.addAll(dumps.failures());
    String text =
        isMajority
            ? RankDumps.ranks(guilty)
                + " called something else than the other ranks as operation "
                + number
            : "the ranks disagree on operation " + number;
    return new Finding(Verdict.MISMATCH, guilty, number, text, evidence);
  }
}
