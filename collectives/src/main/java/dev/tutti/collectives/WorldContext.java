package dev.tutti.collectives;

import dev.tutti.collectives.execute.Exchanges;
import dev.tutti.topology.Host;
import dev.tutti.transport.MemoryDomain;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// What all communicators of one rank share.
///
/// @param domain the memory of the ranks
/// @param config the options
/// @param host this host
/// @param onAbort tells the other ranks to stop
/// @param onClose leaves the world; called when the world communicator closes
/// @param retired closed communicators whose blocks other ranks may still look at; guarded by
///   itself
record WorldContext(
    MemoryDomain domain,
    CommunicatorConfig config,
    Host host,
    Consumer<String> onAbort,
    Runnable onClose,
    List<CommunicatorCore> retired) {

  private static final long DEFAULT_CACHE_BYTES = 32L << 20;
  private static final long BLOCK_ALIGNMENT = 2L << 20;

  WorldContext(
      MemoryDomain domain,
      CommunicatorConfig config,
      Host host,
      Consumer<String> onAbort,
      Runnable onClose) {
    this(domain, config, host, onAbort, onClose, new ArrayList<>());
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
    return Math.max(1, (domain.size() + host.cores() - 1) / host.cores());
  }
}
