/*
 * The functions of CUDA's runtime and driver that Tutti calls: declarations only, input of jextract (see
 * ../../../README.md).
 *
 * Written after the public documentation of CUDA 11.4 to 13 for the LP64 ABIs x86_64 and aarch64, and free of #include
 * so that the generated code does not depend on the machine it is generated on. A test compiles this file together with
 * NVIDIA's cuda.h and cuda_runtime_api.h where these are installed (TUTTI_CHECK_AGAINST_SYSTEM defined): a declaration
 * that differs is an error of the C compiler. Functions whose form changed between versions are avoided.
 *
 * Each function has a pointer type of its own, NAME_call, of which jextract makes a class that calls any address: the
 * libraries are looked for at run time.
 */
#ifndef TUTTI_CUDA_H
#define TUTTI_CUDA_H

#ifndef TUTTI_CHECK_AGAINST_SYSTEM
typedef unsigned long size_t;

typedef struct CUstream_st *cudaStream_t;
typedef struct CUevent_st *cudaEvent_t;
typedef struct CUgraph_st *cudaGraph_t;
typedef struct CUgraphExec_st *cudaGraphExec_t;

typedef enum cudaError {
  cudaSuccess = 0,
  cudaErrorInvalidValue = 1,
  cudaErrorMemoryAllocation = 2,
  cudaErrorInitializationError = 3,
  cudaErrorCudartUnloading = 4,
  cudaErrorInsufficientDriver = 35,
  cudaErrorNoDevice = 100,
  cudaErrorInvalidDevice = 101,
  cudaErrorInvalidResourceHandle = 400,
  cudaErrorNotReady = 600,
  cudaErrorPeerAccessAlreadyEnabled = 704,
  cudaErrorPeerAccessNotEnabled = 705,
  cudaErrorHostMemoryAlreadyRegistered = 712,
  cudaErrorHostMemoryNotRegistered = 713
} cudaError_t;

enum cudaMemcpyKind {
  cudaMemcpyHostToHost = 0,
  cudaMemcpyHostToDevice = 1,
  cudaMemcpyDeviceToHost = 2,
  cudaMemcpyDeviceToDevice = 3,
  cudaMemcpyDefault = 4
};

enum cudaDeviceAttr {
  cudaDevAttrMaxThreadsPerBlock = 1,
  cudaDevAttrMultiProcessorCount = 16,
  cudaDevAttrIntegrated = 18,
  cudaDevAttrUnifiedAddressing = 41,
  cudaDevAttrComputeCapabilityMajor = 75,
  cudaDevAttrComputeCapabilityMinor = 76
};

enum cudaStreamCaptureMode {
  cudaStreamCaptureModeGlobal = 0,
  cudaStreamCaptureModeThreadLocal = 1,
  cudaStreamCaptureModeRelaxed = 2
};

enum cudaStreamCaptureStatus {
  cudaStreamCaptureStatusNone = 0,
  cudaStreamCaptureStatusActive = 1,
  cudaStreamCaptureStatusInvalidated = 2
};

#define cudaStreamDefault 0x00
#define cudaStreamNonBlocking 0x01
#define cudaEventDefault 0x00
#define cudaEventBlockingSync 0x01
#define cudaEventDisableTiming 0x02
#define cudaHostRegisterDefault 0x00
#define cudaHostRegisterPortable 0x01
#define cudaHostAllocDefault 0x00
#define cudaHostAllocPortable 0x01

typedef struct {
  char bytes[16];
} cudaUUID_t;

/* Begins as this in every version; the rest differs, and is room for it. */
struct cudaDeviceProp {
  char name[256];
  cudaUUID_t uuid;
  char luid[8];
  unsigned int luidDeviceNodeMask;
  size_t totalGlobalMem;
  char rest[3800];
};

typedef int CUdevice;
typedef struct CUctx_st *CUcontext;
typedef struct CUmod_st *CUmodule;
typedef struct CUfunc_st *CUfunction;
typedef struct CUstream_st *CUstream;

typedef enum cudaError_enum {
  CUDA_SUCCESS = 0,
  CUDA_ERROR_INVALID_VALUE = 1,
  CUDA_ERROR_NOT_INITIALIZED = 3,
  CUDA_ERROR_NO_DEVICE = 100
} CUresult;

typedef enum CUjit_option_enum {
  CU_JIT_INFO_LOG_BUFFER = 3,
  CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES = 4,
  CU_JIT_ERROR_LOG_BUFFER = 5,
  CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES = 6
} CUjit_option;
#endif

#define TUTTI_FUNCTION(result, name, ...) \
  result name(__VA_ARGS__);               \
  typedef result (*name##_call)(__VA_ARGS__)

/* Runtime: errors and versions. */
TUTTI_FUNCTION(cudaError_t, cudaGetLastError, void);
TUTTI_FUNCTION(cudaError_t, cudaPeekAtLastError, void);
TUTTI_FUNCTION(const char *, cudaGetErrorString, cudaError_t error);
TUTTI_FUNCTION(const char *, cudaGetErrorName, cudaError_t error);
TUTTI_FUNCTION(cudaError_t, cudaDriverGetVersion, int *driverVersion);
TUTTI_FUNCTION(cudaError_t, cudaRuntimeGetVersion, int *runtimeVersion);

/* Devices. */
TUTTI_FUNCTION(cudaError_t, cudaGetDeviceCount, int *count);
TUTTI_FUNCTION(cudaError_t, cudaSetDevice, int device);
TUTTI_FUNCTION(cudaError_t, cudaGetDevice, int *device);
TUTTI_FUNCTION(cudaError_t, cudaGetDeviceProperties, struct cudaDeviceProp *prop, int device);
#if !defined(CUDART_VERSION) || CUDART_VERSION < 12000 || CUDART_VERSION >= 13000
TUTTI_FUNCTION(cudaError_t, cudaGetDeviceProperties_v2, struct cudaDeviceProp *prop, int device); /* of 12 only */
#endif
TUTTI_FUNCTION(cudaError_t, cudaDeviceGetAttribute, int *value, enum cudaDeviceAttr attr, int device);
TUTTI_FUNCTION(cudaError_t, cudaDeviceGetPCIBusId, char *pciBusId, int len, int device);
TUTTI_FUNCTION(cudaError_t, cudaDeviceSynchronize, void);
TUTTI_FUNCTION(cudaError_t, cudaDeviceReset, void);
TUTTI_FUNCTION(cudaError_t, cudaDeviceCanAccessPeer, int *canAccessPeer, int device, int peerDevice);
TUTTI_FUNCTION(cudaError_t, cudaDeviceEnablePeerAccess, int peerDevice, unsigned int flags);
TUTTI_FUNCTION(cudaError_t, cudaDeviceDisablePeerAccess, int peerDevice);

/* Memory. */
TUTTI_FUNCTION(cudaError_t, cudaMemGetInfo, size_t *free, size_t *total);
TUTTI_FUNCTION(cudaError_t, cudaMalloc, void **devPtr, size_t size);
TUTTI_FUNCTION(cudaError_t, cudaFree, void *devPtr);
TUTTI_FUNCTION(cudaError_t, cudaMallocHost, void **ptr, size_t size);
TUTTI_FUNCTION(cudaError_t, cudaHostAlloc, void **pHost, size_t size, unsigned int flags);
TUTTI_FUNCTION(cudaError_t, cudaFreeHost, void *ptr);
TUTTI_FUNCTION(cudaError_t, cudaHostRegister, void *ptr, size_t size, unsigned int flags);
TUTTI_FUNCTION(cudaError_t, cudaHostUnregister, void *ptr);
TUTTI_FUNCTION(cudaError_t, cudaMemcpy, void *dst, const void *src, size_t count, enum cudaMemcpyKind kind);
TUTTI_FUNCTION(cudaError_t, cudaMemcpyAsync, void *dst, const void *src, size_t count, enum cudaMemcpyKind kind,
               cudaStream_t stream);
TUTTI_FUNCTION(cudaError_t, cudaMemcpyPeerAsync, void *dst, int dstDevice, const void *src, int srcDevice,
               size_t count, cudaStream_t stream);
TUTTI_FUNCTION(cudaError_t, cudaMemset, void *devPtr, int value, size_t count);
TUTTI_FUNCTION(cudaError_t, cudaMemsetAsync, void *devPtr, int value, size_t count, cudaStream_t stream);

/* Streams. */
TUTTI_FUNCTION(cudaError_t, cudaStreamCreate, cudaStream_t *pStream);
TUTTI_FUNCTION(cudaError_t, cudaStreamCreateWithFlags, cudaStream_t *pStream, unsigned int flags);
TUTTI_FUNCTION(cudaError_t, cudaStreamCreateWithPriority, cudaStream_t *pStream, unsigned int flags, int priority);
TUTTI_FUNCTION(cudaError_t, cudaDeviceGetStreamPriorityRange, int *leastPriority, int *greatestPriority);
TUTTI_FUNCTION(cudaError_t, cudaStreamDestroy, cudaStream_t stream);
TUTTI_FUNCTION(cudaError_t, cudaStreamSynchronize, cudaStream_t stream);
TUTTI_FUNCTION(cudaError_t, cudaStreamQuery, cudaStream_t stream);
TUTTI_FUNCTION(cudaError_t, cudaStreamWaitEvent, cudaStream_t stream, cudaEvent_t event, unsigned int flags);

/* Events. */
TUTTI_FUNCTION(cudaError_t, cudaEventCreate, cudaEvent_t *event);
TUTTI_FUNCTION(cudaError_t, cudaEventCreateWithFlags, cudaEvent_t *event, unsigned int flags);
TUTTI_FUNCTION(cudaError_t, cudaEventRecord, cudaEvent_t event, cudaStream_t stream);
TUTTI_FUNCTION(cudaError_t, cudaEventQuery, cudaEvent_t event);
TUTTI_FUNCTION(cudaError_t, cudaEventSynchronize, cudaEvent_t event);
TUTTI_FUNCTION(cudaError_t, cudaEventElapsedTime, float *ms, cudaEvent_t start, cudaEvent_t end);
TUTTI_FUNCTION(cudaError_t, cudaEventDestroy, cudaEvent_t event);

/* Capture of a stream into a graph. */
TUTTI_FUNCTION(cudaError_t, cudaStreamBeginCapture, cudaStream_t stream, enum cudaStreamCaptureMode mode);
TUTTI_FUNCTION(cudaError_t, cudaStreamEndCapture, cudaStream_t stream, cudaGraph_t *pGraph);
TUTTI_FUNCTION(cudaError_t, cudaStreamIsCapturing, cudaStream_t stream, enum cudaStreamCaptureStatus *pCaptureStatus);
TUTTI_FUNCTION(cudaError_t, cudaThreadExchangeStreamCaptureMode, enum cudaStreamCaptureMode *mode);
TUTTI_FUNCTION(cudaError_t, cudaGraphInstantiateWithFlags, cudaGraphExec_t *pGraphExec, cudaGraph_t graph,
               unsigned long long flags);
TUTTI_FUNCTION(cudaError_t, cudaGraphLaunch, cudaGraphExec_t graphExec, cudaStream_t stream);
TUTTI_FUNCTION(cudaError_t, cudaGraphExecDestroy, cudaGraphExec_t graphExec);
TUTTI_FUNCTION(cudaError_t, cudaGraphDestroy, cudaGraph_t graph);

/* Driver: modules and kernels. */
TUTTI_FUNCTION(CUresult, cuInit, unsigned int flags);
TUTTI_FUNCTION(CUresult, cuDriverGetVersion, int *driverVersion);
TUTTI_FUNCTION(CUresult, cuGetErrorName, CUresult error, const char **pStr);
TUTTI_FUNCTION(CUresult, cuGetErrorString, CUresult error, const char **pStr);
TUTTI_FUNCTION(CUresult, cuDeviceGetCount, int *count);
TUTTI_FUNCTION(CUresult, cuDeviceGet, CUdevice *device, int ordinal);
TUTTI_FUNCTION(CUresult, cuDeviceGetName, char *name, int len, CUdevice dev);
TUTTI_FUNCTION(CUresult, cuDevicePrimaryCtxRetain, CUcontext *pctx, CUdevice dev);
TUTTI_FUNCTION(CUresult, cuDevicePrimaryCtxRelease_v2, CUdevice dev);
TUTTI_FUNCTION(CUresult, cuCtxSetCurrent, CUcontext ctx);
TUTTI_FUNCTION(CUresult, cuCtxGetCurrent, CUcontext *pctx);
TUTTI_FUNCTION(CUresult, cuModuleLoadData, CUmodule *module, const void *image);
TUTTI_FUNCTION(CUresult, cuModuleLoadDataEx, CUmodule *module, const void *image, unsigned int numOptions,
               CUjit_option *options, void **optionValues);
TUTTI_FUNCTION(CUresult, cuModuleGetFunction, CUfunction *hfunc, CUmodule hmod, const char *name);
TUTTI_FUNCTION(CUresult, cuModuleUnload, CUmodule hmod);
TUTTI_FUNCTION(CUresult, cuLaunchKernel, CUfunction f, unsigned int gridDimX, unsigned int gridDimY,
               unsigned int gridDimZ, unsigned int blockDimX, unsigned int blockDimY, unsigned int blockDimZ,
               unsigned int sharedMemBytes, CUstream hStream, void **kernelParams, void **extra);

#undef TUTTI_FUNCTION

#endif
