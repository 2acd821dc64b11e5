package dev.tutti.collectives;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Makes the communicator of those members that pass the same color.
final class ColorSplit {
  private ColorSplit() {}

  /// Tells all members this one's color and key, and makes the core of its part; see
  /// [Communicator#split].
  ///
  /// @param operations by which the members tell each other
  /// @param algorithm the option `algorithm` for the part, null for any
  static CommunicatorCore split(
      CommunicatorCore core,
      OperationBinder operations,
      int color,
      int key,
      @Nullable String algorithm) {
    if (color < 0) {
      throw new IllegalArgumentException("color is " + color + ", expected at least 0");
    }
    long[] all = gather(core, operations, ((long) color << 32) | (key & 0xffffffffL));
    List<Integer> chosen = new ArrayList<>();
    for (int r = 0; r < core.size; r++) {
      if ((int) (all[r] >> 32) == color) {
        chosen.add(r);
      }
    }
    chosen.sort((a, b) -> Integer.compare((int) all[a], (int) all[b])); // stable: ties by rank
    long token = core.world.allocateBlock(chosen.size());
    long[] tokens = gather(core, operations, token);
    int[] members = new int[chosen.size()];
    long[] blockTokens = new long[chosen.size()];
    for (int m = 0; m < members.length; m++) {
      members[m] = core.members[chosen.get(m)];
      blockTokens[m] = tokens[chosen.get(m)];
    }
    CommunicatorCore part =
        new CommunicatorCore(
            core.world,
            core.nextId(color),
            core.partName(color),
            members,
            chosen.indexOf(core.index),
            blockTokens,
            algorithm);
    part.planner().profile(core.planner().profile());
    part.planner().network(core.planner().network());
    return part;
  }

  /// Returns what each member passes.
  private static long[] gather(CommunicatorCore core, OperationBinder operations, long mine) {
    try (Arena temporary = Arena.ofConfined()) {
      MemorySegment send = temporary.allocate(Long.BYTES, Long.BYTES);
      MemorySegment receive = temporary.allocate(Long.BYTES * (long) core.size, Long.BYTES);
      send.set(ValueLayout.JAVA_LONG, 0, mine);
      operations.allGather(send, receive, 1, DataType.INT64).run();
      return receive.toArray(ValueLayout.JAVA_LONG);
    }
  }
}
