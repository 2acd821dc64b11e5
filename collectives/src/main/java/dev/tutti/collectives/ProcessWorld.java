package dev.tutti.collectives;

import dev.tutti.topology.Host;
import dev.tutti.transport.NetworkEndpoint;
import dev.tutti.transport.rendezvous.LaunchEnvironment;
import dev.tutti.transport.rendezvous.Membership;
import dev.tutti.transport.rendezvous.Newcomer;
import dev.tutti.transport.rendezvous.Secret;
import dev.tutti.transport.rendezvous.SurvivorGather;
import dev.tutti.transport.shm.ShmDomain;
import dev.tutti.transport.shm.ShmRegion;
import dev.tutti.transport.tcp.TcpEndpoint;
import dev.tutti.transport.ucx.UcxEndpoint;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The ranks of a world that are processes, as one of them knows them: cards, hosts, memory,
/// connections.
///
/// Not thread-safe, apart from what [ControlPlane] asks for: a world forms and grows on one thread.
final class ProcessWorld implements ControlPlane {
  // How long after a rank's memory has gone its death may be unknown.
  private static final long DEATH_NANOS = 2_000_000_000;

  private final CommunicatorConfig config;
  private final Membership membership;
  private final URI rendezvous;
  private final ShmDomain domain;
  private final WorldStatus status = new WorldStatus();
  private final NavigableMap<Integer, WorldCard> cards = new TreeMap<>(); // by rank
  private final List<List<InetSocketAddress>> addresses = new ArrayList<>(); // by rank
  private @Nullable TcpEndpoint endpoint;
  private @Nullable UcxEndpoint ucx;

  /// Makes the world of a rank whose membership has begun, and hears its events from now on.
  ///
  /// @param rendezvous where it joined
  /// @param region this rank's memory
  /// @param near the ranks to share memory with from the beginning, as far as they are on this host
  /// @throws IllegalStateException if the memory of one of them cannot be mapped
  ProcessWorld(
      CommunicatorConfig config,
      Membership membership,
      URI rendezvous,
      ShmRegion region,
      int[] near) {
    this.config = config;
    this.membership = membership;
    this.rendezvous = rendezvous;
    refresh();
    this.domain = ShmDomain.connect(region, membership.rank(), regions(near));
    status.connect(membership.rank(), this);
    membership.onEvent(status);
  }

  /// Makes what the communicators of this rank share.
  WorldContext context(Host host) {
    NetworkEndpoint network = ucx == null ? endpoint : ucx;
    return new WorldContext(domain, config, host, hosts(), network, this, status);
  }

  int rank() {
    return membership.rank();
  }

  WorldStatus status() {
    return status;
  }

  @Nullable TcpEndpoint endpoint() {
    return endpoint;
  }

  ShmDomain domain() {
    return domain;
  }

  /// Numbers the hosts of all ranks in the order of their first rank.
  int[] hosts() {
    refresh();
    List<String> ids = hostIds();
    int[] result = new int[cards.lastKey() + 1];
    cards.forEach((rank, card) -> result[rank] = ids.indexOf(card.hostId()));
    return result;
  }

  private List<String> hostIds() {
    return cards.values().stream().map(WorldCard::hostId).distinct().toList();
  }

  /// Reads the cards that have come since the last time: other communicators may grow, too.
  private void refresh() {
    List<byte[]> encoded = membership.cards();
    for (int r = 0; r < encoded.size(); r++) {
      if (!cards.containsKey(r)) {
        cards.put(r, WorldCard.decode(encoded.get(r), r));
      }
    }
  }

  private WorldCard card(int rank) {
    WorldCard card = cards.get(rank);
    if (card == null) {
      throw new IllegalStateException("nothing is known about rank " + rank);
    }
    return card;
  }

  /// Returns the memory block that each rank offered when the world formed.
  long[] blockTokens() {
    return cards.values().stream().mapToLong(WorldCard::blockToken).toArray();
  }

  /// Returns the regions this rank is to map, null for those it cannot or shall not.
  private List<ShmRegion.@Nullable Card> regions(int[] near) {
    List<ShmRegion.@Nullable Card> result = new ArrayList<>();
    for (int r = 0; r <= cards.lastKey(); r++) {
      result.add(null);
    }
    result.set(rank(), region(rank()));
    for (int r : near) {
      result.set(r, region(r));
    }
    return result;
  }

  private ShmRegion.@Nullable Card region(int rank) {
    WorldCard card = card(rank);
    boolean near = card.hostId().equals(card(rank()).hostId()) && config.transport().sharesMemory();
    return near || rank == rank() ? card.region() : null;
  }

  /// Takes note of a rank that was admitted; maps its memory if it shares this host.
  ///
  /// @throws IllegalStateException if its memory cannot be mapped although it lives
  void add(int newRank, WorldCard card) {
    cards.put(newRank, card);
    try {
      domain.add(newRank, region(newRank));
    } catch (IllegalStateException e) {
      domain.add(newRank, null);
      if (!status.awaitFailed(newRank, DEATH_NANOS)) {
        throw e;
      }
    }
  }

  /// Returns why the ranks cannot form one world, null if they can.
  @Nullable String problem() {
    String own = card(rank()).configuration();
    for (Map.Entry<Integer, WorldCard> other : cards.entrySet()) {
      String configuration = other.getValue().configuration();
      if (!configuration.equals(own)) {
        return "ranks are configured differently: rank "
            + rank()
            + " has "
            + own
            + "; rank "
            + other.getKey()
            + " has "
            + configuration;
      }
    }
    return null;
  }

  /// Returns whether some ranks do not share memory with this one.
  boolean isSpread(int[] ranks) {
    return IntStream.of(ranks).anyMatch(r -> !domain.reaches(r));
  }

  /// Opens the endpoint if it is not open yet.
  ///
  /// @return where this rank can be reached
  List<InetSocketAddress> listen() {
    if (config.transport().isSharedOnly()) {
      throw new TuttiException(
          "tutti.transport is shm, but the ranks are on several hosts: " + hostIds(),
          rank(),
          -1,
          null);
    }
    Secret secret = membership.secret();
    if (config.tcp().tls() && secret.isNone()) {
      throw needsSecret("tutti.tls is on");
    }
    TcpEndpoint open = endpoint;
    if (open == null) {
      open = TcpEndpoint.open(config.tcp(), secret, number(), rank());
      endpoint = open;
    }
    List<InetSocketAddress> own = open.addresses();
    int[] hosts = hosts();
    boolean far = IntStream.of(hosts).anyMatch(h -> h != hosts[rank()]);
    if (far && own.size() == 1 && secret.isNone()) {
      throw needsSecret("the ranks are on several hosts");
    }
    return own;
  }

  private AuthenticationException needsSecret(String why) {
    return new AuthenticationException(
        why
            + ", which needs a secret: set "
            + LaunchEnvironment.SECRET
            + " or "
            + LaunchEnvironment.SECRET_FILE
            + " on every rank",
        rank(),
        -1,
        null);
  }

  /// What tells this world from others: the same on all ranks, whenever they came.
  private long number() {
    return card(0).region().nonce();
  }

  /// Says where ranks can be reached.
  ///
  /// @param ranks some ranks
  /// @param encoded where each of them listens
  void reach(int[] ranks, List<byte[]> encoded) {
    int[] hosts = hosts();
    while (addresses.size() < hosts.length) {
      addresses.add(List.of());
    }
    for (int i = 0; i < ranks.length; i++) {
      int peer = ranks[i];
      List<InetSocketAddress> given = AddressList.decode(encoded.get(i), peer);
      addresses.set(peer, AddressList.order(given, hosts[peer] == hosts[rank()]));
    }
    if (endpoint != null) {
      endpoint.peers(addresses);
    }
  }

  /// Opens UCX, beside the endpoint that is open, if that is wished for and all ranks can. Ranks
  /// that join later are reached over TCP.
  void openUcx() {
    TcpEndpoint open = endpoint;
    if (open != null && config.transport().usesUcx()) {
      int[] hosts = hosts();
      boolean far = IntStream.of(hosts).anyMatch(h -> h != hosts[rank()]);
      ucx = UcxJoin.open(config, membership, open, far);
    }
  }

  /// Exchanges contributions among all ranks while the world forms.
  byte[][] allGather(long tag, byte[] mine) {
    return membership.allGather(tag, mine, config.joinTimeout());
  }

  @Override
  public SurvivorGather agree(long tag, int[] ranks, byte[] mine, Duration timeout) {
    return membership.agree(tag, ranks, mine, timeout);
  }

  /// Admits processes that wait to join; as [Membership#admit].
  ///
  /// @throws dev.tutti.transport.rendezvous.RendezvousException if not enough came
  List<Newcomer> admit(long tag, int[] ranks, int newcomers, Duration timeout) {
    return membership.admit(tag, ranks, newcomers, timeout);
  }

  @Override
  public void tell(int[] ranks, long tag, byte[] report) {
    membership.tell(ranks, tag, report);
  }

  @Override
  public URI rendezvous() {
    URI own = membership.uri();
    return own == null ? rendezvous : own;
  }

  @Override
  public void leave() {
    membership.leave();
  }

  /// Undoes everything, for a world that did not form.
  void abandon() {
    membership.leave();
    if (ucx != null) {
      ucx.close();
    }
    if (endpoint != null) {
      endpoint.close();
    }
    domain.close();
  }
}
