/* A communicator's life, and the operations that are in a stream for it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

#define LISTEN_NANOS 5000000u
#define GRACE_NANOS 20000000u

struct sim_comm *sim_comm_new(const unsigned char name[SIM_NAME_BYTES], int size, int rank, enum sim_vendor vendor,
                              int device) {
  struct sim_comm *comm = calloc(1, sizeof *comm);
  atomic_init(&comm->references, 1);
  memcpy(comm->name, name, SIM_NAME_BYTES);
  comm->size = size;
  comm->rank = rank;
  comm->vendor = vendor;
  comm->device = device;
  comm->life = -1;
  comm->rendezvous = -1;
  atomic_init(&comm->failed_rank, -1);
  pthread_mutex_init(&comm->lock, NULL);
  pthread_cond_init(&comm->changed, NULL);
  return comm;
}

void sim_comm_stop(struct sim_comm *comm, bool abort) {
  if (abort) atomic_store(&comm->aborted, true);
  atomic_store(&comm->stopped, true);
  pthread_mutex_lock(&comm->lock);
  pthread_cond_broadcast(&comm->changed);
  if (comm->shared != NULL) {
    sim_ring(&comm->shared->ranks[comm->rank].bell);
    sim_ring(&comm->shared->ranks[comm->rank].window_bell);
  }
  pthread_mutex_unlock(&comm->lock);
}

void sim_comm_drain(struct sim_comm *comm) {
  pthread_mutex_lock(&comm->lock);
  while (comm->completed < comm->issued) pthread_cond_wait(&comm->changed, &comm->lock);
  pthread_mutex_unlock(&comm->lock);
}

static void release(struct sim_comm *comm) {
  if (atomic_fetch_sub(&comm->references, 1) != 1) return;
  pthread_cond_destroy(&comm->changed);
  pthread_mutex_destroy(&comm->lock);
  free(comm->scratch);
  free(comm);
}

void sim_comm_free(struct sim_comm *comm, enum sim_rank_state state) {
  sim_window_stop(comm);
  atomic_store(&comm->stopped, true);
  sim_leave(comm, state);
  release(comm);
}

enum sim_result sim_comm_interrupted(struct sim_comm *comm, uint64_t since) {
  struct sim_stream *stream = sim_stream_current();
  if (atomic_load(&comm->stopped) || (stream != NULL && atomic_load(&stream->aborting))) return SIM_ABORTED;
  if (comm->deadline != 0 && sim_now() > comm->deadline) {
    if (stream != NULL) atomic_store(&stream->timed_out, true);
    return SIM_TIMEOUT;
  }
  /* What a rank sent before it died still arrives, and others may not need it: only who gets no further gives up. */
  if (!sim_peer_died(comm) || sim_now() - since < GRACE_NANOS) return SIM_OK;
  /* Kernels of the real NCCL wait for a rank that died until they are aborted. */
  return sim_setting("TUTTI_SIM_DEATH_SPINS", 0) == 0 ? SIM_REMOTE : SIM_OK;
}

void sim_comm_fail(struct sim_comm *comm, enum sim_result result, int rank) {
  int none = 0;
  if (!atomic_compare_exchange_strong(&comm->error, &none, (int)result)) return;
  atomic_store(&comm->failed_rank, rank);
  if (rank >= 0) sim_comm_problem(comm, "rank %d is gone: its process ended", rank);
}

void sim_comm_problem(struct sim_comm *comm, const char *format, ...) {
  pthread_mutex_lock(&comm->lock);
  bool first = comm->problem[0] == '\0';
  if (first) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(comm->problem, sizeof comm->problem, format, arguments);
    va_end(arguments);
  }
  pthread_mutex_unlock(&comm->lock);
  if (first) sim_debug("rank %d: %s", comm->rank, comm->problem);
}

/*
 * Two places per rank suffice: who writes its n-th bytes has read all of the others' (n-1)-th, so nobody still reads the
 * (n-2)-th.
 */
enum sim_result sim_comm_exchange_control(struct sim_comm *comm, const void *mine, size_t bytes, void *all) {
  struct sim_rank *me = &comm->shared->ranks[comm->rank];
  uint32_t number = ++comm->control_count;
  memcpy(me->control[number % 2], mine, bytes);
  atomic_store_explicit(&me->control_count, number, memory_order_release);
  for (int r = 0; r < comm->size; r++) sim_ring(&comm->shared->ranks[r].bell);
  for (;;) {
    uint32_t bell = atomic_load(&me->bell);
    int missing = 0;
    for (int r = 0; r < comm->size; r++) {
      /* Pairs with the release above. */
      uint32_t count = atomic_load_explicit(&comm->shared->ranks[r].control_count, memory_order_acquire);
      missing += (int32_t)(count - number) < 0;
    }
    if (missing == 0) break;
    if (atomic_load(&comm->aborted)) return SIM_ABORTED;
    if (sim_peer_died(comm)) return SIM_REMOTE;
    sim_listen(&me->bell, bell, LISTEN_NANOS);
  }
  for (int r = 0; r < comm->size; r++) {
    memcpy((char *)all + (size_t)r * bytes, comm->shared->ranks[r].control[number % 2], bytes);
  }
  return SIM_OK;
}

void sim_comm_child_name(struct sim_comm *comm, const char *how, const void *members, size_t bytes,
                         unsigned char name[SIM_NAME_BYTES]) {
  size_t length = strlen(how);
  char *seed = malloc(length + bytes);
  memcpy(seed, how, length);
  if (bytes > 0) memcpy(seed + length, members, bytes);
  sim_derive_name(comm->name, seed, length + bytes, name);
  free(seed);
}

/* ---- operations in a stream ---- */

struct submission {
  struct sim_comm *comm;
  struct sim_operation *operations;
  int count;
};

static uint64_t issue(void *argument) {
  struct sim_comm *comm = ((struct submission *)argument)->comm;
  pthread_mutex_lock(&comm->lock);
  uint64_t ticket = comm->issued++;
  pthread_mutex_unlock(&comm->lock);
  return ticket;
}

/* Ends by an abort or a timeout only; not even by another rank's death. */
static enum sim_result hang(struct sim_comm *comm) {
  sim_debug("rank %d: hangs as it was told to", comm->rank);
  struct sim_rank *me = &comm->shared->ranks[comm->rank];
  for (;;) {
    uint32_t bell = atomic_load(&me->bell);
    enum sim_result interrupted = sim_comm_interrupted(comm, sim_now());
    if (interrupted == SIM_ABORTED || interrupted == SIM_TIMEOUT) return interrupted;
    sim_listen(&me->bell, bell, LISTEN_NANOS);
  }
}

static enum sim_result run_one(struct sim_comm *comm, const struct sim_operation *operation) {
  comm->deadline = comm->timeout == 0 ? 0 : sim_now() + comm->timeout;
  if (operation->hangs) return hang(comm);
  uint64_t number = ++comm->operations;
  enum sim_result result;
  if (operation->kind == SIM_PUT || operation->kind == SIM_SIGNAL) result = sim_put(comm, operation);
  else if (operation->kind == SIM_WAIT_SIGNAL) result = sim_wait_signals(comm, operation);
  else if (operation->kind == SIM_POINT_TO_POINT) {
    for (int i = 0; i < operation->move_count; i++) operation->moves[i].done = 0;
    result = sim_exchange(comm, (uint64_t)SIM_POINT_TO_POINT << 56, operation->moves, operation->move_count);
  } else {
    /* All ranks count the collectives alike; other operations they do not. */
    uint64_t tag = ((uint64_t)operation->kind << 56) | ++comm->collectives;
    result = sim_run_collective(comm, tag, operation);
  }
  int code = sim_async_fault(number, comm->rank);
  if (code != 0) sim_comm_fail(comm, (enum sim_result)-code, -1);
  return result;
}

/* Operations of one communicator run in the order of issue, whatever their streams. */
static void run(void *argument, uint64_t ticket) {
  struct submission *submission = argument;
  struct sim_comm *comm = submission->comm;
  pthread_mutex_lock(&comm->lock);
  while (comm->completed != ticket) pthread_cond_wait(&comm->changed, &comm->lock);
  pthread_mutex_unlock(&comm->lock);
  for (int i = 0; i < submission->count && !atomic_load(&comm->stopped); i++) {
    enum sim_result result = run_one(comm, &submission->operations[i]);
    if (result != SIM_OK && result != SIM_ABORTED) sim_comm_fail(comm, result, -1);
    if (result != SIM_OK) break;
  }
  pthread_mutex_lock(&comm->lock);
  comm->completed++;
  pthread_cond_broadcast(&comm->changed);
  pthread_mutex_unlock(&comm->lock);
}

static void drop(void *argument) {
  struct submission *submission = argument;
  for (int i = 0; i < submission->count; i++) sim_operation_clear(&submission->operations[i]);
  free(submission->operations);
  release(submission->comm);
  free(submission);
}

void sim_operation_clear(struct sim_operation *operation) {
  free(operation->send_counts);
  free(operation->send_offsets);
  free(operation->recv_counts);
  free(operation->recv_offsets);
  free(operation->moves);
  free(operation->waits);
}

enum sim_result sim_submit(struct sim_comm *comm, struct sim_stream *stream, const struct sim_operation *operations,
                           int count) {
  struct submission *submission = calloc(1, sizeof *submission);
  atomic_fetch_add(&comm->references, 1);
  submission->comm = comm;
  submission->operations = calloc((size_t)count, sizeof *operations);
  memcpy(submission->operations, operations, (size_t)count * sizeof *operations);
  submission->count = count;
  struct sim_work *work = sim_work_new(run, submission, drop);
  work->issue = issue;
  return sim_stream_add(stream, work);
}
