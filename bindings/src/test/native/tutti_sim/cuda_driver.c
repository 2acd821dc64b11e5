/*
 * CUDA driver: modules and kernels. There is no machine that runs PTX: a kernel is known by its name, tutti_reduce_OP_TYPE,
 * and done by a function in C. The text of the module must have the name as an entry, though.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cuda.h"

#define MAX_FUNCTIONS 128

struct CUctx_st {
  int device;
};

struct CUfunc_st {
  CUmodule module;
  enum sim_operator op;
  enum sim_type type;
};

struct CUmod_st {
  char *text;
  struct CUfunc_st functions[MAX_FUNCTIONS];
  int function_count;
};

static struct CUctx_st contexts[SIM_MAX_DEVICES];

/* The kernel's name ends with one of these; several spellings of one type are known. */
static const struct {
  const char *name;
  enum sim_type type;
} TYPE_NAMES[] = {{"int8", SIM_I8},        {"i8", SIM_I8},      {"s8", SIM_I8},       {"uint8", SIM_U8},    {"u8", SIM_U8},
                  {"int32", SIM_I32},      {"i32", SIM_I32},    {"s32", SIM_I32},     {"uint32", SIM_U32},  {"u32", SIM_U32},
                  {"int64", SIM_I64},      {"i64", SIM_I64},    {"s64", SIM_I64},     {"uint64", SIM_U64},  {"u64", SIM_U64},
                  {"float16", SIM_F16},    {"f16", SIM_F16},    {"bfloat16", SIM_BF16}, {"bf16", SIM_BF16},
                  {"float32", SIM_F32},    {"f32", SIM_F32},    {"float64", SIM_F64}, {"f64", SIM_F64},
                  {"float8_e4m3", SIM_E4M3}, {"float8e4m3", SIM_E4M3}, {"e4m3", SIM_E4M3},
                  {"float8_e5m2", SIM_E5M2}, {"float8e5m2", SIM_E5M2}, {"e5m2", SIM_E5M2}};

static const char *const OPERATOR_NAMES[] = {"sum", "prod", "max", "min", "avg"};

#define DRIVER_ENTER(function)                                        \
  do {                                                                \
    int entered = sim_enter(#function, -1);                           \
    if (entered != 0) return (CUresult)entered;                       \
    if (!cuda_driver_started()) return CUDA_ERROR_NOT_INITIALIZED;    \
  } while (0)

CUresult cuInit(unsigned int flags) {
  int code = sim_enter("cuInit", -1);
  if (code != 0) return (CUresult)code;
  if (flags != 0) return CUDA_ERROR_INVALID_VALUE;
  if (sim_device_count(SIM_CUDA) == 0) return CUDA_ERROR_NO_DEVICE;
  cuda_start_driver();
  return CUDA_SUCCESS;
}

CUresult cuDriverGetVersion(int *driverVersion) {
  if (driverVersion == NULL) return CUDA_ERROR_INVALID_VALUE;
  *driverVersion = cuda_driver_version();
  return CUDA_SUCCESS;
}

/* The runtime's names say cudaErrorInvalidValue where the driver's say CUDA_ERROR_INVALID_VALUE. */
CUresult cuGetErrorName(CUresult error, const char **pStr) {
  static _Thread_local char name[64];
  const char *runtime = cuda_error_name((int)error);
  if (pStr == NULL || runtime == NULL) {
    if (pStr != NULL) *pStr = NULL;
    return CUDA_ERROR_INVALID_VALUE;
  }
  size_t length = (size_t)snprintf(name, sizeof name, "CUDA");
  for (const char *c = runtime + 4; *c != '\0' && length < sizeof name - 2; c++) {
    if (isupper((unsigned char)*c)) name[length++] = '_';
    name[length++] = (char)toupper((unsigned char)*c);
  }
  name[length] = '\0';
  *pStr = name;
  return CUDA_SUCCESS;
}

CUresult cuGetErrorString(CUresult error, const char **pStr) {
  if (pStr == NULL) return CUDA_ERROR_INVALID_VALUE;
  *pStr = cuda_error_text((int)error);
  return *pStr == NULL ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
}

CUresult cuDeviceGetCount(int *count) {
  DRIVER_ENTER(cuDeviceGetCount);
  if (count == NULL) return CUDA_ERROR_INVALID_VALUE;
  *count = sim_device_count(SIM_CUDA);
  return CUDA_SUCCESS;
}

CUresult cuDeviceGet(CUdevice *device, int ordinal) {
  DRIVER_ENTER(cuDeviceGet);
  if (device == NULL) return CUDA_ERROR_INVALID_VALUE;
  if (!cuda_is_device(ordinal)) return (CUresult)cudaErrorInvalidDevice;
  *device = ordinal;
  return CUDA_SUCCESS;
}

CUresult cuDeviceGetName(char *name, int len, CUdevice dev) {
  DRIVER_ENTER(cuDeviceGetName);
  if (!cuda_is_device(dev)) return (CUresult)cudaErrorInvalidDevice;
  if (name == NULL || len < 1) return CUDA_ERROR_INVALID_VALUE;
  snprintf(name, (size_t)len, "Tutti simulated device");
  return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxRetain(CUcontext *pctx, CUdevice dev) {
  DRIVER_ENTER(cuDevicePrimaryCtxRetain);
  if (!cuda_is_device(dev)) return (CUresult)cudaErrorInvalidDevice;
  if (pctx == NULL) return CUDA_ERROR_INVALID_VALUE;
  *pctx = &contexts[dev];
  return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxRelease_v2(CUdevice dev) {
  DRIVER_ENTER(cuDevicePrimaryCtxRelease_v2);
  return cuda_is_device(dev) ? CUDA_SUCCESS : (CUresult)cudaErrorInvalidDevice;
}

CUresult cuCtxSetCurrent(CUcontext ctx) {
  DRIVER_ENTER(cuCtxSetCurrent);
  if (ctx != NULL && (ctx < contexts || ctx >= contexts + SIM_MAX_DEVICES)) return (CUresult)CUDA_INVALID_CONTEXT;
  cuda_use_device(ctx == NULL ? -1 : (int)(ctx - contexts));
  return CUDA_SUCCESS;
}

CUresult cuCtxGetCurrent(CUcontext *pctx) {
  DRIVER_ENTER(cuCtxGetCurrent);
  if (pctx == NULL) return CUDA_ERROR_INVALID_VALUE;
  *pctx = cuda_has_context() ? &contexts[sim_cuda_device()] : NULL;
  return CUDA_SUCCESS;
}

/* ---- modules ---- */

CUresult cuModuleLoadData(CUmodule *module, const void *image) {
  DRIVER_ENTER(cuModuleLoadData);
  if (module == NULL || image == NULL) return CUDA_ERROR_INVALID_VALUE;
  if (!cuda_has_context()) return (CUresult)CUDA_INVALID_CONTEXT;
  const char *text = image;
  bool whole = strstr(text, ".version") != NULL && strstr(text, ".target") != NULL
      && strstr(text, ".address_size 64") != NULL;
  if (!whole) return (CUresult)CUDA_INVALID_PTX;
  *module = calloc(1, sizeof **module);
  (*module)->text = strdup(text);
  sim_handle_add(SIM_MODULE, *module);
  return CUDA_SUCCESS;
}

CUresult cuModuleLoadDataEx(CUmodule *module, const void *image, unsigned int numOptions, CUjit_option *options,
                            void **optionValues) {
  CUresult result = cuModuleLoadData(module, image);
  char *log = NULL;
  size_t room = 0;
  for (unsigned i = 0; i < numOptions; i++) {
    if (options[i] == CU_JIT_ERROR_LOG_BUFFER) log = optionValues[i];
    if (options[i] == CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES) room = (size_t)optionValues[i];
  }
  const char *text = result == (CUresult)CUDA_INVALID_PTX
      ? "ptxas fatal: the text lacks .version, .target or .address_size 64" : "";
  if (log != NULL && room > 0) snprintf(log, room, "%s", text);
  return result;
}

CUresult cuModuleUnload(CUmodule hmod) {
  DRIVER_ENTER(cuModuleUnload);
  if (!sim_handle_remove(SIM_MODULE, hmod)) return (CUresult)CUDA_INVALID_HANDLE;
  for (int i = 0; i < hmod->function_count; i++) sim_handle_remove(SIM_FUNCTION, &hmod->functions[i]);
  free(hmod->text);
  free(hmod);
  return CUDA_SUCCESS;
}

static bool parse_name(const char *name, enum sim_operator *op, enum sim_type *type) {
  static const char prefix[] = "tutti_reduce_";
  if (strncmp(name, prefix, sizeof prefix - 1) != 0) return false;
  const char *rest = name + sizeof prefix - 1;
  const char *separator = strchr(rest, '_');
  if (separator == NULL) return false;
  int found = -1;
  for (int o = 0; o < SIM_OPERATORS; o++) {
    bool same = strlen(OPERATOR_NAMES[o]) == (size_t)(separator - rest)
        && strncmp(OPERATOR_NAMES[o], rest, (size_t)(separator - rest)) == 0;
    if (same) found = o;
  }
  if (found < 0) return false;
  *op = (enum sim_operator)found;
  for (size_t i = 0; i < sizeof TYPE_NAMES / sizeof *TYPE_NAMES; i++) {
    if (strcmp(TYPE_NAMES[i].name, separator + 1) != 0) continue;
    *type = TYPE_NAMES[i].type;
    return true;
  }
  return false;
}

/* Whether the module has the name as an entry. */
static bool has_entry(const char *text, const char *name) {
  size_t length = strlen(name);
  for (const char *entry = strstr(text, ".entry"); entry != NULL; entry = strstr(entry, ".entry")) {
    entry += strlen(".entry");
    while (isspace((unsigned char)*entry)) entry++;
    bool ends = strncmp(entry, name, length) == 0 && !isalnum((unsigned char)entry[length]) && entry[length] != '_';
    if (ends) return true;
  }
  return false;
}

CUresult cuModuleGetFunction(CUfunction *hfunc, CUmodule hmod, const char *name) {
  DRIVER_ENTER(cuModuleGetFunction);
  if (hfunc == NULL || name == NULL) return CUDA_ERROR_INVALID_VALUE;
  if (!sim_handle_known(SIM_MODULE, hmod)) return (CUresult)CUDA_INVALID_HANDLE;
  enum sim_operator op;
  enum sim_type type;
  if (!has_entry(hmod->text, name) || !parse_name(name, &op, &type)) return (CUresult)CUDA_NOT_FOUND;
  for (int i = 0; i < hmod->function_count; i++) {
    if (hmod->functions[i].op != op || hmod->functions[i].type != type) continue;
    *hfunc = &hmod->functions[i];
    return CUDA_SUCCESS;
  }
  if (hmod->function_count == MAX_FUNCTIONS) return (CUresult)cudaErrorMemoryAllocation;
  CUfunction function = &hmod->functions[hmod->function_count++];
  function->module = hmod;
  function->op = op;
  function->type = type;
  sim_handle_add(SIM_FUNCTION, function);
  *hfunc = function;
  return CUDA_SUCCESS;
}

/* ---- launches ---- */

struct launch {
  const void *sources[2];
  void *target;
  uint64_t count;
  enum sim_operator op;
  enum sim_type type;
  int device;
};

static void run_launch(void *argument, uint64_t ticket) {
  (void)ticket;
  const struct launch *launch = argument;
  size_t bytes = launch->count * sim_type_bytes(launch->type);
  int device;
  bool reachable = sim_reachable(SIM_CUDA, launch->sources[0], bytes, &device)
      && sim_reachable(SIM_CUDA, launch->sources[1], bytes, &device)
      && sim_reachable(SIM_CUDA, launch->target, bytes, &device);
  if (!reachable && launch->count > 0) {
    cuda_fault(launch->device, CUDA_ILLEGAL_ADDRESS);
    return;
  }
  sim_reduce(launch->type, launch->op, launch->sources, 2, launch->target, launch->count);
}

CUresult cuLaunchKernel(CUfunction f, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ,
                        unsigned int blockDimX, unsigned int blockDimY, unsigned int blockDimZ,
                        unsigned int sharedMemBytes, CUstream hStream, void **kernelParams, void **extra) {
  DRIVER_ENTER(cuLaunchKernel);
  if (!cuda_has_context()) return (CUresult)CUDA_INVALID_CONTEXT;
  if (!sim_handle_known(SIM_FUNCTION, f)) return (CUresult)CUDA_INVALID_HANDLE;
  bool right = gridDimX > 0 && gridDimY > 0 && gridDimZ > 0 && blockDimX > 0 && blockDimY > 0 && blockDimZ > 0
      && (uint64_t)blockDimX * blockDimY * blockDimZ <= 1024 && sharedMemBytes <= 48 * 1024 && kernelParams != NULL
      && extra == NULL;
  if (!right) return CUDA_ERROR_INVALID_VALUE;
  struct sim_stream *stream = cuda_stream(hStream);
  if (stream == NULL) return (CUresult)CUDA_INVALID_HANDLE;
  struct launch *launch = calloc(1, sizeof *launch);
  memcpy(&launch->sources[0], kernelParams[0], sizeof(void *));
  memcpy(&launch->sources[1], kernelParams[1], sizeof(void *));
  memcpy(&launch->target, kernelParams[2], sizeof(void *));
  memcpy(&launch->count, kernelParams[3], sizeof launch->count);
  launch->op = f->op;
  launch->type = f->type;
  launch->device = stream->device;
  enum sim_result result = sim_stream_add(stream, sim_work_new(run_launch, launch, free));
  sim_stream_drop(stream);
  return result == SIM_OK ? CUDA_SUCCESS : (CUresult)CUDA_LAUNCH_FAILURE;
}
