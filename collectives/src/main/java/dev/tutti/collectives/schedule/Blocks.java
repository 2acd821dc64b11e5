package dev.tutti.collectives.schedule;

/// Says which chunks of the full vector each rank's buffers hold, and in which order.
///
/// INPUT and OUTPUT are parts of a *row* of chunks, the same for all ranks. In place, equal places
/// of the two rows are the same memory. The row is the full vector, but for all-to-all: there the
/// blocks of INPUT are in the order of whom they go to and those of OUTPUT of whom they come from,
/// so each row is one of `ranks` blocks. Example, all-to-all on 3 ranks, rank 1: INPUT holds chunks
/// 3, 4, 5 and OUTPUT chunks 1, 4, 7, at places 0, 1, 2 of their rows.
public final class Blocks {
  private static final int ABSENT = -1;

  private final Collective collective;
  private final int ranks;
  private final int root;
  private final int rowChunks;
  private final int blockChunks;

  /// Makes the map of a collective's blocks.
  ///
  /// @param chunks chunks of the full vector; a multiple of the number of blocks, or nothing but
  ///   [#rowChunks] has a meaning
  public Blocks(Collective collective, int ranks, int root, int chunks) {
    this.collective = collective;
    this.ranks = ranks;
    this.root = root;
    this.rowChunks =
        collective == Collective.ALL_TO_ALL ? Math.max(1, chunks / ranks) : Math.max(1, chunks);
    this.blockChunks = (int) Math.max(1, chunks / collective.blocks(ranks));
  }

  /// Makes the map of a schedule's blocks.
  public static Blocks of(Schedule schedule) {
    return new Blocks(
        schedule.collective(), schedule.ranks(), schedule.root(), schedule.partition().chunks());
  }

  /// Makes the map of a set's blocks.
  public static Blocks of(ScheduleSet set) {
    return of(set.schedules().get(0));
  }

  /// Returns the number of chunks of a row.
  public int rowChunks() {
    return rowChunks;
  }

  /// Returns the number of chunks of a block.
  public int blockChunks() {
    return blockChunks;
  }

  /// Returns the number of the block that a chunk is part of.
  public int blockOf(int chunk) {
    return chunk / blockChunks;
  }

  /// Returns the place of a chunk in the row of INPUT.
  public int inputPlace(int chunk) {
    return collective == Collective.ALL_TO_ALL ? chunk % rowChunks : chunk;
  }

  /// Returns the place of a chunk in the row of OUTPUT.
  public int outputPlace(int chunk) {
    return collective == Collective.ALL_TO_ALL
        ? chunk / rowChunks * blockChunks + chunk % blockChunks
        : chunk;
  }

  /// Returns the chunk at a place of a rank's INPUT, -1 if the rank is given none there.
  public int inputChunk(int rank, int place) {
    boolean given =
        switch (collective) {
          case ALL_REDUCE, REDUCE_SCATTER, REDUCE, SCAN, EXCLUSIVE_SCAN, ALL_TO_ALL -> true;
          case BROADCAST, SCATTER -> rank == root;
          case ALL_GATHER, GATHER -> place / blockChunks == rank;
          case BARRIER -> false;
        };
    if (!given) {
      return ABSENT;
    }
    return collective == Collective.ALL_TO_ALL ? rank * rowChunks + place : place;
  }

  /// Returns the chunk at a place of a rank's OUTPUT, -1 if the rank gets none there.
  public int outputChunk(int rank, int place) {
    boolean given =
        switch (collective) {
          case ALL_REDUCE, BROADCAST, ALL_GATHER, SCAN, ALL_TO_ALL -> true;
          case EXCLUSIVE_SCAN -> rank > 0;
          case REDUCE, GATHER -> rank == root;
          case REDUCE_SCATTER, SCATTER -> place / blockChunks == rank;
          case BARRIER -> false;
        };
    if (!given) {
      return ABSENT;
    }
    int block = place / blockChunks;
    return collective == Collective.ALL_TO_ALL
        ? (block * ranks + rank) * blockChunks + place % blockChunks
        : place;
  }

  /// Returns whether a rank's INPUT holds a chunk.
  public boolean holdsInput(int rank, int chunk) {
    return inputChunk(rank, inputPlace(chunk)) == chunk;
  }

  /// Returns whether a rank's OUTPUT holds a chunk.
  public boolean holdsOutput(int rank, int chunk) {
    return outputChunk(rank, outputPlace(chunk)) == chunk;
  }

  /// Returns the rank whose INPUT a result must be, -1 if it must be a reduction.
  public int origin(int chunk) {
    return switch (collective) {
      case ALL_REDUCE, REDUCE_SCATTER, REDUCE, SCAN, EXCLUSIVE_SCAN, BARRIER -> ABSENT;
      case BROADCAST, SCATTER -> root;
      case ALL_GATHER, GATHER -> blockOf(chunk);
      case ALL_TO_ALL -> blockOf(chunk) / ranks;
    };
  }

  /// Returns the number of ranks, from 0 on, that a rank's results reduce over.
  public int contributors(int rank) {
    return switch (collective) {
      case SCAN -> rank + 1;
      case EXCLUSIVE_SCAN -> rank;
      default -> ranks;
    };
  }
}
