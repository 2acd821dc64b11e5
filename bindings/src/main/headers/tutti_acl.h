/*
 * The functions of Ascend's runtime (ACL) that Tutti calls: declarations only, input of jextract (see
 * ../../../README.md).
 *
 * Written from the published prototypes, not from the vendor's headers, and free of #include. A test compiles this file
 * together with acl/acl.h where that is installed (TUTTI_CHECK_AGAINST_SYSTEM defined): a declaration that differs is an
 * error of the C compiler.
 *
 * Each function has a pointer type of its own, NAME_call, of which jextract makes a class that calls any address: the
 * library is looked for at run time, and a function that an older version lacks is passed over.
 */
#ifndef TUTTI_ACL_H
#define TUTTI_ACL_H

#ifndef TUTTI_CHECK_AGAINST_SYSTEM
typedef int int32_t;
typedef unsigned int uint32_t;
typedef unsigned long uint64_t;
typedef unsigned long size_t;

typedef int aclError;
typedef void *aclrtContext;
typedef void *aclrtStream;
typedef void *aclrtEvent;

#define ACL_SUCCESS 0
#define ACL_ERROR_INVALID_PARAM 100000
#define ACL_ERROR_UNINITIALIZE 100001
#define ACL_ERROR_REPEAT_INITIALIZE 100002

typedef enum aclrtMemMallocPolicy {
  ACL_MEM_MALLOC_HUGE_FIRST = 0,
  ACL_MEM_MALLOC_HUGE_ONLY = 1,
  ACL_MEM_MALLOC_NORMAL_ONLY = 2,
  ACL_MEM_MALLOC_HUGE_FIRST_P2P = 3
} aclrtMemMallocPolicy;

typedef enum aclrtMemcpyKind {
  ACL_MEMCPY_HOST_TO_HOST = 0,
  ACL_MEMCPY_HOST_TO_DEVICE = 1,
  ACL_MEMCPY_DEVICE_TO_HOST = 2,
  ACL_MEMCPY_DEVICE_TO_DEVICE = 3
} aclrtMemcpyKind;

typedef enum aclrtMemAttr { ACL_DDR_MEM = 0, ACL_HBM_MEM = 1 } aclrtMemAttr;

typedef enum aclrtStreamStatus { ACL_STREAM_STATUS_COMPLETE = 0, ACL_STREAM_STATUS_NOT_READY = 1 } aclrtStreamStatus;

typedef enum aclrtEventRecordedStatus {
  ACL_EVENT_RECORDED_STATUS_NOT_READY = 0,
  ACL_EVENT_RECORDED_STATUS_COMPLETE = 1
} aclrtEventRecordedStatus;

#define ACL_EVENT_SYNC 0x01
#define ACL_EVENT_CAPTURE_STREAM_PROGRESS 0x02
#define ACL_EVENT_TIME_LINE 0x08
#define ACL_STREAM_FAST_LAUNCH 0x01
#define ACL_STREAM_FAST_SYNC 0x02

typedef enum aclrtReduceKind {
  ACL_RT_MEMCPY_SDMA_AUTOMATIC_SUM = 10,
  ACL_RT_MEMCPY_SDMA_AUTOMATIC_MAX = 11,
  ACL_RT_MEMCPY_SDMA_AUTOMATIC_MIN = 12
} aclrtReduceKind;

typedef enum aclDataType {
  ACL_FLOAT = 0,
  ACL_FLOAT16 = 1,
  ACL_INT8 = 2,
  ACL_INT32 = 3,
  ACL_UINT8 = 4,
  ACL_INT16 = 6,
  ACL_UINT16 = 7,
  ACL_UINT32 = 8,
  ACL_INT64 = 9,
  ACL_UINT64 = 10,
  ACL_DOUBLE = 11,
  ACL_BF16 = 27
} aclDataType;
#endif

#define TUTTI_FUNCTION(result, name, ...) \
  result name(__VA_ARGS__);               \
  typedef result (*name##_call)(__VA_ARGS__)

/* The library. */
TUTTI_FUNCTION(aclError, aclInit, const char *configPath);
TUTTI_FUNCTION(aclError, aclFinalize, void);
TUTTI_FUNCTION(aclError, aclrtGetVersion, int32_t *major, int32_t *minor, int32_t *patch);
TUTTI_FUNCTION(const char *, aclGetRecentErrMsg, void);
TUTTI_FUNCTION(const char *, aclrtGetSocName, void);

/* Devices and contexts. */
TUTTI_FUNCTION(aclError, aclrtGetDeviceCount, uint32_t *count);
TUTTI_FUNCTION(aclError, aclrtSetDevice, int32_t device);
TUTTI_FUNCTION(aclError, aclrtResetDevice, int32_t device);
TUTTI_FUNCTION(aclError, aclrtGetDevice, int32_t *device);
TUTTI_FUNCTION(aclError, aclrtSynchronizeDevice, void);
TUTTI_FUNCTION(aclError, aclrtSynchronizeDeviceWithTimeout, int32_t timeout);
TUTTI_FUNCTION(aclError, aclrtCreateContext, aclrtContext *context, int32_t device);
TUTTI_FUNCTION(aclError, aclrtDestroyContext, aclrtContext context);
TUTTI_FUNCTION(aclError, aclrtSetCurrentContext, aclrtContext context);
TUTTI_FUNCTION(aclError, aclrtGetCurrentContext, aclrtContext *context);
TUTTI_FUNCTION(aclError, aclrtDeviceCanAccessPeer, int32_t *canAccessPeer, int32_t device, int32_t peerDevice);
TUTTI_FUNCTION(aclError, aclrtDeviceEnablePeerAccess, int32_t peerDevice, uint32_t flags);
TUTTI_FUNCTION(aclError, aclrtDeviceTaskAbort, int32_t device, uint32_t timeout);
TUTTI_FUNCTION(aclError, aclrtGetDevicesTopo, uint32_t device, uint32_t other, uint64_t *value);    /* since 9.1 */
TUTTI_FUNCTION(aclError, aclrtDeviceGetPCIBusId, int32_t device, char *address, int32_t length); /* since 9.2 */

/* Memory. */
TUTTI_FUNCTION(aclError, aclrtGetMemInfo, aclrtMemAttr attr, size_t *free, size_t *total);
TUTTI_FUNCTION(aclError, aclrtMalloc, void **devPtr, size_t size, aclrtMemMallocPolicy policy);
TUTTI_FUNCTION(aclError, aclrtFree, void *devPtr);
TUTTI_FUNCTION(aclError, aclrtMallocHost, void **hostPtr, size_t size);
TUTTI_FUNCTION(aclError, aclrtFreeHost, void *hostPtr);
TUTTI_FUNCTION(aclError, aclrtMemcpy, void *dst, size_t destMax, const void *src, size_t count, aclrtMemcpyKind kind);
TUTTI_FUNCTION(aclError, aclrtMemcpyAsync, void *dst, size_t destMax, const void *src, size_t count,
               aclrtMemcpyKind kind, aclrtStream stream);
TUTTI_FUNCTION(aclError, aclrtMemset, void *devPtr, size_t maxCount, int32_t value, size_t count);
/* dst = dst op src; count in bytes; the last argument is null. */
TUTTI_FUNCTION(aclError, aclrtReduceAsync, void *dst, const void *src, uint64_t count, aclrtReduceKind kind,
               aclDataType type, aclrtStream stream, void *reserve);

/* Streams. */
TUTTI_FUNCTION(aclError, aclrtCreateStream, aclrtStream *stream);
TUTTI_FUNCTION(aclError, aclrtCreateStreamWithConfig, aclrtStream *stream, uint32_t priority, uint32_t flag);
TUTTI_FUNCTION(aclError, aclrtDestroyStream, aclrtStream stream);
TUTTI_FUNCTION(aclError, aclrtDestroyStreamForce, aclrtStream stream);
TUTTI_FUNCTION(aclError, aclrtSynchronizeStream, aclrtStream stream);
TUTTI_FUNCTION(aclError, aclrtSynchronizeStreamWithTimeout, aclrtStream stream, int32_t timeout);
TUTTI_FUNCTION(aclError, aclrtStreamQuery, aclrtStream stream, aclrtStreamStatus *status);
TUTTI_FUNCTION(aclError, aclrtStreamWaitEvent, aclrtStream stream, aclrtEvent event);
TUTTI_FUNCTION(aclError, aclrtStreamAbort, aclrtStream stream);

/* Events. */
TUTTI_FUNCTION(aclError, aclrtCreateEvent, aclrtEvent *event);
TUTTI_FUNCTION(aclError, aclrtCreateEventExWithFlag, aclrtEvent *event, uint32_t flag);
TUTTI_FUNCTION(aclError, aclrtDestroyEvent, aclrtEvent event);
TUTTI_FUNCTION(aclError, aclrtRecordEvent, aclrtEvent event, aclrtStream stream);
TUTTI_FUNCTION(aclError, aclrtQueryEventStatus, aclrtEvent event, aclrtEventRecordedStatus *status);
TUTTI_FUNCTION(aclError, aclrtSynchronizeEvent, aclrtEvent event);
TUTTI_FUNCTION(aclError, aclrtEventElapsedTime, float *ms, aclrtEvent start, aclrtEvent end);

#undef TUTTI_FUNCTION

#endif
