package dev.tutti.bindings.hccl;

/// The functions of HCCL, each with the version of CANN that has it first. What is not in 8.1 has
/// to be asked for with [HcclLibrary#supports]: HCCL does not tell its version.
public enum HcclFunction {
  /// `HcclGetRootInfo`.
  GET_ROOT_INFO("HcclGetRootInfo", "8.1"),

  /// `HcclCommInitRootInfo`.
  COMM_INIT_ROOT_INFO("HcclCommInitRootInfo", "8.1"),

  /// `HcclCommInitRootInfoConfig`.
  COMM_INIT_ROOT_INFO_CONFIG("HcclCommInitRootInfoConfig", "8.1"),

  /// `HcclCommInitClusterInfo`.
  COMM_INIT_CLUSTER_INFO("HcclCommInitClusterInfo", "8.1"),

  /// `HcclCommInitClusterInfoConfig`.
  COMM_INIT_CLUSTER_INFO_CONFIG("HcclCommInitClusterInfoConfig", "8.1"),

  /// `HcclCreateSubCommConfig`.
  CREATE_SUB_COMM_CONFIG("HcclCreateSubCommConfig", "8.1"),

  /// `HcclCommInitAll`.
  COMM_INIT_ALL("HcclCommInitAll", "8.1"),

  /// `HcclCommDestroy`.
  COMM_DESTROY("HcclCommDestroy", "8.1"),

  /// `HcclCommSuspend`.
  COMM_SUSPEND("HcclCommSuspend", "8.1"),

  /// `HcclCommResume`.
  COMM_RESUME("HcclCommResume", "8.1"),

  /// `HcclGetRankSize`.
  GET_RANK_SIZE("HcclGetRankSize", "8.1"),

  /// `HcclGetRankId`.
  GET_RANK_ID("HcclGetRankId", "8.1"),

  /// `HcclGetCommName`.
  GET_COMM_NAME("HcclGetCommName", "8.1"),

  /// `HcclGetCommAsyncError`.
  GET_COMM_ASYNC_ERROR("HcclGetCommAsyncError", "8.1"),

  /// `HcclGetErrorString`.
  GET_ERROR_STRING("HcclGetErrorString", "8.1"),

  /// `HcclGetCommConfigCapability`.
  GET_COMM_CONFIG_CAPABILITY("HcclGetCommConfigCapability", "8.1"),

  /// `HcclSetConfig`.
  SET_CONFIG("HcclSetConfig", "8.1"),

  /// `HcclGetConfig`.
  GET_CONFIG("HcclGetConfig", "8.1"),

  /// `HcclBarrier`.
  BARRIER("HcclBarrier", "8.1"),

  /// `HcclAllReduce`.
  ALL_REDUCE("HcclAllReduce", "8.1"),

  /// `HcclBroadcast`.
  BROADCAST("HcclBroadcast", "8.1"),

  /// `HcclReduce`.
  REDUCE("HcclReduce", "8.1"),

  /// `HcclReduceScatter`.
  REDUCE_SCATTER("HcclReduceScatter", "8.1"),

  /// `HcclReduceScatterV`.
  REDUCE_SCATTER_V("HcclReduceScatterV", "8.1"),

  /// `HcclAllGather`.
  ALL_GATHER("HcclAllGather", "8.1"),

  /// `HcclAllGatherV`.
  ALL_GATHER_V("HcclAllGatherV", "8.1"),

  /// `HcclScatter`.
  SCATTER("HcclScatter", "8.1"),

  /// `HcclAlltoAll`.
  ALL_TO_ALL("HcclAlltoAll", "8.1"),

  /// `HcclAlltoAllV`.
  ALL_TO_ALL_V("HcclAlltoAllV", "8.1"),

  /// `HcclSend`.
  SEND("HcclSend", "8.1"),

  /// `HcclRecv`.
  RECV("HcclRecv", "8.1"),

  /// `HcclBatchSendRecv`.
  BATCH_SEND_RECV("HcclBatchSendRecv", "8.1"),

  /// `HcclCommSetMemoryRange`.
  COMM_SET_MEMORY_RANGE("HcclCommSetMemoryRange", "8.1"),

  /// `HcclCommUnsetMemoryRange`.
  COMM_UNSET_MEMORY_RANGE("HcclCommUnsetMemoryRange", "8.1"),

  /// `HcclCommActivateCommMemory`.
  COMM_ACTIVATE_COMM_MEMORY("HcclCommActivateCommMemory", "8.1"),

  /// `HcclCommDeactivateCommMemory`.
  COMM_DEACTIVATE_COMM_MEMORY("HcclCommDeactivateCommMemory", "8.1"),

  /// `HcclAlltoAllVC`, since 8.5.
  ALL_TO_ALL_VC("HcclAlltoAllVC", "8.5"),

  /// `HcclCommWorkingDevNicSet`, since 8.5.
  COMM_WORKING_DEV_NIC_SET("HcclCommWorkingDevNicSet", "8.5"),

  /// `HcclRankGraphGetLayers`, since 8.5.
  RANK_GRAPH_GET_LAYERS("HcclRankGraphGetLayers", "8.5"),

  /// `HcclRankGraphGetRanksByLayer`, since 8.5.
  RANK_GRAPH_GET_RANKS_BY_LAYER("HcclRankGraphGetRanksByLayer", "8.5"),

  /// `HcclRankGraphGetRankSizeByLayer`, since 8.5.
  RANK_GRAPH_GET_RANK_SIZE_BY_LAYER("HcclRankGraphGetRankSizeByLayer", "8.5"),

  /// `HcclRankGraphGetTopoTypeByLayer`, since 8.5.
  RANK_GRAPH_GET_TOPO_TYPE_BY_LAYER("HcclRankGraphGetTopoTypeByLayer", "8.5"),

  /// `HcclRankGraphGetInstSizeListByLayer`, since 8.5.
  RANK_GRAPH_GET_INST_SIZE_LIST_BY_LAYER("HcclRankGraphGetInstSizeListByLayer", "8.5"),

  /// `HcclRankGraphGetLinks`, since 8.5.
  RANK_GRAPH_GET_LINKS("HcclRankGraphGetLinks", "8.5"),

  /// `HcclGetHeterogMode`, since 8.5.
  GET_HETEROG_MODE("HcclGetHeterogMode", "8.5"),

  /// `HcclCommGetHandleWithName`, since 9.0.
  COMM_GET_HANDLE_WITH_NAME("HcclCommGetHandleWithName", "9.0"),

  /// `HcclGroupStart`, since 9.0.
  GROUP_START("HcclGroupStart", "9.0"),

  /// `HcclGroupEnd`, since 9.0.
  GROUP_END("HcclGroupEnd", "9.0"),

  /// `HcclCommSymWinRegister`, since 9.0.
  COMM_SYM_WIN_REGISTER("HcclCommSymWinRegister", "9.0"),

  /// `HcclCommSymWinDeregister`, since 9.0.
  COMM_SYM_WIN_DEREGISTER("HcclCommSymWinDeregister", "9.0"),

  /// `HcclCommSymWinGet`, since 9.0.
  COMM_SYM_WIN_GET("HcclCommSymWinGet", "9.0"),

  /// `HcclSymWinGetPeerPointer`, since 9.0.
  SYM_WIN_GET_PEER_POINTER("HcclSymWinGetPeerPointer", "9.0"),

  /// `HcclCommGetStatus`, since 9.1.
  COMM_GET_STATUS("HcclCommGetStatus", "9.1"),

  /// `HcclConfigGetInfo`, since 9.1.
  CONFIG_GET_INFO("HcclConfigGetInfo", "9.1"),

  /// `HcclGroupStatusGet`, since 9.2.
  GROUP_STATUS_GET("HcclGroupStatusGet", "9.2");

  private static final String BASE = "8.1";

  private final String symbol;
  private final String since;

  HcclFunction(String symbol, String since) {
    this.symbol = symbol;
    this.since = since;
  }

  /// Its name in C.
  public String symbol() {
    return symbol;
  }

  /// The first version of CANN that has it.
  public String since() {
    return since;
  }

  /// Returns whether every version that can be used has it.
  boolean isBase() {
    return since.equals(BASE);
  }
}
