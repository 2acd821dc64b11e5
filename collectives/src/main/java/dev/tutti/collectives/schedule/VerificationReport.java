package dev.tutti.collectives.schedule;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What [ScheduleVerifier] found out about a [ScheduleSet]. Immutable.
///
/// Where the set is not valid, only the defects have a meaning.
public final class VerificationReport {
  /// How many defects a report lists; further ones are only counted.
  public static final int MAX_DEFECTS = 20;

  private final String title;
  private final List<ScheduleDefect> defects;
  private final int defectCount;
  private final int requiredSlots;
  private final Outputs outputs;

  /// What the proof says about the results.
  ///
  /// @param safeInPlace see [VerificationReport#isSafeInPlace()]
  /// @param consistent see [VerificationReport#isConsistent()]
  /// @param canonical see [VerificationReport#isCanonical()]
  /// @param uneven see [VerificationReport#allowsUnevenBlocks()]
  /// @param rankOrder see [VerificationReport#rankOrder()]
  /// @param hashes see [VerificationReport#outputHash(int, int)], by rank and place in its row
  record Outputs(
      boolean safeInPlace,
      boolean consistent,
      boolean canonical,
      boolean uneven,
      @Nullable RankOrder rankOrder,
      Blocks blocks,
      long[][] hashes) {
    static final Outputs NONE =
        new Outputs(
            false,
            false,
            false,
            false,
            null,
            new Blocks(Collective.BARRIER, 1, 0, 1),
            new long[0][]);
  }

  VerificationReport(ScheduleSet set, DefectLog log, int requiredSlots, Outputs outputs) {
    this.title = set.collective().label() + " on " + set.ranks() + " ranks";
    this.defects = log.defects();
    this.defectCount = log.count();
    this.requiredSlots = requiredSlots;
    this.outputs = outputs;
  }

  /// Returns whether the set has no defect.
  public boolean isValid() {
    return defectCount == 0;
  }

  /// Returns the first [#MAX_DEFECTS] defects.
  public List<ScheduleDefect> defects() {
    return defects;
  }

  /// Returns the number of all defects found.
  public int defectCount() {
    return defectCount;
  }

  /// Returns how many whole chunks a channel must be able to hold so that the set cannot deadlock;
  /// 0 means that chunks of any length may pass through channels of any positive capacity. See
  /// [ScheduleVerifier] for what follows for slices.
  public int requiredSlots() {
    return requiredSlots;
  }

  /// Returns whether the set also works where equal places in the rows of each rank's INPUT and
  /// OUTPUT ([Blocks]) are the same memory, as far as the rank has both.
  public boolean isSafeInPlace() {
    return outputs.safeInPlace();
  }

  /// Returns whether, chunk by chunk, all ranks that hold a result have reduced it in the same
  /// order, so that their bits are equal.
  public boolean isConsistent() {
    return outputs.consistent();
  }

  /// Returns whether every result is the balanced binary tree over rank ids: `tree(lo, hi)` is rank
  /// `lo` if `hi - lo == 1`, else `tree(lo, lo + p) + tree(lo + p, hi)` with p the largest power of
  /// two below `hi - lo`; a scan's over the ranks that a result reduces. True for collectives that
  /// do not reduce.
  ///
  /// Example: 6 ranks: ((0+1)+(2+3))+(4+5).
  public boolean isCanonical() {
    return outputs.canonical();
  }

  /// Returns whether the set also works on blocks of different lengths: each rank must know those
  /// of the blocks in its own buffers only (all-gather and reduce-scatter: those of all), and learn
  /// of a mismatch from the lengths of the messages.
  public boolean allowsUnevenBlocks() {
    return outputs.uneven();
  }

  /// Returns how to combine operands in the order of their ranks, null if that cannot be done.
  public @Nullable RankOrder rankOrder() {
    return outputs.rankOrder();
  }

  /// Returns a hash of the expression tree over rank ids that a rank's OUTPUT chunk holds at the
  /// end, 0 where the collective gives it no result. Equal trees have equal hashes on every rank
  /// and chunk and in every set; `+` counts as commutative, not as associative.
  public long outputHash(int rank, int chunk) {
    int place = outputs.blocks().outputPlace(chunk);
    return outputs.blocks().holdsOutput(rank, chunk) ? outputs.hashes()[rank][place] : 0;
  }

  /// Returns the defects as text, one per line.
  public String describe() {
    if (isValid()) {
      return title + ": valid, needs " + requiredSlots + " slots per channel";
    }
    StringBuilder text = new StringBuilder(title).append(": ").append(defectCount);
    text.append(defectCount == 1 ? " defect" : " defects");
    for (ScheduleDefect defect : defects) {
      text.append("\n  ").append(defect);
    }
    if (defectCount > defects.size()) {
      text.append("\n  and ").append(defectCount - defects.size()).append(" more");
    }
    return text.toString();
  }

  @Override
  public String toString() {
    return describe();
  }
}
