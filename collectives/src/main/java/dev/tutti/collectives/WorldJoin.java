package dev.tutti.collectives;

import dev.tutti.bindings.NativeCallException;
import dev.tutti.collectives.plan.HostProfile;
import dev.tutti.topology.Host;
import dev.tutti.transport.Failure;
import dev.tutti.transport.MemoryDomain;
import dev.tutti.transport.inproc.InprocDomain;
import dev.tutti.transport.rendezvous.LaunchEnvironment;
import dev.tutti.transport.rendezvous.Membership;
import dev.tutti.transport.rendezvous.MembershipListener;
import dev.tutti.transport.rendezvous.Rendezvous;
import dev.tutti.transport.rendezvous.RendezvousException;
import dev.tutti.transport.shm.ShmDomain;
import dev.tutti.transport.shm.ShmRegion;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Forms a world of processes: shared region, rendezvous, mapping, profile.
final class WorldJoin {
  private static final long LEAST_REGION_BYTES = 4L << 30;

  private WorldJoin() {}

  static Communicator join(CommunicatorConfig config) {
    LaunchEnvironment launch = config.launch();
    if (launch == null) {
      return alone(config);
    }
    Host host = Host.local();
    ShmRegion region = ShmRegion.create(regionBytes(config, host));
    boolean done = false;
    Membership membership = null;
    try {
      long token = region.allocateBlock(config.sizes().blockBytes(launch.size()));
      WorldCard card = new WorldCard(region.card(), token, host.id(), config.fingerprint());
      membership = Rendezvous.join(launch, card.encode(), config.joinTimeout());
      Communicator world = connect(config, host, region, membership);
      done = true;
      return world;
    } catch (RendezvousException e) {
      throw translate(e, launch.rank());
    } catch (IllegalStateException | NativeCallException e) {
      throw new TuttiException(String.valueOf(e.getMessage()), launch.rank(), -1, e);
    } finally {
      if (!done) {
        region.close();
        if (membership != null) {
          membership.close();
        }
      }
    }
  }

  private static long regionBytes(CommunicatorConfig config, Host host) {
    if (config.regionBytes() > 0) {
      return config.regionBytes();
    }
    return Math.max(LEAST_REGION_BYTES, 2 * host.memoryBytes().orElse(0));
  }

  /// A program that no launcher started is a world of one rank.
  private static Communicator alone(CommunicatorConfig config) {
    InprocDomain domain = InprocDomain.create(1, config.sharing()).get(0);
    long token = WorldContext.allocateBlock(domain, config.sizes(), 1);
    WorldContext world =
        new WorldContext(domain, config, Host.local(), reason -> {}, domain::close);
    return new Communicator(
        new CommunicatorCore(world, new int[] {0}, 0, new long[] {token}), null);
  }

  private static Communicator connect(
      CommunicatorConfig config, Host host, ShmRegion region, Membership membership) {
    int rank = membership.rank();
    List<WorldCard> cards = new ArrayList<>();
    for (int r = 0; r < membership.worldSize(); r++) {
      cards.add(WorldCard.decode(membership.cards().get(r), r));
    }
    check(cards, rank);
    ShmDomain domain =
        ShmDomain.connect(region, rank, cards.stream().map(WorldCard::region).toList());
    boolean done = false;
    try {
      Communicator world = communicator(config, host, domain, membership, cards);
      done = true;
      return world;
    } finally {
      if (!done) {
        domain.close();
      }
    }
  }

  private static Communicator communicator(
      CommunicatorConfig config,
      Host host,
      ShmDomain domain,
      Membership membership,
      List<WorldCard> cards) {
    int rank = domain.rank();
    membership.onEvent(new StatusListener(domain));
    domain.populate(
        domain.address(rank, cards.get(rank).blockToken()), config.sizes().hotBytes(cards.size()));
    WorldContext world =
        new WorldContext(
            domain,
            config,
            host,
            membership::abort,
            () -> {
              membership.close();
              domain.close();
            });
    CommunicatorCore core =
        new CommunicatorCore(
            world,
            IntStream.range(0, cards.size()).toArray(),
            rank,
            cards.stream().mapToLong(WorldCard::blockToken).toArray());
    Communicator communicator = new Communicator(core, null);
    HostProfile profile = ProfileProbe.measure(communicator, world);
    core.planner().profile(profile);
    return communicator;
  }

  private static void check(List<WorldCard> cards, int rank) {
    WorldCard own = cards.get(rank);
    for (int r = 0; r < cards.size(); r++) {
      WorldCard card = cards.get(r);
      if (!card.hostId().equals(own.hostId())) {
        throw new TuttiException(
            "ranks "
                + rank
                + " and "
                + r
                + " are on different hosts; this version connects the "
                + "ranks of one host only",
            rank,
            -1,
            null);
      }
      if (!card.configuration().equals(own.configuration())) {
        throw new MismatchException(
            "ranks are configured differently: rank "
                + rank
                + " has "
                + own.configuration()
                + "; rank "
                + r
                + " has "
                + card.configuration(),
            rank,
            -1,
            null);
      }
    }
  }

  static TuttiException translate(RendezvousException e, int rank) {
    String message = String.valueOf(e.getMessage());
    return switch (e.kind()) {
      case AUTHENTICATION -> new AuthenticationException(message, rank, -1, e);
      case TIMEOUT -> new TimeoutException(message, rank, -1, e);
      case CONNECTION ->
          e.ranks().isEmpty()
              ? new TuttiException(message, rank, -1, e)
              : new RankFailedException(e.ranks(), message, rank, -1, e);
      case PROTOCOL, REFUSED -> new TuttiException(message, rank, -1, e);
    };
  }

  /// Turns what the control plane hears into the status that waiters look at.
  private record StatusListener(MemoryDomain domain) implements MembershipListener {
    @Override
    public void rankFailed(int rank, String cause) {
      domain
          .status()
          .fail(new Failure(Failure.Kind.RANK_FAILED, rank, "rank " + rank + " failed: " + cause));
    }

    @Override
    public void rankLeft(int rank) {
      domain.status().leave(rank);
    }

    @Override
    public void aborted(int byRank, String reason) {
      domain
          .status()
          .fail(
              new Failure(Failure.Kind.ABORTED, byRank, "rank " + byRank + " aborted: " + reason));
    }

    @Override
    public void serverLost(String cause) {
      domain
          .status()
          .fail(new Failure(Failure.Kind.RANK_FAILED, -1, "lost the rendezvous server: " + cause));
    }
  }
}
