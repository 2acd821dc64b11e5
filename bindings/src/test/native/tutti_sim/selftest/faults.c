/* What tests can put in: errors, delays, slow links, hangs; and processes, also ones that die. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "selftest.h"

void test_faults(void) {
  ncclUniqueId id;
  EQUAL(ncclGetUniqueId(&id), ncclSuccess);
  ncclComm_t comm = nccl_join(&id, 1, 0);
  cudaStream_t stream = new_stream();
  int *device = device_memory(sizeof(int));
  EQUAL(cudaMemset(device, 0, sizeof(int)), cudaSuccess);

  CHECK(tutti_sim_set("PATH", "x") != 0);
  EQUAL(tutti_sim_set("TUTTI_SIM_FAIL", "ncclAllReduce:2:2,cudaMalloc:1:2"), 0);
  EQUAL(ncclAllReduce(device, device, 1, ncclInt32, ncclSum, comm, stream), ncclSuccess);
  EQUAL(ncclAllReduce(device, device, 1, ncclInt32, ncclSum, comm, stream), ncclSystemError);
  CHECK(strstr(ncclGetLastError(comm), "told to") != NULL);
  EQUAL(ncclAllReduce(device, device, 1, ncclInt32, ncclSum, comm, stream), ncclSuccess);
  void *memory;
  EQUAL(cudaMalloc(&memory, 10), cudaErrorMemoryAllocation);
  tutti_sim_set("TUTTI_SIM_FAIL", "ncclAllReduce:1:3@1"); /* of another rank */
  EQUAL(ncclAllReduce(device, device, 1, ncclInt32, ncclSum, comm, stream), ncclSuccess);
  tutti_sim_set("TUTTI_SIM_FAIL", NULL);

  tutti_sim_set("TUTTI_SIM_DELAY", "ncclAllReduce:0.01");
  uint64_t start = now_nanos();
  EQUAL(ncclAllReduce(device, device, 1, ncclInt32, ncclSum, comm, stream), ncclSuccess);
  CHECK(now_nanos() - start >= 10000000);
  tutti_sim_set("TUTTI_SIM_DELAY", NULL);

  EQUAL(cudaStreamSynchronize(stream), cudaSuccess);
  tutti_sim_set("TUTTI_SIM_ASYNC_ERROR", "5:6"); /* the fifth operation of this communicator */
  EQUAL(ncclAllReduce(device, device, 1, ncclInt32, ncclSum, comm, stream), ncclSuccess);
  EQUAL(cudaStreamSynchronize(stream), cudaSuccess);
  ncclResult_t state;
  EQUAL(ncclCommGetAsyncError(comm, &state), ncclSuccess);
  EQUAL(state, ncclRemoteError);
  EQUAL(ncclAllReduce(device, device, 1, ncclInt32, ncclSum, comm, stream), ncclRemoteError);
  tutti_sim_set("TUTTI_SIM_ASYNC_ERROR", NULL);
  EQUAL(ncclCommAbort(comm), ncclSuccess);
  cudaStreamDestroy(stream);
  cudaFree(device);
}

struct timing {
  ncclUniqueId id;
  uint64_t starts[2], ends[2]; /* of what rank 0 sends to rank 1 and to rank 2 */
};

static void timed(int rank, void *argument) {
  struct timing *timing = argument;
  ncclComm_t comm = nccl_join(&timing->id, 3, rank);
  cudaStream_t stream = new_stream();
  size_t bytes = 1 << 20;
  char *device = device_memory(bytes);
  for (int peer = 1; peer <= 2; peer++) {
    EQUAL(ncclAllReduce(device, device, 3, ncclInt8, ncclMax, comm, stream), ncclSuccess); /* begin together */
    EQUAL(cudaStreamSynchronize(stream), cudaSuccess);
    if (rank == 0) timing->starts[peer - 1] = now_nanos();
    if (rank == 0) EQUAL(ncclSend(device, bytes, ncclInt8, peer, comm, stream), ncclSuccess);
    if (rank == peer) EQUAL(ncclRecv(device, bytes, ncclInt8, 0, comm, stream), ncclSuccess);
    EQUAL(cudaStreamSynchronize(stream), cudaSuccess);
    if (rank == peer) timing->ends[peer - 1] = now_nanos();
  }
  EQUAL(ncclCommDestroy(comm), ncclSuccess);
  cudaStreamDestroy(stream);
  cudaFree(device);
}

void test_bandwidth(void) {
  struct timing timing;
  EQUAL(ncclGetUniqueId(&timing.id), ncclSuccess);
  tutti_sim_set("TUTTI_SIM_BANDWIDTH", "104857600"); /* 1 MiB in 10 ms */
  tutti_sim_set("TUTTI_SIM_SLOW", "2-0:0.2");
  run_ranks(3, timed, &timing);
  tutti_sim_set("TUTTI_SIM_BANDWIDTH", NULL);
  tutti_sim_set("TUTTI_SIM_SLOW", NULL);
  CHECK(timing.ends[0] - timing.starts[0] >= 10000000);
  CHECK(timing.ends[1] - timing.starts[1] >= 50000000);
}

static void hanging(int rank, void *argument) {
  ncclComm_t comm = nccl_join(argument, 2, rank);
  cudaStream_t stream = new_stream();
  int *device = device_memory(sizeof(int));
  EQUAL(ncclAllReduce(device, device, 1, ncclInt32, ncclSum, comm, stream), ncclSuccess);
  EQUAL(cudaStreamSynchronize(stream), cudaSuccess);
  EQUAL(ncclAllReduce(device, device, 1, ncclInt32, ncclSum, comm, stream), ncclSuccess); /* hangs on rank 1 */
  usleep(20000);
  EQUAL(cudaStreamQuery(stream), cudaErrorNotReady);
  ncclResult_t state;
  EQUAL(ncclCommGetAsyncError(comm, &state), ncclSuccess);
  EQUAL(state, ncclSuccess); /* the library does not notice */
  EQUAL(ncclCommAbort(comm), ncclSuccess);
  EQUAL(cudaStreamSynchronize(stream), cudaSuccess);
  cudaStreamDestroy(stream);
  cudaFree(device);
}

/* Sizes differ: as with the library, it hangs, and only an abort ends it. */
static void mismatched(int rank, void *argument) {
  ncclComm_t comm = nccl_join(argument, 2, rank);
  cudaStream_t stream = new_stream();
  int *device = device_memory(8 * sizeof(int));
  EQUAL(ncclAllReduce(device, device, rank == 0 ? 8 : 4, ncclInt32, ncclSum, comm, stream), ncclSuccess);
  usleep(20000);
  EQUAL(cudaStreamQuery(stream), cudaErrorNotReady);
  EQUAL(ncclCommAbort(comm), ncclSuccess);
  cudaStreamDestroy(stream);
  cudaFree(device);
}

void test_hang_and_abort(void) {
  ncclUniqueId id;
  EQUAL(ncclGetUniqueId(&id), ncclSuccess);
  tutti_sim_set("TUTTI_SIM_HANG", "ncclAllReduce:2@1");
  run_ranks(2, hanging, &id);
  tutti_sim_set("TUTTI_SIM_HANG", NULL);
  EQUAL(ncclGetUniqueId(&id), ncclSuccess);
  run_ranks(2, mismatched, &id);
}

/* ---- processes ---- */

static void write_id(const ncclUniqueId *id, char *text) {
  for (size_t i = 0; i < sizeof *id; i++) sprintf(text + 2 * i, "%02x", (unsigned char)id->internal[i]);
}

static ncclUniqueId read_id(const char *text) {
  ncclUniqueId id;
  for (size_t i = 0; i < sizeof id; i++) {
    unsigned byte = 0;
    sscanf(text + 2 * i, "%2x", &byte);
    id.internal[i] = (char)byte;
  }
  return id;
}

static void sum_rounds(ncclComm_t comm, int rank, int ranks, int rounds) {
  cudaStream_t stream = new_stream();
  size_t count = 200000;
  int *host = malloc(count * sizeof(int)), *device = device_memory(count * sizeof(int));
  for (int round = 0; round < rounds; round++) {
    for (size_t i = 0; i < count; i++) host[i] = (int)i + rank * round;
    upload(device, host, count * sizeof(int));
    EQUAL(ncclAllReduce(device, device, count, ncclInt32, ncclSum, comm, stream), ncclSuccess);
    EQUAL(cudaStreamSynchronize(stream), cudaSuccess);
    download(host, device, count * sizeof(int));
    for (size_t i = 0; i < count; i++) EQUAL(host[i], (int)i * ranks + round * ranks * (ranks - 1) / 2);
  }
  cudaStreamDestroy(stream);
  cudaFree(device);
  free(host);
}

/* A rank that waits for one that dies: is told, and makes a communicator with those that are left. */
static int survive(ncclComm_t comm, int rank, int ranks) {
  cudaStream_t stream = new_stream();
  int *device = device_memory(sizeof(int));
  EQUAL(ncclAllReduce(device, device, 1, ncclInt32, ncclSum, comm, stream), ncclSuccess);
  EQUAL(cudaStreamSynchronize(stream), cudaSuccess);
  if (rank == ranks - 1) raise(SIGKILL);
  /* Refused if the death was seen already. */
  ncclResult_t state = ncclAllReduce(device, device, 1, ncclInt32, ncclSum, comm, stream);
  CHECK(state == ncclSuccess || state == ncclRemoteError);
  while (state == ncclSuccess) EQUAL(ncclCommGetAsyncError(comm, &state), ncclSuccess);
  EQUAL(state, ncclRemoteError);
  EQUAL(cudaStreamSynchronize(stream), cudaSuccess); /* unblocked */
  int dead[] = {ranks - 1};
  ncclComm_t rest;
  EQUAL(ncclCommShrink(comm, dead, 1, &rest, NULL, NCCL_SHRINK_ABORT), ncclSuccess);
  sum_rounds(rest, rank, ranks - 1, 1);
  EQUAL(ncclCommDestroy(rest), ncclSuccess);
  EQUAL(ncclCommAbort(comm), ncclSuccess);
  return 0;
}

int run_role(const char *role, int rank, int ranks, const char *text) {
  ncclUniqueId id = read_id(text);
  EQUAL(cudaSetDevice(rank), cudaSuccess);
  ncclComm_t comm = nccl_join(&id, ranks, rank);
  if (strcmp(role, "survive") == 0) return survive(comm, rank, ranks);
  sum_rounds(comm, rank, ranks, 3);
  EQUAL(ncclCommDestroy(comm), ncclSuccess);
  return 0;
}

static void with_processes(const char *role, int ranks, int last_exit) {
  ncclUniqueId id;
  char text[2 * sizeof id + 1];
  int processes[RANKS];
  EQUAL(ncclGetUniqueId(&id), ncclSuccess);
  write_id(&id, text);
  for (int r = 1; r < ranks; r++) processes[r] = start_process(role, r, ranks, text);
  EQUAL(run_role(role, 0, ranks, text), 0);
  for (int r = 1; r < ranks; r++) EQUAL(end_process(processes[r]), r == ranks - 1 ? last_exit : 0);
}

void test_processes(void) { with_processes("sum", RANKS, 0); }
void test_dead_process(void) { with_processes("survive", 3, -SIGKILL); }
