package dev.tutti.collectives.schedule;

/// Finds out whether a valid set also works on blocks of different lengths, where each rank knows
/// the lengths of its own buffers' blocks only.
///
/// That is so if every step works on one chunk alone, which need not be as long as any other, every
/// message is stored as the chunk that it was sent as, and no rank handles a chunk that it has no
/// length for: all ranks know all blocks of an all-gather and a reduce-scatter; else a rank knows
/// what it sends and what it receives. O(steps).
final class UnevenCheck {
  private UnevenCheck() {}

  /// Returns whether the set works on uneven blocks.
  static boolean holds(StepTable table, Messages messages) {
    Collective collective = table.set.collective();
    if (collective.blocks(2) == 1) {
      return false;
    }
    boolean known = collective == Collective.ALL_GATHER || collective == Collective.REDUCE_SCATTER;
    for (int step = 0; step < table.steps; step++) {
      int chunk = chunk(table, step);
      Operand source = table.step(step).source();
      boolean single = source == null || source.index() % chunks(table) == chunk;
      int sender = messages.sender[step];
      boolean kept = sender < 0 || chunk(table, sender) == chunk;
      if (!single || !kept || (!known && !isOwn(table, step, chunk))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isOwn(StepTable table, int step, int chunk) {
    int rank = table.rankOf(step);
    StepKind kind = table.kind[step];
    return (table.blocks.holdsInput(rank, chunk) || table.blocks.holdsOutput(rank, chunk))
        && !(kind.receives() && kind.sends());
  }

  private static int chunk(StepTable table, int step) {
    return table.step(step).shape().index() % chunks(table);
  }

  private static int chunks(StepTable table) {
    return table.set.partition().chunks();
  }
}
