package dev.tutti.collectives;

import dev.tutti.bindings.NativeCallException;
import dev.tutti.topology.Host;
import dev.tutti.transport.Failure;
import dev.tutti.transport.MemoryDomain;
import dev.tutti.transport.inproc.InprocDomain;
import dev.tutti.transport.rendezvous.LaunchEnvironment;
import dev.tutti.transport.rendezvous.Membership;
import dev.tutti.transport.rendezvous.MembershipListener;
import dev.tutti.transport.rendezvous.Rendezvous;
import dev.tutti.transport.rendezvous.RendezvousException;
import dev.tutti.transport.rendezvous.Secret;
import dev.tutti.transport.shm.ShmDomain;
import dev.tutti.transport.shm.ShmRegion;
import dev.tutti.transport.tcp.TcpEndpoint;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Forms a world of processes: shared region, rendezvous, mapping, profile.
final class WorldJoin {
  private static final long LEAST_REGION_BYTES = 4L << 30;
  private static final long ADDRESSES = 1; // tag of the exchange

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
      String hostId = config.hostId() == null ? host.id() : config.hostId();
      WorldCard card = new WorldCard(region.card(), token, hostId, config.fingerprint());
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
    WorldContext world = new WorldContext(domain, config, Host.local(), domain::close);
    return new Communicator(
        new CommunicatorCore(world, 0, new int[] {0}, 0, new long[] {token}), null);
  }

  private static Communicator connect(
      CommunicatorConfig config, Host host, ShmRegion region, Membership membership) {
    int rank = membership.rank();
    List<WorldCard> cards = new ArrayList<>();
    for (int r = 0; r < membership.worldSize(); r++) {
      cards.add(WorldCard.decode(membership.cards().get(r), r));
    }
    check(cards, rank);
    int[] hosts = hosts(cards);
    ShmDomain domain = ShmDomain.connect(region, rank, shared(config, cards, hosts, rank));
    TcpEndpoint endpoint = null;
    boolean done = false;
    try {
      if (IntStream.range(0, cards.size()).anyMatch(r -> !domain.reaches(r))) {
        endpoint = listen(config, membership, cards, hosts);
      }
      Communicator world = communicator(config, host, domain, membership, cards, hosts, endpoint);
      done = true;
      return world;
    } finally {
      if (!done) {
        if (endpoint != null) {
          endpoint.close();
        }
        domain.close();
      }
    }
  }

  /// Numbers the hosts in the order of their first rank.
  private static int[] hosts(List<WorldCard> cards) {
    List<String> ids = cards.stream().map(WorldCard::hostId).distinct().toList();
    return cards.stream().mapToInt(card -> ids.indexOf(card.hostId())).toArray();
  }

  /// Returns the regions this rank is to map, null for those it cannot or shall not.
  private static List<ShmRegion.@Nullable Card> shared(
      CommunicatorConfig config, List<WorldCard> cards, int[] hosts, int rank) {
    List<ShmRegion.@Nullable Card> result = new ArrayList<>();
    for (int r = 0; r < cards.size(); r++) {
      boolean maps = r == rank || (hosts[r] == hosts[rank] && !config.isTcpOnly());
      result.add(maps ? cards.get(r).region() : null);
    }
    return result;
  }

  /// Opens the endpoint and exchanges the addresses of all.
  private static TcpEndpoint listen(
      CommunicatorConfig config, Membership membership, List<WorldCard> cards, int[] hosts) {
    int rank = membership.rank();
    if (config.isSharedOnly()) {
      throw new TuttiException(
          "tutti.transport is shm, but the ranks are on several hosts: "
              + cards.stream().map(WorldCard::hostId).distinct().toList(),
          rank,
          -1,
          null);
    }
    Secret secret = membership.secret();
    long number = cards.get(0).region().nonce();
    TcpEndpoint endpoint = TcpEndpoint.open(config.tcp(), secret, number, rank);
    boolean done = false;
    try {
      List<InetSocketAddress> own = endpoint.addresses();
      boolean spread = IntStream.of(hosts).anyMatch(h -> h != hosts[rank]);
      if (spread && own.size() == 1 && secret.isNone()) {
        throw new AuthenticationException(
            "the ranks are on several hosts, which needs a secret: set "
                + LaunchEnvironment.SECRET
                + " or "
                + LaunchEnvironment.SECRET_FILE
                + " on every rank",
            rank,
            -1,
            null);
      }
      byte[][] all = membership.allGather(ADDRESSES, AddressList.encode(own), config.joinTimeout());
      List<List<InetSocketAddress>> peers = new ArrayList<>();
      for (int r = 0; r < all.length; r++) {
        peers.add(AddressList.order(AddressList.decode(all[r], r), hosts[r] == hosts[rank]));
      }
      endpoint.peers(peers);
      done = true;
      return endpoint;
    } finally {
      if (!done) {
        endpoint.close();
      }
    }
  }

  private static Communicator communicator(
      CommunicatorConfig config,
      Host host,
      ShmDomain domain,
      Membership membership,
      List<WorldCard> cards,
      int[] hosts,
      @Nullable TcpEndpoint endpoint) {
    int rank = domain.rank();
    membership.onEvent(new StatusListener(domain));
    domain.populate(
        domain.address(rank, cards.get(rank).blockToken()), config.sizes().hotBytes(cards.size()));
    WorldContext world =
        new WorldContext(
            domain,
            config,
            host,
            hosts,
            endpoint,
            membership::abort,
            () -> {
              membership.close();
              if (endpoint != null) {
                endpoint.close();
              }
              domain.close();
            },
            new ArrayList<>());
    CommunicatorCore core =
        new CommunicatorCore(
            world,
            0,
            IntStream.range(0, cards.size()).toArray(),
            rank,
            cards.stream().mapToLong(WorldCard::blockToken).toArray());
    Communicator communicator = new Communicator(core, null);
    boolean done = false;
    try {
      ProfileProbe.measure(communicator, world, core.planner());
      done = true;
      return communicator;
    } finally {
      if (!done) {
        core.disconnect();
      }
    }
  }

  private static void check(List<WorldCard> cards, int rank) {
    WorldCard own = cards.get(rank);
    for (int r = 0; r < cards.size(); r++) {
      WorldCard card = cards.get(r);
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
