package dev.tutti.collectives;

import dev.tutti.collectives.execute.Exchanges;
import dev.tutti.topology.Host;
import dev.tutti.transport.MemoryDomain;
import dev.tutti.transport.Network;
import dev.tutti.transport.Waiter;
import dev.tutti.transport.tcp.TcpEndpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// What all communicators of one rank share.
///
/// @param domain the memory of the ranks
/// @param config the options
/// @param host this host
/// @param hosts number of each rank's host, from 0
/// @param endpoint takes TCP connections; null where all ranks share memory
/// @param onAbort tells the other ranks to stop
/// @param onClose leaves the world; called when the world communicator closes
/// @param retired closed communicators whose blocks other ranks may still look at; guarded by
///   itself
record WorldContext(
    MemoryDomain domain,
    CommunicatorConfig config,
    Host host,
    int[] hosts,
    @Nullable TcpEndpoint endpoint,
    Consumer<String> onAbort,
    Runnable onClose,
    List<CommunicatorCore> retired) {

  private static final long DEFAULT_CACHE_BYTES = 32L << 20;
  private static final long BLOCK_ALIGNMENT = 2L << 20;

  /// A world whose ranks all share memory.
  WorldContext(MemoryDomain domain, CommunicatorConfig config, Host host, Runnable onClose) {
    this(domain, config, host, new int[domain.size()], null, _ -> {}, onClose, new ArrayList<>());
  }

  /// Returns a number for each member that is the same for those who share memory.
  int[] hostOf(int[] members) {
    return config.isTcpOnly()
        ? members.clone()
        : IntStream.of(members).map(m -> hosts[m]).toArray();
  }

  /// Returns the number of each member's group, for hierarchical algorithms: its host, or what the
  /// option says.
  int[] groupOf(int[] members) {
    int[] groups = config.groups().length == 0 ? hosts : config.groups();
    return IntStream.of(members).map(m -> groups[m]).toArray();
  }

  /// Returns how ranks communicate, for people.
  String transport() {
    if (endpoint == null) {
      return domain.transport();
    }
    return localSize() > 1 ? domain.transport() + "+tcp" : "tcp";
  }

  /// Opens a network among members; see [TcpEndpoint#network].
  Network network(long id, int[] members, int index, int lanes, Waiter.Check check) {
    if (endpoint == null) {
      throw new IllegalStateException("there is no network among ranks that share memory");
    }
    return endpoint.network(id, members, index, lanes, check);
  }

  /// Takes over a closed communicator, to free its block when that is safe, and frees those of
  /// others for which it has become so.
  void retire(CommunicatorCore core) {
    synchronized (retired) {
      retired.add(core);
      retired.removeIf(CommunicatorCore::freeIfAbandoned);
    }
  }

  /// Allocates this rank's block for a group and returns its token.
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
    int ranks = (int) IntStream.of(hosts).filter(h -> h == hosts[domain.rank()]).count();
    return Math.max(1, (ranks + host.cores() - 1) / host.cores());
  }

  /// Returns how many ranks share memory with this one, itself included.
  private int localSize() {
    return (int) IntStream.range(0, domain.size()).filter(domain::reaches).count();
  }
}
