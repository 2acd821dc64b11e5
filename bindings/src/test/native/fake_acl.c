/*
 * Acts as Ascend's runtime, for tests. By macro:
 *
 * FAKE_PAIRS   four devices: dies 0-1 and 2-3 of one package each, everything else over HCCS switches; the default
 * FAKE_RINGS   four devices joined directly, each with each
 * FAKE_PCI     four devices: two and two below a PCI Express switch
 * FAKE_OLD     lacks the functions that came late
 * FAKE_NO_DRIVER  does not answer
 *
 * Its memory is that of the host, and its streams do everything at once.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tutti_acl.h"

#define DEVICES 4
#define NOT_INITIALISED 100001
#define BAD_ARGUMENT 100000

static int initialised;

aclError aclInit(const char *configPath) {
#ifdef FAKE_NO_DRIVER
  return 507899;
#endif
  if (configPath != NULL) return BAD_ARGUMENT;
  if (initialised) return 100002;
  initialised = 1;
  return 0;
}

const char *aclrtGetSocName(void) { return "Ascend910_9392"; }

aclError aclrtGetDeviceCount(uint32_t *count) {
  if (!initialised) return NOT_INITIALISED;
  *count = DEVICES;
  return 0;
}

#ifndef FAKE_OLD
aclError aclrtGetDevicesTopo(uint32_t device, uint32_t other, uint64_t *value) {
  if (device >= DEVICES || other >= DEVICES) return BAD_ARGUMENT;
#if defined(FAKE_RINGS)
  *value = 0x01;
#elif defined(FAKE_PCI)
  *value = device / 2 == other / 2 ? 0x02 : 0x10;
#else
  *value = device / 2 == other / 2 ? 0x20 : 0x40;
#endif
  return 0;
}

aclError aclrtDeviceGetPCIBusId(int32_t device, char *address, int32_t length) {
  if (device < 0 || device >= DEVICES) return BAD_ARGUMENT;
  /* On purpose not in the order of the addresses. */
  snprintf(address, (size_t)length, "0000:%02X:00.0", 0xc4 - device);
  return 0;
}
#endif

/* ---- the runtime */

static char note[256];
static int live; /* things that were made and not freed */
static int busy;
static const char *recent;
static __thread int current_device = -1;

const char *fake_acl_note(void) { return note; }
int fake_acl_live(void) { return live; }
void fake_acl_set_busy(int is) { busy = is; }

static aclError fail(aclError error, const char *text) {
  recent = text;
  return error;
}

static aclError made(void **out) {
  *out = calloc(1, 64);
  live++;
  return 0;
}

static aclError freed(void *it) {
  free(it);
  live--;
  return 0;
}

const char *aclGetRecentErrMsg(void) {
  const char *text = recent;
  recent = NULL;
  return text;
}

aclError aclrtGetVersion(int32_t *major, int32_t *minor, int32_t *patch) {
  *major = 1, *minor = 13, *patch = 2;
  return 0;
}

aclError aclrtSetDevice(int32_t device) {
  if (device < 0 || device >= DEVICES) return fail(107001, "EE1001: The argument is invalid. deviceId=7\n");
  current_device = device;
  return 0;
}

aclError aclrtGetDevice(int32_t *device) {
  if (current_device < 0) return 107002;
  *device = current_device;
  return 0;
}

aclError aclrtResetDevice(int32_t device) {
  snprintf(note, sizeof note, "aclrtResetDevice %d", device);
  return 0;
}

aclError aclrtSynchronizeDevice(void) { return 0; }
aclError aclrtGetCurrentContext(aclrtContext *context) { return *context = (void *)0xc0, 0; }
aclError aclrtSetCurrentContext(aclrtContext context) {
  snprintf(note, sizeof note, "aclrtSetCurrentContext %p", context);
  return 0;
}
aclError aclrtDeviceCanAccessPeer(int32_t *can, int32_t device, int32_t peer) { return *can = device != peer, 0; }
aclError aclrtDeviceEnablePeerAccess(int32_t peer, uint32_t flags) { return (void)peer, (void)flags, 0; }
aclError aclrtDeviceTaskAbort(int32_t device, uint32_t timeout) {
  snprintf(note, sizeof note, "aclrtDeviceTaskAbort device=%d timeout=%u", device, timeout);
  return 0;
}
aclError aclrtGetMemInfo(aclrtMemAttr attr, size_t *free, size_t *total) {
  *free = attr == ACL_HBM_MEM ? 60 : 1;
  *total = 64;
  return 0;
}
aclError aclrtMalloc(void **devPtr, size_t size, aclrtMemMallocPolicy policy) {
  (void)policy;
  if (size > 1ul << 40) return fail(207001, "no memory left");
  *devPtr = malloc(size);
  live++;
  return 0;
}
aclError aclrtFree(void *devPtr) { return freed(devPtr); }
aclError aclrtMallocHost(void **hostPtr, size_t size) { return aclrtMalloc(hostPtr, size, ACL_MEM_MALLOC_NORMAL_ONLY); }
aclError aclrtFreeHost(void *hostPtr) { return freed(hostPtr); }
aclError aclrtMemcpy(void *dst, size_t destMax, const void *src, size_t count, aclrtMemcpyKind kind) {
  (void)kind;
  if (count > destMax) return BAD_ARGUMENT;
  memmove(dst, src, count);
  return 0;
}
aclError aclrtMemcpyAsync(void *dst, size_t destMax, const void *src, size_t count, aclrtMemcpyKind kind,
                          aclrtStream stream) {
  (void)stream;
  return aclrtMemcpy(dst, destMax, src, count, kind);
}
aclError aclrtMemset(void *devPtr, size_t maxCount, int32_t value, size_t count) {
  if (count > maxCount) return BAD_ARGUMENT;
  memset(devPtr, value, count);
  return 0;
}
#ifndef FAKE_OLD
aclError aclrtReduceAsync(void *dst, const void *src, uint64_t count, aclrtReduceKind kind, aclDataType type,
                          aclrtStream stream, void *reserve) {
  (void)stream;
  if (type != ACL_FLOAT || kind != ACL_RT_MEMCPY_SDMA_AUTOMATIC_SUM || reserve != NULL) return 207000;
  for (uint64_t i = 0; i < count / sizeof(float); i++) ((float *)dst)[i] += ((const float *)src)[i];
  return 0;
}
#endif
aclError aclrtCreateStream(aclrtStream *stream) { return made(stream); }
aclError aclrtDestroyStream(aclrtStream stream) { return freed(stream); }
aclError aclrtSynchronizeStreamWithTimeout(aclrtStream stream, int32_t timeout) {
  (void)stream;
  return busy && timeout >= 0 ? fail(507046, "stream 3 is stuck") : 0;
}
aclError aclrtStreamQuery(aclrtStream stream, aclrtStreamStatus *status) {
  (void)stream;
  *status = busy ? ACL_STREAM_STATUS_NOT_READY : ACL_STREAM_STATUS_COMPLETE;
  return 0;
}
aclError aclrtStreamWaitEvent(aclrtStream stream, aclrtEvent event) { return (void)stream, (void)event, 0; }
aclError aclrtStreamAbort(aclrtStream stream) {
  (void)stream;
  snprintf(note, sizeof note, "aclrtStreamAbort");
  return 0;
}
aclError aclrtCreateEvent(aclrtEvent *event) { return made(event); }
aclError aclrtCreateEventExWithFlag(aclrtEvent *event, uint32_t flag) {
  snprintf(note, sizeof note, "aclrtCreateEventExWithFlag flag=%u", flag);
  return made(event);
}
aclError aclrtDestroyEvent(aclrtEvent event) { return freed(event); }
aclError aclrtRecordEvent(aclrtEvent event, aclrtStream stream) { return (void)event, (void)stream, 0; }
aclError aclrtQueryEventStatus(aclrtEvent event, aclrtEventRecordedStatus *status) {
  (void)event;
  *status = busy ? ACL_EVENT_RECORDED_STATUS_NOT_READY : ACL_EVENT_RECORDED_STATUS_COMPLETE;
  return 0;
}
aclError aclrtSynchronizeEvent(aclrtEvent event) { return (void)event, 0; }
aclError aclrtEventElapsedTime(float *ms, aclrtEvent start, aclrtEvent end) {
  return (void)start, (void)end, *ms = 2.5f, 0;
}
