package dev.tutti.bindings.nccl;

/// The host functions of NCCL, each with the version that has it first. What is not in 2.19 has to
/// be asked for with [NcclLibrary#supports].
public enum NcclFunction {
  /// `ncclGetVersion`.
  GET_VERSION("ncclGetVersion", 2_1901),

  /// `ncclGetErrorString`.
  GET_ERROR_STRING("ncclGetErrorString", 2_1901),

  /// `ncclGetLastError`.
  GET_LAST_ERROR("ncclGetLastError", 2_1901),

  /// `ncclMemAlloc`.
  MEM_ALLOC("ncclMemAlloc", 2_1901),

  /// `ncclMemFree`.
  MEM_FREE("ncclMemFree", 2_1901),

  /// `ncclGetUniqueId`.
  GET_UNIQUE_ID("ncclGetUniqueId", 2_1901),

  /// `ncclCommInitRank`.
  COMM_INIT_RANK("ncclCommInitRank", 2_1901),

  /// `ncclCommInitRankConfig`.
  COMM_INIT_RANK_CONFIG("ncclCommInitRankConfig", 2_1901),

  /// `ncclCommInitAll`.
  COMM_INIT_ALL("ncclCommInitAll", 2_1901),

  /// `ncclCommInitRankScalable`, since 2.23.4.
  COMM_INIT_RANK_SCALABLE("ncclCommInitRankScalable", 2_2304),

  /// `ncclCommFinalize`.
  COMM_FINALIZE("ncclCommFinalize", 2_1901),

  /// `ncclCommDestroy`.
  COMM_DESTROY("ncclCommDestroy", 2_1901),

  /// `ncclCommAbort`.
  COMM_ABORT("ncclCommAbort", 2_1901),

  /// `ncclCommRevoke`, since 2.28.7.
  COMM_REVOKE("ncclCommRevoke", 2_2807),

  /// `ncclCommSplit`.
  COMM_SPLIT("ncclCommSplit", 2_1901),

  /// `ncclCommShrink`, since 2.27.3.
  COMM_SHRINK("ncclCommShrink", 2_2703),

  /// `ncclCommGetUniqueId`, since 2.29.2.
  COMM_GET_UNIQUE_ID("ncclCommGetUniqueId", 2_2902),

  /// `ncclCommGrow`, since 2.29.2.
  COMM_GROW("ncclCommGrow", 2_2902),

  /// `ncclCommGetAsyncError`.
  COMM_GET_ASYNC_ERROR("ncclCommGetAsyncError", 2_1901),

  /// `ncclCommCount`.
  COMM_COUNT("ncclCommCount", 2_1901),

  /// `ncclCommCuDevice`.
  COMM_CU_DEVICE("ncclCommCuDevice", 2_1901),

  /// `ncclCommUserRank`.
  COMM_USER_RANK("ncclCommUserRank", 2_1901),

  /// `ncclCommQueryProperties`, since 2.29.2.
  COMM_QUERY_PROPERTIES("ncclCommQueryProperties", 2_2902),

  /// `ncclCommRegister`.
  COMM_REGISTER("ncclCommRegister", 2_1901),

  /// `ncclCommDeregister`.
  COMM_DEREGISTER("ncclCommDeregister", 2_1901),

  /// `ncclCommWindowRegister`, since 2.27.3.
  COMM_WINDOW_REGISTER("ncclCommWindowRegister", 2_2703),

  /// `ncclCommWindowDeregister`, since 2.27.3.
  COMM_WINDOW_DEREGISTER("ncclCommWindowDeregister", 2_2703),

  /// `ncclWinGetUserPtr`, since 2.29.2.
  WIN_GET_USER_PTR("ncclWinGetUserPtr", 2_2902),

  /// `ncclCommSuspend`, since 2.29.7.
  COMM_SUSPEND("ncclCommSuspend", 2_2907),

  /// `ncclCommResume`, since 2.29.7.
  COMM_RESUME("ncclCommResume", 2_2907),

  /// `ncclCommMemStats`, since 2.29.7.
  COMM_MEM_STATS("ncclCommMemStats", 2_2907),

  /// `ncclRedOpCreatePreMulSum`.
  RED_OP_CREATE_PRE_MUL_SUM("ncclRedOpCreatePreMulSum", 2_1901),

  /// `ncclRedOpDestroy`.
  RED_OP_DESTROY("ncclRedOpDestroy", 2_1901),

  /// `ncclReduce`.
  REDUCE("ncclReduce", 2_1901),

  /// `ncclBcast`.
  BCAST("ncclBcast", 2_1901),

  /// `ncclBroadcast`.
  BROADCAST("ncclBroadcast", 2_1901),

  /// `ncclAllReduce`.
  ALL_REDUCE("ncclAllReduce", 2_1901),

  /// `ncclReduceScatter`.
  REDUCE_SCATTER("ncclReduceScatter", 2_1901),

  /// `ncclAllGather`.
  ALL_GATHER("ncclAllGather", 2_1901),

  /// `ncclAlltoAll`, since 2.28.3.
  ALL_TO_ALL("ncclAlltoAll", 2_2803),

  /// `ncclGather`, since 2.28.3.
  GATHER("ncclGather", 2_2803),

  /// `ncclScatter`, since 2.28.3.
  SCATTER("ncclScatter", 2_2803),

  /// `ncclSend`.
  SEND("ncclSend", 2_1901),

  /// `ncclRecv`.
  RECV("ncclRecv", 2_1901),

  /// `ncclPutSignal`, since 2.29.2.
  PUT_SIGNAL("ncclPutSignal", 2_2902),

  /// `ncclSignal`, since 2.29.2.
  SIGNAL("ncclSignal", 2_2902),

  /// `ncclWaitSignal`, since 2.29.2.
  WAIT_SIGNAL("ncclWaitSignal", 2_2902),

  /// `ncclGroupStart`.
  GROUP_START("ncclGroupStart", 2_1901),

  /// `ncclGroupEnd`.
  GROUP_END("ncclGroupEnd", 2_1901),

  /// `ncclGroupSimulateEnd`, since 2.22.3.
  GROUP_SIMULATE_END("ncclGroupSimulateEnd", 2_2203),

  /// `ncclParamBind`, since 2.30.3.
  PARAM_BIND("ncclParamBind", 2_3003),

  /// `ncclParamGetI8`, since 2.30.3.
  PARAM_GET_I8("ncclParamGetI8", 2_3003),

  /// `ncclParamGetI16`, since 2.30.3.
  PARAM_GET_I16("ncclParamGetI16", 2_3003),

  /// `ncclParamGetI32`, since 2.30.3.
  PARAM_GET_I32("ncclParamGetI32", 2_3003),

  /// `ncclParamGetI64`, since 2.30.3.
  PARAM_GET_I64("ncclParamGetI64", 2_3003),

  /// `ncclParamGetU8`, since 2.30.3.
  PARAM_GET_U8("ncclParamGetU8", 2_3003),

  /// `ncclParamGetU16`, since 2.30.3.
  PARAM_GET_U16("ncclParamGetU16", 2_3003),

  /// `ncclParamGetU32`, since 2.30.3.
  PARAM_GET_U32("ncclParamGetU32", 2_3003),

  /// `ncclParamGetU64`, since 2.30.3.
  PARAM_GET_U64("ncclParamGetU64", 2_3003),

  /// `ncclParamGetStr`, since 2.30.3.
  PARAM_GET_STR("ncclParamGetStr", 2_3003),

  /// `ncclParamGet`, since 2.30.3.
  PARAM_GET("ncclParamGet", 2_3003),

  /// `ncclParamGetParameter`, since 2.30.3.
  PARAM_GET_PARAMETER("ncclParamGetParameter", 2_3003),

  /// `ncclParamGetAllParameterKeys`, since 2.30.3.
  PARAM_GET_ALL_PARAMETER_KEYS("ncclParamGetAllParameterKeys", 2_3003),

  /// `ncclParamDumpAll`, since 2.30.3.
  PARAM_DUMP_ALL("ncclParamDumpAll", 2_3003),

  /// `ncclResetDebugInit`, since 2.24.3.
  RESET_DEBUG_INIT("ncclResetDebugInit", 2_2403);

  private final String symbol;
  private final int since;

  NcclFunction(String symbol, int since) {
    this.symbol = symbol;
    this.since = since;
  }

  /// Its name in C.
  public String symbol() {
    return symbol;
  }

  /// The first version that has it, in NCCL's coding: 22203 for 2.22.3.
  public int since() {
    return since;
  }

  /// Returns whether every version that can be used has it.
  boolean isBase() {
    return since == NcclLibrary.OLDEST;
  }
}
