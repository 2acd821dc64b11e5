/* NCCL: configurations, and communicators made of others. */
#include <stdlib.h>
#include <string.h>

#include "nccl.h"

#define UNDEFINED NCCL_CONFIG_UNDEF_INT

static const ncclConfig_t UNSET = {
    sizeof(ncclConfig_t), NCCL_API_MAGIC, TUTTI_NCCL_VERSION, UNDEFINED, UNDEFINED, UNDEFINED, UNDEFINED, NULL,
    UNDEFINED,            UNDEFINED,      NULL,               UNDEFINED, UNDEFINED, UNDEFINED, UNDEFINED, UNDEFINED,
    UNDEFINED,            UNDEFINED,      UNDEFINED,          UNDEFINED, UNDEFINED};

/* A field of the configuration: from which version on it is read, and what it may say. */
struct field {
  size_t offset;
  int since, smallest, largest, otherwise;
  const char *name;
};

#define FIELD(name, since, smallest, largest, otherwise) \
  { offsetof(ncclConfig_t, name), since, smallest, largest, otherwise, #name }

static const struct field FIELDS[] = {
    FIELD(blocking, 21400, 0, 1, 1),           FIELD(cgaClusterSize, 21700, 0, 8, 4),
    FIELD(minCTAs, 21700, 1, 64, 1),           FIELD(maxCTAs, 21700, 1, 64, 32),
    FIELD(splitShare, 21800, 0, 1, 0),         FIELD(trafficClass, 22500, 0, 255, UNDEFINED),
    FIELD(collnetEnable, 22700, 0, 1, 0),      FIELD(CTAPolicy, 22700, 0, 3, 0),
    FIELD(shrinkShare, 22700, 0, 1, 0),        FIELD(nvlsCTAs, 22700, 1, 64, UNDEFINED),
    FIELD(nChannelsPerNetPeer, 22800, 1, 64, UNDEFINED), FIELD(nvlinkCentricSched, 22800, 0, 1, 0),
    FIELD(graphUsageMode, 22900, 0, 2, 2),     FIELD(numRmaCtx, 22900, 1, 64, 1),
    FIELD(maxP2pPeers, 23000, 1, 1 << 20, UNDEFINED), FIELD(graphStreamOrdering, 23005, 0, 1, 1)};

static int *at(ncclConfig_t *config, const struct field *field) { return (int *)((char *)config + field->offset); }

ncclResult_t nccl_read_config(const ncclConfig_t *given, ncclConfig_t *config) {
  ncclConfig_t copy = UNSET;
  if (given != NULL) {
    if (given->magic != NCCL_API_MAGIC || given->size < offsetof(ncclConfig_t, cgaClusterSize)) {
      return nccl_error(ncclInvalidArgument, "ncclConfig_t: magic %#x, size %zu: not initialized via "
                        "NCCL_CONFIG_INITIALIZER", given->magic, given->size);
    }
    memcpy(&copy, given, given->size < sizeof copy ? given->size : sizeof copy);
    if ((int)copy.version < 22700) copy.commName = NULL;
  }
  int version = nccl_version() < (int)copy.version ? nccl_version() : (int)copy.version;
  for (size_t i = 0; i < sizeof FIELDS / sizeof *FIELDS; i++) {
    const struct field *field = &FIELDS[i];
    int *value = at(&copy, field);
    if (version < field->since) *value = UNDEFINED;
    if (*value == UNDEFINED) {
      *value = field->otherwise;
    } else if (*value < field->smallest || *value > field->largest) {
      return nccl_error(ncclInvalidArgument, "ncclConfig_t: %s is %d: not in %d .. %d", field->name, *value,
                        field->smallest, field->largest);
    }
  }
  if (copy.minCTAs > copy.maxCTAs) {
    return nccl_error(ncclInvalidArgument, "ncclConfig_t: minCTAs %d is above maxCTAs %d", copy.minCTAs,
                      copy.maxCTAs);
  }
  copy.blocking = nccl_setting("NCCL_COMM_BLOCKING", copy.blocking);
  *config = copy;
  return ncclSuccess;
}

static ncclResult_t child_config(ncclComm_t parent, const ncclConfig_t *given, ncclConfig_t *config) {
  if (given != NULL) return nccl_read_config(given, config);
  *config = parent->config;
  return ncclSuccess;
}

/* ---- split ---- */

struct split_choice {
  int color, key;
};

/* Tells this rank's place among those of its color, by key and then by rank. */
static int place_in(const struct split_choice *choices, int size, int rank, int *members) {
  int place = 0;
  *members = 0;
  for (int r = 0; r < size; r++) {
    if (choices[r].color != choices[rank].color) continue;
    (*members)++;
    bool before = choices[r].key < choices[rank].key || (choices[r].key == choices[rank].key && r < rank);
    place += before;
  }
  return place;
}

static ncclResult_t run_split(struct nccl_job *job) {
  ncclComm_t parent = job->parent;
  struct split_choice mine = {job->color, job->key}, choices[SIM_MAX_RANKS];
  enum sim_result result = sim_comm_exchange_control(parent->core, &mine, sizeof mine, choices);
  if (result != SIM_OK) {
    return nccl_error(nccl_result(result), "ncclCommSplit: rank %d: not all ranks split", parent->rank);
  }
  uint32_t number = ++parent->core->children;
  if (job->comm == parent) return ncclSuccess; /* no color */
  int members;
  ncclComm_t comm = job->comm;
  comm->rank = place_in(choices, parent->size, parent->rank, &members);
  comm->size = members;
  comm->core->rank = comm->rank;
  comm->core->size = members;
  struct {
    uint32_t number;
    int color;
  } seed = {number, job->color};
  sim_comm_child_name(parent->core, "split", &seed, sizeof seed, comm->core->name);
  job->serves = comm->rank == 0;
  return nccl_run_join(job);
}

ncclResult_t ncclCommSplit(ncclComm_t comm, int color, int key, ncclComm_t *newcomm, ncclConfig_t *config) {
  NCCL_ENTER(ncclCommSplit, comm, 21800);
  bool revoked = comm != NULL && nccl_is_comm(comm) && atomic_load(&comm->revoked);
  ncclResult_t result = revoked ? ncclSuccess : nccl_check(comm, "ncclCommSplit");
  if (result != ncclSuccess) return nccl_group_fail(result);
  if (newcomm == NULL || (color < 0 && color != NCCL_SPLIT_NOCOLOR)) {
    return nccl_group_fail(nccl_error(ncclInvalidArgument, "ncclCommSplit: color %d, newcomm %p", color,
                                      (void *)newcomm));
  }
  *newcomm = NULL;
  ncclConfig_t settings;
  result = child_config(comm, config, &settings);
  if (result != ncclSuccess) return nccl_group_fail(result);
  struct nccl_job *job = calloc(1, sizeof *job);
  job->run = run_split;
  job->parent = comm;
  job->color = color;
  job->key = key;
  job->comm = comm;
  if (color != NCCL_SPLIT_NOCOLOR) {
    /* Its name, rank and size come with the others' choices. */
    job->comm = nccl_comm_new(comm->core->name, comm->size, comm->rank, comm->device, &settings);
    job->target = newcomm;
  }
  return nccl_start(job);
}

/* ---- shrink ---- */

#if TUTTI_SIM_NCCL_LEVEL >= 227
ncclResult_t ncclCommShrink(ncclComm_t comm, int *excludeRanksList, int excludeRanksCount, ncclComm_t *newcomm,
                            ncclConfig_t *config, int shrinkFlags) {
  NCCL_ENTER(ncclCommShrink, comm, 22700);
  if (comm == NULL || !nccl_is_comm(comm) || newcomm == NULL || excludeRanksList == NULL || excludeRanksCount < 1
      || excludeRanksCount >= comm->size || (shrinkFlags & ~NCCL_SHRINK_ABORT) != 0) {
    return nccl_group_fail(nccl_error(ncclInvalidArgument, "ncclCommShrink: comm %p, %d ranks excluded, flags %d",
                                      (void *)comm, excludeRanksCount, shrinkFlags));
  }
  *newcomm = NULL;
  char out[SIM_MAX_RANKS] = {0};
  for (int i = 0; i < excludeRanksCount; i++) {
    int rank = excludeRanksList[i];
    if (rank < 0 || rank >= comm->size || rank == comm->rank || out[rank]) {
      return nccl_group_fail(nccl_error(ncclInvalidArgument, "ncclCommShrink: rank %d excludes rank %d of %d",
                                        comm->rank, rank, comm->size));
    }
    out[rank] = 1;
  }
  if (shrinkFlags & NCCL_SHRINK_ABORT) {
    sim_comm_stop(comm->core, false);
    sim_comm_drain(comm->core);
  } else if (!atomic_load(&comm->revoked)) {
    ncclResult_t result = nccl_check(comm, "ncclCommShrink");
    if (result != ncclSuccess) return nccl_group_fail(result);
  }
  ncclConfig_t settings;
  ncclResult_t result = child_config(comm, config, &settings);
  if (result != ncclSuccess) return nccl_group_fail(result);
  /* Those that are left need not ask each other: all derive the same name from who is left, and how often. */
  unsigned char name[SIM_NAME_BYTES];
  char seed[SIM_MAX_RANKS + 4];
  uint32_t number = ++comm->core->shrinks;
  memcpy(seed, out, (size_t)comm->size);
  memcpy(seed + comm->size, &number, sizeof number);
  sim_comm_child_name(comm->core, "shrink", seed, (size_t)comm->size + sizeof number, name);
  int rank = 0;
  for (int r = 0; r < comm->rank; r++) rank += !out[r];
  ncclComm_t child = nccl_comm_new(name, comm->size - excludeRanksCount, rank, comm->device, &settings);
  return nccl_start_join(child, newcomm, comm, rank == 0);
}
#endif

/* ---- grow ---- */

#if TUTTI_SIM_NCCL_LEVEL >= 229
ncclResult_t ncclCommGetUniqueId(ncclComm_t comm, ncclUniqueId *uniqueId) {
  NCCL_ENTER(ncclCommGetUniqueId, comm, 22900);
  ncclResult_t result = nccl_check(comm, "ncclCommGetUniqueId");
  if (result != ncclSuccess) return result;
  result = ncclGetUniqueId(uniqueId);
  if (result != ncclSuccess) return result;
  struct sim_shared *shared = comm->core->shared;
  memcpy(shared->growth_name, uniqueId->internal + 8, SIM_NAME_BYTES);
  atomic_fetch_add(&shared->growths, 1); /* pairs with the load of those that wait for the name */
  for (int r = 0; r < comm->size; r++) sim_ring(&shared->ranks[r].bell);
  return ncclSuccess;
}

/* A rank that was in the old communicator: finds the name that one of them made. */
static ncclResult_t run_grow(struct nccl_job *job) {
  struct sim_comm *old = job->parent->core;
  struct sim_rank *me = &old->shared->ranks[old->rank];
  for (;;) {
    uint32_t bell = atomic_load(&me->bell);
    if (atomic_load(&old->shared->growths) > job->parent->growths) break;
    if (atomic_load(&job->comm->core->aborted)) return ncclInternalError;
    if (sim_peer_died(old)) return nccl_error(ncclRemoteError, "ncclCommGrow: %s", old->problem);
    sim_listen(&me->bell, bell, 5000000);
  }
  job->parent->growths++;
  memcpy(job->comm->core->name, old->shared->growth_name, SIM_NAME_BYTES);
  return nccl_run_join(job);
}

ncclResult_t ncclCommGrow(ncclComm_t comm, int nRanks, const ncclUniqueId *uniqueId, int rank, ncclComm_t *newcomm,
                          ncclConfig_t *config) {
  NCCL_ENTER(ncclCommGrow, comm, 22900);
  bool was_in = comm != NULL;
  bool right = newcomm != NULL && nRanks <= SIM_MAX_RANKS
      && (was_in ? nccl_is_comm(comm) && rank == -1 && nRanks > comm->size
                 : uniqueId != NULL && rank > 0 && rank < nRanks);
  if (!right) {
    return nccl_group_fail(nccl_error(ncclInvalidArgument, "ncclCommGrow: comm %p, %d ranks, rank %d: ranks of the "
                                      "old communicator say -1, new ones bring the id", (void *)comm, nRanks, rank));
  }
  *newcomm = NULL;
  ncclConfig_t settings;
  ncclResult_t result = was_in ? nccl_check(comm, "ncclCommGrow") : ncclSuccess;
  if (result == ncclSuccess) result = was_in ? child_config(comm, config, &settings) : nccl_read_config(config, &settings);
  if (result != ncclSuccess) return nccl_group_fail(result);
  struct nccl_job *job = calloc(1, sizeof *job);
  job->run = was_in ? run_grow : nccl_run_join;
  job->parent = comm;
  job->target = newcomm;
  const unsigned char *name = was_in ? comm->core->name : (const unsigned char *)uniqueId->internal + 8;
  job->comm = nccl_comm_new(name, nRanks, was_in ? comm->rank : rank, was_in ? comm->device : sim_cuda_device(),
                            &settings);
  return nccl_start(job);
}
#endif
