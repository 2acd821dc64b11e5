/*
 * NCCL: groups, and jobs that take long. A thread's operations between start and end go to their streams at the end, one
 * submission per communicator; a call outside of a group is a group of its own.
 */
#include <stdlib.h>
#include <string.h>

#include "nccl.h"

struct group_operation {
  struct group_operation *next;
  ncclComm_t comm;
  struct sim_stream *stream;
  struct sim_operation operation;
};

static _Thread_local int depth;
static _Thread_local ncclResult_t group_error;
static _Thread_local struct nccl_job *group_jobs;
static _Thread_local struct group_operation *group_operations;

bool nccl_in_group(void) { return depth > 0; }

ncclResult_t nccl_group_fail(ncclResult_t code) {
  bool failed = code != ncclSuccess && code != ncclInProgress;
  if (depth > 0 && failed && group_error == ncclSuccess) group_error = code;
  return code;
}

/* ---- jobs ---- */

/* What a job found goes to the communicator, and the communicator to whoever wants it. */
static void finish(struct nccl_job *job) {
  bool makes = job->comm != job->parent && job->target != NULL;
  if (job->comm->blocking && makes) {
    if (job->result == ncclSuccess) *job->target = job->comm;
    else nccl_comm_free(job->comm, SIM_RANK_ABORTED);
    return;
  }
  pthread_mutex_lock(&nccl_jobs_lock);
  job->comm->job = job->comm->blocking ? ncclSuccess : job->result;
  if (job->parent != NULL && job->parent != job->comm) job->parent->job = ncclSuccess;
  pthread_cond_broadcast(&nccl_jobs_changed);
  pthread_mutex_unlock(&nccl_jobs_lock);
}

static void *run_alone(void *argument) {
  struct nccl_job *job = argument;
  job->result = job->run(job);
  finish(job);
  free(job);
  return NULL;
}

static void *run_joined(void *argument) {
  struct nccl_job *job = argument;
  job->result = job->run(job);
  return NULL;
}

/* Starts a job of a communicator that does not block. */
static void start_alone(struct nccl_job *job) {
  pthread_mutex_lock(&nccl_jobs_lock);
  job->comm->job = ncclInProgress;
  if (job->parent != NULL && !job->parent->blocking) job->parent->job = ncclInProgress;
  pthread_mutex_unlock(&nccl_jobs_lock);
  if (job->target != NULL) *job->target = job->comm;
  pthread_t thread;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_create(&thread, &attributes, run_alone, job);
  pthread_attr_destroy(&attributes);
}

ncclResult_t nccl_run_jobs(struct nccl_job *jobs) {
  ncclResult_t result = ncclSuccess;
  struct nccl_job *next, *blocking = NULL;
  for (struct nccl_job *job = jobs; job != NULL; job = next) {
    next = job->next;
    if (job->comm->blocking) {
      job->next = blocking;
      blocking = job;
      pthread_create(&job->thread, NULL, run_joined, job);
    } else {
      start_alone(job);
      result = ncclInProgress;
    }
  }
  for (struct nccl_job *job = blocking; job != NULL; job = next) {
    next = job->next;
    pthread_join(job->thread, NULL);
    ncclResult_t one = job->result;
    finish(job);
    if (one != ncclSuccess) result = one;
    free(job);
  }
  return result;
}

void nccl_group_add_job(struct nccl_job *job) {
  struct nccl_job **end = &group_jobs;
  while (*end != NULL) end = &(*end)->next;
  *end = job;
}

ncclResult_t nccl_start(struct nccl_job *job) {
  if (depth > 0) {
    nccl_group_add_job(job);
    return ncclSuccess;
  }
  if (!job->comm->blocking) {
    start_alone(job);
    return ncclInProgress;
  }
  ncclResult_t result = job->result = job->run(job);
  finish(job);
  free(job);
  return result;
}

/* ---- operations ---- */

ncclResult_t nccl_group_add(ncclComm_t comm, cudaStream_t stream, struct sim_operation *operation) {
  struct sim_stream *held = sim_stream_hold(SIM_CUDA, comm->device, stream);
  if (held == NULL || held->device != comm->device) {
    if (held != NULL) sim_stream_drop(held);
    sim_operation_clear(operation);
    return nccl_error(ncclUnhandledCudaError, "rank %d: stream %p is no stream of device %d", comm->rank,
                      (void *)stream, comm->device);
  }
  struct group_operation *added = calloc(1, sizeof *added);
  added->comm = comm;
  added->stream = held;
  added->operation = *operation;
  struct group_operation **end = &group_operations;
  while (*end != NULL) end = &(*end)->next;
  *end = added;
  return ncclSuccess;
}

static void forget_operations(bool clear) {
  for (struct group_operation *next, *one = group_operations; one != NULL; one = next) {
    next = one->next;
    if (clear) sim_operation_clear(&one->operation);
    sim_stream_drop(one->stream);
    free(one);
  }
  group_operations = NULL;
}

/*
 * A communicator's operations of the group: collectives in their order, then all sends and receives as one operation, then
 * the rest. Owned arrays move over.
 */
static int gather(ncclComm_t comm, struct sim_operation *operations) {
  int count = 0, moves = 0;
  struct sim_operation together = {.kind = SIM_POINT_TO_POINT};
  for (struct group_operation *one = group_operations; one != NULL; one = one->next) {
    if (one->comm != comm) continue;
    if (one->operation.kind < SIM_POINT_TO_POINT) operations[count++] = one->operation;
    if (one->operation.kind == SIM_POINT_TO_POINT) moves++;
  }
  if (moves > 0) {
    together.moves = calloc((size_t)moves, sizeof *together.moves);
    for (struct group_operation *one = group_operations; one != NULL; one = one->next) {
      if (one->comm != comm || one->operation.kind != SIM_POINT_TO_POINT) continue;
      together.moves[together.move_count++] = one->operation.moves[0];
      together.hangs = together.hangs || one->operation.hangs;
      sim_operation_clear(&one->operation);
    }
    operations[count++] = together;
  }
  for (struct group_operation *one = group_operations; one != NULL; one = one->next) {
    if (one->comm == comm && one->operation.kind > SIM_POINT_TO_POINT) operations[count++] = one->operation;
  }
  return count;
}

/* The group's work runs in the stream of its first operation; the other streams wait for it, and it for them. */
static ncclResult_t launch(ncclComm_t comm, struct sim_stream *stream, int capacity) {
  struct sim_operation *operations = calloc((size_t)capacity, sizeof *operations);
  int count = gather(comm, operations);
  bool captured = sim_capture_of(stream, NULL) != SIM_NOT_CAPTURING;
  for (struct group_operation *one = group_operations; one != NULL && !captured; one = one->next) {
    if (one->comm != comm || one->stream == stream) continue;
    struct sim_marker *marker = sim_stream_mark(one->stream);
    sim_stream_await(stream, marker);
    sim_marker_drop(marker);
  }
  enum sim_result result = sim_submit(comm->core, stream, operations, count);
  free(operations);
  struct sim_marker *end = NULL;
  for (struct group_operation *one = group_operations; one != NULL && !captured; one = one->next) {
    if (one->comm != comm || one->stream == stream) continue;
    if (end == NULL) end = sim_stream_mark(stream);
    sim_stream_await(one->stream, end);
  }
  sim_marker_drop(end);
  return nccl_result(result);
}

static ncclResult_t launch_all(void) {
  ncclResult_t result = ncclSuccess;
  int capacity = 1;
  for (struct group_operation *one = group_operations; one != NULL; one = one->next) capacity++;
  for (struct group_operation *one = group_operations; one != NULL; one = one->next) {
    struct group_operation *first = group_operations;
    while (first->comm != one->comm) first = first->next;
    if (first != one) continue;
    ncclResult_t launched = launch(one->comm, one->stream, capacity);
    if (launched != ncclSuccess) result = launched;
    /* The first operation of a communicator that does not block has connections to make. */
    if (!one->comm->blocking && !one->comm->connected) {
      atomic_store(&one->comm->polls, (int)sim_setting("TUTTI_SIM_POLLS", 1));
      if (atomic_load(&one->comm->polls) > 0 && result == ncclSuccess) result = ncclInProgress;
    }
    one->comm->connected = true;
  }
  forget_operations(false);
  return result;
}

ncclResult_t nccl_group_enter(void) {
  if (depth++ == 0) group_error = ncclSuccess;
  return ncclSuccess;
}

static void forget_jobs(void) {
  for (struct nccl_job *next, *job = group_jobs; job != NULL; job = next) {
    next = job->next;
    if (job->target != NULL && job->comm != job->parent) nccl_comm_free(job->comm, SIM_RANK_ABORTED);
    free(job);
  }
  group_jobs = NULL;
}

ncclResult_t nccl_group_leave(void) {
  if (depth == 0) return nccl_error(ncclInvalidUsage, "ncclGroupEnd: there is no group");
  if (--depth > 0) return ncclSuccess;
  if (group_error != ncclSuccess) {
    forget_jobs();
    forget_operations(true);
    return group_error;
  }
  struct nccl_job *jobs = group_jobs;
  group_jobs = NULL;
  ncclResult_t result = nccl_run_jobs(jobs);
  if (result != ncclSuccess && result != ncclInProgress) {
    forget_operations(true);
    return result;
  }
  ncclResult_t launched = launch_all();
  return launched != ncclSuccess ? launched : result;
}

ncclResult_t ncclGroupStart(void) {
  NCCL_ENTER(ncclGroupStart, NULL, 0);
  return nccl_group_enter();
}

ncclResult_t ncclGroupEnd(void) {
  NCCL_ENTER(ncclGroupEnd, NULL, 0);
  return nccl_group_leave();
}

#if TUTTI_SIM_NCCL_LEVEL >= 222
/* Microseconds that the group's operations would take: a floor per operation, and the bytes over the links. */
static double estimate(void) {
  double micros = 0;
  for (struct group_operation *one = group_operations; one != NULL; one = one->next) {
    const struct sim_operation *operation = &one->operation;
    double bytes = (double)(operation->count * sim_type_bytes(operation->type));
    double bandwidth = sim_link_bandwidth(one->comm->device, one->comm->device + 1);
    if (one->comm->size > 1) micros += 10 + bytes / (bandwidth > 0 ? bandwidth : 20e9) * 1e6;
  }
  return micros;
}

ncclResult_t ncclGroupSimulateEnd(ncclSimInfo_t *simInfo) {
  NCCL_ENTER(ncclGroupSimulateEnd, NULL, 22200);
  if (simInfo != NULL && (simInfo->magic != TUTTI_NCCL_SIM_INFO_MAGIC || simInfo->size < sizeof *simInfo)) {
    return nccl_error(ncclInvalidArgument, "ncclGroupSimulateEnd: ncclSimInfo_t is not initialized");
  }
  if (depth == 0) return nccl_error(ncclInvalidUsage, "ncclGroupSimulateEnd: there is no group");
  if (--depth > 0) return ncclSuccess;
  if (group_error == ncclSuccess && simInfo != NULL) simInfo->estimatedTime = (float)estimate();
  forget_jobs();
  forget_operations(true);
  return group_error;
}
#endif
