package dev.tutti.collectives.schedule;

import org.jspecify.annotations.Nullable;

/// The collective operation a [Schedule] realises, that is, its postcondition.
///
/// Chunks are numbered over the *full vector*. It is a row of equal *blocks*, each of as many
/// chunks ([Blocks] says which rank holds which in INPUT and in OUTPUT):
///
/// | collective | blocks | INPUT of a rank | OUTPUT of a rank |
/// |---|---|---|---|
/// | all-reduce, scan, exclusive-scan | 1 | the vector | the vector |
/// | broadcast | 1 | root: the vector | the vector |
/// | reduce | 1 | the vector | root: the vector |
/// | all-gather | ranks | its own block | all blocks |
/// | reduce-scatter | ranks | all blocks | its own block |
/// | gather | ranks | its own block | root: all blocks |
/// | scatter | ranks | root: all blocks | its own block |
/// | all-to-all | ranks², block `s * ranks + d` goes from s to d | blocks (rank, ·) | blocks (·, rank) |
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
  BARRIER("barrier"),
  /// OUTPUT chunk c of the root = reduction over ranks of INPUT chunk c; the others have no OUTPUT.
  REDUCE("reduce"),
  /// OUTPUT chunk c of the root = INPUT chunk c of the rank whose block holds c.
  GATHER("gather"),
  /// OUTPUT chunk c of the rank whose block holds c = INPUT chunk c of the root.
  SCATTER("scatter"),
  /// OUTPUT chunk c of the rank that its block goes to = INPUT chunk c of the rank it comes from.
  ALL_TO_ALL("all-to-all"),
  /// OUTPUT chunk c of rank r = reduction over ranks 0 to r of INPUT chunk c.
  SCAN("scan"),
  /// OUTPUT chunk c of rank r > 0 = reduction over ranks 0 to r - 1 of INPUT chunk c; rank 0 has no
  /// OUTPUT.
  EXCLUSIVE_SCAN("exclusive-scan");

  private final String label;

  Collective(String label) {
    this.label = label;
  }

  /// Returns the collective of a label, null if there is none.
  public static @Nullable Collective named(String label) {
    for (Collective each : values()) {
      if (each.label.equals(label)) {
        return each;
      }
    }
    return null;
  }

  /// Returns the name in kebab case, as on the command line and in files.
  public String label() {
    return label;
  }

  /// Returns whether the collective combines elements with a reduction operator.
  public boolean reduces() {
    return switch (this) {
      case ALL_REDUCE, REDUCE_SCATTER, REDUCE, SCAN, EXCLUSIVE_SCAN -> true;
      case BROADCAST, ALL_GATHER, BARRIER, GATHER, SCATTER, ALL_TO_ALL -> false;
    };
  }

  /// Returns whether the collective has a root rank.
  public boolean isRooted() {
    return this == BROADCAST || this == REDUCE || this == GATHER || this == SCATTER;
  }

  /// Returns whether rank r reduces over ranks up to r only.
  public boolean isPrefix() {
    return this == SCAN || this == EXCLUSIVE_SCAN;
  }

  /// Returns how long the full vector is where the larger buffer of a rank is so long, which is
  /// what people call the size: of an all-to-all it is the buffers of all ranks, else the same.
  public long vectorBytes(long bufferBytes, int ranks) {
    return this == ALL_TO_ALL ? bufferBytes * ranks : bufferBytes;
  }

  /// Returns into how many blocks the full vector is cut: the vector is so many times as long as
  /// the count of a call.
  public long blocks(int ranks) {
    return switch (this) {
      case ALL_REDUCE, BROADCAST, BARRIER, REDUCE, SCAN, EXCLUSIVE_SCAN -> 1;
      case ALL_GATHER, REDUCE_SCATTER, GATHER, SCATTER -> ranks;
      case ALL_TO_ALL -> (long) ranks * ranks;
    };
  }
}
