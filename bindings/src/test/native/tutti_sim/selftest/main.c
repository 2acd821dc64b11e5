/* Runs all tests, or those named, and says how many passed. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "selftest.h"

static const struct {
  const char *name;
  void (*run)(void);
} TESTS[] = {{"cuda_memory", test_cuda_memory},
             {"cuda_streams", test_cuda_streams},
             {"cuda_capture", test_cuda_capture},
             {"cuda_kernels", test_cuda_kernels},
             {"nccl_collectives", test_nccl_collectives},
             {"nccl_types", test_nccl_types},
             {"nccl_point_to_point", test_nccl_point_to_point},
             {"nccl_groups", test_nccl_groups},
             {"nccl_operators", test_nccl_operators},
             {"nccl_windows", test_nccl_windows},
             {"nccl_split_shrink_grow", test_nccl_split_shrink_grow},
             {"nccl_errors", test_nccl_errors},
             {"nccl_non_blocking", test_nccl_non_blocking},
             {"faults", test_faults},
             {"bandwidth", test_bandwidth},
             {"hang_and_abort", test_hang_and_abort},
             {"processes", test_processes},
             {"dead_process", test_dead_process},
             {"acl", test_acl},
             {"hccl", test_hccl},
             {"hccl_faults", test_hccl_faults}};

static const char *running = "";

void selftest_fail(const char *file, int line, const char *condition) {
  fprintf(stderr, "%s: %s:%d: not %s (NCCL says: %s)\n", running, file, line, condition, ncclGetLastError(NULL));
  _exit(1);
}

void selftest_differ(const char *file, int line, const char *what, long long is, long long should) {
  const char *acl = aclGetRecentErrMsg();
  fprintf(stderr, "%s: %s:%d: %s is %lld, should be %lld (NCCL says: %s; ACL says: %s)\n", running, file, line, what, is,
          should, ncclGetLastError(NULL), acl == NULL ? "" : acl);
  _exit(1);
}

struct rank_thread {
  pthread_t thread;
  int rank;
  void (*function)(int rank, void *argument);
  void *argument;
};

static void *run_rank(void *argument) {
  struct rank_thread *self = argument;
  EQUAL(cudaSetDevice(self->rank), cudaSuccess);
  self->function(self->rank, self->argument);
  return NULL;
}

void run_ranks(int ranks, void (*function)(int rank, void *argument), void *argument) {
  struct rank_thread threads[16];
  for (int r = 0; r < ranks; r++) {
    threads[r] = (struct rank_thread){.rank = r, .function = function, .argument = argument};
    CHECK(pthread_create(&threads[r].thread, NULL, run_rank, &threads[r]) == 0);
  }
  for (int r = 0; r < ranks; r++) pthread_join(threads[r].thread, NULL);
}

int start_process(const char *role, int rank, int ranks, const char *id) {
  char rank_text[16], ranks_text[16];
  snprintf(rank_text, sizeof rank_text, "%d", rank);
  snprintf(ranks_text, sizeof ranks_text, "%d", ranks);
  fflush(stdout);
  int process = fork();
  CHECK(process >= 0);
  if (process == 0) {
    execl("/proc/self/exe", "selftest", "--role", role, rank_text, ranks_text, id, (char *)NULL);
    _exit(127);
  }
  return process;
}

int end_process(int process) {
  int status;
  while (waitpid(process, &status, 0) < 0) CHECK(errno == EINTR);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void *device_memory(size_t bytes) {
  void *memory = NULL;
  EQUAL(cudaMalloc(&memory, bytes), cudaSuccess);
  return memory;
}

void upload(void *device, const void *host, size_t bytes) {
  EQUAL(cudaMemcpy(device, host, bytes, cudaMemcpyHostToDevice), cudaSuccess);
}

void download(void *host, const void *device, size_t bytes) {
  EQUAL(cudaMemcpy(host, device, bytes, cudaMemcpyDeviceToHost), cudaSuccess);
}

cudaStream_t new_stream(void) {
  cudaStream_t stream = NULL;
  EQUAL(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), cudaSuccess);
  return stream;
}

ncclComm_t nccl_join(const ncclUniqueId *id, int ranks, int rank) {
  ncclComm_t comm = NULL;
  EQUAL(ncclCommInitRank(&comm, ranks, *id, rank), ncclSuccess);
  return comm;
}

uint64_t now_nanos(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static bool wanted(const char *name, int count, char **names) {
  for (int i = 1; i < count; i++) {
    if (strcmp(names[i], name) == 0) return true;
  }
  return count == 1;
}

int main(int count, char **arguments) {
  tutti_sim_set("TUTTI_SIM_DEVICES", "4");
  if (count == 6 && strcmp(arguments[1], "--role") == 0) {
    running = arguments[2];
    return run_role(arguments[2], atoi(arguments[3]), atoi(arguments[4]), arguments[5]);
  }
  int passed = 0;
  for (size_t i = 0; i < sizeof TESTS / sizeof *TESTS; i++) {
    if (!wanted(TESTS[i].name, count, arguments)) continue;
    running = TESTS[i].name;
    uint64_t start = now_nanos();
    EQUAL(cudaSetDevice(0), cudaSuccess);
    TESTS[i].run();
    printf("%-24s ok %6.1f ms\n", running, (double)(now_nanos() - start) / 1e6);
    passed++;
  }
  printf("%d tests passed\n", passed);
  return passed > 0 ? 0 : 2;
}
