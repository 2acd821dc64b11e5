/* Communicators: windows, descendants, errors, calls that do not block. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "selftest.h"

static void windows(int rank, void *argument) {
  ncclComm_t comm = nccl_join(argument, RANKS, rank);
  cudaStream_t stream = new_stream();
  size_t count = 50000;
  int *memory = NULL, *local = device_memory(count * sizeof(int)), *host = malloc(count * sizeof(int));
  EQUAL(ncclMemAlloc((void **)&memory, RANKS * count * sizeof(int)), ncclSuccess);
  ncclWindow_t window;
  void *address;
  EQUAL(ncclCommWindowRegister(comm, (char *)memory + 8, 100, &window, 0), ncclInvalidArgument);
  EQUAL(ncclCommWindowRegister(comm, memory, RANKS * count * sizeof(int), &window, NCCL_WIN_COLL_SYMMETRIC),
        ncclSuccess);
  EQUAL(ncclWinGetUserPtr(comm, window, &address), ncclSuccess);
  CHECK(address == memory);
  for (size_t i = 0; i < count; i++) host[i] = rank * 1000000 + (int)i;
  upload(local, host, count * sizeof(int));

  /* Everybody writes its block to everybody else, and waits for what the others wrote. */
  ncclWaitSignalDesc_t waits[RANKS];
  int wait_count = 0;
  for (int peer = 0; peer < RANKS; peer++) {
    if (peer == rank) continue;
    EQUAL(ncclPutSignal(local, count, ncclInt32, peer, window, (size_t)rank * count * sizeof(int), 0, 0, 0, comm,
                        stream), ncclSuccess);
    waits[wait_count++] = (ncclWaitSignalDesc_t){1, peer, 0, 0};
  }
  EQUAL(ncclWaitSignal(wait_count, waits, comm, stream), ncclSuccess);
  EQUAL(ncclPutSignal(local, count, ncclInt32, 0, window, RANKS * count * sizeof(int) - 4, 0, 0, 0, comm, stream),
        ncclInvalidArgument);
  EQUAL(ncclSignal(0, 1, 0, 0, comm, stream), ncclInvalidArgument);
  EQUAL(cudaStreamSynchronize(stream), cudaSuccess);
  for (int peer = 0; peer < RANKS; peer++) {
    if (peer == rank) continue;
    download(host, memory + (size_t)peer * count, count * sizeof(int));
    for (size_t i = 0; i < count; i++) EQUAL(host[i], peer * 1000000 + (int)i);
  }
  EQUAL(ncclCommWindowDeregister(comm, window), ncclSuccess);
  EQUAL(ncclCommWindowDeregister(comm, window), ncclInvalidArgument);
  /* A rank that is still wanted does not leave: its thread takes in what others put. */
  int *one = local;
  EQUAL(ncclAllReduce(one, one, 1, ncclInt32, ncclSum, comm, stream), ncclSuccess);
  EQUAL(ncclCommDestroy(comm), ncclSuccess);
  EQUAL(ncclMemFree(memory), ncclSuccess);
  cudaStreamDestroy(stream);
  cudaFree(local);
  free(host);
}

void test_nccl_windows(void) {
  ncclUniqueId id;
  EQUAL(ncclGetUniqueId(&id), ncclSuccess);
  run_ranks(RANKS, windows, &id);
}

/* The sum over all ranks of one per rank. */
static int size_by_sum(ncclComm_t comm, cudaStream_t stream, int *device) {
  int one = 1;
  upload(device, &one, sizeof one);
  EQUAL(ncclAllReduce(device, device, 1, ncclInt32, ncclSum, comm, stream), ncclSuccess);
  EQUAL(cudaStreamSynchronize(stream), cudaSuccess);
  download(&one, device, sizeof one);
  return one;
}

struct growth {
  ncclUniqueId id, grown;
  pthread_barrier_t barrier;
};

static void derive(int rank, void *argument) {
  struct growth *growth = argument;
  cudaStream_t stream = new_stream();
  int *device = device_memory(64), value;
  ncclComm_t comm = NULL, half, small, large;
  if (rank < 3) {
    comm = nccl_join(&growth->id, 3, rank);
    EQUAL(size_by_sum(comm, stream, device), 3);

    EQUAL(ncclCommSplit(comm, rank % 2, -rank, &half, NULL), ncclSuccess);
    EQUAL(size_by_sum(half, stream, device), rank % 2 == 0 ? 2 : 1);
    EQUAL(ncclCommUserRank(half, &value), ncclSuccess);
    EQUAL(value, rank == 0 ? 1 : 0); /* by key: rank 2 is before rank 0 */
    EQUAL(ncclCommDestroy(half), ncclSuccess);
    EQUAL(ncclCommSplit(comm, rank == 1 ? NCCL_SPLIT_NOCOLOR : 5, 0, &half, NULL), ncclSuccess);
    CHECK((half == NULL) == (rank == 1));
    if (half != NULL) EQUAL(ncclCommDestroy(half), ncclSuccess);

    int excluded[] = {1};
    if (rank != 1) {
      EQUAL(ncclCommShrink(comm, excluded, 0, &small, NULL, NCCL_SHRINK_DEFAULT), ncclInvalidArgument);
      EQUAL(ncclCommShrink(comm, excluded, 1, &small, NULL, NCCL_SHRINK_DEFAULT), ncclSuccess);
      EQUAL(size_by_sum(small, stream, device), 2);
      EQUAL(ncclCommDestroy(small), ncclSuccess);
    }
    if (rank == 0) EQUAL(ncclCommGetUniqueId(comm, &growth->grown), ncclSuccess);
  }
  pthread_barrier_wait(&growth->barrier);
  EQUAL(ncclCommGrow(comm, 4, rank == 0 || rank == 3 ? &growth->grown : NULL, rank == 3 ? 3 : -1, &large, NULL),
        ncclSuccess);
  EQUAL(ncclCommUserRank(large, &value), ncclSuccess);
  EQUAL(value, rank);
  EQUAL(size_by_sum(large, stream, device), 4);

  /* Revoked: no more operations, but descendants. */
  EQUAL(ncclCommRevoke(large, 0), ncclSuccess);
  EQUAL(ncclAllReduce(device, device, 1, ncclInt32, ncclSum, large, stream), ncclInvalidUsage);
  EQUAL(ncclCommFinalize(large), ncclInvalidUsage);
  EQUAL(ncclCommSplit(large, 0, 0, &half, NULL), ncclSuccess);
  EQUAL(size_by_sum(half, stream, device), 4);
  EQUAL(ncclCommFinalize(half), ncclSuccess);
  EQUAL(ncclAllReduce(device, device, 1, ncclInt32, ncclSum, half, stream), ncclInvalidUsage);
  EQUAL(ncclCommDestroy(half), ncclSuccess);
  EQUAL(ncclCommDestroy(large), ncclSuccess);
  if (comm != NULL) EQUAL(ncclCommDestroy(comm), ncclSuccess);
  cudaStreamDestroy(stream);
  cudaFree(device);
}

void test_nccl_split_shrink_grow(void) {
  struct growth growth;
  EQUAL(ncclGetUniqueId(&growth.id), ncclSuccess);
  pthread_barrier_init(&growth.barrier, NULL, RANKS);
  run_ranks(RANKS, derive, &growth);
  pthread_barrier_destroy(&growth.barrier);
}

/* Both ranks say that they have device 0. */
static void duplicate(int rank, void *argument) {
  EQUAL(cudaSetDevice(0), cudaSuccess);
  ncclComm_t comm = NULL;
  ncclResult_t result = ncclCommInitRank(&comm, 2, *(ncclUniqueId *)argument, rank);
  CHECK(result == ncclInvalidUsage || result == ncclRemoteError || result == ncclSystemError);
  CHECK(comm == NULL);
}

void test_nccl_errors(void) {
  ncclUniqueId id;
  int version;
  EQUAL(ncclGetVersion(&version), ncclSuccess);
  EQUAL(version, 23007);
  EQUAL(ncclGetUniqueId(&id), ncclSuccess);
  ncclComm_t comm;
  EQUAL(ncclCommInitRank(&comm, 1, id, 1), ncclInvalidArgument);
  CHECK(strstr(ncclGetLastError(NULL), "rank 1 of 1") != NULL);
  ncclConfig_t config;
  memset(&config, 0, sizeof config);
  EQUAL(ncclCommInitRankConfig(&comm, 1, id, 0, &config), ncclInvalidArgument); /* no magic */
  comm = nccl_join(&id, 1, 0);
  cudaStream_t stream = new_stream();
  int host = 3, *device = device_memory(sizeof host);

  EQUAL(ncclAllReduce(&host, device, 1, ncclInt32, ncclSum, comm, stream), ncclInvalidArgument); /* host memory */
  EQUAL(ncclAllReduce(device, device, 2, ncclInt32, ncclSum, comm, stream), ncclInvalidArgument); /* too long */
  EQUAL(ncclAllReduce(device, device, 1, (ncclDataType_t)12, ncclSum, comm, stream), ncclInvalidArgument);
  EQUAL(ncclAllReduce(device, device, 1, ncclInt32, (ncclRedOp_t)5, comm, stream), ncclInvalidArgument);
  EQUAL(ncclBroadcast(device, device, 1, ncclInt32, 1, comm, stream), ncclInvalidArgument);
  EQUAL(ncclAllReduce(device, device, 1, ncclInt32, ncclSum, (ncclComm_t)device, stream), ncclInvalidArgument);
  EQUAL(ncclAllReduce(device, device, 1, ncclInt32, ncclSum, comm, (cudaStream_t)device), ncclUnhandledCudaError);
  EQUAL(cudaSetDevice(1), cudaSuccess);
  int *elsewhere = device_memory(sizeof host);
  EQUAL(ncclAllReduce(elsewhere, device, 1, ncclInt32, ncclSum, comm, stream), ncclInvalidArgument);
  EQUAL(cudaSetDevice(0), cudaSuccess);
  EQUAL(ncclAllReduce(NULL, NULL, 0, ncclInt32, ncclSum, comm, stream), ncclSuccess);
  void *pinned;
  EQUAL(cudaMallocHost(&pinned, sizeof host), cudaSuccess);
  memcpy(pinned, &host, sizeof host);
  EQUAL(ncclAllReduce(pinned, device, 1, ncclInt32, ncclSum, comm, stream), ncclSuccess);
  EQUAL(cudaStreamSynchronize(stream), cudaSuccess);
  host = 0;
  download(&host, device, sizeof host);
  EQUAL(host, 3);

  uint64_t bytes;
  EQUAL(ncclCommSuspend(comm, NCCL_SUSPEND_MEM), ncclSuccess);
  EQUAL(ncclAllReduce(device, device, 1, ncclInt32, ncclSum, comm, stream), ncclInvalidUsage);
  EQUAL(ncclCommMemStats(comm, ncclStatGpuMemSuspended, &bytes), ncclSuccess);
  CHECK(bytes > 0);
  EQUAL(ncclCommResume(comm), ncclSuccess);

  tutti_sim_set("TUTTI_SIM_NCCL_VERSION", "21903");
  EQUAL(ncclAlltoAll(device, device, 1, ncclInt32, comm, stream), ncclInvalidUsage); /* came with 2.28 */
  EQUAL(ncclAllReduce(device, device, 1, ncclFloat8e4m3, ncclSum, comm, stream), ncclInvalidArgument);
  tutti_sim_set("TUTTI_SIM_NCCL_VERSION", NULL);
  EQUAL(ncclCommDestroy(comm), ncclSuccess);
  EQUAL(ncclCommDestroy(comm), ncclInvalidArgument);

  ncclUniqueId twice;
  EQUAL(ncclGetUniqueId(&twice), ncclSuccess);
  tutti_sim_set("TUTTI_SIM_CONNECT_MILLIS", "20");
  run_ranks(2, duplicate, &twice);
  EQUAL(ncclCommInitRank(&comm, 2, id, 0), ncclSystemError); /* nobody serves that id any more */
  tutti_sim_set("TUTTI_SIM_CONNECT_MILLIS", NULL);
  cudaStreamDestroy(stream);
  cudaFree(device);
  cudaFree(elsewhere);
  cudaFreeHost(pinned);
}

static ncclResult_t poll_until_done(ncclComm_t comm) {
  for (;;) {
    ncclResult_t state;
    EQUAL(ncclCommGetAsyncError(comm, &state), ncclSuccess);
    if (state != ncclInProgress) return state;
  }
}

static ncclConfig_t non_blocking_config(void) {
  ncclConfig_t config;
  memset(&config, 0, sizeof config);
  config.size = sizeof config;
  config.magic = NCCL_API_MAGIC;
  config.version = TUTTI_NCCL_VERSION;
  config.cgaClusterSize = config.minCTAs = config.maxCTAs = config.splitShare = config.trafficClass =
      config.collnetEnable = config.CTAPolicy = config.shrinkShare = config.nvlsCTAs = config.nChannelsPerNetPeer =
          config.nvlinkCentricSched = config.graphUsageMode = config.numRmaCtx = config.maxP2pPeers =
              config.graphStreamOrdering = NCCL_CONFIG_UNDEF_INT;
  return config;
}

static void non_blocking(int rank, void *argument) {
  ncclConfig_t config = non_blocking_config();
  ncclComm_t comm, child;
  EQUAL(ncclCommInitRankConfig(&comm, 2, *(ncclUniqueId *)argument, rank, &config), ncclInProgress);
  EQUAL(poll_until_done(comm), ncclSuccess);
  cudaStream_t stream = new_stream();
  int *device = device_memory(sizeof(int)), value = rank + 1;
  upload(device, &value, sizeof value);
  EQUAL(ncclAllReduce(device, device, 1, ncclInt32, ncclSum, comm, stream), ncclInProgress);
  EQUAL(ncclAllReduce(device, device, 1, ncclInt32, ncclSum, comm, stream), ncclInvalidArgument); /* too early */
  EQUAL(poll_until_done(comm), ncclSuccess);
  EQUAL(cudaStreamSynchronize(stream), cudaSuccess);
  download(&value, device, sizeof value);
  EQUAL(value, 3);
  EQUAL(ncclCommSplit(comm, 0, 0, &child, &config), ncclInProgress);
  EQUAL(poll_until_done(child), ncclSuccess);
  EQUAL(poll_until_done(comm), ncclSuccess);
  EQUAL(ncclCommFinalize(child), ncclInProgress);
  EQUAL(poll_until_done(child), ncclSuccess);
  EQUAL(ncclCommDestroy(child), ncclSuccess);
  EQUAL(ncclCommDestroy(comm), ncclSuccess);
  cudaStreamDestroy(stream);
  cudaFree(device);
}

void test_nccl_non_blocking(void) {
  ncclUniqueId id;
  EQUAL(ncclGetUniqueId(&id), ncclSuccess);
  run_ranks(2, non_blocking, &id);

  /* An abort ends a join for which nobody else comes. */
  EQUAL(ncclGetUniqueId(&id), ncclSuccess);
  ncclConfig_t config = non_blocking_config();
  ncclComm_t comm;
  ncclResult_t state;
  EQUAL(ncclCommInitRankConfig(&comm, 2, id, 0, &config), ncclInProgress);
  EQUAL(ncclCommGetAsyncError(comm, &state), ncclSuccess);
  EQUAL(state, ncclInProgress);
  EQUAL(ncclCommAbort(comm), ncclSuccess);
}
