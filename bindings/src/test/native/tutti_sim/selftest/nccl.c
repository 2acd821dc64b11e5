/* Collectives, types, operators, point to point, groups. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "selftest.h"

#define COUNT 100003 /* not a multiple of anything */

static int value_at(int rank, size_t index) { return (int)((index * 7 + (size_t)rank * 13) % 101); }

static void fill(int *host, int rank, size_t count) {
  for (size_t i = 0; i < count; i++) host[i] = value_at(rank, i);
}

static int sum_at(size_t index) {
  int sum = 0;
  for (int r = 0; r < RANKS; r++) sum += value_at(r, index);
  return sum;
}

static void collectives(int rank, void *argument) {
  ncclComm_t comm = nccl_join(argument, RANKS, rank);
  cudaStream_t stream = new_stream();
  int *host = malloc(RANKS * COUNT * sizeof(int));
  int *send = device_memory(RANKS * COUNT * sizeof(int)), *recv = device_memory(RANKS * COUNT * sizeof(int));
  fill(host, rank, RANKS * COUNT);
  upload(send, host, RANKS * COUNT * sizeof(int));

  EQUAL(ncclAllReduce(send, recv, COUNT, ncclInt32, ncclSum, comm, stream), ncclSuccess);
  EQUAL(cudaStreamSynchronize(stream), cudaSuccess);
  download(host, recv, COUNT * sizeof(int));
  for (size_t i = 0; i < COUNT; i++) EQUAL(host[i], sum_at(i));

  EQUAL(ncclReduceScatter(send, recv, COUNT, ncclInt32, ncclSum, comm, stream), ncclSuccess);
  EQUAL(cudaStreamSynchronize(stream), cudaSuccess);
  download(host, recv, COUNT * sizeof(int));
  for (size_t i = 0; i < COUNT; i++) EQUAL(host[i], sum_at((size_t)rank * COUNT + i));

  EQUAL(ncclAllGather(send, recv, COUNT, ncclInt32, comm, stream), ncclSuccess);
  EQUAL(cudaStreamSynchronize(stream), cudaSuccess);
  download(host, recv, RANKS * COUNT * sizeof(int));
  for (size_t i = 0; i < RANKS * COUNT; i++) EQUAL(host[i], value_at((int)(i / COUNT), i % COUNT));

  EQUAL(ncclAlltoAll(send, recv, COUNT, ncclInt32, comm, stream), ncclSuccess);
  EQUAL(cudaStreamSynchronize(stream), cudaSuccess);
  download(host, recv, RANKS * COUNT * sizeof(int));
  for (size_t i = 0; i < RANKS * COUNT; i++) {
    EQUAL(host[i], value_at((int)(i / COUNT), (size_t)rank * COUNT + i % COUNT));
  }

  EQUAL(ncclBroadcast(send, recv, COUNT, ncclInt32, 2, comm, stream), ncclSuccess);
  EQUAL(cudaStreamSynchronize(stream), cudaSuccess);
  download(host, recv, COUNT * sizeof(int));
  for (size_t i = 0; i < COUNT; i++) EQUAL(host[i], value_at(2, i));

  EQUAL(ncclReduce(send, recv, COUNT, ncclInt32, ncclMax, 1, comm, stream), ncclSuccess);
  EQUAL(ncclGather(send, recv, COUNT, ncclInt32, 3, comm, stream), ncclSuccess);
  EQUAL(cudaStreamSynchronize(stream), cudaSuccess);
  download(host, recv, RANKS * COUNT * sizeof(int));
  for (size_t i = 0; i < COUNT && rank == 1; i++) {
    for (int r = 0; r < RANKS; r++) CHECK(host[i] >= value_at(r, i));
  }
  for (size_t i = 0; i < RANKS * COUNT && rank == 3; i++) EQUAL(host[i], value_at((int)(i / COUNT), i % COUNT));

  EQUAL(ncclScatter(send, recv, COUNT, ncclInt32, 3, comm, stream), ncclSuccess);
  EQUAL(ncclAllReduce(recv, recv, COUNT, ncclInt32, ncclMin, comm, stream), ncclSuccess); /* in place */
  EQUAL(cudaStreamSynchronize(stream), cudaSuccess);
  download(host, recv, COUNT * sizeof(int));
  for (size_t i = 0; i < COUNT; i++) {
    int smallest = value_at(3, i);
    for (int r = 1; r < RANKS; r++) {
      int other = value_at(3, (size_t)r * COUNT + i);
      smallest = other < smallest ? other : smallest;
    }
    EQUAL(host[i], smallest);
  }
  EQUAL(ncclCommDestroy(comm), ncclSuccess);
  EQUAL(cudaStreamDestroy(stream), cudaSuccess);
  EQUAL(cudaFree(send), cudaSuccess);
  EQUAL(cudaFree(recv), cudaSuccess);
  free(host);
}

void test_nccl_collectives(void) {
  ncclUniqueId id;
  EQUAL(ncclGetUniqueId(&id), ncclSuccess);
  run_ranks(RANKS, collectives, &id);
}

/* Inputs 1.5, 2.25, -3, 0.5 of ranks 0 to 3, in each type, and results that every type can tell exactly. */
struct type_case {
  ncclDataType_t type;
  int bytes;
  uint64_t inputs[RANKS];
  uint64_t sum, product, maximum, minimum, average;
};

static const struct type_case CASES[] = {
    {ncclFloat16, 2, {0x3e00, 0x4080, 0xc200, 0x3800}, 0x3d00, 0xc510, 0x4080, 0xc200, 0x3500},
    {ncclBfloat16, 2, {0x3fc0, 0x4010, 0xc040, 0x3f00}, 0x3fa0, 0xc0a2, 0x4010, 0xc040, 0x3ea0},
    {ncclFloat8e4m3, 1, {0x3c, 0x41, 0xc4, 0x30}, 0x3a, 0xca, 0x41, 0xc4, 0x2a},
    {ncclFloat8e5m2, 1, {0x3e, 0x40, 0xc2, 0x38}, 0x3c, 0xc4, 0x40, 0xc2, 0x34},
    {ncclFloat32, 4, {0x3fc00000, 0x40100000, 0xc0400000, 0x3f000000}, 0x3fa00000, 0xc0a20000, 0x40100000, 0xc0400000,
     0x3ea00000},
    {ncclInt8, 1, {100, 100, 0xfd, 5}, 202, 0x10, 100, 0xfd, 0xf3},
    {ncclUint8, 1, {100, 100, 0xfd, 5}, 202, 0x10, 0xfd, 5, 50},
    {ncclInt64, 8, {1, 2, (uint64_t)-3, 4}, 4, (uint64_t)-24, 4, (uint64_t)-3, 1},
    {ncclUint32, 4, {1u << 31, 1u << 31, 7, 1}, 8, 0, 1u << 31, 1, 2}};

static uint64_t expected(const struct type_case *one, int op) {
  const uint64_t all[] = {one->sum, one->product, one->maximum, one->minimum, one->average};
  return all[op];
}

static void types(int rank, void *argument) {
  ncclComm_t comm = nccl_join(argument, RANKS, rank);
  cudaStream_t stream = new_stream();
  char *device = device_memory(4096);
  for (size_t c = 0; c < sizeof CASES / sizeof *CASES; c++) {
    const struct type_case *one = &CASES[c];
    for (int op = 0; op < 5; op++) {
      char host[64];
      for (int i = 0; i < 7; i++) memcpy(host + i * one->bytes, &one->inputs[rank], (size_t)one->bytes);
      upload(device, host, 7 * (size_t)one->bytes);
      EQUAL(ncclAllReduce(device, device, 7, one->type, (ncclRedOp_t)op, comm, stream), ncclSuccess);
      EQUAL(cudaStreamSynchronize(stream), cudaSuccess);
      download(host, device, 7 * (size_t)one->bytes);
      for (int i = 0; i < 7; i++) {
        uint64_t result = 0, wanted = expected(one, op);
        memcpy(&result, host + i * one->bytes, (size_t)one->bytes);
        if (result != wanted) fprintf(stderr, "type %d operator %d: %#lx\n", (int)one->type, op, result);
        EQUAL(result, wanted);
      }
    }
  }
  EQUAL(ncclCommDestroy(comm), ncclSuccess);
  cudaStreamDestroy(stream);
  cudaFree(device);
}

void test_nccl_types(void) {
  ncclUniqueId id;
  EQUAL(ncclGetUniqueId(&id), ncclSuccess);
  run_ranks(RANKS, types, &id);
}

static void point_to_point(int rank, void *argument) {
  ncclComm_t comm = nccl_join(argument, RANKS, rank);
  cudaStream_t stream = new_stream();
  size_t count = 300000; /* more than a channel holds */
  int *host = malloc(count * sizeof(int));
  int *send = device_memory(count * sizeof(int)), *recv = device_memory(2 * count * sizeof(int));
  fill(host, rank, count);
  upload(send, host, count * sizeof(int));
  int next = (rank + 1) % RANKS, before = (rank + RANKS - 1) % RANKS;

  EQUAL(ncclGroupStart(), ncclSuccess);
  EQUAL(ncclSend(send, count, ncclInt32, next, comm, stream), ncclSuccess);
  EQUAL(ncclRecv(recv, count, ncclInt32, before, comm, stream), ncclSuccess);
  EQUAL(ncclSend(send, 10, ncclInt32, rank, comm, stream), ncclSuccess); /* to itself */
  EQUAL(ncclRecv(recv + count, 10, ncclInt32, rank, comm, stream), ncclSuccess);
  EQUAL(ncclGroupEnd(), ncclSuccess);
  EQUAL(cudaStreamSynchronize(stream), cudaSuccess);
  download(host, recv, count * sizeof(int));
  for (size_t i = 0; i < count; i++) EQUAL(host[i], value_at(before, i));
  download(host, recv + count, 10 * sizeof(int));
  for (size_t i = 0; i < 10; i++) EQUAL(host[i], value_at(rank, i));

  /* A chain without a group. */
  if (rank > 0) EQUAL(ncclRecv(recv, 5, ncclInt32, rank - 1, comm, stream), ncclSuccess);
  if (rank < RANKS - 1) EQUAL(ncclSend(rank == 0 ? send : recv, 5, ncclInt32, rank + 1, comm, stream), ncclSuccess);
  EQUAL(cudaStreamSynchronize(stream), cudaSuccess);
  if (rank > 0) {
    download(host, recv, 5 * sizeof(int));
    for (size_t i = 0; i < 5; i++) EQUAL(host[i], value_at(0, i));
  }
  EQUAL(ncclCommDestroy(comm), ncclSuccess);
  cudaStreamDestroy(stream);
  cudaFree(send);
  cudaFree(recv);
  free(host);
}

void test_nccl_point_to_point(void) {
  ncclUniqueId id;
  EQUAL(ncclGetUniqueId(&id), ncclSuccess);
  run_ranks(RANKS, point_to_point, &id);
}

/* One thread has all ranks. */
void test_nccl_groups(void) {
  ncclComm_t comms[RANKS];
  cudaStream_t streams[RANKS];
  int *buffers[RANKS];
  EQUAL(ncclCommInitAll(comms, RANKS, NULL), ncclSuccess);
  for (int r = 0; r < RANKS; r++) {
    int value[3] = {r, 10 * r, 1}, count, device, rank;
    EQUAL(cudaSetDevice(r), cudaSuccess);
    streams[r] = new_stream();
    buffers[r] = device_memory(sizeof value);
    upload(buffers[r], value, sizeof value);
    EQUAL(ncclCommCount(comms[r], &count), ncclSuccess);
    EQUAL(ncclCommCuDevice(comms[r], &device), ncclSuccess);
    EQUAL(ncclCommUserRank(comms[r], &rank), ncclSuccess);
    CHECK(count == RANKS && device == r && rank == r);
  }
  EQUAL(ncclGroupStart(), ncclSuccess);
  for (int r = 0; r < RANKS; r++) {
    EQUAL(ncclAllReduce(buffers[r], buffers[r], 1, ncclInt32, ncclSum, comms[r], streams[r]), ncclSuccess);
    EQUAL(ncclGroupStart(), ncclSuccess); /* nested */
    EQUAL(ncclAllReduce(buffers[r] + 1, buffers[r] + 1, 1, ncclInt32, ncclSum, comms[r], streams[r]), ncclSuccess);
    EQUAL(ncclGroupEnd(), ncclSuccess);
  }
  EQUAL(ncclGroupEnd(), ncclSuccess);
  for (int r = 0; r < RANKS; r++) {
    int value[3];
    EQUAL(cudaStreamSynchronize(streams[r]), cudaSuccess);
    download(value, buffers[r], sizeof value);
    CHECK(value[0] == 6 && value[1] == 60 && value[2] == 1);
  }

  /* Two streams in one group: the second sees what the group did. */
  EQUAL(ncclGroupStart(), ncclSuccess);
  cudaStream_t others[RANKS];
  for (int r = 0; r < RANKS; r++) {
    EQUAL(cudaSetDevice(r), cudaSuccess);
    others[r] = new_stream();
    EQUAL(ncclAllReduce(buffers[r], buffers[r], 1, ncclInt32, ncclSum, comms[r], streams[r]), ncclSuccess);
    EQUAL(ncclAllReduce(buffers[r] + 1, buffers[r] + 1, 1, ncclInt32, ncclSum, comms[r], others[r]), ncclSuccess);
  }
  EQUAL(ncclGroupEnd(), ncclSuccess);
  for (int r = 0; r < RANKS; r++) {
    int value[2];
    EQUAL(cudaStreamSynchronize(others[r]), cudaSuccess);
    download(value, buffers[r], sizeof value);
    CHECK(value[0] == 24 && value[1] == 240);
  }

  /* A group with an error does nothing; an estimate does nothing either. */
  EQUAL(ncclGroupStart(), ncclSuccess);
  EQUAL(ncclAllReduce(buffers[0], buffers[0], 1, ncclInt32, ncclSum, comms[0], streams[0]), ncclSuccess);
  EQUAL(ncclAllReduce(NULL, buffers[1], 1, ncclInt32, ncclSum, comms[1], streams[1]), ncclInvalidArgument);
  EQUAL(ncclGroupEnd(), ncclInvalidArgument);
  EQUAL(ncclGroupEnd(), ncclInvalidUsage);
  ncclSimInfo_t info = {sizeof info, TUTTI_NCCL_SIM_INFO_MAGIC, TUTTI_NCCL_VERSION, -1};
  EQUAL(ncclGroupStart(), ncclSuccess);
  EQUAL(ncclAllReduce(buffers[0], buffers[0], 1, ncclInt32, ncclSum, comms[0], streams[0]), ncclSuccess);
  EQUAL(ncclGroupSimulateEnd(&info), ncclSuccess);
  CHECK(info.estimatedTime > 0);
  for (int r = 0; r < RANKS; r++) {
    EQUAL(ncclCommDestroy(comms[r]), ncclSuccess);
    cudaStreamDestroy(streams[r]);
    cudaStreamDestroy(others[r]);
    cudaFree(buffers[r]);
  }
}

static void operators(int rank, void *argument) {
  ncclComm_t comm = nccl_join(argument, 2, rank);
  cudaStream_t stream = new_stream();
  float host[2] = {3, 5}, scalar = rank == 0 ? 2 : 0.5f;
  float *device = device_memory(sizeof host), *on_device = device_memory(sizeof scalar);
  upload(device, host, sizeof host);
  upload(on_device, &scalar, sizeof scalar);
  ncclRedOp_t op, other;
  EQUAL(ncclRedOpCreatePreMulSum(&op, &scalar, ncclFloat32, ncclScalarHostImmediate, comm), ncclSuccess);
  EQUAL(ncclRedOpCreatePreMulSum(&other, on_device, ncclFloat32, ncclScalarDevice, comm), ncclSuccess);
  CHECK(op != other && (int)op >= ncclNumOps);
  scalar = 1000; /* was taken when the operator was made */
  EQUAL(ncclAllReduce(device, device, 1, ncclFloat32, op, comm, stream), ncclSuccess);
  EQUAL(ncclAllReduce(device + 1, device + 1, 1, ncclFloat32, other, comm, stream), ncclSuccess);
  EQUAL(ncclAllReduce(device, device, 1, ncclInt32, op, comm, stream), ncclInvalidArgument);
  EQUAL(cudaStreamSynchronize(stream), cudaSuccess);
  download(host, device, sizeof host);
  CHECK(host[0] == 7.5f && host[1] == 12.5f);
  EQUAL(ncclRedOpDestroy(op, comm), ncclSuccess);
  EQUAL(ncclRedOpDestroy(op, comm), ncclInvalidArgument);
  EQUAL(ncclAllReduce(device, device, 1, ncclFloat32, op, comm, stream), ncclInvalidArgument);
  EQUAL(ncclCommDestroy(comm), ncclSuccess);
  cudaStreamDestroy(stream);
  cudaFree(device);
  cudaFree(on_device);
}

void test_nccl_operators(void) {
  ncclUniqueId id;
  EQUAL(ncclGetUniqueId(&id), ncclSuccess);
  run_ranks(2, operators, &id);
}
