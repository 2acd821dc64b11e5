/*
 * The host functions of NCCL 2.19 to 2.30: declarations only, input of jextract (see ../../../README.md).
 *
 * Written after the public documentation of NCCL for the LP64 ABIs x86_64 and aarch64, and free of #include so that the
 * generated code does not depend on the machine it is generated on; of CUDA only the type of a stream is needed. A test
 * compiles this file together with NVIDIA's nccl.h where that is installed (TUTTI_CHECK_AGAINST_SYSTEM defined): a
 * declaration that differs is an error of the C compiler.
 *
 * Each function has a pointer type of its own, NAME_call, of which jextract makes a class that calls any address: the
 * library is looked for at run time, and a function that an older version lacks is passed over.
 */
#ifndef TUTTI_NCCL_H
#define TUTTI_NCCL_H

/* The version whose ncclConfig_t this file has. */
#define TUTTI_NCCL_VERSION 23007

#ifndef TUTTI_CHECK_AGAINST_SYSTEM
typedef signed char int8_t;
typedef short int16_t;
typedef int int32_t;
typedef long int64_t;
typedef unsigned char uint8_t;
typedef unsigned short uint16_t;
typedef unsigned int uint32_t;
typedef unsigned long uint64_t;
typedef unsigned long size_t;

typedef struct CUstream_st *cudaStream_t;
typedef struct ncclComm *ncclComm_t;

typedef struct {
  char internal[128];
} ncclUniqueId;

typedef enum {
  ncclSuccess = 0,
  ncclUnhandledCudaError = 1,
  ncclSystemError = 2,
  ncclInternalError = 3,
  ncclInvalidArgument = 4,
  ncclInvalidUsage = 5,
  ncclRemoteError = 6,
  ncclInProgress = 7,
  ncclTimeout = 8 /* since 2.30 */
} ncclResult_t;

typedef enum {
  ncclInt8 = 0,
  ncclUint8 = 1,
  ncclInt32 = 2,
  ncclUint32 = 3,
  ncclInt64 = 4,
  ncclUint64 = 5,
  ncclFloat16 = 6,
  ncclFloat32 = 7,
  ncclFloat64 = 8,
  ncclBfloat16 = 9,
  ncclFloat8e4m3 = 10, /* since 2.24 */
  ncclFloat8e5m2 = 11
} ncclDataType_t;

typedef enum {
  ncclSum = 0,
  ncclProd = 1,
  ncclMax = 2,
  ncclMin = 3,
  ncclAvg = 4,
  ncclNumOps = 5,
  ncclMaxRedOp = 0x7fffffff /* a handle of ncclRedOpCreatePreMulSum is any number between */
} ncclRedOp_t;

typedef enum { ncclScalarDevice = 0, ncclScalarHostImmediate = 1 } ncclScalarResidence_t;

#define NCCL_API_MAGIC 0xcafebeef
#define NCCL_CONFIG_UNDEF_INT (-2147483647 - 1)
#define NCCL_SPLIT_NOCOLOR -1

/* What a caller does not set is NCCL_CONFIG_UNDEF_INT or null. The library ignores what is newer than version. */
typedef struct ncclConfig_v23000 {
  size_t size;
  unsigned int magic;
  unsigned int version;
  int blocking;
  int cgaClusterSize;
  int minCTAs;
  int maxCTAs;
  const char *netName;
  int splitShare;
  int trafficClass;
  const char *commName;
  int collnetEnable;
  int CTAPolicy;
  int shrinkShare;
  int nvlsCTAs;
  int nChannelsPerNetPeer;
  int nvlinkCentricSched;
  int graphUsageMode;
  int numRmaCtx;
  int maxP2pPeers;
  int graphStreamOrdering;
} ncclConfig_t;
#endif

/* What older versions of NVIDIA's header lack. */
#if !defined(NCCL_VERSION_CODE) || NCCL_VERSION_CODE < 22203
typedef struct ncclSimInfo_v22200 {
  size_t size;
  unsigned int magic; /* TUTTI_NCCL_SIM_INFO_MAGIC */
  unsigned int version;
  float estimatedTime; /* microseconds; -1 before the call */
} ncclSimInfo_t;
#endif
#define TUTTI_NCCL_SIM_INFO_MAGIC 0x74685283

#if !defined(NCCL_VERSION_CODE) || NCCL_VERSION_CODE < 22703
typedef struct ncclWindow_vidmem *ncclWindow_t;
#define NCCL_WIN_DEFAULT 0x00
#define NCCL_WIN_COLL_SYMMETRIC 0x01
#define NCCL_SHRINK_DEFAULT 0x00
#define NCCL_SHRINK_ABORT 0x01
#define NCCL_CTA_POLICY_DEFAULT 0x00
#define NCCL_CTA_POLICY_EFFICIENCY 0x01
#endif

#if !defined(NCCL_VERSION_CODE) || NCCL_VERSION_CODE < 22902
typedef struct {
  int opCnt;
  int peer;
  int sigIdx;
  int ctx;
} ncclWaitSignalDesc_t;
#endif

#if !defined(NCCL_VERSION_CODE) || NCCL_VERSION_CODE < 22907
typedef enum {
  ncclStatGpuMemSuspend = 0,
  ncclStatGpuMemSuspended = 1,
  ncclStatGpuMemPersist = 2,
  ncclStatGpuMemTotal = 3
} ncclCommMemStat_t;
#define NCCL_SUSPEND_MEM 0x01
#endif

/* NVIDIA's name for it, ncclParamHandle_t, is the structure in 2.30.3 and a pointer to it later. */
struct ncclParamHandle;

/* In a header of its own that is C++; the form of 2.29.7. 2.29.2 ends with a ginType of one byte at offset 34. */
typedef struct ncclCommProperties {
  size_t size;
  unsigned int magic; /* NCCL_API_MAGIC */
  unsigned int version;
  int rank;
  int nRanks;
  int cudaDev;
  int nvmlDev;
  _Bool deviceApiSupport;
  _Bool multimemSupport;
  int ginType;
  int nLsaTeams;
  _Bool hostRmaSupport;
  int railedGinType;
} ncclCommProperties_t;

#define TUTTI_FUNCTION(result, name, ...) \
  result name(__VA_ARGS__);               \
  typedef result (*name##_call)(__VA_ARGS__)

/* Version, errors, memory. */
TUTTI_FUNCTION(ncclResult_t, ncclGetVersion, int *version);
TUTTI_FUNCTION(const char *, ncclGetErrorString, ncclResult_t result);
TUTTI_FUNCTION(const char *, ncclGetLastError, ncclComm_t comm);
TUTTI_FUNCTION(ncclResult_t, ncclMemAlloc, void **ptr, size_t size);
TUTTI_FUNCTION(ncclResult_t, ncclMemFree, void *ptr);

/* A communicator's life. */
TUTTI_FUNCTION(ncclResult_t, ncclGetUniqueId, ncclUniqueId *uniqueId);
TUTTI_FUNCTION(ncclResult_t, ncclCommInitRank, ncclComm_t *comm, int nranks, ncclUniqueId commId, int rank);
TUTTI_FUNCTION(ncclResult_t, ncclCommInitRankConfig, ncclComm_t *comm, int nranks, ncclUniqueId commId, int rank,
               ncclConfig_t *config);
TUTTI_FUNCTION(ncclResult_t, ncclCommInitAll, ncclComm_t *comm, int ndev, const int *devlist);
TUTTI_FUNCTION(ncclResult_t, ncclCommInitRankScalable, ncclComm_t *newcomm, int nranks, int myrank, int nId,
               ncclUniqueId *commIds, ncclConfig_t *config); /* since 2.23 */
TUTTI_FUNCTION(ncclResult_t, ncclCommFinalize, ncclComm_t comm);
TUTTI_FUNCTION(ncclResult_t, ncclCommDestroy, ncclComm_t comm);
TUTTI_FUNCTION(ncclResult_t, ncclCommAbort, ncclComm_t comm);
TUTTI_FUNCTION(ncclResult_t, ncclCommRevoke, ncclComm_t comm, int revokeFlags); /* since 2.28.7 */
TUTTI_FUNCTION(ncclResult_t, ncclCommSplit, ncclComm_t comm, int color, int key, ncclComm_t *newcomm,
               ncclConfig_t *config);
TUTTI_FUNCTION(ncclResult_t, ncclCommShrink, ncclComm_t comm, int *excludeRanksList, int excludeRanksCount,
               ncclComm_t *newcomm, ncclConfig_t *config, int shrinkFlags); /* since 2.27 */
TUTTI_FUNCTION(ncclResult_t, ncclCommGetUniqueId, ncclComm_t comm, ncclUniqueId *uniqueId); /* since 2.29 */
TUTTI_FUNCTION(ncclResult_t, ncclCommGrow, ncclComm_t comm, int nRanks, const ncclUniqueId *uniqueId, int rank,
               ncclComm_t *newcomm, ncclConfig_t *config); /* since 2.29 */

/* What a communicator tells. */
TUTTI_FUNCTION(ncclResult_t, ncclCommGetAsyncError, ncclComm_t comm, ncclResult_t *asyncError);
TUTTI_FUNCTION(ncclResult_t, ncclCommCount, const ncclComm_t comm, int *count);
TUTTI_FUNCTION(ncclResult_t, ncclCommCuDevice, const ncclComm_t comm, int *device);
TUTTI_FUNCTION(ncclResult_t, ncclCommUserRank, const ncclComm_t comm, int *rank);
TUTTI_FUNCTION(ncclResult_t, ncclCommQueryProperties, ncclComm_t comm, ncclCommProperties_t *properties); /* 2.29 */

/* Registered memory; giving memory back for a while. */
TUTTI_FUNCTION(ncclResult_t, ncclCommRegister, const ncclComm_t comm, void *buff, size_t size, void **handle);
TUTTI_FUNCTION(ncclResult_t, ncclCommDeregister, const ncclComm_t comm, void *handle);
TUTTI_FUNCTION(ncclResult_t, ncclCommWindowRegister, ncclComm_t comm, void *buff, size_t size, ncclWindow_t *win,
               int winFlags); /* since 2.27 */
TUTTI_FUNCTION(ncclResult_t, ncclCommWindowDeregister, ncclComm_t comm, ncclWindow_t win); /* since 2.27 */
TUTTI_FUNCTION(ncclResult_t, ncclWinGetUserPtr, ncclComm_t comm, ncclWindow_t win, void **outUserPtr); /* since 2.29 */
TUTTI_FUNCTION(ncclResult_t, ncclCommSuspend, ncclComm_t comm, int flags); /* since 2.29.7 */
TUTTI_FUNCTION(ncclResult_t, ncclCommResume, ncclComm_t comm);             /* since 2.29.7 */
TUTTI_FUNCTION(ncclResult_t, ncclCommMemStats, ncclComm_t comm, ncclCommMemStat_t stat,
               uint64_t *value); /* since 2.29.7 */

/* Reduction operators of the caller. */
TUTTI_FUNCTION(ncclResult_t, ncclRedOpCreatePreMulSum, ncclRedOp_t *op, void *scalar, ncclDataType_t datatype,
               ncclScalarResidence_t residence, ncclComm_t comm);
TUTTI_FUNCTION(ncclResult_t, ncclRedOpDestroy, ncclRedOp_t op, ncclComm_t comm);

/* Collectives. Counts: per rank sent (all-gather), per rank received (reduce-scatter), per peer (the last three). */
TUTTI_FUNCTION(ncclResult_t, ncclReduce, const void *sendbuff, void *recvbuff, size_t count, ncclDataType_t datatype,
               ncclRedOp_t op, int root, ncclComm_t comm, cudaStream_t stream);
TUTTI_FUNCTION(ncclResult_t, ncclBcast, void *buff, size_t count, ncclDataType_t datatype, int root, ncclComm_t comm,
               cudaStream_t stream);
TUTTI_FUNCTION(ncclResult_t, ncclBroadcast, const void *sendbuff, void *recvbuff, size_t count,
               ncclDataType_t datatype, int root, ncclComm_t comm, cudaStream_t stream);
TUTTI_FUNCTION(ncclResult_t, ncclAllReduce, const void *sendbuff, void *recvbuff, size_t count,
               ncclDataType_t datatype, ncclRedOp_t op, ncclComm_t comm, cudaStream_t stream);
TUTTI_FUNCTION(ncclResult_t, ncclReduceScatter, const void *sendbuff, void *recvbuff, size_t recvcount,
               ncclDataType_t datatype, ncclRedOp_t op, ncclComm_t comm, cudaStream_t stream);
TUTTI_FUNCTION(ncclResult_t, ncclAllGather, const void *sendbuff, void *recvbuff, size_t sendcount,
               ncclDataType_t datatype, ncclComm_t comm, cudaStream_t stream);
TUTTI_FUNCTION(ncclResult_t, ncclAlltoAll, const void *sendbuff, void *recvbuff, size_t count,
               ncclDataType_t datatype, ncclComm_t comm, cudaStream_t stream); /* since 2.28 */
TUTTI_FUNCTION(ncclResult_t, ncclGather, const void *sendbuff, void *recvbuff, size_t count, ncclDataType_t datatype,
               int root, ncclComm_t comm, cudaStream_t stream); /* since 2.28 */
TUTTI_FUNCTION(ncclResult_t, ncclScatter, const void *sendbuff, void *recvbuff, size_t count, ncclDataType_t datatype,
               int root, ncclComm_t comm, cudaStream_t stream); /* since 2.28 */

/* Point to point, one-sided, groups. */
TUTTI_FUNCTION(ncclResult_t, ncclSend, const void *sendbuff, size_t count, ncclDataType_t datatype, int peer,
               ncclComm_t comm, cudaStream_t stream);
TUTTI_FUNCTION(ncclResult_t, ncclRecv, void *recvbuff, size_t count, ncclDataType_t datatype, int peer,
               ncclComm_t comm, cudaStream_t stream);
TUTTI_FUNCTION(ncclResult_t, ncclPutSignal, const void *localbuff, size_t count, ncclDataType_t datatype, int peer,
               ncclWindow_t peerWin, size_t peerWinOffset, int sigIdx, int ctx, unsigned int flags, ncclComm_t comm,
               cudaStream_t stream); /* since 2.29 */
TUTTI_FUNCTION(ncclResult_t, ncclSignal, int peer, int sigIdx, int ctx, unsigned int flags, ncclComm_t comm,
               cudaStream_t stream); /* since 2.29 */
TUTTI_FUNCTION(ncclResult_t, ncclWaitSignal, int nDesc, ncclWaitSignalDesc_t *signalDescs, ncclComm_t comm,
               cudaStream_t stream); /* since 2.29 */
TUTTI_FUNCTION(ncclResult_t, ncclGroupStart, void);
TUTTI_FUNCTION(ncclResult_t, ncclGroupEnd, void);
TUTTI_FUNCTION(ncclResult_t, ncclGroupSimulateEnd, ncclSimInfo_t *simInfo); /* since 2.22 */

/* Settings in effect, all since 2.30. */
TUTTI_FUNCTION(ncclResult_t, ncclParamBind, struct ncclParamHandle **out, const char *key);
TUTTI_FUNCTION(ncclResult_t, ncclParamGetI8, struct ncclParamHandle *h, int8_t *out);
TUTTI_FUNCTION(ncclResult_t, ncclParamGetI16, struct ncclParamHandle *h, int16_t *out);
TUTTI_FUNCTION(ncclResult_t, ncclParamGetI32, struct ncclParamHandle *h, int32_t *out);
TUTTI_FUNCTION(ncclResult_t, ncclParamGetI64, struct ncclParamHandle *h, int64_t *out);
TUTTI_FUNCTION(ncclResult_t, ncclParamGetU8, struct ncclParamHandle *h, uint8_t *out);
TUTTI_FUNCTION(ncclResult_t, ncclParamGetU16, struct ncclParamHandle *h, uint16_t *out);
TUTTI_FUNCTION(ncclResult_t, ncclParamGetU32, struct ncclParamHandle *h, uint32_t *out);
TUTTI_FUNCTION(ncclResult_t, ncclParamGetU64, struct ncclParamHandle *h, uint64_t *out);
TUTTI_FUNCTION(ncclResult_t, ncclParamGetStr, struct ncclParamHandle *h, const char **out);
TUTTI_FUNCTION(ncclResult_t, ncclParamGet, struct ncclParamHandle *h, void *out, int maxLen, int *len);
TUTTI_FUNCTION(ncclResult_t, ncclParamGetParameter, const char *key, const char **value, int *valueLen);
TUTTI_FUNCTION(ncclResult_t, ncclParamGetAllParameterKeys, const char ***table, int *tableLen);
TUTTI_FUNCTION(void, ncclParamDumpAll, void);

#undef ncclResetDebugInit /* some headers call nothing by this name */
TUTTI_FUNCTION(void, ncclResetDebugInit, void); /* deprecated */

#undef TUTTI_FUNCTION

#endif
