/*
 * Chunks from rank to rank. Each ordered pair has a ring of slots in the shared memory: the sender fills the slot behind
 * the last and counts it as written, the receiver empties the first and counts it as read; each rings the other's bell.
 *
 * A limited link is a matter of time stamps: a chunk can be seen when the link could have carried all before it.
 */
#include <string.h>

#include "sim.h"

#define LISTEN_NANOS 5000000u
#define SPINS 64

struct sim_channel *sim_channel(struct sim_comm *comm, int from, int to, bool puts) {
  size_t pair = (size_t)from * (size_t)comm->size + (size_t)to;
  return &comm->shared->channels[2 * pair + (puts ? 1 : 0)];
}

/* When the last of the bytes is at the other end. */
static uint64_t arrival(struct sim_comm *comm, struct sim_channel *channel, int peer, size_t bytes) {
  double bandwidth = peer == comm->rank ? 0 : sim_link_bandwidth(comm->device, comm->shared->ranks[peer].device);
  uint64_t latency = peer == comm->rank ? 0 : sim_link_latency();
  if (bandwidth <= 0 && latency == 0) return 0;
  uint64_t now = sim_now();
  uint64_t begin = channel->paced > now ? channel->paced : now;
  channel->paced = begin + (bandwidth > 0 ? (uint64_t)((double)bytes / bandwidth * 1e9) : 0);
  return channel->paced + latency;
}

bool sim_push(struct sim_comm *comm, int peer, bool put, const struct sim_slot *head, const void *data) {
  struct sim_channel *channel = sim_channel(comm, comm->rank, peer, put);
  uint64_t written = atomic_load_explicit(&channel->written, memory_order_relaxed);
  if (written - atomic_load_explicit(&channel->read, memory_order_acquire) == SIM_SLOTS) return false;
  struct sim_slot *slot = &channel->slots[written % SIM_SLOTS];
  memcpy(slot, head, offsetof(struct sim_slot, data));
  if (head->bytes > 0) memcpy(slot->data, data, head->bytes);
  slot->available = arrival(comm, channel, peer, head->bytes);
  /* Pairs with the acquire of whoever takes the chunk. */
  atomic_store_explicit(&channel->written, written + 1, memory_order_release);
  struct sim_rank *rank = &comm->shared->ranks[peer];
  sim_ring(put ? &rank->window_bell : &rank->bell);
  return true;
}

/* Sends what fits now; returns whether anything went. */
static bool push_move(struct sim_comm *comm, uint64_t tag, struct sim_move *move) {
  bool moved = false;
  while (move->done < move->bytes) {
    size_t rest = move->bytes - move->done;
    struct sim_slot head;
    memset(&head, 0, offsetof(struct sim_slot, data));
    head.tag = tag;
    head.total = move->bytes;
    head.bytes = (uint32_t)(rest < SIM_SLOT_BYTES ? rest : SIM_SLOT_BYTES);
    if (!sim_push(comm, move->peer, false, &head, move->address + move->done)) break;
    move->done += head.bytes;
    moved = true;
  }
  return moved;
}

/* Takes what is there; returns whether anything came. Puts off to `later` what is there too early. */
static bool pull_move(struct sim_comm *comm, uint64_t tag, struct sim_move *move, uint64_t *later) {
  struct sim_channel *channel = sim_channel(comm, move->peer, comm->rank, false);
  bool moved = false;
  while (move->done < move->bytes) {
    uint64_t read = atomic_load_explicit(&channel->read, memory_order_relaxed);
    if (atomic_load_explicit(&channel->written, memory_order_acquire) == read) break;
    struct sim_slot *slot = &channel->slots[read % SIM_SLOTS];
    if (slot->available != 0 && slot->available > sim_now()) {
      if (slot->available < *later) *later = slot->available;
      break;
    }
    if (slot->tag != tag || slot->total != move->bytes) {
      /* The ranks do not do the same: as with the real library, this ends only by an abort. */
      sim_comm_problem(comm, "rank %d sends %llu bytes of operation %#llx where rank %d expects %zu bytes of %#llx",
                       move->peer, (unsigned long long)slot->total, (unsigned long long)slot->tag, comm->rank,
                       move->bytes, (unsigned long long)tag);
      break;
    }
    memcpy(move->address + move->done, slot->data, slot->bytes);
    move->done += slot->bytes;
    /* Pairs with the acquire of the sender that fills the slot again. */
    atomic_store_explicit(&channel->read, read + 1, memory_order_release);
    sim_ring(&comm->shared->ranks[move->peer].bell);
    moved = true;
  }
  return moved;
}

/* One round over all moves; returns how many are left. */
static int advance(struct sim_comm *comm, uint64_t tag, struct sim_move *moves, int count, bool *moved,
                   uint64_t *later) {
  bool busy[2][SIM_MAX_RANKS] = {{false}};
  int left = 0;
  for (int i = 0; i < count; i++) {
    struct sim_move *move = &moves[i];
    if (move->done == move->bytes) continue;
    bool *in_use = &busy[move->sends][move->peer];
    if (!*in_use) {
      bool some = move->sends ? push_move(comm, tag, move) : pull_move(comm, tag, move, later);
      *moved = *moved || some;
    }
    if (move->done < move->bytes) {
      *in_use = true;
      left++;
    }
  }
  return left;
}

enum sim_result sim_exchange(struct sim_comm *comm, uint64_t tag, struct sim_move *moves, int count) {
  struct sim_rank *me = &comm->shared->ranks[comm->rank];
  int spins = 0;
  uint64_t since = sim_now();
  for (;;) {
    uint32_t bell = atomic_load(&me->bell);
    uint64_t later = UINT64_MAX;
    bool moved = false;
    if (advance(comm, tag, moves, count, &moved, &later) == 0) return SIM_OK;
    if (moved || later != UINT64_MAX) since = sim_now();
    enum sim_result interrupted = sim_comm_interrupted(comm, since);
    if (interrupted != SIM_OK) return interrupted;
    if (moved || spins++ < SPINS) continue;
    spins = 0;
    uint64_t now = sim_now();
    uint64_t nanos = later <= now ? 0 : later - now < LISTEN_NANOS ? later - now : LISTEN_NANOS;
    if (nanos > 0) sim_listen(&me->bell, bell, nanos);
  }
}
