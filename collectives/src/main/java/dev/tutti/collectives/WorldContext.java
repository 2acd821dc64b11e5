package dev.tutti.collectives;

import dev.tutti.collectives.execute.Exchanges;
import dev.tutti.topology.Host;
import dev.tutti.transport.MemoryDomain;
import dev.tutti.transport.Network;
import dev.tutti.transport.NetworkEndpoint;
import dev.tutti.transport.Waiter;
import dev.tutti.transport.shm.ShmDomain;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// What all communicators of one rank share: memory, connections, control plane.
final class WorldContext {
  private static final long DEFAULT_CACHE_BYTES = 32L << 20;
  private static final long BLOCK_ALIGNMENT = 2L << 20;

  private final MemoryDomain domain;
  private final CommunicatorConfig config;
  private final Host host;
  private final ControlPlane control;
  private final WorldStatus status;
  private final List<CommunicatorCore> retired = new ArrayList<>(); // guarded by itself
  private final Set<Communicator> open = ConcurrentHashMap.newKeySet();
  private volatile int[] hosts;
  private volatile int @Nullable [] measuredGroups; // where no option names groups
  private final @Nullable NetworkEndpoint first; // before the world grew
  private volatile @Nullable NetworkEndpoint endpoint;

  /// Makes the context of a rank.
  ///
  /// @param domain the memory of the ranks
  /// @param config the options
  /// @param host this host
  /// @param hosts number of each rank's host, from 0
  /// @param endpoint how the others are reached; null where all ranks share memory
  /// @param control how the ranks agree
  /// @param status what this rank knows of the others
  WorldContext(
      MemoryDomain domain,
      CommunicatorConfig config,
      Host host,
      int[] hosts,
      @Nullable NetworkEndpoint endpoint,
      ControlPlane control,
      WorldStatus status) {
    this.domain = domain;
    this.config = config;
    this.host = host;
    this.hosts = hosts.clone();
    this.first = endpoint;
    this.endpoint = endpoint;
    this.control = control;
    this.status = status;
  }

  /// Makes the context of a rank that is a thread.
  static WorldContext ofThread(
      MemoryDomain domain, CommunicatorConfig config, Host host, ThreadsControl control) {
    return new WorldContext(
        domain, config, host, new int[domain.size()], null, control, control.status());
  }

  MemoryDomain domain() {
    return domain;
  }

  CommunicatorConfig config() {
    return config;
  }

  Host host() {
    return host;
  }

  ControlPlane control() {
    return control;
  }

  WorldStatus status() {
    return status;
  }

  @Nullable NetworkEndpoint endpoint() {
    return endpoint;
  }

  /// Returns the number of a rank's host.
  int hostOf(int rank) {
    return hosts[rank];
  }

  /// Takes note of ranks that joined later.
  ///
  /// @param allHosts number of each rank's host, old and new
  /// @param listening how communicators that are made from now on are reached, null if there is
  ///   still no need to
  void grow(int[] allHosts, @Nullable NetworkEndpoint listening) {
    endpoint = listening;
    hosts = allHosts.clone();
  }

  /// Returns a number for each member that is the same for those who share memory.
  int[] hostOf(int[] members) {
    return config.transport().sharesMemory()
        ? IntStream.of(members).map(m -> hosts[m]).toArray()
        : members.clone();
  }

  /// Takes note of the groups that measurements have shown.
  ///
  /// @param groups number of each rank's group
  void measured(int[] groups) {
    measuredGroups = groups.clone();
  }

  /// Returns the number of each member's group, for hierarchical algorithms: its host, what the
  /// option says, or what was measured. Ranks that joined later have groups of their own, host by
  /// host.
  int[] groupOf(int[] members) {
    int[] measured = measuredGroups;
    int[] groups = measured == null ? config.groups() : measured;
    if (groups.length == 0) {
      return IntStream.of(members).map(m -> hosts[m]).toArray();
    }
    int next = IntStream.of(groups).max().orElse(0) + 1;
    return IntStream.of(members)
        .map(m -> m < groups.length ? groups[m] : next + hosts[m])
        .toArray();
  }

  /// Returns how ranks communicate, for people.
  String transport() {
    NetworkEndpoint listening = endpoint;
    if (listening == null) {
      return domain.transport();
    }
    String network = listening.transport();
    return localSize() > 1 ? domain.transport() + "+" + network : network;
  }

  /// Opens a network among members; see [NetworkEndpoint#network].
  Network network(long id, int[] members, int index, int lanes, Waiter.Check check) {
    NetworkEndpoint listening = endpoint;
    if (listening == null) {
      throw new IllegalStateException("there is no network among ranks that share memory");
    }
    return listening.network(id, members, index, lanes, check);
  }

  /// Takes over a closed communicator, to free its block when that is safe, and frees those of
  /// others for which it has become so; with them the memory of ranks that died.
  void retire(CommunicatorCore core) {
    synchronized (retired) {
      retired.add(core);
      retired.removeIf(CommunicatorCore::freeIfAbandoned);
    }
    if (domain instanceof ShmDomain regions) {
      status.forgotten().forEach(regions::drop);
    }
  }

  /// Makes sure that a rank which counts as dead, though its process may only have stood still,
  /// does not touch shared memory any more; returns whether that is so.
  boolean fence(int rank) {
    if (!(domain instanceof ShmDomain regions) || !status.hasFailed(rank)) {
      return true; // a thread has ended; who left in order has finished
    }
    return config.fences() && regions.fence(rank);
  }

  /// Takes note of a communicator that was made.
  void opened(Communicator communicator) {
    open.add(communicator);
  }

  /// Takes note of a communicator that was closed.
  void closed(Communicator communicator) {
    open.remove(communicator);
  }

  /// Closes all communicators and leaves the world: none may touch the memory afterwards.
  void leave() {
    open.forEach(Communicator::close);
    control.leave();
    NetworkEndpoint listening = endpoint;
    if (listening != null) {
      listening.close();
    }
    if (first != null) {
      first.close();
    }
    domain.close();
  }

  /// Allocates this rank's block for a group of so many members and returns its token.
  long allocateBlock(int members) {
    return allocateBlock(domain, config.sizes(), members);
  }

  /// Allocates a rank's block for a group and returns its token.
  static long allocateBlock(MemoryDomain domain, Exchanges.Sizes sizes, int members) {
    long block = domain.allocate(sizes.blockBytes(members), BLOCK_ALIGNMENT);
    domain.populate(block, sizes.hotBytes(members));
    return domain.token(block);
  }

  /// Returns the size of the last-level cache, or a usual one where the kernel does not tell.
  long cacheBytes() {
    return host.lastLevelCacheBytes().orElse(DEFAULT_CACHE_BYTES);
  }

  /// Returns the footprint from which results are written past the cache.
  long streamingBytes() {
    return config.streamingBytes() > 0 ? config.streamingBytes() : cacheBytes();
  }

  /// Returns how many ranks share a core.
  int ranksPerCore() {
    int[] all = hosts;
    int own = all[domain.rank()];
    int ranks =
        (int)
            IntStream.range(0, all.length).filter(r -> all[r] == own && !status.isGone(r)).count();
    return Math.max(1, (ranks + host.cores() - 1) / host.cores());
  }

  /// Returns how many ranks share memory with this one, itself included.
  private int localSize() {
    return (int) IntStream.range(0, domain.size()).filter(domain::reaches).count();
  }
}
