/* ACL: the library, devices, contexts, memory. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acl.h"

struct context {
  int device;
};

static atomic_bool initialised;
static struct context defaults[SIM_MAX_DEVICES];
static _Thread_local struct context *current;
static _Thread_local char recent[512], given[512];

aclError acl_error(aclError code, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(recent, sizeof recent, format, arguments);
  va_end(arguments);
  return code;
}

bool acl_is_device(int device) { return device >= 0 && device < sim_device_count(SIM_ASCEND); }

aclError acl_enter(const char *function, int *device) {
  int code = sim_enter(function, -1);
  if (code != 0) return acl_error(code, "%s fails as it was told to", function);
  if (!atomic_load(&initialised)) return acl_error(ACL_ERROR_UNINITIALIZE, "%s: aclInit was not called", function);
  if (device == NULL) return ACL_SUCCESS;
  if (current == NULL) return acl_error(ACL_NO_CONTEXT, "%s: this thread has no context", function);
  *device = current->device;
  return ACL_SUCCESS;
}

aclError aclInit(const char *configPath) {
  int code = sim_enter("aclInit", -1);
  if (code != 0) return acl_error(code, "aclInit fails as it was told to");
  if (configPath != NULL && *configPath != '\0') {
    FILE *file = fopen(configPath, "r");
    if (file == NULL) return acl_error(ACL_ERROR_INVALID_PARAM, "aclInit: cannot read %s", configPath);
    fclose(file);
  }
  if (atomic_exchange(&initialised, true)) return acl_error(ACL_ERROR_REPEAT_INITIALIZE, "aclInit: called before");
  return ACL_SUCCESS;
}

aclError aclFinalize(void) {
  aclError entered = acl_enter("aclFinalize", NULL);
  if (entered != ACL_SUCCESS) return entered;
  current = NULL;
  atomic_store(&initialised, false);
  return ACL_SUCCESS;
}

aclError aclrtGetVersion(int32_t *major, int32_t *minor, int32_t *patch) {
  if (major == NULL || minor == NULL || patch == NULL) return acl_error(ACL_ERROR_INVALID_PARAM, "aclrtGetVersion: null");
  char text[32];
  *major = 1;
  *minor = TUTTI_SIM_CANN_LEVEL >= 90 ? 15 : TUTTI_SIM_CANN_LEVEL >= 85 ? 14 : 13;
  *patch = 0;
  if (sim_setting_text("TUTTI_SIM_ACL_VERSION", text, sizeof text)) sscanf(text, "%d.%d.%d", major, minor, patch);
  return ACL_SUCCESS;
}

const char *aclGetRecentErrMsg(void) {
  if (recent[0] == '\0') return NULL;
  memcpy(given, recent, sizeof given); /* telling it forgets it */
  recent[0] = '\0';
  return given;
}

const char *aclrtGetSocName(void) {
  static _Thread_local char name[64];
  if (!sim_setting_text("TUTTI_SIM_SOC", name, sizeof name)) snprintf(name, sizeof name, "Ascend910_9392");
  return name;
}

/* ---- devices and contexts ---- */

aclError aclrtGetDeviceCount(uint32_t *count) {
  aclError entered = acl_enter("aclrtGetDeviceCount", NULL);
  if (entered != ACL_SUCCESS) return entered;
  if (count == NULL) return acl_error(ACL_PARAMETER, "aclrtGetDeviceCount: count is null");
  *count = (uint32_t)sim_device_count(SIM_ASCEND);
  return ACL_SUCCESS;
}

aclError aclrtSetDevice(int32_t device) {
  aclError entered = acl_enter("aclrtSetDevice", NULL);
  if (entered != ACL_SUCCESS) return entered;
  if (!acl_is_device(device)) return acl_error(ACL_DEVICE, "aclrtSetDevice: there is no device %d", device);
  defaults[device].device = device;
  current = &defaults[device];
  return ACL_SUCCESS;
}

aclError aclrtResetDevice(int32_t device) {
  aclError entered = acl_enter("aclrtResetDevice", NULL);
  if (entered != ACL_SUCCESS) return entered;
  if (!acl_is_device(device)) return acl_error(ACL_DEVICE, "aclrtResetDevice: there is no device %d", device);
  sim_device_wait(SIM_ASCEND, device, 0);
  if (current != NULL && current->device == device) current = NULL;
  return ACL_SUCCESS;
}

aclError aclrtGetDevice(int32_t *device) {
  int mine;
  aclError entered = acl_enter("aclrtGetDevice", &mine);
  if (entered != ACL_SUCCESS) return entered;
  if (device == NULL) return acl_error(ACL_PARAMETER, "aclrtGetDevice: device is null");
  *device = mine;
  return ACL_SUCCESS;
}

aclError aclrtSynchronizeDeviceWithTimeout(int32_t timeout) {
  int device;
  aclError entered = acl_enter("aclrtSynchronizeDeviceWithTimeout", &device);
  if (entered != ACL_SUCCESS) return entered;
  uint64_t deadline = timeout < 0 ? 0 : sim_now() + (uint64_t)timeout * 1000000u;
  if (sim_device_wait(SIM_ASCEND, device, deadline)) return ACL_SUCCESS;
  return acl_error(ACL_STREAM_TIMEOUT, "device %d is not done after %d ms", device, timeout);
}

aclError aclrtSynchronizeDevice(void) { return aclrtSynchronizeDeviceWithTimeout(-1); }

aclError aclrtCreateContext(aclrtContext *context, int32_t device) {
  aclError entered = acl_enter("aclrtCreateContext", NULL);
  if (entered != ACL_SUCCESS) return entered;
  if (context == NULL) return acl_error(ACL_PARAMETER, "aclrtCreateContext: context is null");
  if (!acl_is_device(device)) return acl_error(ACL_DEVICE, "aclrtCreateContext: there is no device %d", device);
  struct context *created = calloc(1, sizeof *created);
  created->device = device;
  sim_handle_add(SIM_CONTEXT, created);
  *context = current = created;
  return ACL_SUCCESS;
}

static bool is_context(const struct context *context) {
  return (context >= defaults && context < defaults + SIM_MAX_DEVICES) || sim_handle_known(SIM_CONTEXT, context);
}

aclError aclrtDestroyContext(aclrtContext context) {
  aclError entered = acl_enter("aclrtDestroyContext", NULL);
  if (entered != ACL_SUCCESS) return entered;
  if (!sim_handle_remove(SIM_CONTEXT, context)) {
    return acl_error(ACL_PARAMETER, "aclrtDestroyContext: %p was not made by aclrtCreateContext", context);
  }
  if (current == context) current = NULL;
  free(context);
  return ACL_SUCCESS;
}

aclError aclrtSetCurrentContext(aclrtContext context) {
  aclError entered = acl_enter("aclrtSetCurrentContext", NULL);
  if (entered != ACL_SUCCESS) return entered;
  if (!is_context(context)) return acl_error(ACL_PARAMETER, "aclrtSetCurrentContext: %p is no context", context);
  current = context;
  return ACL_SUCCESS;
}

aclError aclrtGetCurrentContext(aclrtContext *context) {
  int device;
  aclError entered = acl_enter("aclrtGetCurrentContext", &device);
  if (entered != ACL_SUCCESS) return entered;
  if (context == NULL) return acl_error(ACL_PARAMETER, "aclrtGetCurrentContext: context is null");
  *context = current;
  return ACL_SUCCESS;
}

aclError aclrtDeviceCanAccessPeer(int32_t *canAccessPeer, int32_t device, int32_t peerDevice) {
  aclError entered = acl_enter("aclrtDeviceCanAccessPeer", NULL);
  if (entered != ACL_SUCCESS) return entered;
  if (!acl_is_device(device) || !acl_is_device(peerDevice) || device == peerDevice || canAccessPeer == NULL) {
    return acl_error(ACL_DEVICE, "aclrtDeviceCanAccessPeer: devices %d and %d", device, peerDevice);
  }
  *canAccessPeer = sim_setting("TUTTI_SIM_PEER_ACCESS", 1) != 0;
  return ACL_SUCCESS;
}

aclError aclrtDeviceEnablePeerAccess(int32_t peerDevice, uint32_t flags) {
  int device;
  aclError entered = acl_enter("aclrtDeviceEnablePeerAccess", &device);
  if (entered != ACL_SUCCESS) return entered;
  bool right = acl_is_device(peerDevice) && peerDevice != device && flags == 0
      && sim_setting("TUTTI_SIM_PEER_ACCESS", 1) != 0;
  return right ? ACL_SUCCESS : acl_error(ACL_DEVICE, "aclrtDeviceEnablePeerAccess: device %d to %d", device, peerDevice);
}

#if TUTTI_SIM_CANN_LEVEL >= 91
/* Two dies of a package, and packages over switches, as on an A3. */
aclError aclrtGetDevicesTopo(uint32_t device, uint32_t other, uint64_t *value) {
  aclError entered = acl_enter("aclrtGetDevicesTopo", NULL);
  if (entered != ACL_SUCCESS) return entered;
  if (!acl_is_device((int)device) || !acl_is_device((int)other) || value == NULL) {
    return acl_error(ACL_ERROR_INVALID_PARAM, "aclrtGetDevicesTopo: devices %u and %u", device, other);
  }
  *value = device / 2 == other / 2 ? 0x20 : 0x40;
  return ACL_SUCCESS;
}
#endif

#if TUTTI_SIM_CANN_LEVEL >= 92
aclError aclrtDeviceGetPCIBusId(int32_t device, char *address, int32_t length) {
  aclError entered = acl_enter("aclrtDeviceGetPCIBusId", NULL);
  if (entered != ACL_SUCCESS) return entered;
  if (!acl_is_device(device) || address == NULL || length < 13) {
    return acl_error(ACL_ERROR_INVALID_PARAM, "aclrtDeviceGetPCIBusId: device %d, %d bytes", device, length);
  }
  snprintf(address, (size_t)length, "0000:%02X:00.0", 0xc4 - device);
  return ACL_SUCCESS;
}
#endif

/* ---- memory ---- */

aclError aclrtGetMemInfo(aclrtMemAttr attr, size_t *free, size_t *total) {
  int device;
  aclError entered = acl_enter("aclrtGetMemInfo", &device);
  if (entered != ACL_SUCCESS) return entered;
  if (free == NULL || total == NULL || (attr != ACL_HBM_MEM && attr != ACL_DDR_MEM)) {
    return acl_error(ACL_PARAMETER, "aclrtGetMemInfo: attribute %d", (int)attr);
  }
  size_t used = sim_memory_used(SIM_ASCEND, device), limit = sim_memory_limit();
  *total = attr == ACL_HBM_MEM ? limit : 0;
  *free = used < *total ? *total - used : 0;
  return ACL_SUCCESS;
}

aclError aclrtMalloc(void **devPtr, size_t size, aclrtMemMallocPolicy policy) {
  int device;
  aclError entered = acl_enter("aclrtMalloc", &device);
  if (entered != ACL_SUCCESS) return entered;
  if (devPtr == NULL || size == 0 || ((int)policy & 0xff) > 7) {
    return acl_error(ACL_PARAMETER, "aclrtMalloc: %zu bytes, policy %d", size, (int)policy);
  }
  if (sim_allocate(SIM_DEVICE, SIM_ASCEND, device, size, devPtr) == SIM_OK) return ACL_SUCCESS;
  return acl_error(ACL_NO_MEMORY, "aclrtMalloc: device %d has no %zu bytes left", device, size);
}

aclError aclrtFree(void *devPtr) {
  aclError entered = acl_enter("aclrtFree", NULL);
  if (entered != ACL_SUCCESS) return entered;
  if (sim_free(SIM_DEVICE, SIM_ASCEND, devPtr) == SIM_OK) return ACL_SUCCESS;
  return acl_error(ACL_PARAMETER, "aclrtFree: %p is no device memory", devPtr);
}

aclError aclrtMallocHost(void **hostPtr, size_t size) {
  int device;
  aclError entered = acl_enter("aclrtMallocHost", &device);
  if (entered != ACL_SUCCESS) return entered;
  if (hostPtr == NULL || size == 0) return acl_error(ACL_PARAMETER, "aclrtMallocHost: %zu bytes", size);
  if (sim_allocate(SIM_PINNED, SIM_ASCEND, device, size, hostPtr) == SIM_OK) return ACL_SUCCESS;
  return acl_error(ACL_ALLOCATION, "aclrtMallocHost: no %zu bytes", size);
}

aclError aclrtFreeHost(void *hostPtr) {
  aclError entered = acl_enter("aclrtFreeHost", NULL);
  if (entered != ACL_SUCCESS) return entered;
  if (sim_free(SIM_PINNED, SIM_ASCEND, hostPtr) == SIM_OK) return ACL_SUCCESS;
  return acl_error(ACL_PARAMETER, "aclrtFreeHost: %p is no pinned memory", hostPtr);
}

bool acl_is_device_memory(const void *address, size_t bytes, bool *right) {
  struct sim_memory found;
  if (!sim_find(address, &found)) return false;
  *right = *right && found.vendor == SIM_ASCEND && bytes <= found.bytes - ((uintptr_t)address - found.base);
  return found.kind == SIM_DEVICE;
}
