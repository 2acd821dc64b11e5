/*
 * Acts as CUDA's runtime and driver over the memory of the host, for tests of the wrappers: one device, work is done at
 * once. By macro:
 *
 * FAKE_NO_DEVICE  finds no device
 * FAKE_12         has the properties under the name of CUDA 12
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tutti_cuda.h"

static char note[512];
static int live; /* things that were made and not freed */
static cudaError_t last = cudaSuccess;
static int busy;

const char *fake_cuda_note(void) { return note; }
int fake_cuda_live(void) { return live; }
int fake_cuda_last(void) { return last; }
void fake_cuda_set_busy(int is) { busy = is; }

static cudaError_t made(void **out) {
  *out = calloc(1, 64);
  live++;
  return cudaSuccess;
}

static cudaError_t freed(void *it) {
  free(it);
  live--;
  return cudaSuccess;
}

static cudaError_t fail(cudaError_t error) { return last = error; }

cudaError_t cudaGetLastError(void) {
  cudaError_t was = last;
  last = cudaSuccess;
  return was;
}

const char *cudaGetErrorString(cudaError_t error) { return error == cudaErrorInvalidDevice ? "bad ordinal" : "error"; }
const char *cudaGetErrorName(cudaError_t error) {
  return error == cudaErrorInvalidDevice ? "cudaErrorInvalidDevice" : "cudaErrorOther";
}

cudaError_t cudaDriverGetVersion(int *v) { return *v = 13000, cudaSuccess; }
cudaError_t cudaRuntimeGetVersion(int *v) { return *v = 12040, cudaSuccess; }

cudaError_t cudaGetDeviceCount(int *count) {
#ifdef FAKE_NO_DEVICE
  *count = 0;
  return fail(cudaErrorNoDevice);
#else
  *count = 1;
  return cudaSuccess;
#endif
}

cudaError_t cudaSetDevice(int device) { return device == 0 ? cudaSuccess : fail(cudaErrorInvalidDevice); }
cudaError_t cudaGetDevice(int *device) { return *device = 0, cudaSuccess; }

#ifdef FAKE_12
#define PROPERTIES cudaGetDeviceProperties_v2
#else
#define PROPERTIES cudaGetDeviceProperties
#endif
cudaError_t PROPERTIES(struct cudaDeviceProp *prop, int device) {
  if (device != 0) return fail(cudaErrorInvalidDevice);
  strcpy(prop->name, "Fake 80GB");
  memset(prop->uuid.bytes, 0xab, 16);
  prop->totalGlobalMem = 80ul << 30;
  return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int *value, enum cudaDeviceAttr attr, int device) {
  (void)device;
  *value = attr == cudaDevAttrMultiProcessorCount ? 132 : attr == cudaDevAttrComputeCapabilityMajor ? 9 : 1;
  return cudaSuccess;
}

cudaError_t cudaDeviceGetPCIBusId(char *pciBusId, int len, int device) {
  (void)device;
  snprintf(pciBusId, (size_t)len, "0000:AF:00.0");
  return cudaSuccess;
}

cudaError_t cudaDeviceSynchronize(void) { return cudaSuccess; }
cudaError_t cudaDeviceCanAccessPeer(int *can, int device, int peer) { return *can = device != peer, cudaSuccess; }
cudaError_t cudaDeviceEnablePeerAccess(int peer, unsigned int flags) {
  (void)peer, (void)flags;
  return fail(cudaErrorPeerAccessAlreadyEnabled);
}
cudaError_t cudaMemGetInfo(size_t *free, size_t *total) { return *free = 70, *total = 80, cudaSuccess; }

cudaError_t cudaMalloc(void **devPtr, size_t size) {
  if (size > 1ul << 40) return fail(cudaErrorMemoryAllocation);
  *devPtr = malloc(size);
  live++;
  return cudaSuccess;
}
cudaError_t cudaFree(void *devPtr) { return freed(devPtr); }
cudaError_t cudaMallocHost(void **ptr, size_t size) { return cudaMalloc(ptr, size); }
cudaError_t cudaFreeHost(void *ptr) { return freed(ptr); }
cudaError_t cudaHostRegister(void *ptr, size_t size, unsigned int flags) {
  (void)ptr;
  snprintf(note, sizeof note, "cudaHostRegister size=%zu flags=%u", size, flags);
  live++;
  return cudaSuccess;
}
cudaError_t cudaHostUnregister(void *ptr) {
  (void)ptr;
  live--;
  return cudaSuccess;
}

cudaError_t cudaMemcpy(void *dst, const void *src, size_t count, enum cudaMemcpyKind kind) {
  (void)kind;
  memmove(dst, src, count);
  return cudaSuccess;
}
cudaError_t cudaMemcpyAsync(void *dst, const void *src, size_t count, enum cudaMemcpyKind kind, cudaStream_t stream) {
  (void)stream;
  return cudaMemcpy(dst, src, count, kind);
}
cudaError_t cudaMemcpyPeerAsync(void *dst, int dstDevice, const void *src, int srcDevice, size_t count,
                                cudaStream_t stream) {
  snprintf(note, sizeof note, "cudaMemcpyPeerAsync dst=%p %d src=%p %d count=%zu stream=%p", dst, dstDevice, src,
           srcDevice, count, (void *)stream);
  return cudaSuccess;
}
cudaError_t cudaMemsetAsync(void *devPtr, int value, size_t count, cudaStream_t stream) {
  (void)stream;
  memset(devPtr, value, count);
  return cudaSuccess;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *pStream, unsigned int flags) {
  snprintf(note, sizeof note, "cudaStreamCreateWithFlags flags=%u", flags);
  return made((void **)pStream);
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) { return freed(stream); }
cudaError_t cudaStreamSynchronize(cudaStream_t stream) { return (void)stream, cudaSuccess; }
cudaError_t cudaStreamQuery(cudaStream_t stream) { return (void)stream, busy ? cudaErrorNotReady : cudaSuccess; }
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned int flags) {
  return (void)stream, (void)event, (void)flags, cudaSuccess;
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned int flags) {
  snprintf(note, sizeof note, "cudaEventCreateWithFlags flags=%u", flags);
  return made((void **)event);
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) { return (void)event, (void)stream, cudaSuccess; }
cudaError_t cudaEventQuery(cudaEvent_t event) { return (void)event, busy ? cudaErrorNotReady : cudaSuccess; }
cudaError_t cudaEventSynchronize(cudaEvent_t event) { return (void)event, cudaSuccess; }
cudaError_t cudaEventElapsedTime(float *ms, cudaEvent_t start, cudaEvent_t end) {
  return (void)start, (void)end, *ms = 2.5f, cudaSuccess;
}
cudaError_t cudaEventDestroy(cudaEvent_t event) { return freed(event); }

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, enum cudaStreamCaptureMode mode) {
  (void)stream;
  snprintf(note, sizeof note, "cudaStreamBeginCapture mode=%d", mode);
  return cudaSuccess;
}
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *pGraph) {
  return (void)stream, made((void **)pGraph);
}
cudaError_t cudaStreamIsCapturing(cudaStream_t stream, enum cudaStreamCaptureStatus *pCaptureStatus) {
  return (void)stream, *pCaptureStatus = cudaStreamCaptureStatusActive, cudaSuccess;
}
cudaError_t cudaGraphInstantiateWithFlags(cudaGraphExec_t *pGraphExec, cudaGraph_t graph, unsigned long long flags) {
  return (void)graph, (void)flags, made((void **)pGraphExec);
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t graphExec, cudaStream_t stream) {
  (void)graphExec;
  snprintf(note, sizeof note, "cudaGraphLaunch stream=%p", (void *)stream);
  return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t graphExec) { return freed(graphExec); }
cudaError_t cudaGraphDestroy(cudaGraph_t graph) { return freed(graph); }

CUresult cuInit(unsigned int flags) { return (void)flags, CUDA_SUCCESS; }
CUresult cuDriverGetVersion(int *driverVersion) { return *driverVersion = 13000, CUDA_SUCCESS; }
CUresult cuGetErrorName(CUresult error, const char **pStr) {
  *pStr = "CUDA_ERROR_INVALID_PTX";
  return (void)error, CUDA_SUCCESS;
}
CUresult cuGetErrorString(CUresult error, const char **pStr) {
  *pStr = "a PTX JIT compilation failed";
  return (void)error, CUDA_SUCCESS;
}
CUresult cuDeviceGet(CUdevice *device, int ordinal) { return *device = ordinal + 100, CUDA_SUCCESS; }
CUresult cuDevicePrimaryCtxRetain(CUcontext *pctx, CUdevice dev) {
  snprintf(note, sizeof note, "cuDevicePrimaryCtxRetain dev=%d", dev);
  live++;
  *pctx = (CUcontext)(uintptr_t)dev;
  return CUDA_SUCCESS;
}
CUresult cuDevicePrimaryCtxRelease_v2(CUdevice dev) {
  (void)dev;
  live--;
  return CUDA_SUCCESS;
}
CUresult cuCtxSetCurrent(CUcontext ctx) { return (void)ctx, CUDA_SUCCESS; }

CUresult cuModuleLoadDataEx(CUmodule *module, const void *image, unsigned int numOptions, CUjit_option *options,
                            void **optionValues) {
  if (strncmp(image, ".version", 8) != 0) {
    for (unsigned int i = 0; i + 1 < numOptions; i++)
      if (options[i] == CU_JIT_ERROR_LOG_BUFFER)
        snprintf(optionValues[i], (size_t)optionValues[i + 1], "line 1: no .version");
    return (CUresult)218;
  }
  return made((void **)module), CUDA_SUCCESS;
}
CUresult cuModuleGetFunction(CUfunction *hfunc, CUmodule hmod, const char *name) {
  (void)hmod;
  if (strcmp(name, "sum") != 0) return (CUresult)500;
  *hfunc = (CUfunction)0x5000;
  return CUDA_SUCCESS;
}
CUresult cuModuleUnload(CUmodule hmod) { return freed(hmod), CUDA_SUCCESS; }
CUresult cuLaunchKernel(CUfunction f, unsigned int gridDimX, unsigned int gridDimY, unsigned int gridDimZ,
                        unsigned int blockDimX, unsigned int blockDimY, unsigned int blockDimZ,
                        unsigned int sharedMemBytes, CUstream hStream, void **kernelParams, void **extra) {
  if (kernelParams[0] == NULL) return CUDA_ERROR_INVALID_VALUE;
  snprintf(note, sizeof note, "cuLaunchKernel f=%p grid=%u,%u,%u block=%u,%u,%u shared=%u stream=%p %lx %d %g extra=%d",
           (void *)f, gridDimX, gridDimY, gridDimZ, blockDimX, blockDimY, blockDimZ, sharedMemBytes, (void *)hStream,
           *(unsigned long *)kernelParams[0], *(int *)kernelParams[1], *(float *)kernelParams[2], extra != NULL);
  return CUDA_SUCCESS;
}
