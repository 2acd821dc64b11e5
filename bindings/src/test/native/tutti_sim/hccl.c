/* HCCL: communicators. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hccl.h"

#define ROOT_MAGIC "TUTTIHCC"
#define NOT_A_MEMBER 0xFFFFFFFFu
#define DEFAULT_TIMEOUT_SECONDS 1836
#define MAX_TABLE_BYTES (1 << 20)

static pthread_mutex_t comms_lock = PTHREAD_MUTEX_INITIALIZER;
static struct hccl_comm *comms;
static atomic_int deterministic;

bool hccl_is_comm(HcclComm comm) {
  pthread_mutex_lock(&comms_lock);
  const struct hccl_comm *c = comms;
  while (c != NULL && c != comm) c = c->next;
  pthread_mutex_unlock(&comms_lock);
  return c != NULL;
}

int hccl_rank(HcclComm comm) { return hccl_is_comm(comm) ? ((struct hccl_comm *)comm)->core->rank : -1; }

HcclResult hccl_result(enum sim_result result) {
  switch (result) {
    case SIM_OK: return HCCL_SUCCESS;
    case SIM_ARGUMENT:
    case SIM_USAGE: return HCCL_E_PARA;
    case SIM_REMOTE: return HCCL_E_REMOTE;
    case SIM_TIMEOUT: return HCCL_E_TIMEOUT;
    case SIM_NO_MEMORY: return HCCL_E_MEMORY;
    case SIM_SYSTEM: return HCCL_E_TIMEOUT; /* nobody listens: seen when connecting takes too long */
    default: return HCCL_E_INTERNAL;
  }
}

const char *HcclGetErrorString(HcclResult code) {
  static const char *const texts[] = {
      "no error", "parameter error", "empty pointer", "memory error", "internal error", "not support feature",
      "not found specific resource", "resource unavailable", "call system interface error", "timeout",
      "open file fail", "tcp connect fail", "roce connect fail", "tcp transfer fail", "roce transfer fail",
      "call runtime api fail", "call driver api fail", "call profiling api fail", "call cce api fail",
      "call network api fail", "try again", "error cqe"};
  return (unsigned)code < sizeof texts / sizeof *texts ? texts[code] : "unknown error";
}

/* ---- configuration ---- */

static HcclResult read_config(const HcclCommConfig *given, struct hccl_comm *comm) {
  const char *environment = getenv("HCCL_EXEC_TIMEOUT");
  long seconds = environment != NULL ? atol(environment) : DEFAULT_TIMEOUT_SECONDS;
  if (given != NULL) {
    HcclCommConfig config;
    memset(&config, 0, sizeof config);
    config.execTimeout = -1;
    if (given->magic != TUTTI_HCCL_CONFIG_MAGIC || given->size < 32) {
      acl_error(0, "HcclCommConfig: magic %#x, size %zu", given->magic, given->size);
      return HCCL_E_PARA;
    }
    memcpy(&config, given, given->size < sizeof config ? given->size : sizeof config);
    if (config.hcclBufferSize == 0) return HCCL_E_PARA;
    bool any = config.hcclDeterministic == TUTTI_HCCL_CONFIG_NOT_SET;
    if (!any && config.hcclDeterministic > 2) return HCCL_E_PARA;
    if (config.version >= 2 && memchr(config.hcclCommName, 0, sizeof config.hcclCommName) == NULL) return HCCL_E_PARA;
    if (config.version >= 2 && config.hcclCommName[0] != '\0') {
      snprintf(comm->name, sizeof comm->name, "%s", config.hcclCommName);
    }
    if (config.version >= 8 && config.execTimeout >= 0) seconds = config.execTimeout;
  }
  comm->core->timeout = seconds <= 0 ? 0 : (uint64_t)seconds * 1000000000u;
  return HCCL_SUCCESS;
}

uint32_t HcclGetCommConfigCapability(void) { return TUTTI_SIM_CANN_LEVEL >= 90 ? 12 : TUTTI_SIM_CANN_LEVEL >= 85 ? 8 : 4; }

HcclResult HcclSetConfig(HcclConfig config, HcclConfigValue configValue) {
  HCCL_ENTER(HcclSetConfig, NULL);
  if (config != HCCL_DETERMINISTIC || configValue.value < 0 || configValue.value > 2) return HCCL_E_PARA;
  atomic_store(&deterministic, configValue.value);
  return HCCL_SUCCESS;
}

HcclResult HcclGetConfig(HcclConfig config, HcclConfigValue *configValue) {
  HCCL_ENTER(HcclGetConfig, NULL);
  if (configValue == NULL) return HCCL_E_PTR;
  if (config != HCCL_DETERMINISTIC) return HCCL_E_PARA;
  configValue->value = atomic_load(&deterministic);
  return HCCL_SUCCESS;
}

/* ---- making ---- */

static struct hccl_comm *new_comm(const unsigned char *name, uint32_t size, uint32_t rank, int device) {
  struct hccl_comm *comm = calloc(1, sizeof *comm);
  comm->core = sim_comm_new(name, (int)size, (int)rank, SIM_ASCEND, device);
  snprintf(comm->name, sizeof comm->name, "tutti_sim_%02x%02x%02x%02x_%p", name[0], name[1], name[2], name[3],
           (void *)comm);
  return comm;
}

static HcclResult join(struct hccl_comm *comm, const HcclCommConfig *config, bool serves, HcclComm *target) {
  HcclResult result = read_config(config, comm);
  enum sim_result joined = SIM_OK;
  if (result == HCCL_SUCCESS && serves) joined = sim_serve(comm->core->name);
  if (result == HCCL_SUCCESS && joined == SIM_OK) joined = sim_join(comm->core);
  if (result == HCCL_SUCCESS) result = hccl_result(joined);
  if (result != HCCL_SUCCESS) {
    acl_error(0, "rank %d of %d: the ranks did not come together: %s", comm->core->rank, comm->core->size,
              HcclGetErrorString(result));
    sim_comm_free(comm->core, SIM_RANK_ABORTED);
    free(comm);
    return result;
  }
  pthread_mutex_lock(&comms_lock);
  comm->next = comms;
  comms = comm;
  pthread_mutex_unlock(&comms_lock);
  *target = comm;
  return HCCL_SUCCESS;
}

HcclResult HcclGetRootInfo(HcclRootInfo *rootInfo) {
  HCCL_ENTER(HcclGetRootInfo, NULL);
  int device;
  if (rootInfo == NULL) return HCCL_E_PTR;
  if (acl_enter("HcclGetRootInfo", &device) != ACL_SUCCESS) return HCCL_E_RUNTIME;
  unsigned char name[SIM_NAME_BYTES];
  sim_random_name(name);
  if (sim_serve(name) != SIM_OK) return HCCL_E_TCP_CONNECT;
  memset(rootInfo, 0, sizeof *rootInfo);
  memcpy(rootInfo->internal, ROOT_MAGIC, 8);
  memcpy(rootInfo->internal + 8, name, SIM_NAME_BYTES);
  return HCCL_SUCCESS;
}

static HcclResult init_root(uint32_t size, const HcclRootInfo *info, uint32_t rank, const HcclCommConfig *config,
                            HcclComm *target) {
  int device;
  if (info == NULL || target == NULL) return HCCL_E_PTR;
  *target = NULL;
  if (size == 0 || size > SIM_MAX_RANKS || rank >= size || memcmp(info->internal, ROOT_MAGIC, 8) != 0) return HCCL_E_PARA;
  if (acl_enter("HcclCommInitRootInfo", &device) != ACL_SUCCESS) return HCCL_E_RUNTIME;
  struct hccl_comm *comm = new_comm((const unsigned char *)info->internal + 8, size, rank, device);
  comm->is_global = true;
  return join(comm, config, false, target);
}

HcclResult HcclCommInitRootInfo(uint32_t nRanks, const HcclRootInfo *rootInfo, uint32_t rank, HcclComm *comm) {
  HCCL_ENTER(HcclCommInitRootInfo, NULL);
  return init_root(nRanks, rootInfo, rank, NULL, comm);
}

HcclResult HcclCommInitRootInfoConfig(uint32_t nRanks, const HcclRootInfo *rootInfo, uint32_t rank,
                                      const HcclCommConfig *config, HcclComm *comm) {
  HCCL_ENTER(HcclCommInitRootInfoConfig, NULL);
  if (config == NULL) return HCCL_E_PTR;
  return init_root(nRanks, rootInfo, rank, config, comm);
}

/* All that is read of a rank table is how many ranks it has; its content is the name that all ranks derive. */
static HcclResult init_table(const char *path, uint32_t rank, HcclCommConfig *config, HcclComm *target) {
  int device;
  if (path == NULL || target == NULL) return HCCL_E_PTR;
  *target = NULL;
  if (acl_enter("HcclCommInitClusterInfo", &device) != ACL_SUCCESS) return HCCL_E_RUNTIME;
  FILE *file = fopen(path, "r");
  if (file == NULL) return HCCL_E_OPEN_FILE_FAILURE;
  char *text = calloc(1, MAX_TABLE_BYTES + 1);
  size_t bytes = fread(text, 1, MAX_TABLE_BYTES, file);
  fclose(file);
  uint32_t size = 0;
  for (const char *at = strstr(text, "\"rank_id\""); at != NULL; at = strstr(at + 1, "\"rank_id\"")) size++;
  unsigned char name[SIM_NAME_BYTES], base[SIM_NAME_BYTES] = {0};
  sim_derive_name(base, text, bytes, name);
  free(text);
  if (size == 0 || size > SIM_MAX_RANKS || rank >= size) return HCCL_E_PARA;
  struct hccl_comm *comm = new_comm(name, size, rank, device);
  comm->is_global = true;
  return join(comm, config, rank == 0, target);
}

HcclResult HcclCommInitClusterInfo(const char *clusterInfo, uint32_t rank, HcclComm *comm) {
  HCCL_ENTER(HcclCommInitClusterInfo, NULL);
  return init_table(clusterInfo, rank, NULL, comm);
}

HcclResult HcclCommInitClusterInfoConfig(const char *clusterInfo, uint32_t rank, HcclCommConfig *config,
                                         HcclComm *comm) {
  HCCL_ENTER(HcclCommInitClusterInfoConfig, NULL);
  if (config == NULL) return HCCL_E_PTR;
  return init_table(clusterInfo, rank, config, comm);
}

HcclResult HcclCreateSubCommConfig(HcclComm *comm, uint32_t rankNum, uint32_t *rankIds, uint64_t subCommId,
                                   uint32_t subCommRankId, HcclCommConfig *config, HcclComm *subComm) {
  HCCL_ENTER(HcclCreateSubCommConfig, comm == NULL ? NULL : *comm);
  if (comm == NULL || subComm == NULL) return HCCL_E_PTR;
  if (!hccl_is_comm(*comm)) return HCCL_E_PARA;
  if (rankIds == NULL && subCommId == NOT_A_MEMBER) {
    *subComm = NULL;
    return HCCL_SUCCESS;
  }
  struct hccl_comm *parent = *comm;
  if (rankIds == NULL || config == NULL) return HCCL_E_PTR;
  if (!parent->is_global) return HCCL_E_NOT_SUPPORT;
  if (rankNum == 0 || rankNum > (uint32_t)parent->core->size || subCommRankId >= rankNum
      || rankIds[subCommRankId] != (uint32_t)parent->core->rank) {
    return HCCL_E_PARA;
  }
  struct {
    uint64_t id;
    uint32_t ranks[SIM_MAX_RANKS];
  } seed;
  memset(&seed, 0, sizeof seed);
  seed.id = subCommId;
  for (uint32_t i = 0; i < rankNum; i++) {
    if (rankIds[i] >= (uint32_t)parent->core->size) return HCCL_E_PARA;
    for (uint32_t j = 0; j < i; j++) {
      if (rankIds[i] == rankIds[j]) return HCCL_E_PARA;
    }
    seed.ranks[i] = rankIds[i];
  }
  unsigned char name[SIM_NAME_BYTES];
  sim_comm_child_name(parent->core, "sub", &seed, sizeof seed, name);
  struct hccl_comm *child = new_comm(name, rankNum, subCommRankId, parent->core->device);
  return join(child, config, subCommRankId == 0, subComm);
}

struct init_one {
  pthread_t thread;
  struct hccl_comm *comm;
  HcclComm *target;
  HcclResult result;
};

static void *run_init(void *argument) {
  struct init_one *one = argument;
  one->result = join(one->comm, NULL, false, one->target);
  return NULL;
}

HcclResult HcclCommInitAll(uint32_t ndev, int32_t *devices, HcclComm *comms_out) {
  HCCL_ENTER(HcclCommInitAll, NULL);
  if (devices == NULL || comms_out == NULL) return HCCL_E_PTR;
  if (ndev == 0 || ndev > (uint32_t)sim_device_count(SIM_ASCEND)) return HCCL_E_PARA;
  if (acl_enter("HcclCommInitAll", NULL) != ACL_SUCCESS) return HCCL_E_RUNTIME;
  for (uint32_t i = 0; i < ndev; i++) {
    if (!acl_is_device(devices[i])) return HCCL_E_PARA;
    for (uint32_t j = 0; j < i; j++) {
      if (devices[i] == devices[j]) return HCCL_E_PARA;
    }
  }
  unsigned char name[SIM_NAME_BYTES];
  sim_random_name(name);
  if (sim_serve(name) != SIM_OK) return HCCL_E_TCP_CONNECT;
  struct init_one all[SIM_MAX_DEVICES];
  for (uint32_t i = 0; i < ndev; i++) {
    all[i].comm = new_comm(name, ndev, i, devices[i]);
    all[i].comm->is_global = true;
    all[i].target = &comms_out[i];
    pthread_create(&all[i].thread, NULL, run_init, &all[i]);
  }
  HcclResult result = HCCL_SUCCESS;
  for (uint32_t i = 0; i < ndev; i++) {
    pthread_join(all[i].thread, NULL);
    if (all[i].result != HCCL_SUCCESS) result = all[i].result;
  }
  return result;
}

/* ---- the rest of its life ---- */

/* Waits for its operations: one that hangs is to be ended by aclrtStreamAbort or aclrtDeviceTaskAbort first. */
HcclResult HcclCommDestroy(HcclComm handle) {
  HCCL_ENTER(HcclCommDestroy, handle);
  if (handle == NULL) return HCCL_E_PTR;
  pthread_mutex_lock(&comms_lock);
  struct hccl_comm **link = &comms;
  while (*link != NULL && *link != handle) link = &(*link)->next;
  struct hccl_comm *comm = *link;
  if (comm != NULL) *link = comm->next;
  pthread_mutex_unlock(&comms_lock);
  if (comm == NULL) return HCCL_E_PARA;
  sim_comm_drain(comm->core);
  sim_comm_free(comm->core, SIM_RANK_FINISHED);
  free(comm);
  return HCCL_SUCCESS;
}

static HcclResult set_suspended(HcclComm handle, bool suspended) {
  if (!hccl_is_comm(handle)) return HCCL_E_PARA;
  ((struct hccl_comm *)handle)->suspended = suspended;
  return HCCL_SUCCESS;
}

HcclResult HcclCommSuspend(HcclComm comm) {
  HCCL_ENTER(HcclCommSuspend, comm);
  return set_suspended(comm, true);
}

HcclResult HcclCommResume(HcclComm comm) {
  HCCL_ENTER(HcclCommResume, comm);
  return set_suspended(comm, false);
}

HcclResult HcclGetRankSize(HcclComm comm, uint32_t *rankSize) {
  HCCL_ENTER(HcclGetRankSize, comm);
  if (rankSize == NULL) return HCCL_E_PTR;
  if (!hccl_is_comm(comm)) return HCCL_E_PARA;
  *rankSize = (uint32_t)((struct hccl_comm *)comm)->core->size;
  return HCCL_SUCCESS;
}

HcclResult HcclGetRankId(HcclComm comm, uint32_t *rank) {
  HCCL_ENTER(HcclGetRankId, comm);
  if (rank == NULL) return HCCL_E_PTR;
  if (!hccl_is_comm(comm)) return HCCL_E_PARA;
  *rank = (uint32_t)((struct hccl_comm *)comm)->core->rank;
  return HCCL_SUCCESS;
}

HcclResult HcclGetCommName(HcclComm comm, char *commName) {
  HCCL_ENTER(HcclGetCommName, comm);
  if (commName == NULL) return HCCL_E_PTR;
  if (!hccl_is_comm(comm)) return HCCL_E_PARA;
  memcpy(commName, ((struct hccl_comm *)comm)->name, sizeof ((struct hccl_comm *)comm)->name);
  return HCCL_SUCCESS;
}

/* Tells of remote errors only, as the library does; or what a test put in. */
HcclResult HcclGetCommAsyncError(HcclComm comm, HcclResult *asyncError) {
  HCCL_ENTER(HcclGetCommAsyncError, comm);
  if (asyncError == NULL) return HCCL_E_PTR;
  if (!hccl_is_comm(comm)) return HCCL_E_PARA;
  struct sim_comm *core = ((struct hccl_comm *)comm)->core;
  bool died = sim_peer_died(core);
  int error = atomic_load(&core->error);
  *asyncError = error < 0 ? (HcclResult)-error : died ? HCCL_E_REMOTE : HCCL_SUCCESS;
  return HCCL_SUCCESS;
}

/* Memory that communicators use in place: some devices only, and not this one. */
HcclResult HcclCommSetMemoryRange(HcclComm comm, void *base, size_t size, size_t alignment, uint64_t flags) {
  HCCL_ENTER(HcclCommSetMemoryRange, comm);
  (void)base, (void)size, (void)alignment, (void)flags;
  return HCCL_E_NOT_SUPPORT;
}

HcclResult HcclCommUnsetMemoryRange(HcclComm comm, void *base) {
  HCCL_ENTER(HcclCommUnsetMemoryRange, comm);
  (void)base;
  return HCCL_E_NOT_SUPPORT;
}

HcclResult HcclCommActivateCommMemory(HcclComm comm, void *address, size_t size, size_t offset,
                                      aclrtDrvMemHandle handle, uint64_t flags) {
  HCCL_ENTER(HcclCommActivateCommMemory, comm);
  (void)address, (void)size, (void)offset, (void)handle, (void)flags;
  return HCCL_E_NOT_SUPPORT;
}

HcclResult HcclCommDeactivateCommMemory(HcclComm comm, void *address) {
  HCCL_ENTER(HcclCommDeactivateCommMemory, comm);
  (void)address;
  return HCCL_E_NOT_SUPPORT;
}

#if TUTTI_SIM_CANN_LEVEL >= 90
static struct hccl_comm *find(const char *name) {
  pthread_mutex_lock(&comms_lock);
  struct hccl_comm *comm = comms;
  while (comm != NULL && strcmp(comm->name, name) != 0) comm = comm->next;
  pthread_mutex_unlock(&comms_lock);
  return comm;
}

HcclResult HcclCommGetHandleWithName(const char *commName, HcclComm *comm) {
  HCCL_ENTER(HcclCommGetHandleWithName, NULL);
  if (commName == NULL || comm == NULL) return HCCL_E_PTR;
  *comm = find(commName);
  return *comm == NULL ? HCCL_E_NOT_FOUND : HCCL_SUCCESS;
}
#endif

#if TUTTI_SIM_CANN_LEVEL >= 91
HcclResult HcclCommGetStatus(const char *commName, int32_t *status) {
  HCCL_ENTER(HcclCommGetStatus, NULL);
  if (commName == NULL || status == NULL) return HCCL_E_PTR;
  const struct hccl_comm *comm = find(commName);
  *status = comm == NULL ? 254 : comm->suspended ? 1 : 0;
  return HCCL_SUCCESS;
}
#endif
