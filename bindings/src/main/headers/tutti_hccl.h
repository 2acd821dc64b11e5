/*
 * The functions of Huawei's HCCL that Tutti calls: declarations only, input of jextract (see ../../../README.md).
 *
 * Written from the published prototypes and the binary interface, not from the vendor's headers, which are not C and
 * whose licence forbids it, and free of #include. The base set is that of CANN 8.1 and in every later version. A test
 * compiles it together with hccl/hccl.h where that is installed (TUTTI_CHECK_AGAINST_SYSTEM defined, as C++): a
 * declaration that differs is an error of the compiler.
 *
 * Each function has a pointer type of its own, NAME_call, of which jextract makes a class that calls any address: the
 * libraries are looked for at run time (libhccl.so, later versions also libhcomm.so), and a function that an older
 * version lacks is passed over.
 */
#ifndef TUTTI_HCCL_H
#define TUTTI_HCCL_H

#ifndef TUTTI_CHECK_AGAINST_SYSTEM
typedef int int32_t;
typedef unsigned char uint8_t;
typedef unsigned int uint32_t;
typedef unsigned long uint64_t;
typedef unsigned long size_t;

typedef void *aclrtStream;
typedef void *aclrtDrvMemHandle;
typedef void *HcclComm;
typedef void *HcclCommSymWindow;

typedef enum HcclResult {
  HCCL_SUCCESS = 0,
  HCCL_E_PARA = 1,
  HCCL_E_PTR = 2,
  HCCL_E_MEMORY = 3,
  HCCL_E_INTERNAL = 4,
  HCCL_E_NOT_SUPPORT = 5,
  HCCL_E_NOT_FOUND = 6,
  HCCL_E_UNAVAIL = 7,
  HCCL_E_SYSCALL = 8,
  HCCL_E_TIMEOUT = 9,
  HCCL_E_OPEN_FILE_FAILURE = 10,
  HCCL_E_TCP_CONNECT = 11,
  HCCL_E_ROCE_CONNECT = 12,
  HCCL_E_TCP_TRANSFER = 13,
  HCCL_E_ROCE_TRANSFER = 14,
  HCCL_E_RUNTIME = 15,
  HCCL_E_DRV = 16,
  HCCL_E_PROFILING = 17,
  HCCL_E_CCE = 18,
  HCCL_E_NETWORK = 19,
  HCCL_E_AGAIN = 20,
  HCCL_E_REMOTE = 21
} HcclResult;

typedef enum HcclDataType {
  HCCL_DATA_TYPE_INT8 = 0,
  HCCL_DATA_TYPE_INT16 = 1,
  HCCL_DATA_TYPE_INT32 = 2,
  HCCL_DATA_TYPE_FP16 = 3,
  HCCL_DATA_TYPE_FP32 = 4,
  HCCL_DATA_TYPE_INT64 = 5,
  HCCL_DATA_TYPE_UINT64 = 6,
  HCCL_DATA_TYPE_UINT8 = 7,
  HCCL_DATA_TYPE_UINT16 = 8,
  HCCL_DATA_TYPE_UINT32 = 9,
  HCCL_DATA_TYPE_FP64 = 10,
  HCCL_DATA_TYPE_BFP16 = 11
} HcclDataType;

typedef enum HcclReduceOp {
  HCCL_REDUCE_SUM = 0,
  HCCL_REDUCE_PROD = 1,
  HCCL_REDUCE_MAX = 2,
  HCCL_REDUCE_MIN = 3
} HcclReduceOp;

typedef enum HcclSendRecvType { HCCL_SEND = 0, HCCL_RECV = 1 } HcclSendRecvType;

typedef enum HcclConfig { HCCL_DETERMINISTIC = 0 } HcclConfig;

typedef union HcclConfigValue {
  int32_t value;
} HcclConfigValue;

typedef struct HcclRootInfoDef {
  char internal[4108];
} HcclRootInfo;

typedef struct HcclSendRecvItemDef {
  HcclSendRecvType sendRecvType;
  void *buf;
  uint64_t count;
  HcclDataType dataType;
  uint32_t remoteRank;
} HcclSendRecvItem;

/* Versions 5 (300 bytes, all before worldRank) and 9 (2232 bytes, all before qos) are used; others contradict
 * themselves. The names up to hcclRdmaServiceLevel are the vendor's. */
typedef struct HcclCommConfigDef {
  size_t size;
  uint32_t magic; /* TUTTI_HCCL_CONFIG_MAGIC */
  uint32_t version;
  uint64_t reserved;
  uint32_t hcclBufferSize; /* MB */
  uint32_t hcclDeterministic;
  char hcclCommName[128];
  char hcclUdi[128];
  uint32_t hcclOpExpansionMode;
  uint32_t hcclRdmaTrafficClass;
  uint32_t hcclRdmaServiceLevel;
  uint32_t worldRank;
  uint64_t jobId;
  uint8_t aclGraphZeroCopy;
  int32_t execTimeout; /* seconds */
  char algorithm[1600];
  char retryEnable[50];
  char retryParameters[128];
  char bufferName[128];
  uint32_t qos;
  uint64_t symmetricWindowGigabytes;
  uint32_t channelQueueDepth;
} HcclCommConfig;
#endif

#define TUTTI_HCCL_CONFIG_MAGIC 0xf0f0f0f0
#define TUTTI_HCCL_CONFIG_NOT_SET 0xffffffff

#define TUTTI_FUNCTION(result, name, ...) \
  result name(__VA_ARGS__);               \
  typedef result (*name##_call)(__VA_ARGS__)

#ifdef __cplusplus
extern "C" {
#endif

/* A communicator's life. */
TUTTI_FUNCTION(HcclResult, HcclGetRootInfo, HcclRootInfo *rootInfo);
TUTTI_FUNCTION(HcclResult, HcclCommInitRootInfo, uint32_t nRanks, const HcclRootInfo *rootInfo, uint32_t rank,
               HcclComm *comm);
TUTTI_FUNCTION(HcclResult, HcclCommInitRootInfoConfig, uint32_t nRanks, const HcclRootInfo *rootInfo, uint32_t rank,
               const HcclCommConfig *config, HcclComm *comm);
TUTTI_FUNCTION(HcclResult, HcclCommInitClusterInfo, const char *clusterInfo, uint32_t rank, HcclComm *comm);
TUTTI_FUNCTION(HcclResult, HcclCommInitClusterInfoConfig, const char *clusterInfo, uint32_t rank,
               HcclCommConfig *config, HcclComm *comm);
TUTTI_FUNCTION(HcclResult, HcclCreateSubCommConfig, HcclComm *comm, uint32_t rankNum, uint32_t *rankIds,
               uint64_t subCommId, uint32_t subCommRankId, HcclCommConfig *config, HcclComm *subComm);
TUTTI_FUNCTION(HcclResult, HcclCommInitAll, uint32_t ndev, int32_t *devices, HcclComm *comms);
TUTTI_FUNCTION(HcclResult, HcclCommDestroy, HcclComm comm);
TUTTI_FUNCTION(HcclResult, HcclCommSuspend, HcclComm comm);
TUTTI_FUNCTION(HcclResult, HcclCommResume, HcclComm comm);

/* What a communicator tells; settings. */
TUTTI_FUNCTION(HcclResult, HcclGetRankSize, HcclComm comm, uint32_t *rankSize);
TUTTI_FUNCTION(HcclResult, HcclGetRankId, HcclComm comm, uint32_t *rank);
TUTTI_FUNCTION(HcclResult, HcclGetCommName, HcclComm comm, char *commName);
TUTTI_FUNCTION(HcclResult, HcclGetCommAsyncError, HcclComm comm, HcclResult *asyncError);
TUTTI_FUNCTION(const char *, HcclGetErrorString, HcclResult code);
TUTTI_FUNCTION(uint32_t, HcclGetCommConfigCapability, void);
TUTTI_FUNCTION(HcclResult, HcclSetConfig, HcclConfig config, HcclConfigValue configValue);
TUTTI_FUNCTION(HcclResult, HcclGetConfig, HcclConfig config, HcclConfigValue *configValue);

/* Collectives. Counts of -V functions are arrays of uint64_t. */
TUTTI_FUNCTION(HcclResult, HcclBarrier, HcclComm comm, aclrtStream stream);
TUTTI_FUNCTION(HcclResult, HcclAllReduce, void *sendBuf, void *recvBuf, uint64_t count, HcclDataType dataType,
               HcclReduceOp op, HcclComm comm, aclrtStream stream);
TUTTI_FUNCTION(HcclResult, HcclBroadcast, void *buf, uint64_t count, HcclDataType dataType, uint32_t root,
               HcclComm comm, aclrtStream stream);
TUTTI_FUNCTION(HcclResult, HcclReduce, void *sendBuf, void *recvBuf, uint64_t count, HcclDataType dataType,
               HcclReduceOp op, uint32_t root, HcclComm comm, aclrtStream stream);
TUTTI_FUNCTION(HcclResult, HcclReduceScatter, void *sendBuf, void *recvBuf, uint64_t recvCount, HcclDataType dataType,
               HcclReduceOp op, HcclComm comm, aclrtStream stream);
TUTTI_FUNCTION(HcclResult, HcclReduceScatterV, void *sendBuf, const void *sendCounts, const void *sendDispls,
               void *recvBuf, uint64_t recvCount, HcclDataType dataType, HcclReduceOp op, HcclComm comm,
               aclrtStream stream);
TUTTI_FUNCTION(HcclResult, HcclAllGather, void *sendBuf, void *recvBuf, uint64_t sendCount, HcclDataType dataType,
               HcclComm comm, aclrtStream stream);
TUTTI_FUNCTION(HcclResult, HcclAllGatherV, void *sendBuf, uint64_t sendCount, void *recvBuf, const void *recvCounts,
               const void *recvDispls, HcclDataType dataType, HcclComm comm, aclrtStream stream);
TUTTI_FUNCTION(HcclResult, HcclScatter, void *sendBuf, void *recvBuf, uint64_t recvCount, HcclDataType dataType,
               uint32_t root, HcclComm comm, aclrtStream stream);
TUTTI_FUNCTION(HcclResult, HcclAlltoAll, const void *sendBuf, uint64_t sendCount, HcclDataType sendType,
               const void *recvBuf, uint64_t recvCount, HcclDataType recvType, HcclComm comm, aclrtStream stream);
TUTTI_FUNCTION(HcclResult, HcclAlltoAllV, const void *sendBuf, const void *sendCounts, const void *sendDispls,
               HcclDataType sendType, const void *recvBuf, const void *recvCounts, const void *recvDispls,
               HcclDataType recvType, HcclComm comm, aclrtStream stream);

/* Point to point. */
TUTTI_FUNCTION(HcclResult, HcclSend, void *sendBuf, uint64_t count, HcclDataType dataType, uint32_t destRank,
               HcclComm comm, aclrtStream stream);
TUTTI_FUNCTION(HcclResult, HcclRecv, void *recvBuf, uint64_t count, HcclDataType dataType, uint32_t srcRank,
               HcclComm comm, aclrtStream stream);
TUTTI_FUNCTION(HcclResult, HcclBatchSendRecv, HcclSendRecvItem *items, uint32_t itemNum, HcclComm comm,
               aclrtStream stream);

/* Memory in use by a communicator. */
TUTTI_FUNCTION(HcclResult, HcclCommSetMemoryRange, HcclComm comm, void *base, size_t size, size_t alignment,
               uint64_t flags);
TUTTI_FUNCTION(HcclResult, HcclCommUnsetMemoryRange, HcclComm comm, void *base);
TUTTI_FUNCTION(HcclResult, HcclCommActivateCommMemory, HcclComm comm, void *address, size_t size, size_t offset,
               aclrtDrvMemHandle handle, uint64_t flags);
TUTTI_FUNCTION(HcclResult, HcclCommDeactivateCommMemory, HcclComm comm, void *address);

/* What later versions added. Types of the vendor's are written as what they are in the binary interface. */
#ifndef TUTTI_CHECK_AGAINST_SYSTEM
/* Since 8.5. */
TUTTI_FUNCTION(HcclResult, HcclAlltoAllVC, const void *sendBuf, const void *sendCountMatrix, HcclDataType sendType,
               const void *recvBuf, HcclDataType recvType, HcclComm comm, aclrtStream stream);
TUTTI_FUNCTION(HcclResult, HcclCommWorkingDevNicSet, HcclComm comm, uint32_t *ranks, _Bool *useBackup,
               uint32_t nRanks);
TUTTI_FUNCTION(HcclResult, HcclRankGraphGetLayers, HcclComm comm, uint32_t **layers, uint32_t *layerNum);
TUTTI_FUNCTION(HcclResult, HcclRankGraphGetRanksByLayer, HcclComm comm, uint32_t layer, uint32_t **ranks,
               uint32_t *rankNum);
TUTTI_FUNCTION(HcclResult, HcclRankGraphGetRankSizeByLayer, HcclComm comm, uint32_t layer, uint32_t *rankNum);
TUTTI_FUNCTION(HcclResult, HcclRankGraphGetTopoTypeByLayer, HcclComm comm, uint32_t layer, int32_t *topoType);
TUTTI_FUNCTION(HcclResult, HcclRankGraphGetInstSizeListByLayer, HcclComm comm, uint32_t layer,
               uint32_t **instanceSizes, uint32_t *instanceNum);
TUTTI_FUNCTION(HcclResult, HcclRankGraphGetLinks, HcclComm comm, uint32_t layer, uint32_t source, uint32_t target,
               void **links, uint32_t *linkNum);
TUTTI_FUNCTION(HcclResult, HcclGetHeterogMode, HcclComm comm, int32_t *mode);
/* Since 9.0. */
TUTTI_FUNCTION(HcclResult, HcclCommGetHandleWithName, const char *commName, HcclComm *comm);
TUTTI_FUNCTION(HcclResult, HcclGroupStart, void);
TUTTI_FUNCTION(HcclResult, HcclGroupEnd, void);
TUTTI_FUNCTION(HcclResult, HcclCommSymWinRegister, HcclComm comm, void *address, uint64_t size,
               HcclCommSymWindow *window, uint32_t flag);
TUTTI_FUNCTION(HcclResult, HcclCommSymWinDeregister, HcclCommSymWindow window);
TUTTI_FUNCTION(HcclResult, HcclCommSymWinGet, HcclComm comm, void *address, size_t size, HcclCommSymWindow *window,
               size_t *offset);
TUTTI_FUNCTION(HcclResult, HcclSymWinGetPeerPointer, HcclCommSymWindow window, size_t offset, uint32_t peer,
               void **pointer);
/* Since 9.1. */
TUTTI_FUNCTION(HcclResult, HcclCommGetStatus, const char *commName, int32_t *status);
TUTTI_FUNCTION(HcclResult, HcclConfigGetInfo, HcclComm comm, int32_t kind, uint32_t length, void *info);
/* Since 9.2. */
TUTTI_FUNCTION(HcclResult, HcclGroupStatusGet, _Bool *inGroup);
#endif

#ifdef __cplusplus
}
#endif

#undef TUTTI_FUNCTION

#endif
