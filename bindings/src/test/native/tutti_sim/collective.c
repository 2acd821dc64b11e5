/*
 * Collectives, as exchanges with every other rank. A reduced element is combined by one rank, in the order of the ranks,
 * and rounded once; so all ranks get the same bits, whatever the number of bytes. This is not how the real libraries go
 * about it, and costs nothing here.
 */
#include <stdlib.h>
#include <string.h>

#include "sim.h"

#define BLOCK_BYTES (256 * 1024)

static struct sim_move move_to(int peer, const void *address, size_t bytes) {
  return (struct sim_move){peer, true, (char *)address, bytes, 0};
}

static struct sim_move move_from(int peer, void *address, size_t bytes) {
  return (struct sim_move){peer, false, address, bytes, 0};
}

static void copy(void *to, const void *from, size_t bytes) {
  if (bytes > 0 && to != from) memmove(to, from, bytes);
}

static char *scratch(struct sim_comm *comm, size_t bytes) {
  if (comm->scratch_bytes < bytes) {
    free(comm->scratch);
    comm->scratch = malloc(bytes);
    comm->scratch_bytes = comm->scratch == NULL ? 0 : bytes;
  }
  return comm->scratch;
}

/* This rank's input: multiplied by the operator's scalar first, if it has one, in memory that the caller frees. */
static const char *input(const struct sim_operation *operation, size_t elements, char **owned) {
  *owned = NULL;
  if (!operation->scaled) return operation->send;
  const void *scalar = operation->scalar_on_device ? operation->scalar_address : operation->scalar;
  *owned = malloc(elements * sim_type_bytes(operation->type) + 1);
  if (*owned != NULL) sim_scale(operation->type, scalar, operation->send, *owned, elements);
  return *owned;
}

/* Where a rank's part of a range begins if all get equal parts. */
static size_t part(size_t elements, int rank, int size) { return elements * (size_t)rank / (size_t)size; }

/* Combines what others sent to `received`, rank by rank, with this rank's own. */
static void combine(const struct sim_comm *comm, const struct sim_operation *operation, const char *own,
                    const char *received, void *target, size_t elements) {
  const void *sources[SIM_MAX_RANKS];
  size_t bytes = elements * sim_type_bytes(operation->type);
  for (int r = 0; r < comm->size; r++) sources[r] = r == comm->rank ? own : received + (size_t)r * bytes;
  sim_reduce(operation->type, operation->op, sources, comm->size, target, elements);
}

/* One piece of an all-reduce: every rank combines its part and sends it to all. */
static enum sim_result all_reduce_piece(struct sim_comm *comm, uint64_t tag, const struct sim_operation *operation,
                                        const char *send, char *recv, size_t elements) {
  size_t size = sim_type_bytes(operation->type);
  size_t mine = part(elements, comm->rank, comm->size);
  size_t my_count = part(elements, comm->rank + 1, comm->size) - mine;
  char *received = scratch(comm, (size_t)comm->size * my_count * size + 1);
  if (received == NULL) return SIM_NO_MEMORY;
  struct sim_move moves[2 * SIM_MAX_RANKS];
  int count = 0;
  for (int r = 0; r < comm->size; r++) {
    if (r == comm->rank) continue;
    size_t start = part(elements, r, comm->size);
    moves[count++] = move_to(r, send + start * size, (part(elements, r + 1, comm->size) - start) * size);
    moves[count++] = move_from(r, received + (size_t)r * my_count * size, my_count * size);
  }
  enum sim_result result = sim_exchange(comm, tag, moves, count);
  if (result != SIM_OK) return result;
  combine(comm, operation, send + mine * size, received, recv + mine * size, my_count);
  count = 0;
  for (int r = 0; r < comm->size; r++) {
    if (r == comm->rank) continue;
    size_t start = part(elements, r, comm->size);
    moves[count++] = move_to(r, recv + mine * size, my_count * size);
    moves[count++] = move_from(r, recv + start * size, (part(elements, r + 1, comm->size) - start) * size);
  }
  return sim_exchange(comm, tag, moves, count);
}

static enum sim_result all_reduce(struct sim_comm *comm, uint64_t tag, const struct sim_operation *operation) {
  size_t size = sim_type_bytes(operation->type);
  size_t piece = BLOCK_BYTES / size * (size_t)comm->size;
  char *owned;
  const char *send = input(operation, operation->count, &owned);
  if (send == NULL) return SIM_NO_MEMORY;
  enum sim_result result = SIM_OK;
  for (size_t done = 0; done < operation->count && result == SIM_OK; done += piece) {
    size_t elements = operation->count - done < piece ? operation->count - done : piece;
    result = all_reduce_piece(comm, tag, operation, send + done * size, operation->recv + done * size, elements);
  }
  free(owned);
  return result;
}

/* Everybody sends the root's block to the root, which combines; a reduce-scatter has as many roots as ranks. */
static enum sim_result reduce_blocks(struct sim_comm *comm, uint64_t tag, const struct sim_operation *operation,
                                     const size_t *counts, const size_t *offsets) {
  size_t size = sim_type_bytes(operation->type), piece = BLOCK_BYTES / size, extent = 0, longest = 0;
  for (int r = 0; r < comm->size; r++) {
    if (offsets[r] + counts[r] > extent) extent = offsets[r] + counts[r];
    if (counts[r] > longest) longest = counts[r];
  }
  char *owned;
  const char *send = input(operation, extent, &owned);
  char *received = scratch(comm, (size_t)comm->size * BLOCK_BYTES);
  enum sim_result result = send == NULL || received == NULL ? SIM_NO_MEMORY : SIM_OK;
  for (size_t done = 0; done < longest && result == SIM_OK; done += piece) {
    struct sim_move moves[2 * SIM_MAX_RANKS];
    size_t now[SIM_MAX_RANKS] = {0};
    int count = 0;
    for (int r = 0; r < comm->size; r++) {
      now[r] = counts[r] <= done ? 0 : counts[r] - done < piece ? counts[r] - done : piece;
    }
    size_t mine = now[comm->rank];
    for (int r = 0; r < comm->size; r++) {
      if (r == comm->rank) continue;
      moves[count++] = move_to(r, send + (offsets[r] + done) * size, now[r] * size);
      moves[count++] = move_from(r, received + (size_t)r * mine * size, mine * size);
    }
    result = sim_exchange(comm, tag, moves, count);
    if (result == SIM_OK && mine > 0) {
      const char *own = send + (offsets[comm->rank] + done) * size;
      combine(comm, operation, own, received, operation->recv + done * size, mine);
    }
  }
  free(owned);
  return result;
}

static enum sim_result reduce(struct sim_comm *comm, uint64_t tag, const struct sim_operation *operation) {
  size_t counts[SIM_MAX_RANKS] = {0}, offsets[SIM_MAX_RANKS] = {0};
  counts[operation->root] = operation->count;
  return reduce_blocks(comm, tag, operation, counts, offsets);
}

static enum sim_result reduce_scatter(struct sim_comm *comm, uint64_t tag, const struct sim_operation *operation) {
  size_t counts[SIM_MAX_RANKS], offsets[SIM_MAX_RANKS];
  for (int r = 0; r < comm->size; r++) {
    bool uneven = operation->kind == SIM_REDUCE_SCATTER_V;
    counts[r] = uneven ? operation->send_counts[r] : operation->count;
    offsets[r] = uneven ? operation->send_offsets[r] : operation->count * (size_t)r;
  }
  return reduce_blocks(comm, tag, operation, counts, offsets);
}

/* Moves without arithmetic: what goes to each rank and what comes from it, in elements. */
struct blocks {
  size_t to[SIM_MAX_RANKS], to_offset[SIM_MAX_RANKS], from[SIM_MAX_RANKS], from_offset[SIM_MAX_RANKS];
};

static void plan_blocks(const struct sim_comm *comm, const struct sim_operation *operation, struct blocks *blocks) {
  size_t count = operation->count;
  bool is_root = comm->rank == operation->root;
  for (int r = 0; r < comm->size; r++) {
    size_t place = count * (size_t)r;
    bool from_root = r == operation->root;
    switch (operation->kind) {
      case SIM_ALL_GATHER:
        blocks->to[r] = blocks->from[r] = count, blocks->from_offset[r] = place;
        break;
      case SIM_ALL_TO_ALL:
        blocks->to[r] = blocks->from[r] = count, blocks->to_offset[r] = blocks->from_offset[r] = place;
        break;
      case SIM_BROADCAST:
        blocks->to[r] = is_root ? count : 0, blocks->from[r] = from_root ? count : 0;
        break;
      case SIM_SCATTER:
        blocks->to[r] = is_root ? count : 0, blocks->to_offset[r] = place, blocks->from[r] = from_root ? count : 0;
        break;
      case SIM_GATHER:
        blocks->to[r] = from_root ? count : 0, blocks->from[r] = is_root ? count : 0, blocks->from_offset[r] = place;
        break;
      case SIM_ALL_GATHER_V:
        blocks->to[r] = count;
        blocks->from[r] = operation->recv_counts[r], blocks->from_offset[r] = operation->recv_offsets[r];
        break;
      case SIM_ALL_TO_ALL_V:
        blocks->to[r] = operation->send_counts[r], blocks->to_offset[r] = operation->send_offsets[r];
        blocks->from[r] = operation->recv_counts[r], blocks->from_offset[r] = operation->recv_offsets[r];
        break;
      default: break;
    }
  }
}

static enum sim_result move_blocks(struct sim_comm *comm, uint64_t tag, const struct sim_operation *operation) {
  struct blocks blocks = {{0}, {0}, {0}, {0}};
  struct sim_move moves[2 * SIM_MAX_RANKS];
  size_t size = sim_type_bytes(operation->type);
  int count = 0;
  plan_blocks(comm, operation, &blocks);
  for (int r = 0; r < comm->size; r++) {
    const char *out = operation->send + blocks.to_offset[r] * size;
    char *in = operation->recv + blocks.from_offset[r] * size;
    if (r == comm->rank) {
      if (blocks.to[r] > 0) copy(in, out, blocks.to[r] * size);
      continue;
    }
    moves[count++] = move_to(r, out, blocks.to[r] * size);
    moves[count++] = move_from(r, in, blocks.from[r] * size);
  }
  return sim_exchange(comm, tag, moves, count);
}

static enum sim_result barrier(struct sim_comm *comm, uint64_t tag) {
  struct sim_move moves[2 * SIM_MAX_RANKS];
  char out = 0, in[SIM_MAX_RANKS];
  int count = 0;
  for (int r = 0; r < comm->size; r++) {
    if (r == comm->rank) continue;
    moves[count++] = move_to(r, &out, 1);
    moves[count++] = move_from(r, &in[r], 1);
  }
  return sim_exchange(comm, tag, moves, count);
}

enum sim_result sim_run_collective(struct sim_comm *comm, uint64_t tag, const struct sim_operation *operation) {
  switch (operation->kind) {
    case SIM_ALL_REDUCE: return all_reduce(comm, tag, operation);
    case SIM_REDUCE: return reduce(comm, tag, operation);
    case SIM_REDUCE_SCATTER:
    case SIM_REDUCE_SCATTER_V: return reduce_scatter(comm, tag, operation);
    case SIM_BARRIER: return barrier(comm, tag);
    default: return move_blocks(comm, tag, operation);
  }
}
