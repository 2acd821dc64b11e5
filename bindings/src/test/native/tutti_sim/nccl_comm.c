/* NCCL: errors, and the life of communicators up to their end. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nccl.h"

#define ID_MAGIC "TUTTISIM"

pthread_mutex_t nccl_jobs_lock = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t nccl_jobs_changed = PTHREAD_COND_INITIALIZER;

static pthread_mutex_t comms_lock = PTHREAD_MUTEX_INITIALIZER;
static struct ncclComm *comms;
static pthread_mutex_t error_lock = PTHREAD_MUTEX_INITIALIZER;
static char last_error[512];
static _Thread_local char last_error_copy[512];

int nccl_version(void) {
  int newest = TUTTI_SIM_NCCL_LEVEL * 100 + 7;
  return (int)sim_setting("TUTTI_SIM_NCCL_VERSION", newest);
}

ncclResult_t nccl_error(ncclResult_t code, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  pthread_mutex_lock(&error_lock);
  vsnprintf(last_error, sizeof last_error, format, arguments);
  pthread_mutex_unlock(&error_lock);
  va_end(arguments);
  return code;
}

ncclResult_t nccl_enter(const char *function, ncclComm_t comm, int since) {
  int code = sim_enter(function, comm != NULL && nccl_is_comm(comm) ? comm->rank : -1);
  if (code != 0) return nccl_error((ncclResult_t)code, "%s fails as it was told to", function);
  int version = since == 0 ? 0 : nccl_version();
  if (version < since) {
    return nccl_error(ncclInvalidUsage, "%s came with version %d, this is %d", function, since, version);
  }
  return ncclSuccess;
}

ncclResult_t nccl_result(enum sim_result result) {
  switch (result) {
    case SIM_OK: return ncclSuccess;
    case SIM_ARGUMENT: return ncclInvalidArgument;
    case SIM_USAGE: return ncclInvalidUsage;
    case SIM_REMOTE: return ncclRemoteError;
    case SIM_ABORTED: return ncclInternalError;
    default: return ncclSystemError;
  }
}

int nccl_setting(const char *name, int otherwise) {
  const char *value = getenv(name);
  return value == NULL || *value == '\0' ? otherwise : atoi(value);
}

bool nccl_is_comm(ncclComm_t comm) {
  pthread_mutex_lock(&comms_lock);
  struct ncclComm *c = comms;
  while (c != NULL && c != comm) c = c->next;
  pthread_mutex_unlock(&comms_lock);
  return c != NULL;
}

ncclResult_t nccl_async_error(ncclComm_t comm) {
  pthread_mutex_lock(&nccl_jobs_lock);
  ncclResult_t job = comm->job;
  pthread_mutex_unlock(&nccl_jobs_lock);
  if (job != ncclSuccess) return job;
  int error = atomic_load(&comm->core->error);
  return error < 0 ? (ncclResult_t)-error : nccl_result((enum sim_result)error);
}

ncclResult_t nccl_check(ncclComm_t comm, const char *function) {
  if (comm == NULL || !nccl_is_comm(comm)) {
    return nccl_error(ncclInvalidArgument, "%s: comm %p is no communicator", function, (void *)comm);
  }
  ncclResult_t state = nccl_async_error(comm);
  if (state == ncclInProgress || atomic_load(&comm->polls) > 0) {
    return nccl_error(ncclInvalidArgument, "%s: rank %d: the call before has not come to ncclSuccess yet", function,
                      comm->rank);
  }
  if (state != ncclSuccess) {
    return nccl_error(state, "%s: rank %d: %s", function, comm->rank,
                      comm->core->problem[0] == '\0' ? "the communicator has failed" : comm->core->problem);
  }
  return ncclSuccess;
}

ncclResult_t ncclGetVersion(int *version) {
  NCCL_ENTER(ncclGetVersion, NULL, 0);
  if (version == NULL) return nccl_error(ncclInvalidArgument, "ncclGetVersion: version is null");
  *version = nccl_version();
  return ncclSuccess;
}

const char *ncclGetErrorString(ncclResult_t result) {
  switch (result) {
    case ncclSuccess: return "no error";
    case ncclUnhandledCudaError: return "unhandled cuda error";
    case ncclSystemError: return "unhandled system error";
    case ncclInternalError: return "internal error";
    case ncclInvalidArgument: return "invalid argument";
    case ncclInvalidUsage: return "invalid usage";
    case ncclRemoteError: return "remote process exited or there was a network error";
    case ncclInProgress: return "NCCL operation in progress";
    case ncclTimeout: return "timeout";
    default: return "unknown result code";
  }
}

const char *ncclGetLastError(ncclComm_t comm) {
  (void)comm;
  pthread_mutex_lock(&error_lock);
  memcpy(last_error_copy, last_error, sizeof last_error);
  pthread_mutex_unlock(&error_lock);
  return last_error_copy;
}

ncclResult_t ncclGetUniqueId(ncclUniqueId *uniqueId) {
  NCCL_ENTER(ncclGetUniqueId, NULL, 0);
  if (uniqueId == NULL) return nccl_error(ncclInvalidArgument, "ncclGetUniqueId: uniqueId is null");
  unsigned char name[SIM_NAME_BYTES];
  sim_random_name(name);
  if (sim_serve(name) != SIM_OK) return nccl_error(ncclSystemError, "ncclGetUniqueId: cannot listen for ranks");
  memset(uniqueId, 0, sizeof *uniqueId);
  memcpy(uniqueId->internal, ID_MAGIC, 8);
  memcpy(uniqueId->internal + 8, name, SIM_NAME_BYTES);
  return ncclSuccess;
}

/* ---- making ---- */

ncclComm_t nccl_comm_new(const unsigned char name[SIM_NAME_BYTES], int size, int rank, int device,
                         const ncclConfig_t *config) {
  struct ncclComm *comm = calloc(1, sizeof *comm);
  comm->core = sim_comm_new(name, size, rank, SIM_CUDA, device);
  comm->core->shares_device = nccl_version() >= 23000 && nccl_setting("NCCL_MULTI_RANK_GPU_ENABLE", 0) == 1;
  comm->rank = rank;
  comm->size = size;
  comm->device = device;
  comm->config = *config;
  comm->blocking = config->blocking != 0;
  comm->job = ncclSuccess;
  pthread_mutex_lock(&comms_lock);
  comm->next = comms;
  comms = comm;
  pthread_mutex_unlock(&comms_lock);
  return comm;
}

void nccl_comm_free(ncclComm_t comm, enum sim_rank_state state) {
  pthread_mutex_lock(&comms_lock);
  struct ncclComm **link = &comms;
  while (*link != NULL && *link != comm) link = &(*link)->next;
  if (*link != NULL) *link = comm->next;
  pthread_mutex_unlock(&comms_lock);
  for (int i = 0; i < comm->window_count; i++) free(comm->windows[i]);
  sim_comm_free(comm->core, state);
  free(comm);
}

ncclResult_t nccl_run_join(struct nccl_job *job) {
  struct sim_comm *core = job->comm->core;
  enum sim_result result = job->serves ? sim_serve(core->name) : SIM_OK;
  if (result == SIM_OK) result = sim_join(core);
  if (result == SIM_OK) return ncclSuccess;
  if (result == SIM_ARGUMENT) {
    return nccl_error(ncclInvalidUsage, "rank %d: another rank has device %d too: Duplicate GPU detected%s",
                      job->comm->rank, job->comm->device,
                      nccl_version() >= 23000 ? " (NCCL_MULTI_RANK_GPU_ENABLE=1 allows it)" : "");
  }
  if (result == SIM_REMOTE || result == SIM_SYSTEM) {
    return nccl_error(nccl_result(result), "rank %d of %d: the ranks did not come together", job->comm->rank,
                      job->comm->size);
  }
  return nccl_error(nccl_result(result), "rank %d of %d: not a rank of this communicator", job->comm->rank,
                    job->comm->size);
}

ncclResult_t nccl_start_join(ncclComm_t comm, ncclComm_t *target, ncclComm_t parent, bool serves) {
  struct nccl_job *job = calloc(1, sizeof *job);
  job->run = nccl_run_join;
  job->comm = comm;
  job->target = target;
  job->parent = parent;
  job->serves = serves;
  return nccl_start(job);
}

static ncclResult_t init(const char *function, ncclComm_t *target, int size, const ncclUniqueId *id, int rank,
                         int device, const ncclConfig_t *given) {
  if (target == NULL) return nccl_error(ncclInvalidArgument, "%s: comm is null", function);
  *target = NULL;
  if (size < 1 || size > SIM_MAX_RANKS || rank < 0 || rank >= size) {
    return nccl_error(ncclInvalidArgument, "%s: rank %d of %d: not 0 .. %d of 1 .. %d", function, rank, size, size - 1,
                      SIM_MAX_RANKS);
  }
  if (memcmp(id->internal, ID_MAGIC, 8) != 0) {
    return nccl_error(ncclInvalidArgument, "%s: the id is none of ncclGetUniqueId", function);
  }
  if (device >= sim_device_count(SIM_CUDA)) {
    return nccl_error(ncclUnhandledCudaError, "%s: there is no device %d", function, device);
  }
  ncclConfig_t config;
  ncclResult_t result = nccl_read_config(given, &config);
  if (result != ncclSuccess) return result;
  return nccl_start_join(nccl_comm_new((const unsigned char *)id->internal + 8, size, rank, device, &config), target,
                         NULL, false);
}

ncclResult_t ncclCommInitRank(ncclComm_t *comm, int nranks, ncclUniqueId commId, int rank) {
  NCCL_ENTER(ncclCommInitRank, NULL, 0);
  return nccl_group_fail(init("ncclCommInitRank", comm, nranks, &commId, rank, sim_cuda_device(), NULL));
}

ncclResult_t ncclCommInitRankConfig(ncclComm_t *comm, int nranks, ncclUniqueId commId, int rank,
                                    ncclConfig_t *config) {
  NCCL_ENTER(ncclCommInitRankConfig, NULL, 0);
  return nccl_group_fail(init("ncclCommInitRankConfig", comm, nranks, &commId, rank, sim_cuda_device(), config));
}

ncclResult_t ncclCommInitAll(ncclComm_t *comm, int ndev, const int *devlist) {
  NCCL_ENTER(ncclCommInitAll, NULL, 0);
  if (comm == NULL || ndev < 1 || ndev > sim_device_count(SIM_CUDA)) {
    return nccl_error(ncclInvalidArgument, "ncclCommInitAll: %d communicators on %d devices", ndev,
                      sim_device_count(SIM_CUDA));
  }
  for (int i = 0; devlist != NULL && i < ndev; i++) {
    if (devlist[i] < 0 || devlist[i] >= sim_device_count(SIM_CUDA)) {
      return nccl_error(ncclUnhandledCudaError, "ncclCommInitAll: there is no device %d", devlist[i]);
    }
    for (int j = 0; j < i; j++) {
      if (devlist[i] == devlist[j]) {
        return nccl_error(ncclInvalidUsage, "ncclCommInitAll: device %d twice", devlist[i]);
      }
    }
  }
  ncclUniqueId id;
  ncclResult_t result = ncclGetUniqueId(&id);
  if (result != ncclSuccess) return result;
  nccl_group_enter();
  for (int i = 0; i < ndev; i++) {
    int device = devlist == NULL ? i : devlist[i];
    nccl_group_fail(init("ncclCommInitAll", &comm[i], ndev, &id, i, device, NULL));
  }
  return nccl_group_leave();
}

#if TUTTI_SIM_NCCL_LEVEL >= 223
ncclResult_t ncclCommInitRankScalable(ncclComm_t *newcomm, int nranks, int myrank, int nId, ncclUniqueId *commIds,
                                      ncclConfig_t *config) {
  NCCL_ENTER(ncclCommInitRankScalable, NULL, 22300);
  if (nId < 1 || nId > nranks || commIds == NULL) {
    return nccl_group_fail(nccl_error(ncclInvalidArgument, "ncclCommInitRankScalable: %d ids", nId));
  }
  /* All meet at the first id; the others are told that nobody will come. */
  for (int i = 1; i < nId && myrank == 0; i++) {
    if (memcmp(commIds[i].internal, commIds[0].internal, sizeof *commIds) != 0) {
      sim_cancel((const unsigned char *)commIds[i].internal + 8);
    }
  }
  return nccl_group_fail(
      init("ncclCommInitRankScalable", newcomm, nranks, commIds, myrank, sim_cuda_device(), config));
}
#endif

/* ---- ending ---- */

static void await_job(ncclComm_t comm) {
  pthread_mutex_lock(&nccl_jobs_lock);
  while (comm->job == ncclInProgress) pthread_cond_wait(&nccl_jobs_changed, &nccl_jobs_lock);
  pthread_mutex_unlock(&nccl_jobs_lock);
}

static ncclResult_t run_finalize(struct nccl_job *job) {
  sim_comm_drain(job->comm->core);
  atomic_store(&job->comm->finalized, true);
  return ncclSuccess;
}

ncclResult_t ncclCommFinalize(ncclComm_t comm) {
  NCCL_ENTER(ncclCommFinalize, comm, 0);
  ncclResult_t result = nccl_check(comm, "ncclCommFinalize");
  if (result != ncclSuccess) return result;
  if (atomic_load(&comm->revoked) || atomic_load(&comm->finalized)) {
    return nccl_error(ncclInvalidUsage, "ncclCommFinalize: rank %d: revoked or finalized before", comm->rank);
  }
  struct nccl_job *job = calloc(1, sizeof *job);
  job->run = run_finalize;
  job->comm = comm;
  return nccl_start(job);
}

ncclResult_t ncclCommDestroy(ncclComm_t comm) {
  NCCL_ENTER(ncclCommDestroy, comm, 0);
  if (comm == NULL) return ncclSuccess;
  if (!nccl_is_comm(comm)) {
    return nccl_error(ncclInvalidArgument, "ncclCommDestroy: comm %p is no communicator", (void *)comm);
  }
  await_job(comm);
  sim_comm_drain(comm->core);
  nccl_comm_free(comm, SIM_RANK_FINISHED);
  return ncclSuccess;
}

ncclResult_t ncclCommAbort(ncclComm_t comm) {
  NCCL_ENTER(ncclCommAbort, comm, 0);
  if (comm == NULL) return ncclSuccess;
  if (!nccl_is_comm(comm)) {
    return nccl_error(ncclInvalidArgument, "ncclCommAbort: comm %p is no communicator", (void *)comm);
  }
  sim_comm_stop(comm->core, true);
  await_job(comm);
  sim_comm_drain(comm->core);
  nccl_comm_free(comm, SIM_RANK_ABORTED);
  return ncclSuccess;
}

#if TUTTI_SIM_NCCL_LEVEL >= 228
ncclResult_t ncclCommRevoke(ncclComm_t comm, int revokeFlags) {
  NCCL_ENTER(ncclCommRevoke, comm, 22807);
  if (comm == NULL || !nccl_is_comm(comm) || revokeFlags != 0) {
    return nccl_error(ncclInvalidArgument, "ncclCommRevoke: comm %p, flags %d", (void *)comm, revokeFlags);
  }
  if (atomic_exchange(&comm->revoked, true)) {
    return nccl_error(ncclInvalidUsage, "ncclCommRevoke: rank %d: revoked before", comm->rank);
  }
  sim_comm_stop(comm->core, false);
  sim_comm_drain(comm->core);
  return ncclSuccess;
}
#endif
