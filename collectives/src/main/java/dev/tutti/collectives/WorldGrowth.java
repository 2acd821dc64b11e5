package dev.tutti.collectives;

import dev.tutti.collectives.GrowthTerms.Contribution;
import dev.tutti.collectives.GrowthTerms.Invitation;
import dev.tutti.transport.rendezvous.Newcomer;
import dev.tutti.transport.rendezvous.SurvivorGather;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Admits newcomers to the ranks of a communicator.
///
/// The members agree on who is admitted; each tells the newcomers which communicator they join;
/// then all agree on who is still there and exchange what the communicator needs. A rank that dies
/// on the way is left out.
final class WorldGrowth {
  private WorldGrowth() {}

  /// Makes the core of a communicator of the living members and the newcomers.
  ///
  /// @throws dev.tutti.transport.rendezvous.RendezvousException if there is no agreement in time
  /// @throws MismatchException if a rank cannot take part; on all of them
  static CommunicatorCore grow(CommunicatorCore core, int newcomers, Duration timeout) {
    if (!(core.world.control() instanceof ProcessWorld processes)) {
      throw new IllegalStateException(
          "nobody can join ranks that are threads, or a program that no launcher started");
    }
    long deadline = System.nanoTime() + timeout.toNanos();
    List<Newcomer> admitted = processes.admit(core.grownId(), core.members, newcomers, timeout);
    core.countGrowth();
    int[] added = admitted.stream().mapToInt(Newcomer::rank).toArray();
    int[] ranks = IntStream.concat(IntStream.of(core.members), IntStream.of(added)).toArray();
    Invitation invitation = new Invitation(core.grownId(), ranks);
    processes.tell(added, WorldStatus.INVITATION, invitation.encode());
    String problem = null;
    for (Newcomer newcomer : admitted) {
      String found = add(processes, newcomer.rank(), newcomer.card());
      problem = problem == null ? found : problem;
    }
    Duration rest = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
    return meet(processes, core.world, invitation, problem, rest);
  }

  /// Takes note of a rank; returns why it cannot take part, null if it can.
  static @Nullable String add(ProcessWorld processes, int rank, byte[] card) {
    try {
      processes.add(rank, WorldCard.decode(card, rank));
      return processes.problem();
    } catch (IllegalStateException | TuttiException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /// Meets all ranks that were invited, and makes the core of their communicator.
  ///
  /// @param problem why this rank cannot take part, null if it can
  static CommunicatorCore meet(
      ProcessWorld processes,
      WorldContext world,
      Invitation invitation,
      @Nullable String problem,
      Duration timeout) {
    int[] ranks = invitation.members();
    byte[] addresses = new byte[0];
    if (problem == null && processes.isSpread(ranks)) {
      try {
        addresses = AddressList.encode(processes.listen());
      } catch (TuttiException e) {
        problem = String.valueOf(e.getMessage());
      }
    }
    long token = world.allocateBlock(ranks.length);
    boolean done = false;
    try {
      byte[] mine = new Contribution(token, addresses, problem).encode();
      SurvivorGather agreed = processes.agree(invitation.communicator(), ranks, mine, timeout);
      CommunicatorCore core = core(processes, world, invitation.communicator(), agreed);
      done = true;
      return core;
    } finally {
      if (!done) {
        world.domain().free(world.domain().address(processes.rank(), token));
      }
    }
  }

  private static CommunicatorCore core(
      ProcessWorld processes, WorldContext world, long id, SurvivorGather agreed) {
    int[] members = agreed.survivors().stream().mapToInt(Integer::intValue).toArray();
    long[] tokens = new long[members.length];
    List<byte[]> addresses = new ArrayList<>();
    for (int m = 0; m < members.length; m++) {
      Contribution given = Contribution.decode(agreed.contributions().get(m), members[m]);
      if (given.problem() != null) {
        throw new MismatchException(
            "the communicator cannot grow: rank "
                + members[m]
                + " of the world says: "
                + given.problem(),
            agreed.survivors().indexOf(processes.rank()),
            -1,
            null);
      }
      tokens[m] = given.blockToken();
      addresses.add(given.addresses());
    }
    if (processes.isSpread(members)) {
      processes.reach(members, addresses);
    }
    world.grow(processes.hosts(), processes.endpoint());
    int index = agreed.survivors().indexOf(processes.rank());
    return new CommunicatorCore(world, id, members, index, tokens);
  }
}
