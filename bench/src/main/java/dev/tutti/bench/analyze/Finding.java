package dev.tutti.bench.analyze;

import java.util.List;

/// Something that is wrong, or that nothing is.
///
/// @param verdict what
/// @param ranks who is to blame; both ends of a link
/// @param operation number of the collective that it shows in, -1 if none in particular
/// @param text the verdict in words
/// @param evidence what in the dumps says so
public record Finding(
    Verdict verdict, List<Integer> ranks, long operation, String text, List<String> evidence) {
  /// Makes a finding.
  public Finding {
    ranks = List.copyOf(ranks);
    evidence = List.copyOf(evidence);
  }
}
