package dev.tutti.bindings.nccl;

import dev.tutti.bindings.nccl.generated.ncclConfig_v23000;

/// The whole numbers in a communicator's configuration, each with the version that knows it first.
/// What is not set is left to NCCL; environment variables beat the configuration.
public enum NcclSetting {
  /// 1: calls return when they are done or enqueued; 0: they return at once, and
  /// [NcclCommunicator#poll] tells when they are. Unset: 1.
  BLOCKING(ncclConfig_v23000.blocking$offset(), 2_1400),

  /// Thread blocks per cluster.
  CGA_CLUSTER_SIZE(ncclConfig_v23000.cgaClusterSize$offset(), 2_1700),

  /// Fewest thread blocks per kernel.
  MIN_CTAS(ncclConfig_v23000.minCTAs$offset(), 2_1700),

  /// Most thread blocks per kernel.
  MAX_CTAS(ncclConfig_v23000.maxCTAs$offset(), 2_1700),

  /// 1: communicators made by a split share resources with this one.
  SPLIT_SHARE(ncclConfig_v23000.splitShare$offset(), 2_1800),

  /// Traffic class of the network.
  TRAFFIC_CLASS(ncclConfig_v23000.trafficClass$offset(), 2_2500),

  /// 1: switches reduce, where they can.
  COLLNET_ENABLE(ncclConfig_v23000.collnetEnable$offset(), 2_2700),

  /// Bits: 0 default, 1 efficiency, 2 none if possible.
  CTA_POLICY(ncclConfig_v23000.CTAPolicy$offset(), 2_2700),

  /// 1: communicators made by a shrink share resources with this one.
  SHRINK_SHARE(ncclConfig_v23000.shrinkShare$offset(), 2_2700),

  /// Thread blocks of kernels that use NVLS.
  NVLS_CTAS(ncclConfig_v23000.nvlsCTAs$offset(), 2_2700),

  /// Channels per peer over the network.
  CHANNELS_PER_NET_PEER(ncclConfig_v23000.nChannelsPerNetPeer$offset(), 2_2800),

  /// 1: schedules centred on NVLink.
  NVLINK_CENTRIC_SCHED(ncclConfig_v23000.nvlinkCentricSched$offset(), 2_2800),

  /// 0: never captured into graphs, 1: only one graph at a time, 2: mixed.
  GRAPH_USAGE_MODE(ncclConfig_v23000.graphUsageMode$offset(), 2_2900),

  /// Contexts for one-sided operations.
  RMA_CONTEXTS(ncclConfig_v23000.numRmaCtx$offset(), 2_2900),

  /// Most peers of sends and receives.
  MAX_P2P_PEERS(ncclConfig_v23000.maxP2pPeers$offset(), 2_3000),

  /// 1: operations of one graph keep their order; not 0 together with [#GRAPH_USAGE_MODE] 2.
  GRAPH_STREAM_ORDERING(ncclConfig_v23000.graphStreamOrdering$offset(), 2_3005);

  private final long offset;
  private final int since;

  NcclSetting(long offset, int since) {
    this.offset = offset;
    this.since = since;
  }

  long offset() {
    return offset;
  }

  /// The first version that knows it.
  public int since() {
    return since;
  }
}
