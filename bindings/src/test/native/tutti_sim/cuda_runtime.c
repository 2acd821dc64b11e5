/* CUDA runtime: errors, devices, memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cuda.h"

#define DEVICE_NAME "Tutti simulated device"

static _Thread_local int current_device;
static _Thread_local bool has_context;
static _Thread_local cudaError_t last_error;
static atomic_bool driver_started;
static atomic_int faults[SIM_MAX_DEVICES];
static atomic_bool peers[SIM_MAX_DEVICES][SIM_MAX_DEVICES];

struct error_text {
  int code;
  const char *name, *text;
};

static const struct error_text ERRORS[] = {
    {0, "cudaSuccess", "no error"},
    {1, "cudaErrorInvalidValue", "invalid argument"},
    {2, "cudaErrorMemoryAllocation", "out of memory"},
    {3, "cudaErrorInitializationError", "initialization error"},
    {35, "cudaErrorInsufficientDriver", "CUDA driver version is insufficient for CUDA runtime version"},
    {100, "cudaErrorNoDevice", "no CUDA-capable device is detected"},
    {101, "cudaErrorInvalidDevice", "invalid device ordinal"},
    {CUDA_INVALID_CONTEXT, "cudaErrorDeviceUninitialized", "invalid device context"},
    {CUDA_INVALID_PTX, "cudaErrorInvalidPtx", "a PTX JIT compilation failed"},
    {CUDA_INVALID_HANDLE, "cudaErrorInvalidResourceHandle", "invalid resource handle"},
    {CUDA_NOT_FOUND, "cudaErrorSymbolNotFound", "named symbol not found"},
    {600, "cudaErrorNotReady", "device not ready"},
    {CUDA_ILLEGAL_ADDRESS, "cudaErrorIllegalAddress", "an illegal memory access was encountered"},
    {704, "cudaErrorPeerAccessAlreadyEnabled", "peer access is already enabled"},
    {705, "cudaErrorPeerAccessNotEnabled", "peer access has not been enabled"},
    {712, "cudaErrorHostMemoryAlreadyRegistered", "part or all of the requested memory range is already mapped"},
    {713, "cudaErrorHostMemoryNotRegistered", "pointer does not correspond to a registered memory region"},
    {CUDA_LAUNCH_FAILURE, "cudaErrorLaunchFailure", "unspecified launch failure"},
    {CUDA_CAPTURE_UNSUPPORTED, "cudaErrorStreamCaptureUnsupported", "operation not permitted when stream is capturing"},
    {CUDA_CAPTURE_INVALIDATED, "cudaErrorStreamCaptureInvalidated",
     "operation failed due to a previous error during capture"},
    {CUDA_CAPTURE_UNMATCHED, "cudaErrorStreamCaptureUnmatched", "the capture was not initiated in this stream"},
    {CUDA_CAPTURE_UNJOINED, "cudaErrorStreamCaptureUnjoined", "capturing stream has unjoined work"},
    {CUDA_CAPTURE_ISOLATION, "cudaErrorStreamCaptureIsolation", "dependency created on uncaptured work in another stream"},
    {CUDA_CAPTURE_IMPLICIT, "cudaErrorStreamCaptureImplicit",
     "operation would make the legacy stream depend on a capturing blocking stream"},
    {CUDA_CAPTURED_EVENT, "cudaErrorCapturedEvent", "operation not permitted on an event last recorded in a capturing stream"}};

static const struct error_text *text_of(int error) {
  for (size_t i = 0; i < sizeof ERRORS / sizeof *ERRORS; i++) {
    if (ERRORS[i].code == error) return &ERRORS[i];
  }
  return NULL;
}

const char *cuda_error_name(int error) {
  const struct error_text *found = text_of(error);
  return found == NULL ? NULL : found->name;
}

const char *cuda_error_text(int error) {
  const struct error_text *found = text_of(error);
  return found == NULL ? NULL : found->text;
}

int sim_cuda_device(void) { return current_device; }
bool cuda_is_device(int device) { return device >= 0 && device < sim_device_count(SIM_CUDA); }
bool cuda_has_context(void) { return has_context; }
void cuda_start_driver(void) { atomic_store(&driver_started, true); }
bool cuda_driver_started(void) { return atomic_load(&driver_started); }
void cuda_fault(int device, int error) { atomic_store(&faults[device], error); }
int cuda_fault_of(int device) { return atomic_load(&faults[device]); }

void cuda_use_device(int device) {
  has_context = device >= 0;
  if (device >= 0) current_device = device;
}

static int runtime_version(void) {
  return (int)sim_setting("TUTTI_SIM_CUDA_VERSION", TUTTI_SIM_CUDA_LEVEL * 1000 + 80);
}

int cuda_driver_version(void) { return (int)sim_setting("TUTTI_SIM_CUDA_DRIVER_VERSION", runtime_version()); }

cudaError_t cuda_done(int error) {
  if (error != cudaSuccess) last_error = (cudaError_t)error;
  return (cudaError_t)error;
}

cudaError_t cuda_enter(const char *function) {
  int code = sim_enter(function, -1);
  if (code != 0) return (cudaError_t)code;
  if (cuda_driver_version() / 1000 < runtime_version() / 1000) return cudaErrorInsufficientDriver;
  if (sim_device_count(SIM_CUDA) == 0) return cudaErrorNoDevice;
  cuda_start_driver();
  has_context = true;
  return cudaSuccess;
}

cudaError_t cuda_result(enum sim_result result) {
  switch (result) {
    case SIM_OK: return cudaSuccess;
    case SIM_NO_MEMORY: return cudaErrorMemoryAllocation;
    case SIM_USAGE: return cudaErrorInvalidResourceHandle;
    default: return cudaErrorInvalidValue;
  }
}

cudaError_t cudaGetLastError(void) {
  cudaError_t error = last_error;
  last_error = cudaSuccess;
  return error;
}

cudaError_t cudaPeekAtLastError(void) { return last_error; }

const char *cudaGetErrorString(cudaError_t error) {
  const char *text = cuda_error_text((int)error);
  return text == NULL ? "unrecognized error code" : text;
}

const char *cudaGetErrorName(cudaError_t error) {
  const char *name = cuda_error_name((int)error);
  return name == NULL ? "unrecognized error code" : name;
}

cudaError_t cudaDriverGetVersion(int *driverVersion) {
  if (driverVersion == NULL) return cuda_done(cudaErrorInvalidValue);
  *driverVersion = cuda_driver_version();
  return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int *version) {
  if (version == NULL) return cuda_done(cudaErrorInvalidValue);
  *version = runtime_version();
  return cudaSuccess;
}

/* ---- devices ---- */

cudaError_t cudaGetDeviceCount(int *count) {
  if (count == NULL) return cuda_done(cudaErrorInvalidValue);
  *count = 0;
  CUDA_ENTER(cudaGetDeviceCount);
  *count = sim_device_count(SIM_CUDA);
  return cudaSuccess;
}

cudaError_t cudaSetDevice(int device) {
  CUDA_ENTER(cudaSetDevice);
  if (!cuda_is_device(device)) return cuda_done(cudaErrorInvalidDevice);
  cuda_use_device(device);
  return cudaSuccess;
}

cudaError_t cudaGetDevice(int *device) {
  CUDA_ENTER(cudaGetDevice);
  if (device == NULL) return cuda_done(cudaErrorInvalidValue);
  *device = current_device;
  return cudaSuccess;
}

/* Only what every version has in the same place: the caller's structure may end soon after. */
static cudaError_t properties(struct cudaDeviceProp *prop, int device) {
  if (prop == NULL) return cuda_done(cudaErrorInvalidValue);
  if (!cuda_is_device(device)) return cuda_done(cudaErrorInvalidDevice);
  memset(prop, 0, offsetof(struct cudaDeviceProp, rest));
  snprintf(prop->name, sizeof prop->name, DEVICE_NAME);
  memcpy(prop->uuid.bytes, "tutti-simulated", 15);
  prop->uuid.bytes[15] = (char)device;
  prop->totalGlobalMem = sim_memory_limit();
  return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(struct cudaDeviceProp *prop, int device) {
  CUDA_ENTER(cudaGetDeviceProperties);
  return properties(prop, device);
}

#if TUTTI_SIM_CUDA_LEVEL == 12
cudaError_t cudaGetDeviceProperties_v2(struct cudaDeviceProp *prop, int device) {
  CUDA_ENTER(cudaGetDeviceProperties_v2);
  return properties(prop, device);
}
#endif

cudaError_t cudaDeviceGetAttribute(int *value, enum cudaDeviceAttr attr, int device) {
  CUDA_ENTER(cudaDeviceGetAttribute);
  if (!cuda_is_device(device)) return cuda_done(cudaErrorInvalidDevice);
  if (value == NULL) return cuda_done(cudaErrorInvalidValue);
  switch (attr) {
    case cudaDevAttrMaxThreadsPerBlock: *value = 1024; break;
    case cudaDevAttrMultiProcessorCount: *value = 4; break;
    case cudaDevAttrIntegrated: *value = 0; break;
    case cudaDevAttrUnifiedAddressing: *value = 1; break;
    case cudaDevAttrComputeCapabilityMajor: *value = 9; break;
    case cudaDevAttrComputeCapabilityMinor: *value = 0; break;
    default: return cuda_done(cudaErrorInvalidValue);
  }
  return cudaSuccess;
}

cudaError_t cudaDeviceGetPCIBusId(char *pciBusId, int len, int device) {
  CUDA_ENTER(cudaDeviceGetPCIBusId);
  if (!cuda_is_device(device)) return cuda_done(cudaErrorInvalidDevice);
  if (pciBusId == NULL || len < 13) return cuda_done(cudaErrorInvalidValue);
  snprintf(pciBusId, (size_t)len, "0000:%02X:00.0", 0x41 + device);
  return cudaSuccess;
}

cudaError_t cudaDeviceSynchronize(void) {
  CUDA_ENTER(cudaDeviceSynchronize);
  if (cuda_capture_forbids()) return cuda_done(CUDA_CAPTURE_UNSUPPORTED);
  sim_device_wait(SIM_CUDA, current_device, 0);
  return cuda_done(cuda_fault_of(current_device));
}

cudaError_t cudaDeviceReset(void) {
  CUDA_ENTER(cudaDeviceReset);
  sim_device_wait(SIM_CUDA, current_device, 0);
  cuda_fault(current_device, 0);
  has_context = false;
  return cudaSuccess;
}

static bool can_reach(int device, int peer) { return device != peer && sim_setting("TUTTI_SIM_PEER_ACCESS", 1) != 0; }

cudaError_t cudaDeviceCanAccessPeer(int *canAccessPeer, int device, int peerDevice) {
  CUDA_ENTER(cudaDeviceCanAccessPeer);
  if (!cuda_is_device(device) || !cuda_is_device(peerDevice)) return cuda_done(cudaErrorInvalidDevice);
  if (canAccessPeer == NULL) return cuda_done(cudaErrorInvalidValue);
  *canAccessPeer = can_reach(device, peerDevice);
  return cudaSuccess;
}

cudaError_t cudaDeviceEnablePeerAccess(int peerDevice, unsigned int flags) {
  CUDA_ENTER(cudaDeviceEnablePeerAccess);
  if (flags != 0) return cuda_done(cudaErrorInvalidValue);
  if (!cuda_is_device(peerDevice) || !can_reach(current_device, peerDevice)) return cuda_done(cudaErrorInvalidDevice);
  bool before = atomic_exchange(&peers[current_device][peerDevice], true);
  return cuda_done(before ? cudaErrorPeerAccessAlreadyEnabled : cudaSuccess);
}

cudaError_t cudaDeviceDisablePeerAccess(int peerDevice) {
  CUDA_ENTER(cudaDeviceDisablePeerAccess);
  if (!cuda_is_device(peerDevice)) return cuda_done(cudaErrorInvalidDevice);
  bool before = atomic_exchange(&peers[current_device][peerDevice], false);
  return cuda_done(before ? cudaSuccess : cudaErrorPeerAccessNotEnabled);
}

/* ---- memory ---- */

cudaError_t cudaMemGetInfo(size_t *free, size_t *total) {
  CUDA_ENTER(cudaMemGetInfo);
  if (free == NULL || total == NULL) return cuda_done(cudaErrorInvalidValue);
  size_t used = sim_memory_used(SIM_CUDA, current_device), limit = sim_memory_limit();
  *total = limit;
  *free = used < limit ? limit - used : 0;
  return cudaSuccess;
}

cudaError_t cudaMalloc(void **devPtr, size_t size) {
  CUDA_ENTER(cudaMalloc);
  if (devPtr == NULL) return cuda_done(cudaErrorInvalidValue);
  if (cuda_fault_of(current_device) != 0) return cuda_done(cuda_fault_of(current_device));
  *devPtr = NULL;
  if (size == 0) return cudaSuccess;
  if (cuda_capture_forbids()) return cuda_done(CUDA_CAPTURE_UNSUPPORTED);
  return cuda_done(cuda_result(sim_allocate(SIM_DEVICE, SIM_CUDA, current_device, size, devPtr)));
}

cudaError_t cudaFree(void *devPtr) {
  CUDA_ENTER(cudaFree);
  struct sim_memory found;
  if (devPtr == NULL) return cudaSuccess;
  if (cuda_capture_forbids()) return cuda_done(CUDA_CAPTURE_UNSUPPORTED);
  if (!sim_find(devPtr, &found) || found.vendor != SIM_CUDA || found.kind != SIM_DEVICE) {
    return cuda_done(cudaErrorInvalidValue);
  }
  sim_device_wait(SIM_CUDA, found.device, 0); /* work may still use it */
  return cuda_done(cuda_result(sim_free(SIM_DEVICE, SIM_CUDA, devPtr)));
}

static cudaError_t allocate_host(void **ptr, size_t size) {
  if (ptr == NULL) return cuda_done(cudaErrorInvalidValue);
  return cuda_done(cuda_result(sim_allocate(SIM_PINNED, SIM_CUDA, current_device, size, ptr)));
}

cudaError_t cudaMallocHost(void **ptr, size_t size) {
  CUDA_ENTER(cudaMallocHost);
  return allocate_host(ptr, size);
}

cudaError_t cudaHostAlloc(void **pHost, size_t size, unsigned int flags) {
  CUDA_ENTER(cudaHostAlloc);
  if ((flags & ~7u) != 0) return cuda_done(cudaErrorInvalidValue);
  return allocate_host(pHost, size);
}

cudaError_t cudaFreeHost(void *ptr) {
  CUDA_ENTER(cudaFreeHost);
  if (ptr == NULL) return cudaSuccess;
  sim_device_wait(SIM_CUDA, current_device, 0);
  return cuda_done(cuda_result(sim_free(SIM_PINNED, SIM_CUDA, ptr)));
}

cudaError_t cudaHostRegister(void *ptr, size_t size, unsigned int flags) {
  CUDA_ENTER(cudaHostRegister);
  if ((flags & ~15u) != 0) return cuda_done(cudaErrorInvalidValue);
  enum sim_result result = sim_register(SIM_CUDA, ptr, size);
  return cuda_done(result == SIM_USAGE ? cudaErrorHostMemoryAlreadyRegistered : cuda_result(result));
}

cudaError_t cudaHostUnregister(void *ptr) {
  CUDA_ENTER(cudaHostUnregister);
  enum sim_result result = sim_free(SIM_REGISTERED, SIM_CUDA, ptr);
  return cuda_done(result == SIM_OK ? cudaSuccess : cudaErrorHostMemoryNotRegistered);
}
