/* Devices, memory, streams, events, graphs, kernels. */
#include <stdlib.h>
#include <string.h>

#include "selftest.h"

void test_cuda_memory(void) {
  int count = 0;
  EQUAL(cudaGetDeviceCount(&count), cudaSuccess);
  EQUAL(count, 4);
  EQUAL(cudaSetDevice(4), cudaErrorInvalidDevice);
  EQUAL(cudaPeekAtLastError(), cudaErrorInvalidDevice);
  EQUAL(cudaGetLastError(), cudaErrorInvalidDevice);
  EQUAL(cudaGetLastError(), cudaSuccess);
  struct cudaDeviceProp properties;
  EQUAL(cudaGetDeviceProperties(&properties, 1), cudaSuccess);
  CHECK(strcmp(properties.name, "Tutti simulated device") == 0);

  size_t before, after, total;
  EQUAL(cudaMemGetInfo(&before, &total), cudaSuccess);
  char *device = device_memory(1000);
  EQUAL(cudaMemGetInfo(&after, &total), cudaSuccess);
  EQUAL(before - after, 1000);
  void *much = NULL;
  EQUAL(cudaMalloc(&much, total + 1), cudaErrorMemoryAllocation);

  char host[1000];
  memset(host, 7, sizeof host);
  EQUAL(cudaMemcpy(device, host, 1000, cudaMemcpyHostToDevice), cudaSuccess);
  EQUAL(cudaMemcpy(device, host, 1001, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
  EQUAL(cudaMemcpy(host, host, 10, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
  EQUAL(cudaMemcpy(host, device, 10, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
  EQUAL(cudaMemset(device + 10, 9, 10), cudaSuccess);
  EQUAL(cudaMemset(host, 9, 10), cudaErrorInvalidValue);
  EQUAL(cudaMemcpy(host, device, 1000, cudaMemcpyDefault), cudaSuccess);
  EQUAL(host[9], 7);
  EQUAL(host[10], 9);
  EQUAL(host[20], 7);

  EQUAL(cudaHostRegister(host, 1000, 0), cudaSuccess);
  EQUAL(cudaHostRegister(host + 10, 10, 0), cudaErrorHostMemoryAlreadyRegistered);
  EQUAL(cudaHostUnregister(host), cudaSuccess);
  EQUAL(cudaHostUnregister(host), cudaErrorHostMemoryNotRegistered);
  void *pinned;
  EQUAL(cudaMallocHost(&pinned, 100), cudaSuccess);
  EQUAL(cudaFree(pinned), cudaErrorInvalidValue);
  EQUAL(cudaFreeHost(pinned), cudaSuccess);
  EQUAL(cudaFree(device), cudaSuccess);
  EQUAL(cudaFree(device), cudaErrorInvalidValue);

  int access = 0;
  EQUAL(cudaDeviceCanAccessPeer(&access, 0, 1), cudaSuccess);
  EQUAL(access, 1);
  EQUAL(cudaDeviceEnablePeerAccess(1, 0), cudaSuccess);
  EQUAL(cudaDeviceEnablePeerAccess(1, 0), cudaErrorPeerAccessAlreadyEnabled);
  EQUAL(cudaDeviceDisablePeerAccess(1), cudaSuccess);
  EQUAL(cudaDeviceDisablePeerAccess(1), cudaErrorPeerAccessNotEnabled);
  cudaGetLastError();
}

void test_cuda_streams(void) {
  tutti_sim_set("TUTTI_SIM_COPY_BANDWIDTH", "50M"); /* 1 MiB in 20 ms */
  size_t bytes = 1 << 20;
  cudaStream_t one = new_stream(), other = new_stream();
  cudaEvent_t start, end;
  EQUAL(cudaEventCreate(&start), cudaSuccess);
  EQUAL(cudaEventCreate(&end), cudaSuccess);
  void *pinned;
  EQUAL(cudaMallocHost(&pinned, bytes), cudaSuccess);
  memset(pinned, 1, bytes);
  char *device = device_memory(bytes), *copy = device_memory(bytes);

  EQUAL(cudaEventQuery(end), cudaSuccess); /* not recorded is done */
  EQUAL(cudaEventRecord(start, one), cudaSuccess);
  EQUAL(cudaMemcpyAsync(device, pinned, bytes, cudaMemcpyHostToDevice, one), cudaSuccess);
  EQUAL(cudaEventRecord(end, one), cudaSuccess);
  EQUAL(cudaStreamQuery(one), cudaErrorNotReady);
  EQUAL(cudaEventQuery(end), cudaErrorNotReady);
  EQUAL(cudaStreamWaitEvent(other, end, 0), cudaSuccess);
  EQUAL(cudaMemcpyAsync(copy, device, bytes, cudaMemcpyDeviceToDevice, other), cudaSuccess);
  EQUAL(cudaStreamSynchronize(other), cudaSuccess);
  EQUAL(cudaEventQuery(end), cudaSuccess);
  EQUAL(cudaStreamQuery(one), cudaSuccess);
  float millis = 0;
  EQUAL(cudaEventElapsedTime(&millis, start, end), cudaSuccess);
  CHECK(millis > 15 && millis < 2000);
  char seen = 0;
  tutti_sim_set("TUTTI_SIM_COPY_BANDWIDTH", NULL);
  download(&seen, copy + bytes - 1, 1);
  EQUAL(seen, 1);

  /* The default stream waits for blocking streams, and they for it. */
  cudaStream_t blocking;
  EQUAL(cudaStreamCreate(&blocking), cudaSuccess);
  tutti_sim_set("TUTTI_SIM_COPY_BANDWIDTH", "100M");
  EQUAL(cudaMemcpyAsync(device, pinned, bytes, cudaMemcpyHostToDevice, blocking), cudaSuccess);
  EQUAL(cudaMemsetAsync(device, 5, bytes, NULL), cudaSuccess);
  EQUAL(cudaMemcpyAsync(copy, device, bytes, cudaMemcpyDeviceToDevice, blocking), cudaSuccess);
  EQUAL(cudaStreamSynchronize(blocking), cudaSuccess);
  tutti_sim_set("TUTTI_SIM_COPY_BANDWIDTH", NULL);
  download(&seen, copy, 1);
  EQUAL(seen, 5);

  EQUAL(cudaStreamDestroy(blocking), cudaSuccess);
  EQUAL(cudaStreamDestroy(one), cudaSuccess);
  EQUAL(cudaStreamDestroy(other), cudaSuccess);
  EQUAL(cudaStreamSynchronize(one), 400);
  EQUAL(cudaEventDestroy(start), cudaSuccess);
  EQUAL(cudaEventDestroy(end), cudaSuccess);
  EQUAL(cudaEventDestroy(end), 400);
  cudaFree(device);
  cudaFree(copy);
  cudaFreeHost(pinned);
}

void test_cuda_capture(void) {
  cudaStream_t origin = new_stream(), side = new_stream();
  cudaEvent_t forked, joined;
  EQUAL(cudaEventCreateWithFlags(&forked, cudaEventDisableTiming), cudaSuccess);
  EQUAL(cudaEventCreateWithFlags(&joined, cudaEventDisableTiming), cudaSuccess);
  unsigned char *a = device_memory(100), *b = device_memory(100), seen[100];
  EQUAL(cudaMemset(a, 0, 100), cudaSuccess);
  EQUAL(cudaMemset(b, 0, 100), cudaSuccess);

  EQUAL(cudaStreamBeginCapture(origin, cudaStreamCaptureModeThreadLocal), cudaSuccess);
  enum cudaStreamCaptureStatus status;
  EQUAL(cudaStreamIsCapturing(origin, &status), cudaSuccess);
  EQUAL(status, cudaStreamCaptureStatusActive);
  EQUAL(cudaMemsetAsync(a, 3, 100, origin), cudaSuccess);
  EQUAL(cudaEventRecord(forked, origin), cudaSuccess);
  EQUAL(cudaEventQuery(forked), 907);
  EQUAL(cudaStreamWaitEvent(side, forked, 0), cudaSuccess);
  EQUAL(cudaStreamIsCapturing(side, &status), cudaSuccess);
  EQUAL(status, cudaStreamCaptureStatusActive);
  EQUAL(cudaMemcpyAsync(b, a, 100, cudaMemcpyDeviceToDevice, side), cudaSuccess);
  EQUAL(cudaEventRecord(joined, side), cudaSuccess);
  EQUAL(cudaStreamWaitEvent(origin, joined, 0), cudaSuccess);
  cudaGraph_t graph;
  cudaGraphExec_t executable;
  EQUAL(cudaStreamEndCapture(origin, &graph), cudaSuccess);
  EQUAL(cudaGraphInstantiateWithFlags(&executable, graph, 0), cudaSuccess);
  EQUAL(cudaGraphDestroy(graph), cudaSuccess);
  download(seen, b, 100);
  EQUAL(seen[99], 0); /* nothing ran */
  for (int i = 0; i < 2; i++) {
    EQUAL(cudaMemset(b, 0, 100), cudaSuccess);
    EQUAL(cudaGraphLaunch(executable, origin), cudaSuccess);
    EQUAL(cudaStreamSynchronize(origin), cudaSuccess);
    download(seen, b, 100);
    EQUAL(seen[99], 3);
  }
  EQUAL(cudaGraphExecDestroy(executable), cudaSuccess);
  EQUAL(cudaGraphLaunch(executable, origin), cudaErrorInvalidValue);

  /* A stream that does not come back, and calls that a capture forbids. */
  EQUAL(cudaStreamBeginCapture(origin, cudaStreamCaptureModeThreadLocal), cudaSuccess);
  EQUAL(cudaEventRecord(forked, origin), cudaSuccess);
  EQUAL(cudaStreamWaitEvent(side, forked, 0), cudaSuccess);
  EQUAL(cudaMemsetAsync(a, 3, 100, side), cudaSuccess);
  EQUAL(cudaStreamEndCapture(origin, &graph), 904);
  EQUAL(cudaStreamBeginCapture(origin, cudaStreamCaptureModeGlobal), cudaSuccess);
  void *memory;
  EQUAL(cudaMalloc(&memory, 10), 900);
  EQUAL(cudaStreamEndCapture(origin, &graph), 901);
  EQUAL(cudaStreamBeginCapture(origin, cudaStreamCaptureModeThreadLocal), cudaSuccess);
  EQUAL(cudaStreamSynchronize(origin), 900);
  EQUAL(cudaStreamEndCapture(origin, &graph), 901);
  EQUAL(cudaStreamEndCapture(origin, &graph), 903);
  EQUAL(cudaStreamBeginCapture(NULL, cudaStreamCaptureModeGlobal), 900);
  cudaEventDestroy(forked);
  cudaEventDestroy(joined);
  cudaStreamDestroy(origin);
  cudaStreamDestroy(side);
  cudaFree(a);
  cudaFree(b);
  cudaGetLastError();
}

void test_cuda_kernels(void) {
  static const char *ptx = ".version 7.0\n.target sm_70\n.address_size 64\n"
                           ".visible .entry tutti_reduce_sum_float32(.param .u64 a) { ret; }\n"
                           ".visible .entry tutti_reduce_max_int8(.param .u64 a) { ret; }\n"
                           ".visible .entry other(.param .u64 a) { ret; }\n";
  CUmodule module;
  CUfunction sum, maximum, none;
  EQUAL(cuInit(0), CUDA_SUCCESS);
  EQUAL(cuModuleLoadData(&module, "nonsense"), 218);
  EQUAL(cuModuleLoadData(&module, ptx), CUDA_SUCCESS);
  EQUAL(cuModuleGetFunction(&sum, module, "tutti_reduce_sum_float32"), CUDA_SUCCESS);
  EQUAL(cuModuleGetFunction(&maximum, module, "tutti_reduce_max_int8"), CUDA_SUCCESS);
  EQUAL(cuModuleGetFunction(&none, module, "tutti_reduce_min_int8"), 500);
  EQUAL(cuModuleGetFunction(&none, module, "tutti_reduce_sum_float3"), 500);
  EQUAL(cuModuleGetFunction(&none, module, "other"), 500);

  float host[1000], twice[1000];
  for (int i = 0; i < 1000; i++) host[i] = (float)i;
  void *a = device_memory(sizeof host), *b = device_memory(sizeof host);
  upload(a, host, sizeof host);
  upload(b, host, sizeof host);
  uint64_t count = 1000;
  void *parameters[] = {&a, &b, &a, &count};
  EQUAL(cuLaunchKernel(sum, 4, 1, 1, 256, 1, 1, 0, NULL, parameters, NULL), CUDA_SUCCESS);
  EQUAL(cuLaunchKernel(sum, 4, 1, 1, 2048, 1, 1, 0, NULL, parameters, NULL), CUDA_ERROR_INVALID_VALUE);
  EQUAL(cudaDeviceSynchronize(), cudaSuccess);
  download(twice, a, sizeof twice);
  for (int i = 0; i < 1000; i++) CHECK(twice[i] == 2 * host[i]);

  /* A kernel that reads what is not the device's ruins the context. */
  void *wrong = host;
  void *bad[] = {&wrong, &b, &a, &count};
  EQUAL(cuLaunchKernel(sum, 4, 1, 1, 256, 1, 1, 0, NULL, bad, NULL), CUDA_SUCCESS);
  EQUAL(cudaDeviceSynchronize(), 700);
  EQUAL(cudaDeviceReset(), cudaSuccess);
  EQUAL(cudaSetDevice(0), cudaSuccess);
  EQUAL(cudaDeviceSynchronize(), cudaSuccess);
  EQUAL(cuModuleUnload(module), CUDA_SUCCESS);
  EQUAL(cuLaunchKernel(maximum, 1, 1, 1, 1, 1, 1, 0, NULL, parameters, NULL), 400);
  const char *name;
  EQUAL(cuGetErrorName(CUDA_ERROR_INVALID_VALUE, &name), CUDA_SUCCESS);
  CHECK(strcmp(name, "CUDA_ERROR_INVALID_VALUE") == 0);
  cudaFree(a);
  cudaFree(b);
  cudaGetLastError();
}
