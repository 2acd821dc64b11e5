/* Inside of the NCCL part. */
#ifndef TUTTI_SIM_NCCL_H
#define TUTTI_SIM_NCCL_H

#include "sim.h"

#pragma GCC visibility push(default)
#include "tutti_nccl.h"
#pragma GCC visibility pop

/* Functions that came later than this version, 219 for 2.19, are left out. */
#ifndef TUTTI_SIM_NCCL_LEVEL
#define TUTTI_SIM_NCCL_LEVEL 230
#endif

#define MAX_REDUCTIONS 64
#define MAX_REGISTRATIONS 256

struct nccl_reduction {
  bool in_use, on_device;
  enum sim_type type;
  ncclDataType_t data_type;
  char scalar[8];
  const void *address;
};

struct ncclWindow_vidmem {
  ncclComm_t comm;
  int number;
  void *base;
  size_t bytes;
};

struct ncclComm {
  struct ncclComm *next; /* of all; guarded by their lock */
  struct sim_comm *core;
  atomic_int rank; /* a split tells it late */
  int size, device;
  ncclConfig_t config;
  bool blocking;
  /* ncclInProgress while a job runs, then its result; guarded by jobs_lock, with jobs_changed. */
  ncclResult_t job;
  atomic_int polls; /* that say ncclInProgress before an operation counts as started */
  atomic_bool finalized, revoked, suspended;
  bool connected; /* has begun an operation */
  uint32_t growths;
  struct nccl_reduction reductions[MAX_REDUCTIONS];
  struct ncclWindow_vidmem *windows[SIM_MAX_WINDOWS];
  int window_count;
  void *registrations[MAX_REGISTRATIONS];
};

extern pthread_mutex_t nccl_jobs_lock;
extern pthread_cond_t nccl_jobs_changed;

/* Enters a function: returns the code that a test wants, and refuses what the set version does not have. */
#define NCCL_ENTER(function, comm, since)                              \
  do {                                                                 \
    ncclResult_t entered = nccl_enter(#function, (comm), (since));     \
    if (entered != ncclSuccess) return entered;                        \
  } while (0)

ncclResult_t nccl_enter(const char *function, ncclComm_t comm, int since);
int nccl_version(void);
/* Remembers what went wrong for ncclGetLastError. */
ncclResult_t nccl_error(ncclResult_t code, const char *format, ...) __attribute__((format(printf, 2, 3)));
ncclResult_t nccl_result(enum sim_result result);
bool nccl_is_comm(ncclComm_t comm);
/* Checks a communicator that is to do something now. */
ncclResult_t nccl_check(ncclComm_t comm, const char *function);
ncclResult_t nccl_async_error(ncclComm_t comm);
int nccl_setting(const char *name, int otherwise);

/* Something that takes long: done at once, at the end of the group, or by a thread. */
struct nccl_job {
  struct nccl_job *next;
  ncclResult_t (*run)(struct nccl_job *job);
  ncclComm_t comm;    /* whose state says that it runs */
  ncclComm_t *target; /* where the new communicator's address goes, may be null */
  ncclComm_t parent;
  bool serves;        /* the name of the new communicator */
  int color, key;
  ncclWindow_t *window;
  void *address;
  size_t bytes;
  int flags;
  ncclResult_t result;
  pthread_t thread;
};

ncclResult_t nccl_start(struct nccl_job *job);
ncclResult_t nccl_run_jobs(struct nccl_job *jobs);
ncclComm_t nccl_comm_new(const unsigned char name[SIM_NAME_BYTES], int size, int rank, int device,
                         const ncclConfig_t *config);
void nccl_comm_free(ncclComm_t comm, enum sim_rank_state state);
ncclResult_t nccl_read_config(const ncclConfig_t *given, ncclConfig_t *config);
/* A job that makes a communicator of what it has: joins. */
ncclResult_t nccl_run_join(struct nccl_job *job);
ncclResult_t nccl_start_join(ncclComm_t comm, ncclComm_t *target, ncclComm_t parent, bool serves);

/* Groups. */
bool nccl_in_group(void);
void nccl_group_add_job(struct nccl_job *job);
ncclResult_t nccl_group_fail(ncclResult_t code);
ncclResult_t nccl_group_enter(void);
ncclResult_t nccl_group_leave(void);
/* Adds an operation to the group; takes over what it owns. */
ncclResult_t nccl_group_add(ncclComm_t comm, cudaStream_t stream, struct sim_operation *operation);

/* The CUDA part's device of this thread. */
int sim_cuda_device(void);

#endif
