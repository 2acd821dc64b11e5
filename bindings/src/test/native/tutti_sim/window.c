/*
 * One-sided operations. A put needs nobody's help on the other side: there a thread of the communicator's own writes what
 * arrives into the window and counts signals. Windows are numbered in the order in which all ranks register them.
 */
#include <stdio.h>
#include <string.h>

#include "sim.h"

#define LISTEN_NANOS 5000000u

enum put_kind { PUT_DATA, PUT_SIGNAL };

/* Takes one chunk from a rank; returns whether there was one. */
static bool take(struct sim_comm *comm, int from) {
  struct sim_channel *channel = sim_channel(comm, from, comm->rank, true);
  uint64_t read = atomic_load_explicit(&channel->read, memory_order_relaxed);
  if (atomic_load_explicit(&channel->written, memory_order_acquire) == read) return false;
  struct sim_slot *slot = &channel->slots[read % SIM_SLOTS];
  if (slot->available > sim_now()) return false;
  if (slot->kind == PUT_DATA) {
    pthread_mutex_lock(&comm->lock);
    struct sim_window window = comm->windows[slot->tag];
    pthread_mutex_unlock(&comm->lock);
    if (window.base != NULL && slot->place + slot->bytes <= window.bytes) {
      memcpy((char *)window.base + slot->place, slot->data, slot->bytes);
    } else {
      sim_comm_problem(comm, "rank %d puts into a window that rank %d does not have", from, comm->rank);
      sim_comm_fail(comm, SIM_SYSTEM, -1);
    }
  } else {
    /* Pairs with the acquire of whoever waits for the signal: the data is in place. */
    atomic_fetch_add_explicit(&comm->signals[from], 1, memory_order_release);
  }
  atomic_store_explicit(&channel->read, read + 1, memory_order_release);
  sim_ring(&comm->shared->ranks[from].bell);
  sim_ring(&comm->shared->ranks[comm->rank].bell);
  return true;
}

static void *run_proxy(void *argument) {
  struct sim_comm *comm = argument;
  struct sim_rank *me = &comm->shared->ranks[comm->rank];
  while (!atomic_load(&comm->aborted)) {
    uint32_t bell = atomic_load(&me->window_bell);
    bool some = false;
    for (int r = 0; r < comm->size; r++) some = take(comm, r) || some;
    if (!some && !atomic_load(&comm->aborted)) sim_listen(&me->window_bell, bell, LISTEN_NANOS);
  }
  return NULL;
}

int sim_window_add(struct sim_comm *comm, void *base, size_t bytes, int flags) {
  pthread_mutex_lock(&comm->lock);
  int number = comm->window_count;
  bool full = number == SIM_MAX_WINDOWS;
  if (!full) {
    comm->windows[number] = (struct sim_window){base, bytes, flags};
    comm->window_count++;
    if (!comm->has_proxy) comm->has_proxy = pthread_create(&comm->proxy, NULL, run_proxy, comm) == 0;
  }
  pthread_mutex_unlock(&comm->lock);
  if (full) return -(int)SIM_NO_MEMORY;
  int numbers[SIM_MAX_RANKS];
  enum sim_result result = sim_comm_exchange_control(comm, &number, sizeof number, numbers);
  for (int r = 0; r < comm->size && result == SIM_OK; r++) {
    if (numbers[r] != number) result = SIM_USAGE;
  }
  return result == SIM_OK ? number : -(int)result;
}

void sim_window_stop(struct sim_comm *comm) {
  if (!comm->has_proxy) return;
  sim_comm_stop(comm, true);
  pthread_join(comm->proxy, NULL);
  comm->has_proxy = false;
}

static enum sim_result push_waiting(struct sim_comm *comm, int peer, const struct sim_slot *head, const void *data) {
  struct sim_rank *me = &comm->shared->ranks[comm->rank];
  uint64_t since = sim_now();
  for (;;) {
    uint32_t bell = atomic_load(&me->bell);
    if (sim_push(comm, peer, true, head, data)) return SIM_OK;
    enum sim_result interrupted = sim_comm_interrupted(comm, since);
    if (interrupted != SIM_OK) return interrupted;
    sim_listen(&me->bell, bell, LISTEN_NANOS);
  }
}

enum sim_result sim_put(struct sim_comm *comm, const struct sim_operation *operation) {
  size_t bytes = operation->kind == SIM_PUT ? operation->count * sim_type_bytes(operation->type) : 0;
  struct sim_slot head;
  memset(&head, 0, offsetof(struct sim_slot, data));
  head.kind = PUT_DATA;
  head.tag = (uint64_t)operation->window;
  enum sim_result result = SIM_OK;
  for (size_t done = 0; done < bytes && result == SIM_OK; done += head.bytes) {
    head.bytes = (uint32_t)(bytes - done < SIM_SLOT_BYTES ? bytes - done : SIM_SLOT_BYTES);
    head.place = operation->offset + done;
    result = push_waiting(comm, operation->root, &head, operation->send + done);
  }
  if (result != SIM_OK) return result;
  head.kind = PUT_SIGNAL;
  head.bytes = 0;
  return push_waiting(comm, operation->root, &head, NULL);
}

enum sim_result sim_wait_signals(struct sim_comm *comm, const struct sim_operation *operation) {
  struct sim_rank *me = &comm->shared->ranks[comm->rank];
  for (int i = 0; i < operation->wait_count; i++) {
    struct sim_signal_wait wait = operation->waits[i];
    uint32_t wanted = comm->signals_taken[wait.peer] + wait.count;
    uint64_t since = sim_now();
    for (;;) {
      uint32_t bell = atomic_load(&me->bell);
      /* Pairs with the release of the thread that wrote the data. */
      uint32_t have = atomic_load_explicit(&comm->signals[wait.peer], memory_order_acquire);
      if ((int32_t)(have - wanted) >= 0) break;
      enum sim_result interrupted = sim_comm_interrupted(comm, since);
      if (interrupted != SIM_OK) return interrupted;
      sim_listen(&me->bell, bell, LISTEN_NANOS);
    }
    comm->signals_taken[wait.peer] = wanted;
  }
  return SIM_OK;
}
