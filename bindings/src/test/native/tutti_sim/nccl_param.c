/* NCCL: settings in effect. A few of the library's many, read from the environment when they are asked for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nccl.h"

#if TUTTI_SIM_NCCL_LEVEL >= 230

struct ncclParamHandle {
  const char *key, *otherwise;
  bool is_text;
};

static struct ncclParamHandle parameters[] = {
    {"NCCL_ALGO", "", true},          {"NCCL_BUFFSIZE", "-2", false},  {"NCCL_COMM_BLOCKING", "-1", false},
    {"NCCL_DEBUG", "", true},         {"NCCL_IB_DISABLE", "0", false}, {"NCCL_MAX_CTAS", "-2", false},
    {"NCCL_MIN_CTAS", "-2", false},   {"NCCL_MULTI_RANK_GPU_ENABLE", "0", false},
    {"NCCL_NET", "", true},           {"NCCL_NVLS_ENABLE", "2", false}, {"NCCL_P2P_DISABLE", "0", false},
    {"NCCL_PROTO", "", true},         {"NCCL_TOPO_FILE", "", true}};

#define PARAMETERS ((int)(sizeof parameters / sizeof *parameters))

static struct ncclParamHandle *find(const char *key) {
  for (int i = 0; i < PARAMETERS && key != NULL; i++) {
    if (strcmp(parameters[i].key, key) == 0) return &parameters[i];
  }
  return NULL;
}

static const char *value_of(const struct ncclParamHandle *parameter) {
  const char *value = getenv(parameter->key);
  return value != NULL && *value != '\0' ? value : parameter->otherwise;
}

static ncclResult_t number_of(const char *function, struct ncclParamHandle *h, const void *out, long long *number) {
  ncclResult_t result = nccl_enter(function, NULL, 23000);
  if (result != ncclSuccess) return result;
  if (h == NULL || out == NULL || h->is_text) return nccl_error(ncclInvalidArgument, "%s: no number", function);
  *number = strtoll(value_of(h), NULL, 0);
  return ncclSuccess;
}

#define DEFINE_GET(NAME, TYPE)                                                                        \
  ncclResult_t ncclParamGet##NAME(struct ncclParamHandle *h, TYPE *out) {                             \
    long long number = 0;                                                                              \
    ncclResult_t result = number_of("ncclParamGet" #NAME, h, out, &number);                           \
    if (result != ncclSuccess) return result;                                                         \
    if ((long long)(TYPE)number != number) {                                                          \
      return nccl_error(ncclInvalidArgument, "%s is %lld: no " #TYPE, h->key, number);                \
    }                                                                                                 \
    *out = (TYPE)number;                                                                              \
    return ncclSuccess;                                                                               \
  }

DEFINE_GET(I8, int8_t)
DEFINE_GET(I16, int16_t)
DEFINE_GET(I32, int32_t)
DEFINE_GET(I64, int64_t)
DEFINE_GET(U8, uint8_t)
DEFINE_GET(U16, uint16_t)
DEFINE_GET(U32, uint32_t)
DEFINE_GET(U64, uint64_t)

ncclResult_t ncclParamBind(struct ncclParamHandle **out, const char *key) {
  NCCL_ENTER(ncclParamBind, NULL, 23000);
  struct ncclParamHandle *found = find(key);
  if (found == NULL || out == NULL) {
    return nccl_error(ncclInvalidArgument, "ncclParamBind: there is no parameter %s", key == NULL ? "(null)" : key);
  }
  *out = found;
  return ncclSuccess;
}

ncclResult_t ncclParamGetStr(struct ncclParamHandle *h, const char **out) {
  NCCL_ENTER(ncclParamGetStr, NULL, 23000);
  if (h == NULL || out == NULL || !h->is_text) return nccl_error(ncclInvalidArgument, "ncclParamGetStr: no text");
  *out = value_of(h);
  return ncclSuccess;
}

ncclResult_t ncclParamGet(struct ncclParamHandle *h, void *out, int maxLen, int *len) {
  NCCL_ENTER(ncclParamGet, NULL, 23000);
  if (h == NULL || out == NULL || len == NULL) return nccl_error(ncclInvalidArgument, "ncclParamGet: null");
  const char *value = value_of(h);
  int length = (int)strlen(value) + 1;
  if (maxLen < length) return nccl_error(ncclInvalidArgument, "ncclParamGet: %d bytes, needs %d", maxLen, length);
  memcpy(out, value, (size_t)length);
  *len = length;
  return ncclSuccess;
}

ncclResult_t ncclParamGetParameter(const char *key, const char **value, int *valueLen) {
  NCCL_ENTER(ncclParamGetParameter, NULL, 23000);
  const struct ncclParamHandle *found = find(key);
  if (found == NULL || value == NULL) {
    return nccl_error(ncclInvalidArgument, "ncclParamGetParameter: there is no parameter %s", key == NULL ? "(null)" : key);
  }
  *value = value_of(found);
  if (valueLen != NULL) *valueLen = (int)strlen(*value);
  return ncclSuccess;
}

ncclResult_t ncclParamGetAllParameterKeys(const char ***table, int *tableLen) {
  static const char *keys[PARAMETERS];
  NCCL_ENTER(ncclParamGetAllParameterKeys, NULL, 23000);
  if (table == NULL || tableLen == NULL) return nccl_error(ncclInvalidArgument, "ncclParamGetAllParameterKeys: null");
  for (int i = 0; i < PARAMETERS; i++) keys[i] = parameters[i].key;
  *table = keys;
  *tableLen = PARAMETERS;
  return ncclSuccess;
}

void ncclParamDumpAll(void) {
  for (int i = 0; i < PARAMETERS; i++) printf("%s=%s\n", parameters[i].key, value_of(&parameters[i]));
}

#endif

void ncclResetDebugInit(void) {}
