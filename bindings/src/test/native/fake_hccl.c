/*
 * Acts as HCCL for one process, for tests of the wrapper: notes what it is called with and moves no data. By macro:
 *
 * FAKE_LATER  has functions that came after CANN 8.1
 *
 * A collective of BLOCK elements does not return until fake_hccl_release is called, one of FAIL elements fails.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tutti_hccl.h"

enum { BLOCK = 666, FAIL = 667 };

typedef struct {
  uint32_t ranks, rank;
  char name[128];
} Communicator;

static char note[768];
static char config_note[2048];
static const char *recent;
static int open_comms;
static int deterministic;
static volatile int entered, released;

const char *fake_hccl_note(void) { return note; }
const char *fake_hccl_config(void) { return config_note; }
int fake_hccl_open(void) { return open_comms; }
int fake_hccl_entered(void) { return entered; }
void fake_hccl_release(int is) { released = is; }

static void say(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(note, sizeof note, format, arguments);
  va_end(arguments);
}

const char *aclGetRecentErrMsg(void) {
  const char *text = recent;
  recent = NULL;
  return text;
}

static HcclResult make(uint32_t ranks, uint32_t rank, const HcclCommConfig *config, HcclComm *comm) {
  if (rank >= ranks) return HCCL_E_PARA;
  Communicator *made = calloc(1, sizeof *made);
  made->ranks = ranks;
  made->rank = rank;
  if (config != NULL) {
    if (config->magic != TUTTI_HCCL_CONFIG_MAGIC) return HCCL_E_PARA;
    int is_long = config->size >= 2232;
    snprintf(config_note, sizeof config_note,
             "size=%zu version=%u buffer=%u deterministic=%x name=%s mode=%u class=%x level=%x timeout=%d algorithm=%s "
             "job=%lu retry=%s",
             config->size, config->version, config->hcclBufferSize, config->hcclDeterministic, config->hcclCommName,
             config->hcclOpExpansionMode, config->hcclRdmaTrafficClass, config->hcclRdmaServiceLevel,
             is_long ? config->execTimeout : 0, is_long ? config->algorithm : "", is_long ? config->jobId : 0,
             is_long ? config->retryEnable : "");
    strcpy(made->name, config->hcclCommName);
  }
  open_comms++;
  *comm = made;
  return HCCL_SUCCESS;
}

static unsigned checksum(const HcclRootInfo *info) {
  unsigned sum = 0;
  for (size_t i = 0; i < sizeof info->internal; i++) sum = sum * 31 + (unsigned char)info->internal[i];
  return sum;
}

HcclResult HcclGetRootInfo(HcclRootInfo *rootInfo) {
  for (size_t i = 0; i < sizeof rootInfo->internal; i++) rootInfo->internal[i] = (char)(i * 7 + 1);
  return HCCL_SUCCESS;
}

HcclResult HcclCommInitRootInfo(uint32_t nRanks, const HcclRootInfo *rootInfo, uint32_t rank, HcclComm *comm) {
  return HcclCommInitRootInfoConfig(nRanks, rootInfo, rank, NULL, comm);
}

HcclResult HcclCommInitRootInfoConfig(uint32_t nRanks, const HcclRootInfo *rootInfo, uint32_t rank,
                                      const HcclCommConfig *config, HcclComm *comm) {
  say("HcclCommInitRootInfoConfig ranks=%u info=%u rank=%u", nRanks, checksum(rootInfo), rank);
  return make(nRanks, rank, config, comm);
}

HcclResult HcclCommInitClusterInfo(const char *clusterInfo, uint32_t rank, HcclComm *comm) {
  (void)clusterInfo;
  return make(8, rank, NULL, comm);
}

HcclResult HcclCommInitClusterInfoConfig(const char *clusterInfo, uint32_t rank, HcclCommConfig *config,
                                         HcclComm *comm) {
  say("HcclCommInitClusterInfoConfig path=%s rank=%u", clusterInfo, rank);
  return make(8, rank, config, comm);
}

HcclResult HcclCreateSubCommConfig(HcclComm *comm, uint32_t rankNum, uint32_t *rankIds, uint64_t subCommId,
                                   uint32_t subCommRankId, HcclCommConfig *config, HcclComm *subComm) {
  say("HcclCreateSubCommConfig parent=%u count=%u last=%u id=%lx rank=%u", ((Communicator *)*comm)->ranks, rankNum,
      rankIds ? rankIds[rankNum - 1] : 0, subCommId, subCommRankId);
  return rankIds ? make(rankNum, subCommRankId, config, subComm) : HCCL_SUCCESS;
}

HcclResult HcclCommInitAll(uint32_t ndev, int32_t *devices, HcclComm *comms) {
  say("HcclCommInitAll ndev=%u last=%d", ndev, devices[ndev - 1]);
  for (uint32_t i = 0; i < ndev; i++) make(ndev, i, NULL, &comms[i]);
  return HCCL_SUCCESS;
}

HcclResult HcclCommDestroy(HcclComm comm) {
  free(comm);
  open_comms--;
  return HCCL_SUCCESS;
}

HcclResult HcclCommSuspend(HcclComm comm) { return (void)comm, say("HcclCommSuspend"), HCCL_SUCCESS; }
HcclResult HcclCommResume(HcclComm comm) { return (void)comm, say("HcclCommResume"), HCCL_SUCCESS; }
HcclResult HcclGetRankSize(HcclComm comm, uint32_t *size) {
  return *size = ((Communicator *)comm)->ranks, HCCL_SUCCESS;
}
HcclResult HcclGetRankId(HcclComm comm, uint32_t *rank) { return *rank = ((Communicator *)comm)->rank, HCCL_SUCCESS; }
HcclResult HcclGetCommName(HcclComm comm, char *commName) {
  strcpy(commName, ((Communicator *)comm)->name);
  return HCCL_SUCCESS;
}
HcclResult HcclGetCommAsyncError(HcclComm comm, HcclResult *asyncError) {
  return (void)comm, *asyncError = HCCL_E_REMOTE, HCCL_SUCCESS;
}
const char *HcclGetErrorString(HcclResult code) { return code == HCCL_E_PARA ? "parameter error" : "error"; }
uint32_t HcclGetCommConfigCapability(void) { return 5; }
HcclResult HcclSetConfig(HcclConfig config, HcclConfigValue configValue) {
  return (void)config, deterministic = configValue.value, HCCL_SUCCESS;
}
HcclResult HcclGetConfig(HcclConfig config, HcclConfigValue *configValue) {
  return (void)config, configValue->value = deterministic, HCCL_SUCCESS;
}

static HcclResult act(uint64_t count) {
  if (count == FAIL) {
    recent = "EI0006: Getting socket times out.\n";
    return HCCL_E_TIMEOUT;
  }
  if (count == BLOCK) {
    entered = 1;
    while (!released) {
    }
  }
  return HCCL_SUCCESS;
}

HcclResult HcclBarrier(HcclComm comm, aclrtStream stream) {
  return (void)comm, say("HcclBarrier stream=%p", stream), HCCL_SUCCESS;
}

/* Notes numbers only, so that its time is that of the call. */
static struct {
  void *send, *recv, *stream;
  uint64_t count;
  int type, op;
} all_reduce;

const char *fake_hccl_all_reduce(void) {
  say("HcclAllReduce send=%p recv=%p count=%lu type=%d op=%d stream=%p", all_reduce.send, all_reduce.recv,
      all_reduce.count, all_reduce.type, all_reduce.op, all_reduce.stream);
  return note;
}

HcclResult HcclAllReduce(void *sendBuf, void *recvBuf, uint64_t count, HcclDataType dataType, HcclReduceOp op,
                         HcclComm comm, aclrtStream stream) {
  (void)comm;
  all_reduce.send = sendBuf;
  all_reduce.recv = recvBuf;
  all_reduce.stream = stream;
  all_reduce.count = count;
  all_reduce.type = dataType;
  all_reduce.op = op;
  return act(count);
}

HcclResult HcclBroadcast(void *buf, uint64_t count, HcclDataType dataType, uint32_t root, HcclComm comm,
                         aclrtStream stream) {
  (void)comm;
  say("HcclBroadcast buffer=%p count=%lu type=%d root=%u stream=%p", buf, count, dataType, root, stream);
  return act(count);
}

HcclResult HcclReduce(void *sendBuf, void *recvBuf, uint64_t count, HcclDataType dataType, HcclReduceOp op,
                      uint32_t root, HcclComm comm, aclrtStream stream) {
  (void)comm;
  say("HcclReduce send=%p recv=%p count=%lu type=%d op=%d root=%u stream=%p", sendBuf, recvBuf, count, dataType, op,
      root, stream);
  return act(count);
}

HcclResult HcclReduceScatter(void *sendBuf, void *recvBuf, uint64_t recvCount, HcclDataType dataType, HcclReduceOp op,
                             HcclComm comm, aclrtStream stream) {
  (void)comm;
  say("HcclReduceScatter send=%p recv=%p count=%lu type=%d op=%d stream=%p", sendBuf, recvBuf, recvCount, dataType, op,
      stream);
  return act(recvCount);
}

static unsigned long last(const void *numbers) { return ((const uint64_t *)numbers)[3]; }

HcclResult HcclReduceScatterV(void *sendBuf, const void *sendCounts, const void *sendDispls, void *recvBuf,
                              uint64_t recvCount, HcclDataType dataType, HcclReduceOp op, HcclComm comm,
                              aclrtStream stream) {
  (void)comm;
  say("HcclReduceScatterV send=%p counts=%lu offsets=%lu recv=%p count=%lu type=%d op=%d stream=%p", sendBuf,
      last(sendCounts), last(sendDispls), recvBuf, recvCount, dataType, op, stream);
  return act(recvCount);
}

HcclResult HcclAllGather(void *sendBuf, void *recvBuf, uint64_t sendCount, HcclDataType dataType, HcclComm comm,
                         aclrtStream stream) {
  (void)comm;
  say("HcclAllGather send=%p recv=%p count=%lu type=%d stream=%p", sendBuf, recvBuf, sendCount, dataType, stream);
  return act(sendCount);
}

HcclResult HcclAllGatherV(void *sendBuf, uint64_t sendCount, void *recvBuf, const void *recvCounts,
                          const void *recvDispls, HcclDataType dataType, HcclComm comm, aclrtStream stream) {
  (void)comm;
  say("HcclAllGatherV send=%p count=%lu recv=%p counts=%lu offsets=%lu type=%d stream=%p", sendBuf, sendCount, recvBuf,
      last(recvCounts), last(recvDispls), dataType, stream);
  return act(sendCount);
}

HcclResult HcclScatter(void *sendBuf, void *recvBuf, uint64_t recvCount, HcclDataType dataType, uint32_t root,
                       HcclComm comm, aclrtStream stream) {
  (void)comm;
  say("HcclScatter send=%p recv=%p count=%lu type=%d root=%u stream=%p", sendBuf, recvBuf, recvCount, dataType, root,
      stream);
  return act(recvCount);
}

HcclResult HcclAlltoAll(const void *sendBuf, uint64_t sendCount, HcclDataType sendType, const void *recvBuf,
                        uint64_t recvCount, HcclDataType recvType, HcclComm comm, aclrtStream stream) {
  (void)comm;
  say("HcclAlltoAll send=%p %lu %d recv=%p %lu %d stream=%p", sendBuf, sendCount, sendType, recvBuf, recvCount,
      recvType, stream);
  return act(sendCount);
}

HcclResult HcclAlltoAllV(const void *sendBuf, const void *sendCounts, const void *sendDispls, HcclDataType sendType,
                         const void *recvBuf, const void *recvCounts, const void *recvDispls, HcclDataType recvType,
                         HcclComm comm, aclrtStream stream) {
  (void)comm;
  say("HcclAlltoAllV send=%p %lu %lu %d recv=%p %lu %lu %d stream=%p", sendBuf, last(sendCounts), last(sendDispls),
      sendType, recvBuf, last(recvCounts), last(recvDispls), recvType, stream);
  return HCCL_SUCCESS;
}

HcclResult HcclSend(void *sendBuf, uint64_t count, HcclDataType dataType, uint32_t destRank, HcclComm comm,
                    aclrtStream stream) {
  (void)comm;
  say("HcclSend buffer=%p count=%lu type=%d peer=%u stream=%p", sendBuf, count, dataType, destRank, stream);
  return act(count);
}

HcclResult HcclRecv(void *recvBuf, uint64_t count, HcclDataType dataType, uint32_t srcRank, HcclComm comm,
                    aclrtStream stream) {
  (void)comm;
  say("HcclRecv buffer=%p count=%lu type=%d peer=%u stream=%p", recvBuf, count, dataType, srcRank, stream);
  return act(count);
}

HcclResult HcclBatchSendRecv(HcclSendRecvItem *items, uint32_t itemNum, HcclComm comm, aclrtStream stream) {
  (void)comm;
  HcclSendRecvItem *item = &items[itemNum - 1];
  say("HcclBatchSendRecv count=%u first=%d last=%d %p %lu %d %u stream=%p", itemNum, items[0].sendRecvType,
      item->sendRecvType, item->buf, item->count, item->dataType, item->remoteRank, stream);
  return HCCL_SUCCESS;
}

HcclResult HcclCommSetMemoryRange(HcclComm comm, void *base, size_t size, size_t alignment, uint64_t flags) {
  return (void)comm, (void)base, (void)size, (void)alignment, (void)flags, HCCL_SUCCESS;
}
HcclResult HcclCommUnsetMemoryRange(HcclComm comm, void *base) { return (void)comm, (void)base, HCCL_SUCCESS; }
HcclResult HcclCommActivateCommMemory(HcclComm comm, void *address, size_t size, size_t offset,
                                      aclrtDrvMemHandle handle, uint64_t flags) {
  return (void)comm, (void)address, (void)size, (void)offset, (void)handle, (void)flags, HCCL_SUCCESS;
}
HcclResult HcclCommDeactivateCommMemory(HcclComm comm, void *address) { return (void)comm, (void)address, HCCL_SUCCESS; }

#ifdef FAKE_LATER
HcclResult HcclGroupStart(void) { return say("HcclGroupStart"), HCCL_SUCCESS; }
HcclResult HcclGroupEnd(void) { return say("HcclGroupEnd"), HCCL_SUCCESS; }
#endif
