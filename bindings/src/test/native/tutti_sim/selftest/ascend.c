/* ACL and HCCL. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "selftest.h"

static void *ascend_memory(size_t bytes) {
  void *memory = NULL;
  EQUAL(aclrtMalloc(&memory, bytes, ACL_MEM_MALLOC_HUGE_FIRST), ACL_SUCCESS);
  return memory;
}

static void to_ascend(void *device, const void *host, size_t bytes) {
  EQUAL(aclrtMemcpy(device, bytes, host, bytes, ACL_MEMCPY_HOST_TO_DEVICE), ACL_SUCCESS);
}

static void from_ascend(void *host, const void *device, size_t bytes) {
  EQUAL(aclrtMemcpy(host, bytes, device, bytes, ACL_MEMCPY_DEVICE_TO_HOST), ACL_SUCCESS);
}

void test_acl(void) {
  uint32_t count;
  int32_t device;
  EQUAL(aclrtGetDeviceCount(&count), ACL_ERROR_UNINITIALIZE);
  CHECK(strstr(aclGetRecentErrMsg(), "aclInit") != NULL);
  CHECK(aclGetRecentErrMsg() == NULL);
  EQUAL(aclInit(NULL), ACL_SUCCESS);
  EQUAL(aclInit(NULL), ACL_ERROR_REPEAT_INITIALIZE);
  EQUAL(aclrtGetDeviceCount(&count), ACL_SUCCESS);
  EQUAL(count, 4);
  EQUAL(aclrtGetDevice(&device), 107002);
  EQUAL(aclrtSetDevice(4), 107001);
  EQUAL(aclrtSetDevice(1), ACL_SUCCESS);
  EQUAL(aclrtGetDevice(&device), ACL_SUCCESS);
  EQUAL(device, 1);
  uint64_t link;
  EQUAL(aclrtGetDevicesTopo(0, 1, &link), ACL_SUCCESS);
  EQUAL(link, 0x20);

  aclrtContext context, before;
  EQUAL(aclrtGetCurrentContext(&before), ACL_SUCCESS);
  EQUAL(aclrtCreateContext(&context, 2), ACL_SUCCESS);
  EQUAL(aclrtGetDevice(&device), ACL_SUCCESS);
  EQUAL(device, 2);
  EQUAL(aclrtSetCurrentContext(before), ACL_SUCCESS);
  EQUAL(aclrtDestroyContext(context), ACL_SUCCESS);
  CHECK(aclrtSetCurrentContext(context) != ACL_SUCCESS);

  float host[4] = {1, 2, 3, 4};
  float *one = ascend_memory(sizeof host), *two = ascend_memory(sizeof host);
  EQUAL(aclrtMemcpy(one, 8, host, sizeof host, ACL_MEMCPY_HOST_TO_DEVICE), 107000); /* no room */
  EQUAL(aclrtMemcpy(host, sizeof host, one, sizeof host, ACL_MEMCPY_HOST_TO_DEVICE), 107000);
  void *nvidia = device_memory(64);
  EQUAL(aclrtMemcpy(nvidia, 64, host, sizeof host, ACL_MEMCPY_HOST_TO_DEVICE), 107000); /* another vendor's */
  EQUAL(cudaMemcpy(one, host, sizeof host, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
  cudaFree(nvidia);
  to_ascend(one, host, sizeof host);
  to_ascend(two, host, sizeof host);
  aclrtStream stream;
  aclrtEvent start, end;
  EQUAL(aclrtCreateStream(&stream), ACL_SUCCESS);
  EQUAL(aclrtCreateEvent(&start), ACL_SUCCESS);
  EQUAL(aclrtCreateEvent(&end), ACL_SUCCESS);
  EQUAL(aclrtRecordEvent(start, stream), ACL_SUCCESS);
  EQUAL(aclrtReduceAsync(one, two, sizeof host, ACL_RT_MEMCPY_SDMA_AUTOMATIC_SUM, ACL_FLOAT, stream, NULL), ACL_SUCCESS);
  EQUAL(aclrtReduceAsync(one, two, 3, ACL_RT_MEMCPY_SDMA_AUTOMATIC_SUM, ACL_FLOAT, stream, NULL), 107000);
  EQUAL(aclrtRecordEvent(end, stream), ACL_SUCCESS);
  EQUAL(aclrtSynchronizeStream(stream), ACL_SUCCESS);
  float millis;
  EQUAL(aclrtEventElapsedTime(&millis, start, end), ACL_SUCCESS);
  from_ascend(host, one, sizeof host);
  CHECK(host[0] == 2 && host[3] == 8);
  aclrtStreamStatus status;
  aclrtEventRecordedStatus recorded;
  EQUAL(aclrtStreamQuery(stream, &status), ACL_SUCCESS);
  EQUAL(status, ACL_STREAM_STATUS_COMPLETE);
  EQUAL(aclrtQueryEventStatus(end, &recorded), ACL_SUCCESS);
  EQUAL(recorded, ACL_EVENT_RECORDED_STATUS_COMPLETE);
  EQUAL(aclrtDestroyEvent(start), ACL_SUCCESS);
  EQUAL(aclrtDestroyEvent(end), ACL_SUCCESS);
  EQUAL(aclrtDestroyStream(stream), ACL_SUCCESS);
  EQUAL(aclrtFree(one), ACL_SUCCESS);
  EQUAL(aclrtFree(one), 107000);
  EQUAL(aclrtFree(two), ACL_SUCCESS);
}

static void collectives(HcclComm comm, int rank, aclrtStream stream) {
  int host[RANKS * 8];
  for (int i = 0; i < RANKS * 8; i++) host[i] = 100 * rank + i;
  int *send = ascend_memory(sizeof host), *recv = ascend_memory(sizeof host);
  to_ascend(send, host, sizeof host);
  EQUAL(HcclAllReduce(send, recv, 8, HCCL_DATA_TYPE_INT32, HCCL_REDUCE_SUM, comm, stream), HCCL_SUCCESS);
  EQUAL(aclrtSynchronizeStream(stream), ACL_SUCCESS);
  from_ascend(host, recv, sizeof host);
  for (int i = 0; i < 8; i++) EQUAL(host[i], 600 + 4 * i);
  EQUAL(HcclReduceScatter(send, recv, 8, HCCL_DATA_TYPE_INT32, HCCL_REDUCE_MAX, comm, stream), HCCL_SUCCESS);
  EQUAL(aclrtSynchronizeStream(stream), ACL_SUCCESS);
  from_ascend(host, recv, sizeof host);
  for (int i = 0; i < 8; i++) EQUAL(host[i], 300 + 8 * rank + i);
  EQUAL(HcclAllGather(send, recv, 8, HCCL_DATA_TYPE_INT32, comm, stream), HCCL_SUCCESS);
  EQUAL(aclrtSynchronizeStream(stream), ACL_SUCCESS);
  from_ascend(host, recv, sizeof host);
  for (int i = 0; i < RANKS * 8; i++) EQUAL(host[i], 100 * (i / 8) + i % 8);

  /* Rank r sends r + 1 elements to each rank. */
  uint64_t send_counts[RANKS], send_offsets[RANKS], recv_counts[RANKS], recv_offsets[RANKS], matrix[RANKS * RANKS];
  for (int p = 0; p < RANKS; p++) {
    send_counts[p] = (uint64_t)rank + 1;
    send_offsets[p] = 8 * (uint64_t)p;
    recv_counts[p] = (uint64_t)p + 1;
    recv_offsets[p] = 8 * (uint64_t)p;
    for (int q = 0; q < RANKS; q++) matrix[p * RANKS + q] = (uint64_t)p + 1;
  }
  EQUAL(HcclAlltoAllV(send, send_counts, send_offsets, HCCL_DATA_TYPE_INT32, recv, recv_counts, recv_offsets,
                      HCCL_DATA_TYPE_INT32, comm, stream), HCCL_SUCCESS);
  EQUAL(aclrtSynchronizeStream(stream), ACL_SUCCESS);
  from_ascend(host, recv, sizeof host);
  for (int p = 0; p < RANKS; p++) {
    for (int i = 0; i <= p; i++) EQUAL(host[8 * p + i], 100 * p + 8 * rank + i);
  }
  EQUAL(HcclAlltoAllVC(send, matrix, HCCL_DATA_TYPE_INT32, recv, HCCL_DATA_TYPE_INT32, comm, stream), HCCL_SUCCESS);
  EQUAL(HcclAllGatherV(send, send_counts[0], recv, recv_counts, recv_offsets, HCCL_DATA_TYPE_INT32, comm, stream),
        HCCL_SUCCESS);
  EQUAL(HcclReduceScatterV(send, recv_counts, recv_offsets, recv, recv_counts[rank], HCCL_DATA_TYPE_INT32,
                           HCCL_REDUCE_SUM, comm, stream), HCCL_SUCCESS);
  EQUAL(aclrtSynchronizeStream(stream), ACL_SUCCESS);
  from_ascend(host, recv, sizeof host);
  for (int i = 0; i <= rank; i++) EQUAL(host[i], 600 + 4 * (8 * rank + i));

  int next = (rank + 1) % RANKS, before = (rank + RANKS - 1) % RANKS;
  HcclSendRecvItem items[] = {{HCCL_SEND, send, 8, HCCL_DATA_TYPE_INT32, (uint32_t)next},
                              {HCCL_RECV, recv, 8, HCCL_DATA_TYPE_INT32, (uint32_t)before}};
  EQUAL(HcclBatchSendRecv(items, 2, comm, stream), HCCL_SUCCESS);
  EQUAL(HcclBarrier(comm, stream), HCCL_SUCCESS);
  EQUAL(HcclGroupStart(), HCCL_SUCCESS);
  EQUAL(HcclSend(send, 8, HCCL_DATA_TYPE_INT32, (uint32_t)next, comm, stream), HCCL_SUCCESS);
  EQUAL(HcclRecv(recv + 8, 8, HCCL_DATA_TYPE_INT32, (uint32_t)before, comm, stream), HCCL_SUCCESS);
  EQUAL(HcclGroupEnd(), HCCL_SUCCESS);
  EQUAL(HcclBroadcast(send, 4, HCCL_DATA_TYPE_INT32, 1, comm, stream), HCCL_SUCCESS);
  EQUAL(HcclReduce(send, send, 4, HCCL_DATA_TYPE_INT32, HCCL_REDUCE_PROD, 2, comm, stream), HCCL_SUCCESS);
  EQUAL(HcclScatter(send, recv + 16, 4, HCCL_DATA_TYPE_INT32, 0, comm, stream), HCCL_SUCCESS);
  EQUAL(aclrtSynchronizeStream(stream), ACL_SUCCESS);
  from_ascend(host, recv, sizeof host);
  for (int i = 0; i < 16; i++) EQUAL(host[i], 100 * before + i % 8);
  for (int i = 0; i < 4 && rank > 0; i++) EQUAL(host[16 + i], 4 * rank + i);
  EQUAL(aclrtFree(send), ACL_SUCCESS);
  EQUAL(aclrtFree(recv), ACL_SUCCESS);
}

static void refusals(HcclComm comm, aclrtStream stream) {
  int host[8], *device = ascend_memory(sizeof host);
  HcclDataType unknown = (HcclDataType)13, later = (HcclDataType)15;
  EQUAL(HcclAllReduce(device, device, 1, HCCL_DATA_TYPE_FP64, HCCL_REDUCE_SUM, comm, stream), HCCL_E_NOT_SUPPORT);
  EQUAL(HcclAllReduce(device, device, 1, HCCL_DATA_TYPE_UINT32, HCCL_REDUCE_SUM, comm, stream), HCCL_E_NOT_SUPPORT);
  EQUAL(HcclAllReduce(device, device, 1, HCCL_DATA_TYPE_BFP16, HCCL_REDUCE_PROD, comm, stream), HCCL_E_NOT_SUPPORT);
  EQUAL(HcclAllReduce(device, device, 1, HCCL_DATA_TYPE_INT32, (HcclReduceOp)4, comm, stream), HCCL_E_PARA);
  EQUAL(HcclAllReduce(device, device, 1, unknown, HCCL_REDUCE_SUM, comm, stream), HCCL_E_PARA);
  EQUAL(HcclAllGather(device, device, 1, later, comm, stream), HCCL_E_NOT_SUPPORT);
  EQUAL(HcclAllReduce(host, device, 1, HCCL_DATA_TYPE_INT32, HCCL_REDUCE_SUM, comm, stream), HCCL_E_PARA);
  EQUAL(HcclAllReduce(NULL, device, 1, HCCL_DATA_TYPE_INT32, HCCL_REDUCE_SUM, comm, stream), HCCL_E_PTR);
  EQUAL(HcclBroadcast(device, 1, HCCL_DATA_TYPE_INT32, RANKS, comm, stream), HCCL_E_PARA);
  EQUAL(HcclBroadcast(device, 1, HCCL_DATA_TYPE_INT32, 0, device, stream), HCCL_E_PARA);
  EQUAL(aclrtFree(device), ACL_SUCCESS);
}

static void rank_of_hccl(int rank, void *argument) {
  EQUAL(aclrtSetDevice(rank), ACL_SUCCESS);
  aclrtStream stream;
  EQUAL(aclrtCreateStream(&stream), ACL_SUCCESS);
  HcclCommConfig config;
  memset(&config, 0, sizeof config);
  config.size = 300;
  config.magic = TUTTI_HCCL_CONFIG_MAGIC;
  config.version = 5;
  config.hcclBufferSize = config.hcclDeterministic = TUTTI_HCCL_CONFIG_NOT_SET;
  strcpy(config.hcclCommName, "island");
  HcclComm comm, half;
  EQUAL(HcclCommInitRootInfoConfig(RANKS, argument, (uint32_t)rank, &config, &comm), HCCL_SUCCESS);
  char name[128];
  uint32_t value;
  EQUAL(HcclGetCommName(comm, name), HCCL_SUCCESS);
  CHECK(strcmp(name, "island") == 0);
  EQUAL(HcclGetRankSize(comm, &value), HCCL_SUCCESS);
  EQUAL(value, RANKS);
  EQUAL(HcclGetRankId(comm, &value), HCCL_SUCCESS);
  EQUAL(value, rank);
  collectives(comm, rank, stream);
  refusals(comm, stream);
  uint32_t members[] = {(uint32_t)rank % 2 + 2, (uint32_t)rank % 2};
  config.hcclCommName[0] = '\0';
  EQUAL(HcclCreateSubCommConfig(&comm, 2, members, 7 + (uint64_t)rank % 2, rank < 2 ? 1 : 0, &config, &half),
        HCCL_SUCCESS);
  EQUAL(HcclGetRankId(half, &value), HCCL_SUCCESS);
  EQUAL(value, rank < 2 ? 1 : 0);
  EQUAL(HcclBarrier(half, stream), HCCL_SUCCESS);
  EQUAL(aclrtSynchronizeStream(stream), ACL_SUCCESS);
  EQUAL(HcclCommDestroy(half), HCCL_SUCCESS);
  EQUAL(HcclCommDestroy(comm), HCCL_SUCCESS);
  EQUAL(HcclCommDestroy(comm), HCCL_E_PARA);
  EQUAL(aclrtDestroyStream(stream), ACL_SUCCESS);
}

static void ready(void) {
  aclError initialised = aclInit(NULL);
  CHECK(initialised == ACL_SUCCESS || initialised == ACL_ERROR_REPEAT_INITIALIZE);
  EQUAL(aclrtSetDevice(0), ACL_SUCCESS);
}

void test_hccl(void) {
  ready();
  HcclRootInfo root;
  EQUAL(HcclGetRootInfo(&root), HCCL_SUCCESS);
  run_ranks(RANKS, rank_of_hccl, &root);
}

static void abandoned(int rank, void *argument) {
  EQUAL(aclrtSetDevice(rank), ACL_SUCCESS);
  HcclComm comm = ((HcclComm *)argument)[rank];
  aclrtStream stream;
  EQUAL(aclrtCreateStream(&stream), ACL_SUCCESS);
  EQUAL(HcclBarrier(comm, stream), HCCL_SUCCESS); /* hangs on rank 0 */
  EQUAL(aclrtSynchronizeStreamWithTimeout(stream, 20), 507046);
  HcclResult error;
  EQUAL(HcclGetCommAsyncError(comm, &error), HCCL_SUCCESS);
  EQUAL(error, HCCL_SUCCESS);
  EQUAL(aclrtStreamAbort(stream), ACL_SUCCESS);
  EQUAL(aclrtSynchronizeStream(stream), 107023);
  EQUAL(HcclCommDestroy(comm), HCCL_SUCCESS);
  EQUAL(aclrtDestroyStream(stream), ACL_SUCCESS);
}

void test_hccl_faults(void) {
  ready();
  HcclComm comms[2];
  int32_t devices[] = {0, 1}, twice[] = {1, 1};
  EQUAL(HcclCommInitAll(2, twice, comms), HCCL_E_PARA);
  EQUAL(HcclCommInitAll(2, devices, comms), HCCL_SUCCESS);
  tutti_sim_set("TUTTI_SIM_HANG", "HcclBarrier:1@0");
  run_ranks(2, abandoned, comms);
  tutti_sim_set("TUTTI_SIM_HANG", NULL);

  /* The library's own time limit. */
  HcclRootInfo root;
  HcclCommConfig config;
  memset(&config, 0, sizeof config);
  config.size = 2232;
  config.magic = TUTTI_HCCL_CONFIG_MAGIC;
  config.version = 9;
  config.hcclBufferSize = config.hcclDeterministic = TUTTI_HCCL_CONFIG_NOT_SET;
  config.execTimeout = 1;
  EQUAL(HcclGetRootInfo(&root), HCCL_SUCCESS);
  EQUAL(HcclCommInitRootInfoConfig(1, &root, 0, &config, &comms[0]), HCCL_SUCCESS);
  tutti_sim_set("TUTTI_SIM_FAIL", "HcclBarrier:1:9");
  EQUAL(HcclBarrier(comms[0], NULL), HCCL_E_TIMEOUT);
  tutti_sim_set("TUTTI_SIM_FAIL", NULL);
  EQUAL(HcclBarrier(comms[0], NULL), HCCL_SUCCESS);
  EQUAL(aclrtSynchronizeDevice(), ACL_SUCCESS);
  config.magic = 1;
  EQUAL(HcclGetRootInfo(&root), HCCL_SUCCESS);
  EQUAL(HcclCommInitRootInfoConfig(1, &root, 0, &config, &comms[1]), HCCL_E_PARA);
  EQUAL(HcclCommDestroy(comms[0]), HCCL_SUCCESS);
}
