package dev.tutti.collectives.schedule;

/// The collective operation a [Schedule] realises, that is, its postcondition.
///
/// Chunks are numbered over the *full vector*: for all-reduce and broadcast the vector of `count`
/// elements that every rank holds; for all-gather the receive buffer and for reduce-scatter the
/// send buffer, `ranks * count` elements, whose block of rank r is chunks `[r * k, (r + 1) * k)`
/// with `k = chunks / ranks`.
public enum Collective {
  /// OUTPUT chunk c of every rank = reduction over ranks of INPUT chunk c.
  ALL_REDUCE("all-reduce"),
  /// OUTPUT chunk c of every rank = INPUT chunk c of the root.
  BROADCAST("broadcast"),
  /// OUTPUT chunk c of every rank = INPUT chunk c of the rank whose block holds c; INPUT of a rank
  /// holds its own block only.
  ALL_GATHER("all-gather"),
  /// OUTPUT chunk c of the rank whose block holds c = reduction over ranks of INPUT chunk c; OUTPUT
  /// of a rank holds its own block only.
  REDUCE_SCATTER("reduce-scatter"),
  /// No data: no rank leaves before every rank has entered.
  BARRIER("barrier");

  private final String label;

  Collective(String label) {
    this.label = label;
  }

  /// Returns the name in kebab case, as on the command line and in files.
  public String label() {
    return label;
  }

  /// Returns whether the collective combines elements with a reduction operator.
  public boolean reduces() {
    return this == ALL_REDUCE || this == REDUCE_SCATTER;
  }

  /// Returns whether the collective has a root rank.
  public boolean isRooted() {
    return this == BROADCAST;
  }
}
