package dev.tutti.collectives;

import dev.tutti.transport.rendezvous.RendezvousException;
import dev.tutti.transport.rendezvous.SurvivorGather;
import java.nio.ByteBuffer;
import java.time.Duration;

/// Makes the communicator of those members that live (ULFM's shrink; Bland et al., "Post-failure
/// recovery of MPI communication capability", 2013, section 3.3).
final class Survivors {
  private Survivors() {}

  /// Agrees on who lives and makes their communicator's core. Nothing of the old one is used: it
  /// may be in any state.
  ///
  /// @throws RendezvousException if there is no agreement in time; then it may be tried again
  static CommunicatorCore shrink(CommunicatorCore core, Duration timeout) {
    WorldContext world = core.world;
    long token = world.allocateBlock(core.size);
    boolean done = false;
    SurvivorGather agreed;
    try {
      byte[] mine = ByteBuffer.allocate(Long.BYTES).putLong(token).array();
      agreed = world.control().agree(core.shrunkId(), core.members, mine, timeout);
      done = true;
    } finally {
      if (!done) {
        world.domain().free(world.domain().address(core.members[core.index], token));
      }
    }
    if (core.fence(agreed.survivors())) {
      core.settle();
    }
    int[] members = agreed.survivors().stream().mapToInt(Integer::intValue).toArray();
    long[] tokens =
        agreed.contributions().stream()
            .mapToLong(bytes -> ByteBuffer.wrap(bytes).getLong())
            .toArray();
    int index = agreed.survivors().indexOf(core.members[core.index]);
    CommunicatorCore part = new CommunicatorCore(world, core.shrunkId(), members, index, tokens);
    part.planner().profile(core.planner().profile());
    part.planner().network(core.planner().network());
    return part;
  }
}
