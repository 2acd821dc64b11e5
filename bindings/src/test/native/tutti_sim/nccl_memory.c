/* NCCL: what a communicator tells, memory, operators of the caller. */
#include <stdlib.h>
#include <string.h>

#include "nccl.h"

#define WINDOW_ALIGNMENT 4096

static ncclResult_t known(const char *function, ncclComm_t comm) {
  return comm != NULL && nccl_is_comm(comm)
             ? ncclSuccess
             : nccl_error(ncclInvalidArgument, "%s: comm %p is no communicator", function, (void *)comm);
}

#define NCCL_KNOWN(function, comm)                         \
  do {                                                     \
    ncclResult_t is_known = known(#function, (comm));      \
    if (is_known != ncclSuccess) return is_known;          \
  } while (0)

static ncclResult_t tell(const char *function, ncclComm_t comm, int *target, int value) {
  ncclResult_t result = nccl_check(comm, function);
  if (result == ncclInvalidArgument) return result;
  if (target == NULL) return nccl_error(ncclInvalidArgument, "%s: the result's address is null", function);
  *target = value;
  return ncclSuccess;
}

ncclResult_t ncclCommGetAsyncError(ncclComm_t comm, ncclResult_t *asyncError) {
  NCCL_ENTER(ncclCommGetAsyncError, comm, 0);
  NCCL_KNOWN(ncclCommGetAsyncError, comm);
  if (asyncError == NULL) return nccl_error(ncclInvalidArgument, "ncclCommGetAsyncError: asyncError is null");
  *asyncError = nccl_async_error(comm);
  if (*asyncError == ncclSuccess) {
    if (sim_peer_died(comm->core)) *asyncError = ncclRemoteError;
    else if (atomic_load(&comm->polls) > 0 && atomic_fetch_sub(&comm->polls, 1) > 0) *asyncError = ncclInProgress;
  }
  return ncclSuccess;
}

ncclResult_t ncclCommCount(const ncclComm_t comm, int *count) {
  NCCL_ENTER(ncclCommCount, comm, 0);
  NCCL_KNOWN(ncclCommCount, comm);
  return tell("ncclCommCount", comm, count, comm->size);
}

ncclResult_t ncclCommCuDevice(const ncclComm_t comm, int *device) {
  NCCL_ENTER(ncclCommCuDevice, comm, 0);
  NCCL_KNOWN(ncclCommCuDevice, comm);
  return tell("ncclCommCuDevice", comm, device, comm->device);
}

ncclResult_t ncclCommUserRank(const ncclComm_t comm, int *rank) {
  NCCL_ENTER(ncclCommUserRank, comm, 0);
  NCCL_KNOWN(ncclCommUserRank, comm);
  return tell("ncclCommUserRank", comm, rank, comm->rank);
}

#if TUTTI_SIM_NCCL_LEVEL >= 229
ncclResult_t ncclCommQueryProperties(ncclComm_t comm, ncclCommProperties_t *properties) {
  NCCL_ENTER(ncclCommQueryProperties, comm, 22900);
  ncclResult_t result = nccl_check(comm, "ncclCommQueryProperties");
  if (result != ncclSuccess) return result;
  if (properties == NULL || properties->magic != NCCL_API_MAGIC || properties->size < sizeof *properties) {
    return nccl_error(ncclInvalidArgument, "ncclCommQueryProperties: properties are not initialized");
  }
  properties->rank = comm->rank;
  properties->nRanks = comm->size;
  properties->cudaDev = properties->nvmlDev = comm->device;
  properties->deviceApiSupport = properties->multimemSupport = 0;
  properties->ginType = properties->railedGinType = 0;
  properties->nLsaTeams = 1;
  properties->hostRmaSupport = 1;
  return ncclSuccess;
}
#endif

/* ---- memory ---- */

ncclResult_t ncclMemAlloc(void **ptr, size_t size) {
  NCCL_ENTER(ncclMemAlloc, NULL, 21900);
  if (ptr == NULL || size == 0) return nccl_error(ncclInvalidArgument, "ncclMemAlloc: %zu bytes", size);
  enum sim_result result = sim_allocate(SIM_DEVICE, SIM_CUDA, sim_cuda_device(), size, ptr);
  if (result == SIM_OK) return ncclSuccess;
  return nccl_error(ncclUnhandledCudaError, "ncclMemAlloc: Cuda failure 'out of memory': %zu bytes", size);
}

ncclResult_t ncclMemFree(void *ptr) {
  NCCL_ENTER(ncclMemFree, NULL, 21900);
  if (ptr == NULL || sim_free(SIM_DEVICE, SIM_CUDA, ptr) == SIM_OK) return ncclSuccess;
  return nccl_error(ncclUnhandledCudaError, "ncclMemFree: %p is no device memory", ptr);
}

ncclResult_t ncclCommRegister(const ncclComm_t comm, void *buff, size_t size, void **handle) {
  NCCL_ENTER(ncclCommRegister, comm, 21900);
  ncclResult_t result = nccl_check(comm, "ncclCommRegister");
  if (result != ncclSuccess) return result;
  int device;
  if (handle == NULL || size == 0 || !sim_reachable(SIM_CUDA, buff, size, &device)) {
    return nccl_error(ncclInvalidArgument, "ncclCommRegister: %p: not %zu bytes of device memory", buff, size);
  }
  for (int i = 0; i < MAX_REGISTRATIONS; i++) {
    if (comm->registrations[i] != NULL) continue;
    comm->registrations[i] = buff;
    *handle = &comm->registrations[i];
    return ncclSuccess;
  }
  return nccl_error(ncclSystemError, "ncclCommRegister: more than %d registrations", MAX_REGISTRATIONS);
}

ncclResult_t ncclCommDeregister(const ncclComm_t comm, void *handle) {
  NCCL_ENTER(ncclCommDeregister, comm, 21900);
  NCCL_KNOWN(ncclCommDeregister, comm);
  void **place = handle;
  bool ours = place >= comm->registrations && place < comm->registrations + MAX_REGISTRATIONS;
  if (!ours || *place == NULL) return nccl_error(ncclInvalidArgument, "ncclCommDeregister: no handle %p", handle);
  *place = NULL;
  return ncclSuccess;
}

#if TUTTI_SIM_NCCL_LEVEL >= 227
static ncclResult_t run_window(struct nccl_job *job) {
  ncclComm_t comm = job->comm;
  int number = sim_window_add(comm->core, job->address, job->bytes, job->flags);
  if (number < 0) return nccl_error(nccl_result((enum sim_result)-number), "ncclCommWindowRegister: rank %d: failed", comm->rank);
  ncclWindow_t window = calloc(1, sizeof *window);
  window->comm = comm;
  window->number = number;
  window->base = job->address;
  window->bytes = job->bytes;
  comm->windows[comm->window_count++] = window;
  *job->window = window;
  return ncclSuccess;
}

ncclResult_t ncclCommWindowRegister(ncclComm_t comm, void *buff, size_t size, ncclWindow_t *win, int winFlags) {
  NCCL_ENTER(ncclCommWindowRegister, comm, 22700);
  ncclResult_t result = nccl_check(comm, "ncclCommWindowRegister");
  if (result != ncclSuccess) return nccl_group_fail(result);
  int device;
  bool right = win != NULL && size > 0 && (uintptr_t)buff % WINDOW_ALIGNMENT == 0 && winFlags >= 0 && winFlags <= 3
      && sim_reachable(SIM_CUDA, buff, size, &device);
  if (!right) {
    return nccl_group_fail(nccl_error(ncclInvalidArgument, "ncclCommWindowRegister: %p: not %zu bytes of device "
                                      "memory, aligned to %d, flags %d", buff, size, WINDOW_ALIGNMENT, winFlags));
  }
  struct nccl_job *job = calloc(1, sizeof *job);
  job->run = run_window;
  job->comm = comm;
  job->window = win;
  job->address = buff;
  job->bytes = size;
  job->flags = winFlags;
  return nccl_start(job);
}

ncclResult_t ncclCommWindowDeregister(ncclComm_t comm, ncclWindow_t win) {
  NCCL_ENTER(ncclCommWindowDeregister, comm, 22700);
  NCCL_KNOWN(ncclCommWindowDeregister, comm);
  for (int i = 0; i < comm->window_count; i++) {
    if (win == NULL || comm->windows[i] != win) continue;
    pthread_mutex_lock(&comm->core->lock);
    comm->core->windows[win->number].base = NULL;
    pthread_mutex_unlock(&comm->core->lock);
    comm->windows[i] = comm->windows[--comm->window_count];
    free(win);
    return ncclSuccess;
  }
  return nccl_error(ncclInvalidArgument, "ncclCommWindowDeregister: no window %p", (void *)win);
}
#endif

#if TUTTI_SIM_NCCL_LEVEL >= 229
ncclResult_t ncclWinGetUserPtr(ncclComm_t comm, ncclWindow_t win, void **outUserPtr) {
  NCCL_ENTER(ncclWinGetUserPtr, comm, 22900);
  NCCL_KNOWN(ncclWinGetUserPtr, comm);
  for (int i = 0; i < comm->window_count && outUserPtr != NULL; i++) {
    if (win == NULL || comm->windows[i] != win) continue;
    *outUserPtr = win->base;
    return ncclSuccess;
  }
  return nccl_error(ncclInvalidArgument, "ncclWinGetUserPtr: no window %p", (void *)win);
}

ncclResult_t ncclCommSuspend(ncclComm_t comm, int flags) {
  NCCL_ENTER(ncclCommSuspend, comm, 22907);
  ncclResult_t result = nccl_check(comm, "ncclCommSuspend");
  if (result != ncclSuccess) return result;
  if (flags != NCCL_SUSPEND_MEM) return nccl_error(ncclInvalidArgument, "ncclCommSuspend: flags %d", flags);
  sim_comm_drain(comm->core);
  if (!atomic_exchange(&comm->suspended, true)) return ncclSuccess;
  return nccl_error(ncclInvalidUsage, "ncclCommSuspend: rank %d: suspended before", comm->rank);
}

ncclResult_t ncclCommResume(ncclComm_t comm) {
  NCCL_ENTER(ncclCommResume, comm, 22907);
  ncclResult_t result = nccl_check(comm, "ncclCommResume");
  if (result != ncclSuccess) return result;
  if (atomic_exchange(&comm->suspended, false)) return ncclSuccess;
  return nccl_error(ncclInvalidUsage, "ncclCommResume: rank %d: not suspended", comm->rank);
}

ncclResult_t ncclCommMemStats(ncclComm_t comm, ncclCommMemStat_t stat, uint64_t *value) {
  NCCL_ENTER(ncclCommMemStats, comm, 22907);
  NCCL_KNOWN(ncclCommMemStats, comm);
  if (value == NULL) return nccl_error(ncclInvalidArgument, "ncclCommMemStats: value is null");
  uint64_t channels = 2 * (uint64_t)comm->size * sizeof(struct sim_channel), lasting = sizeof(struct sim_shared);
  switch (stat) {
    case ncclStatGpuMemSuspend: *value = channels; break;
    case ncclStatGpuMemSuspended: *value = atomic_load(&comm->suspended) ? channels : 0; break;
    case ncclStatGpuMemPersist: *value = lasting; break;
    case ncclStatGpuMemTotal: *value = channels + lasting; break;
    default: return nccl_error(ncclInvalidArgument, "ncclCommMemStats: there is no statistic %d", (int)stat);
  }
  return ncclSuccess;
}
#endif

/* ---- operators ---- */

ncclResult_t ncclRedOpCreatePreMulSum(ncclRedOp_t *op, void *scalar, ncclDataType_t datatype,
                                      ncclScalarResidence_t residence, ncclComm_t comm) {
  static const enum sim_type types[] = {SIM_I8, SIM_U8, SIM_I32, SIM_U32, SIM_I64, SIM_U64,
                                        SIM_F16, SIM_F32, SIM_F64, SIM_BF16, SIM_E4M3, SIM_E5M2};
  NCCL_ENTER(ncclRedOpCreatePreMulSum, comm, 0);
  ncclResult_t result = nccl_check(comm, "ncclRedOpCreatePreMulSum");
  if (result != ncclSuccess) return result;
  int device;
  bool right = op != NULL && scalar != NULL && (int)datatype >= 0 && (int)datatype <= ncclFloat8e5m2
      && (residence == ncclScalarHostImmediate
          || (residence == ncclScalarDevice && sim_reachable(SIM_CUDA, scalar, sim_type_bytes(types[datatype]), &device)));
  if (!right) {
    return nccl_error(ncclInvalidArgument, "ncclRedOpCreatePreMulSum: scalar %p, data type %d, residence %d", scalar,
                      (int)datatype, (int)residence);
  }
  for (int i = 0; i < MAX_REDUCTIONS; i++) {
    struct nccl_reduction *reduction = &comm->reductions[i];
    if (reduction->in_use) continue;
    reduction->in_use = true;
    reduction->type = types[datatype];
    reduction->data_type = datatype;
    reduction->on_device = residence == ncclScalarDevice;
    reduction->address = scalar;
    if (!reduction->on_device) memcpy(reduction->scalar, scalar, sim_type_bytes(reduction->type));
    *op = (ncclRedOp_t)(ncclNumOps + i);
    return ncclSuccess;
  }
  return nccl_error(ncclSystemError, "ncclRedOpCreatePreMulSum: more than %d operators", MAX_REDUCTIONS);
}

ncclResult_t ncclRedOpDestroy(ncclRedOp_t op, ncclComm_t comm) {
  NCCL_ENTER(ncclRedOpDestroy, comm, 0);
  NCCL_KNOWN(ncclRedOpDestroy, comm);
  int index = (int)op - ncclNumOps;
  if (index < 0 || index >= MAX_REDUCTIONS || !comm->reductions[index].in_use) {
    return nccl_error(ncclInvalidArgument, "ncclRedOpDestroy: there is no operator %d", (int)op);
  }
  comm->reductions[index].in_use = false;
  return ncclSuccess;
}
