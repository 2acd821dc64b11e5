/* Tests of libtutti_sim: each case is a function that fails by CHECK. */
#ifndef TUTTI_SIM_SELFTEST_H
#define TUTTI_SIM_SELFTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tutti_acl.h"
#include "tutti_cuda.h"
#include "tutti_hccl.h"
#include "tutti_nccl.h"
#include "tutti_sim.h"

#define RANKS 4

/* Ends the program unless the condition holds. */
#define CHECK(condition)                                                        \
  do {                                                                          \
    if (!(condition)) selftest_fail(__FILE__, __LINE__, #condition);            \
  } while (0)

/* Ends the program unless both numbers are the same. */
#define EQUAL(actual, expected)                                                                                   \
  do {                                                                                                            \
    long long is = (long long)(actual), should = (long long)(expected);                                           \
    if (is != should) selftest_differ(__FILE__, __LINE__, #actual, is, should);                                   \
  } while (0)

void selftest_fail(const char *file, int line, const char *condition) __attribute__((noreturn));
void selftest_differ(const char *file, int line, const char *what, long long is, long long should)
    __attribute__((noreturn));

/* Runs a function in a thread per rank, on the device of the rank's number. */
void run_ranks(int ranks, void (*function)(int rank, void *argument), void *argument);
/* Starts this program again as one of several processes. */
int start_process(const char *role, int rank, int ranks, const char *id);
/* Waits for it; returns its exit code, or minus the signal that ended it. */
int end_process(int process);

void *device_memory(size_t bytes);
void upload(void *device, const void *host, size_t bytes);
void download(void *host, const void *device, size_t bytes);
uint64_t now_nanos(void);

/* A rank of an NCCL communicator: joins and leaves. */
ncclComm_t nccl_join(const ncclUniqueId *id, int ranks, int rank);
cudaStream_t new_stream(void);

void test_cuda_memory(void);
void test_cuda_streams(void);
void test_cuda_capture(void);
void test_cuda_kernels(void);
void test_nccl_collectives(void);
void test_nccl_types(void);
void test_nccl_point_to_point(void);
void test_nccl_groups(void);
void test_nccl_operators(void);
void test_nccl_windows(void);
void test_nccl_split_shrink_grow(void);
void test_nccl_errors(void);
void test_nccl_non_blocking(void);
void test_faults(void);
void test_bandwidth(void);
void test_hang_and_abort(void);
void test_processes(void);
void test_dead_process(void);
void test_hccl(void);
void test_hccl_faults(void);
void test_acl(void);
/* What a process started by a test does; returns its exit code. */
int run_role(const char *role, int rank, int ranks, const char *id);

#endif
