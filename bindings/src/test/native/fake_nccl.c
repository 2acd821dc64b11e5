/*
 * Acts as NCCL for one process, for tests of the wrapper: notes what it is called with and moves no data.
 *
 * FAKE_VERSION  what it says it is, 23007 by default; functions that came later are not there
 *
 * A collective of BLOCK elements does not return until its communicator is aborted, one of FAIL elements fails with
 * ncclInvalidUsage, one of LOSE elements with ncclRemoteError.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tutti_nccl.h"

#ifndef FAKE_VERSION
#define FAKE_VERSION 23007
#endif

enum { BLOCK = 666, FAIL = 667, LOSE = 668, MAX_PENDING = 16 };

struct ncclComm {
  int ranks, rank, blocking;
  volatile int aborted;
  ncclResult_t async;
};

static __thread int depth;
static __thread struct {
  ncclComm_t *out;
  ncclComm_t comm;
} pending[MAX_PENDING];
static __thread int pending_count;

static char note[512];
static char config_note[512];
static const char *last_error = "";
static int open_comms;
static volatile int entered;

const char *fake_nccl_note(void) { return note; }
const char *fake_nccl_config(void) { return config_note; }
int fake_nccl_open(void) { return open_comms; }
int fake_nccl_entered(void) { return entered; }
void fake_nccl_set_async(ncclComm_t comm, int result) { comm->async = (ncclResult_t)result; }

static void say(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(note, sizeof note, format, arguments);
  va_end(arguments);
}

static ncclResult_t fail(ncclResult_t result, const char *text) {
  last_error = text;
  return result;
}

ncclResult_t ncclGetVersion(int *version) {
  *version = FAKE_VERSION;
  return ncclSuccess;
}

const char *ncclGetErrorString(ncclResult_t result) { return result == ncclInvalidUsage ? "invalid usage" : "error"; }
const char *ncclGetLastError(ncclComm_t comm) {
  (void)comm;
  return last_error;
}

ncclResult_t ncclMemAlloc(void **ptr, size_t size) {
  *ptr = aligned_alloc(4096, (size + 4095) / 4096 * 4096);
  return *ptr ? ncclSuccess : ncclSystemError;
}

ncclResult_t ncclMemFree(void *ptr) {
  free(ptr);
  return ncclSuccess;
}

ncclResult_t ncclGetUniqueId(ncclUniqueId *uniqueId) {
  for (int i = 0; i < 128; i++) uniqueId->internal[i] = (char)(i * 7 + 1);
  return ncclSuccess;
}

static ncclResult_t read_config(const ncclConfig_t *config, ncclComm_t comm) {
  if (config == NULL) return ncclSuccess;
  if (config->magic != NCCL_API_MAGIC) return fail(ncclInvalidArgument, "ncclConfig_t argument not initialized");
  if (config->version > FAKE_VERSION) return fail(ncclInvalidArgument, "config of a later version");
  snprintf(config_note, sizeof config_note, "size=%zu version=%u blocking=%d minCTAs=%d name=%s net=%s ordering=%d",
           config->size, config->version, config->blocking, config->minCTAs, config->commName ? config->commName : "-",
           config->netName ? config->netName : "-", config->graphStreamOrdering);
  if (config->blocking != NCCL_CONFIG_UNDEF_INT) comm->blocking = config->blocking;
  return ncclSuccess;
}

static ncclResult_t make(ncclComm_t *out, int ranks, int rank, const ncclConfig_t *config) {
  if (rank < 0 || rank >= ranks) return fail(ncclInvalidArgument, "Invalid rank requested");
  ncclComm_t comm = calloc(1, sizeof *comm);
  comm->ranks = ranks;
  comm->rank = rank;
  comm->blocking = 1;
  ncclResult_t result = read_config(config, comm);
  if (result != ncclSuccess) {
    free(comm);
    return result;
  }
  __atomic_add_fetch(&open_comms, 1, __ATOMIC_RELAXED);
  if (depth > 0) {
    pending[pending_count].out = out;
    pending[pending_count++].comm = comm;
  } else {
    *out = comm;
  }
  return comm->blocking ? ncclSuccess : ncclInProgress;
}

static unsigned checksum(const ncclUniqueId *id) {
  unsigned sum = 0;
  for (int i = 0; i < 128; i++) sum = sum * 31 + (unsigned char)id->internal[i];
  return sum;
}

ncclResult_t ncclCommInitRankConfig(ncclComm_t *comm, int nranks, ncclUniqueId commId, int rank, ncclConfig_t *config) {
  say("ncclCommInitRankConfig ranks=%d id=%u rank=%d", nranks, checksum(&commId), rank);
  return make(comm, nranks, rank, config);
}

ncclResult_t ncclCommInitRank(ncclComm_t *comm, int nranks, ncclUniqueId commId, int rank) {
  return ncclCommInitRankConfig(comm, nranks, commId, rank, NULL);
}

ncclResult_t ncclCommInitAll(ncclComm_t *comm, int ndev, const int *devlist) {
  say("ncclCommInitAll ndev=%d first=%d last=%d", ndev, devlist[0], devlist[ndev - 1]);
  for (int i = 0; i < ndev; i++) make(&comm[i], ndev, i, NULL);
  return ncclSuccess;
}

#if FAKE_VERSION >= 22304
ncclResult_t ncclCommInitRankScalable(ncclComm_t *newcomm, int nranks, int myrank, int nId, ncclUniqueId *commIds,
                                      ncclConfig_t *config) {
  say("ncclCommInitRankScalable ranks=%d rank=%d ids=%d last=%u", nranks, myrank, nId, checksum(&commIds[nId - 1]));
  return make(newcomm, nranks, myrank, config);
}
#endif

ncclResult_t ncclCommFinalize(ncclComm_t comm) {
  (void)comm;
  say("ncclCommFinalize");
  return ncclSuccess;
}

ncclResult_t ncclCommDestroy(ncclComm_t comm) {
  __atomic_sub_fetch(&open_comms, 1, __ATOMIC_RELAXED);
  free(comm);
  return ncclSuccess;
}

/* Leaves the memory: a thread may still be inside. */
ncclResult_t ncclCommAbort(ncclComm_t comm) {
  __atomic_sub_fetch(&open_comms, 1, __ATOMIC_RELAXED);
  comm->aborted = 1;
  return ncclSuccess;
}

ncclResult_t ncclCommSplit(ncclComm_t comm, int color, int key, ncclComm_t *newcomm, ncclConfig_t *config) {
  say("ncclCommSplit color=%d key=%d", color, key);
  if (color == NCCL_SPLIT_NOCOLOR) {
    *newcomm = NULL;
    return ncclSuccess;
  }
  return make(newcomm, comm->ranks, comm->rank, config);
}

ncclResult_t ncclCommGetAsyncError(ncclComm_t comm, ncclResult_t *asyncError) {
  *asyncError = comm->async;
  return ncclSuccess;
}

ncclResult_t ncclCommCount(const ncclComm_t comm, int *count) {
  *count = comm->ranks;
  return ncclSuccess;
}

ncclResult_t ncclCommCuDevice(const ncclComm_t comm, int *device) {
  *device = comm->rank + 10;
  return ncclSuccess;
}

ncclResult_t ncclCommUserRank(const ncclComm_t comm, int *rank) {
  *rank = comm->rank;
  return ncclSuccess;
}

ncclResult_t ncclCommRegister(const ncclComm_t comm, void *buff, size_t size, void **handle) {
  (void)comm;
  say("ncclCommRegister buff=%p size=%zu", buff, size);
  *handle = (void *)0x77;
  return ncclSuccess;
}

ncclResult_t ncclCommDeregister(const ncclComm_t comm, void *handle) {
  (void)comm;
  say("ncclCommDeregister handle=%p", handle);
  return ncclSuccess;
}

ncclResult_t ncclRedOpCreatePreMulSum(ncclRedOp_t *op, void *scalar, ncclDataType_t datatype,
                                      ncclScalarResidence_t residence, ncclComm_t comm) {
  (void)comm;
  say("ncclRedOpCreatePreMulSum type=%d residence=%d scalar=%g", datatype, residence,
      residence == ncclScalarHostImmediate ? *(float *)scalar : 0.0f);
  *op = (ncclRedOp_t)17;
  return ncclSuccess;
}

ncclResult_t ncclRedOpDestroy(ncclRedOp_t op, ncclComm_t comm) {
  (void)comm;
  say("ncclRedOpDestroy op=%d", op);
  return ncclSuccess;
}

static ncclResult_t act(ncclComm_t comm, size_t count) {
  if (count == FAIL) return fail(ncclInvalidUsage, "rank 0 : too much of it");
  if (count == LOSE) return fail(ncclRemoteError, "peer 3 has gone");
  if (count == BLOCK) {
    entered = 1;
    while (!comm->aborted) {
    }
    return fail(ncclInternalError, "aborted");
  }
  return comm->blocking ? ncclSuccess : ncclInProgress;
}

ncclResult_t ncclReduce(const void *sendbuff, void *recvbuff, size_t count, ncclDataType_t datatype, ncclRedOp_t op,
                        int root, ncclComm_t comm, cudaStream_t stream) {
  say("ncclReduce send=%p recv=%p count=%zu type=%d op=%d root=%d stream=%p", sendbuff, recvbuff, count, datatype, op,
      root, (void *)stream);
  return act(comm, count);
}

ncclResult_t ncclBcast(void *buff, size_t count, ncclDataType_t datatype, int root, ncclComm_t comm,
                       cudaStream_t stream) {
  (void)buff, (void)datatype, (void)root, (void)stream;
  return act(comm, count);
}

ncclResult_t ncclBroadcast(const void *sendbuff, void *recvbuff, size_t count, ncclDataType_t datatype, int root,
                           ncclComm_t comm, cudaStream_t stream) {
  say("ncclBroadcast send=%p recv=%p count=%zu type=%d root=%d stream=%p", sendbuff, recvbuff, count, datatype, root,
      (void *)stream);
  return act(comm, count);
}

/* Notes numbers only, so that its time is that of the call. */
static struct {
  const void *send, *recv;
  size_t count;
  int type, op;
  void *stream;
} all_reduce;

const char *fake_nccl_all_reduce(void) {
  say("ncclAllReduce send=%p recv=%p count=%zu type=%d op=%d stream=%p", all_reduce.send, all_reduce.recv,
      all_reduce.count, all_reduce.type, all_reduce.op, all_reduce.stream);
  return note;
}

ncclResult_t ncclAllReduce(const void *sendbuff, void *recvbuff, size_t count, ncclDataType_t datatype, ncclRedOp_t op,
                           ncclComm_t comm, cudaStream_t stream) {
  all_reduce.send = sendbuff;
  all_reduce.recv = recvbuff;
  all_reduce.count = count;
  all_reduce.type = datatype;
  all_reduce.op = op;
  all_reduce.stream = stream;
  return act(comm, count);
}

ncclResult_t ncclReduceScatter(const void *sendbuff, void *recvbuff, size_t recvcount, ncclDataType_t datatype,
                               ncclRedOp_t op, ncclComm_t comm, cudaStream_t stream) {
  say("ncclReduceScatter send=%p recv=%p count=%zu type=%d op=%d stream=%p", sendbuff, recvbuff, recvcount, datatype,
      op, (void *)stream);
  return act(comm, recvcount);
}

ncclResult_t ncclAllGather(const void *sendbuff, void *recvbuff, size_t sendcount, ncclDataType_t datatype,
                           ncclComm_t comm, cudaStream_t stream) {
  say("ncclAllGather send=%p recv=%p count=%zu type=%d stream=%p", sendbuff, recvbuff, sendcount, datatype,
      (void *)stream);
  return act(comm, sendcount);
}

ncclResult_t ncclSend(const void *sendbuff, size_t count, ncclDataType_t datatype, int peer, ncclComm_t comm,
                      cudaStream_t stream) {
  say("ncclSend buffer=%p count=%zu type=%d peer=%d stream=%p", sendbuff, count, datatype, peer, (void *)stream);
  return act(comm, count);
}

ncclResult_t ncclRecv(void *recvbuff, size_t count, ncclDataType_t datatype, int peer, ncclComm_t comm,
                      cudaStream_t stream) {
  say("ncclRecv buffer=%p count=%zu type=%d peer=%d stream=%p", recvbuff, count, datatype, peer, (void *)stream);
  return act(comm, count);
}

ncclResult_t ncclGroupStart(void) {
  depth++;
  return ncclSuccess;
}

ncclResult_t ncclGroupEnd(void) {
  if (depth == 0) return fail(ncclInvalidUsage, "ncclGroupEnd: not in a group call");
  if (--depth == 0) {
    for (int i = 0; i < pending_count; i++) *pending[i].out = pending[i].comm;
    pending_count = 0;
  }
  return ncclSuccess;
}

#if FAKE_VERSION >= 22203
ncclResult_t ncclGroupSimulateEnd(ncclSimInfo_t *simInfo) {
  depth--;
  if (simInfo->magic != TUTTI_NCCL_SIM_INFO_MAGIC || simInfo->size != 24 || simInfo->estimatedTime != -1.0f)
    return fail(ncclInvalidArgument, "ncclSimInfo_t argument not initialized");
  simInfo->estimatedTime = 12.5f;
  return ncclSuccess;
}
#endif

#if FAKE_VERSION >= 22703
ncclResult_t ncclCommShrink(ncclComm_t comm, int *excludeRanksList, int excludeRanksCount, ncclComm_t *newcomm,
                            ncclConfig_t *config, int shrinkFlags) {
  say("ncclCommShrink excluded=%d,%d count=%d flags=%d", excludeRanksList[0],
      excludeRanksList[excludeRanksCount - 1], excludeRanksCount, shrinkFlags);
  return make(newcomm, comm->ranks - excludeRanksCount, 0, config);
}

ncclResult_t ncclCommWindowRegister(ncclComm_t comm, void *buff, size_t size, ncclWindow_t *win, int winFlags) {
  (void)comm;
  say("ncclCommWindowRegister buff=%p size=%zu flags=%d", buff, size, winFlags);
  *win = (ncclWindow_t)0x99;
  return ncclSuccess;
}

ncclResult_t ncclCommWindowDeregister(ncclComm_t comm, ncclWindow_t win) {
  (void)comm;
  say("ncclCommWindowDeregister win=%p", (void *)win);
  return ncclSuccess;
}
#endif

/* In 22100 one of these is there before its time, as in libraries that someone has changed. */
ncclResult_t ncclAlltoAll(const void *sendbuff, void *recvbuff, size_t count, ncclDataType_t datatype, ncclComm_t comm,
                          cudaStream_t stream) {
  say("ncclAlltoAll send=%p recv=%p count=%zu type=%d stream=%p", sendbuff, recvbuff, count, datatype, (void *)stream);
  return act(comm, count);
}

#if FAKE_VERSION >= 22803
ncclResult_t ncclGather(const void *sendbuff, void *recvbuff, size_t count, ncclDataType_t datatype, int root,
                        ncclComm_t comm, cudaStream_t stream) {
  say("ncclGather send=%p recv=%p count=%zu type=%d root=%d stream=%p", sendbuff, recvbuff, count, datatype, root,
      (void *)stream);
  return act(comm, count);
}

ncclResult_t ncclScatter(const void *sendbuff, void *recvbuff, size_t count, ncclDataType_t datatype, int root,
                         ncclComm_t comm, cudaStream_t stream) {
  say("ncclScatter send=%p recv=%p count=%zu type=%d root=%d stream=%p", sendbuff, recvbuff, count, datatype, root,
      (void *)stream);
  return act(comm, count);
}
#endif

#if FAKE_VERSION >= 22902
ncclResult_t ncclCommRevoke(ncclComm_t comm, int revokeFlags) {
  say("ncclCommRevoke flags=%d", revokeFlags);
  comm->async = ncclSuccess;
  return ncclSuccess;
}

ncclResult_t ncclCommGetUniqueId(ncclComm_t comm, ncclUniqueId *uniqueId) {
  (void)comm;
  memset(uniqueId->internal, 5, 128);
  return ncclSuccess;
}

ncclResult_t ncclCommGrow(ncclComm_t comm, int nRanks, const ncclUniqueId *uniqueId, int rank, ncclComm_t *newcomm,
                          ncclConfig_t *config) {
  say("ncclCommGrow old=%d ranks=%d id=%u rank=%d", comm != NULL, nRanks, uniqueId ? checksum(uniqueId) : 0, rank);
  return make(newcomm, nRanks, comm ? comm->rank : rank, config);
}

ncclResult_t ncclWinGetUserPtr(ncclComm_t comm, ncclWindow_t win, void **outUserPtr) {
  (void)comm, (void)win;
  *outUserPtr = (void *)0x4000;
  return ncclSuccess;
}

ncclResult_t ncclPutSignal(const void *localbuff, size_t count, ncclDataType_t datatype, int peer, ncclWindow_t peerWin,
                           size_t peerWinOffset, int sigIdx, int ctx, unsigned int flags, ncclComm_t comm,
                           cudaStream_t stream) {
  say("ncclPutSignal buffer=%p count=%zu type=%d peer=%d win=%p offset=%zu signal=%d context=%d flags=%u stream=%p",
      localbuff, count, datatype, peer, (void *)peerWin, peerWinOffset, sigIdx, ctx, flags, (void *)stream);
  return act(comm, count);
}

ncclResult_t ncclSignal(int peer, int sigIdx, int ctx, unsigned int flags, ncclComm_t comm, cudaStream_t stream) {
  say("ncclSignal peer=%d signal=%d context=%d flags=%u stream=%p", peer, sigIdx, ctx, flags, (void *)stream);
  return act(comm, 0);
}

ncclResult_t ncclWaitSignal(int nDesc, ncclWaitSignalDesc_t *signalDescs, ncclComm_t comm, cudaStream_t stream) {
  ncclWaitSignalDesc_t *last = &signalDescs[nDesc - 1];
  say("ncclWaitSignal count=%d last=%d,%d,%d,%d stream=%p", nDesc, last->opCnt, last->peer, last->sigIdx, last->ctx,
      (void *)stream);
  return act(comm, 0);
}

ncclResult_t ncclCommQueryProperties(ncclComm_t comm, ncclCommProperties_t *properties) {
  if (properties->magic != NCCL_API_MAGIC || properties->version > FAKE_VERSION)
    return fail(ncclInvalidArgument, "ncclCommProperties_t argument not initialized");
  properties->rank = comm->rank;
  properties->nRanks = comm->ranks;
  properties->cudaDev = 4;
  properties->nvmlDev = 5;
  properties->deviceApiSupport = 1;
  if (properties->size >= sizeof *properties) {
    properties->nLsaTeams = 6;
    properties->hostRmaSupport = 1;
  }
  return ncclSuccess;
}
#endif

#if FAKE_VERSION >= 22907
ncclResult_t ncclCommSuspend(ncclComm_t comm, int flags) {
  (void)comm;
  say("ncclCommSuspend flags=%d", flags);
  return ncclSuccess;
}

ncclResult_t ncclCommResume(ncclComm_t comm) {
  (void)comm;
  say("ncclCommResume");
  return ncclSuccess;
}

ncclResult_t ncclCommMemStats(ncclComm_t comm, ncclCommMemStat_t stat, uint64_t *value) {
  (void)comm;
  *value = 100 * (uint64_t)stat;
  return ncclSuccess;
}
#endif

#if FAKE_VERSION >= 23003
static const char *keys[] = {"NCCL_BUFFSIZE", "NCCL_ALGO"};

ncclResult_t ncclParamGetParameter(const char *key, const char **value, int *valueLen) {
  if (strcmp(key, keys[0]) != 0 && strcmp(key, keys[1]) != 0) return fail(ncclInvalidArgument, "no such parameter");
  *value = strcmp(key, keys[0]) == 0 ? "4194304" : "";
  *valueLen = (int)strlen(*value);
  return ncclSuccess;
}

ncclResult_t ncclParamGetAllParameterKeys(const char ***table, int *tableLen) {
  *table = keys;
  *tableLen = 2;
  return ncclSuccess;
}
#endif
