package dev.tutti.collectives.schedule;

import java.util.Arrays;

/// Numbers the memory of all ranks, out of place or in place.
///
/// In place, equal places of the rows of OUTPUT and INPUT are one; but for all-to-all that is chunk
/// c of both.
final class Memory {
  /// Whether INPUT and OUTPUT share memory.
  enum Mode {
    OUT_OF_PLACE,
    IN_PLACE
  }

  private static final int MAX_LOCATIONS = 1 << 28;

  private final StepTable table;
  private final Mode mode;
  private final int[] first;

  /// @throws IllegalArgumentException if the set has too many chunks to be verified
  Memory(StepTable table, Mode mode) {
    this.table = table;
    this.mode = mode;
    first = new int[table.ranks + 1];
    long sum = 0;
    for (int r = 0; r < table.ranks; r++) {
      sum += table.locations[r];
      if (sum > MAX_LOCATIONS) {
        throw new IllegalArgumentException("more than 2^28 chunks are too many to be verified");
      }
      first[r + 1] = (int) sum;
    }
  }

  /// Returns the memory of all ranks, filled with a value.
  long[] allocate(long value) {
    long[] values = new long[first[table.ranks]];
    Arrays.fill(values, value);
    return values;
  }

  /// Returns the number of locations of a rank.
  int locations(int rank) {
    return first[rank + 1] - first[rank];
  }

  /// Returns where a location of the table really lies; keeps -1.
  int place(int location) {
    boolean isOutput = location >= table.row && location < 2 * table.row;
    return isOutput && mode == Mode.IN_PLACE ? location - table.row : location;
  }

  /// Returns the index into the memory of all ranks.
  int index(int rank, int location) {
    return first[rank] + place(location);
  }
}
