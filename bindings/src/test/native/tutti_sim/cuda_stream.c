/* CUDA runtime: copies, streams, events, capture. */
#include <stdlib.h>
#include <string.h>

#include "cuda.h"

#define LEGACY ((const void *)1)

struct CUgraph_st {
  struct sim_graph *graph;
};

struct CUgraphExec_st {
  struct sim_graph *graph;
};

static _Thread_local enum cudaStreamCaptureMode capture_mode;

struct sim_stream *cuda_stream(const void *handle) {
  return sim_stream_hold(SIM_CUDA, sim_cuda_device(), handle == LEGACY ? NULL : handle);
}

bool cuda_capture_forbids(void) { return capture_mode != cudaStreamCaptureModeRelaxed && sim_capture_forbids(); }

/* ---- copies ---- */

/* Whether an address is of a device; false in `right` if the range leaves its memory or is another vendor's. */
static bool is_device(const void *address, size_t bytes, bool *right) {
  struct sim_memory found;
  if (!sim_find(address, &found)) return false;
  *right = *right && found.vendor == SIM_CUDA && bytes <= found.bytes - ((uintptr_t)address - found.base);
  return found.kind == SIM_DEVICE;
}

static bool fits(void *dst, const void *src, size_t count, enum cudaMemcpyKind kind) {
  bool right = dst != NULL && src != NULL;
  bool to_device = is_device(dst, count, &right), from_device = is_device(src, count, &right);
  switch (kind) {
    case cudaMemcpyHostToHost: return right && !to_device && !from_device;
    case cudaMemcpyHostToDevice: return right && to_device && !from_device;
    case cudaMemcpyDeviceToHost: return right && !to_device && from_device;
    case cudaMemcpyDeviceToDevice: return right && to_device && from_device;
    case cudaMemcpyDefault: return right;
    default: return false;
  }
}

static cudaError_t copy(void *dst, const void *src, size_t count, enum cudaMemcpyKind kind, const void *handle,
                        bool wait) {
  if (count == 0) return cudaSuccess;
  if (!fits(dst, src, count, kind)) return cuda_done(cudaErrorInvalidValue);
  struct sim_stream *stream = cuda_stream(handle);
  if (stream == NULL) return cuda_done(CUDA_INVALID_HANDLE);
  cudaError_t result = cuda_result(sim_copy(stream, dst, src, count));
  if (result == cudaSuccess && wait) sim_stream_wait(stream, 0);
  if (result == cudaSuccess) result = (cudaError_t)cuda_fault_of(stream->device);
  sim_stream_drop(stream);
  return cuda_done(result);
}

cudaError_t cudaMemcpy(void *dst, const void *src, size_t count, enum cudaMemcpyKind kind) {
  CUDA_ENTER(cudaMemcpy);
  if (cuda_capture_forbids()) return cuda_done(CUDA_CAPTURE_IMPLICIT);
  return copy(dst, src, count, kind, NULL, true);
}

cudaError_t cudaMemcpyAsync(void *dst, const void *src, size_t count, enum cudaMemcpyKind kind, cudaStream_t stream) {
  CUDA_ENTER(cudaMemcpyAsync);
  return copy(dst, src, count, kind, stream, false);
}

cudaError_t cudaMemcpyPeerAsync(void *dst, int dstDevice, const void *src, int srcDevice, size_t count,
                                cudaStream_t stream) {
  CUDA_ENTER(cudaMemcpyPeerAsync);
  struct sim_memory to, from;
  if (!cuda_is_device(dstDevice) || !cuda_is_device(srcDevice)) return cuda_done(cudaErrorInvalidDevice);
  bool right = sim_find(dst, &to) && sim_find(src, &from) && to.device == dstDevice && from.device == srcDevice;
  if (!right) return cuda_done(cudaErrorInvalidValue);
  return copy(dst, src, count, cudaMemcpyDeviceToDevice, stream, false);
}

static cudaError_t fill(void *devPtr, int value, size_t count, const void *handle, bool wait) {
  int device;
  if (!sim_reachable(SIM_CUDA, devPtr, count, &device)) return cuda_done(cudaErrorInvalidValue);
  struct sim_stream *stream = cuda_stream(handle);
  if (stream == NULL) return cuda_done(CUDA_INVALID_HANDLE);
  cudaError_t result = cuda_result(sim_fill(stream, devPtr, value, count));
  if (wait) sim_stream_wait(stream, 0);
  sim_stream_drop(stream);
  return cuda_done(result);
}

cudaError_t cudaMemset(void *devPtr, int value, size_t count) {
  CUDA_ENTER(cudaMemset);
  if (cuda_capture_forbids()) return cuda_done(CUDA_CAPTURE_IMPLICIT);
  return fill(devPtr, value, count, NULL, true);
}

cudaError_t cudaMemsetAsync(void *devPtr, int value, size_t count, cudaStream_t stream) {
  CUDA_ENTER(cudaMemsetAsync);
  return fill(devPtr, value, count, stream, false);
}

/* ---- streams ---- */

static cudaError_t create_stream(cudaStream_t *stream, unsigned int flags, int priority) {
  if (stream == NULL || (flags & ~(unsigned)cudaStreamNonBlocking) != 0) return cuda_done(cudaErrorInvalidValue);
  bool blocking = (flags & cudaStreamNonBlocking) == 0;
  *stream = (cudaStream_t)sim_stream_new(SIM_CUDA, sim_cuda_device(), blocking, priority);
  return cudaSuccess;
}

cudaError_t cudaStreamCreate(cudaStream_t *pStream) {
  CUDA_ENTER(cudaStreamCreate);
  return create_stream(pStream, cudaStreamDefault, 0);
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *pStream, unsigned int flags) {
  CUDA_ENTER(cudaStreamCreateWithFlags);
  return create_stream(pStream, flags, 0);
}

cudaError_t cudaStreamCreateWithPriority(cudaStream_t *pStream, unsigned int flags, int priority) {
  CUDA_ENTER(cudaStreamCreateWithPriority);
  return create_stream(pStream, flags, priority);
}

cudaError_t cudaDeviceGetStreamPriorityRange(int *leastPriority, int *greatestPriority) {
  CUDA_ENTER(cudaDeviceGetStreamPriorityRange);
  if (leastPriority != NULL) *leastPriority = 0;
  if (greatestPriority != NULL) *greatestPriority = -5;
  return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t handle) {
  CUDA_ENTER(cudaStreamDestroy);
  struct sim_stream *stream = handle == NULL ? NULL : cuda_stream(handle);
  if (stream == NULL || stream->is_default) {
    if (stream != NULL) sim_stream_drop(stream);
    return cuda_done(CUDA_INVALID_HANDLE);
  }
  sim_stream_close(stream);
  sim_stream_drop(stream);
  return cudaSuccess;
}

/* Calls that look at a stream's state break its capture. */
static int refuse_captured(struct sim_stream *stream) {
  if (sim_capture_of(stream, NULL) == SIM_NOT_CAPTURING) return cudaSuccess;
  sim_capture_break(stream);
  return CUDA_CAPTURE_UNSUPPORTED;
}

cudaError_t cudaStreamSynchronize(cudaStream_t handle) {
  CUDA_ENTER(cudaStreamSynchronize);
  struct sim_stream *stream = cuda_stream(handle);
  if (stream == NULL) return cuda_done(CUDA_INVALID_HANDLE);
  int error = refuse_captured(stream);
  if (error == cudaSuccess) {
    sim_stream_wait(stream, 0);
    error = cuda_fault_of(stream->device);
  }
  sim_stream_drop(stream);
  return cuda_done(error);
}

cudaError_t cudaStreamQuery(cudaStream_t handle) {
  CUDA_ENTER(cudaStreamQuery);
  struct sim_stream *stream = cuda_stream(handle);
  if (stream == NULL) return cuda_done(CUDA_INVALID_HANDLE);
  int error = refuse_captured(stream);
  if (error == cudaSuccess) error = cuda_fault_of(stream->device);
  if (error == cudaSuccess && !sim_stream_idle(stream)) error = cudaErrorNotReady;
  sim_stream_drop(stream);
  return cuda_done(error);
}

/* ---- events ---- */

cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned int flags) {
  CUDA_ENTER(cudaEventCreateWithFlags);
  if (event == NULL || (flags & ~7u) != 0) return cuda_done(cudaErrorInvalidValue);
  *event = (cudaEvent_t)sim_event_new(SIM_CUDA, (flags & cudaEventDisableTiming) == 0);
  return cudaSuccess;
}

cudaError_t cudaEventCreate(cudaEvent_t *event) {
  CUDA_ENTER(cudaEventCreate);
  return cudaEventCreateWithFlags(event, cudaEventDefault);
}

cudaError_t cudaEventDestroy(cudaEvent_t handle) {
  CUDA_ENTER(cudaEventDestroy);
  struct sim_event *event = sim_event_hold(SIM_CUDA, handle);
  if (event == NULL) return cuda_done(CUDA_INVALID_HANDLE);
  sim_event_close(event);
  sim_event_drop(event);
  return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t handle, cudaStream_t stream_handle) {
  CUDA_ENTER(cudaEventRecord);
  struct sim_event *event = sim_event_hold(SIM_CUDA, handle);
  struct sim_stream *stream = cuda_stream(stream_handle);
  bool known = event != NULL && stream != NULL;
  enum sim_result result = known ? sim_event_record(event, stream) : SIM_USAGE;
  if (event != NULL) sim_event_drop(event);
  if (stream != NULL) sim_stream_drop(stream);
  return cuda_done(cuda_result(result));
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream_handle, cudaEvent_t handle, unsigned int flags) {
  CUDA_ENTER(cudaStreamWaitEvent);
  if (flags > 1) return cuda_done(cudaErrorInvalidValue);
  struct sim_event *event = sim_event_hold(SIM_CUDA, handle);
  struct sim_stream *stream = cuda_stream(stream_handle);
  int error = event == NULL || stream == NULL ? CUDA_INVALID_HANDLE : 0;
  if (error == 0 && sim_event_await(event, stream) != SIM_OK) error = CUDA_CAPTURE_ISOLATION;
  if (event != NULL) sim_event_drop(event);
  if (stream != NULL) sim_stream_drop(stream);
  return cuda_done(error);
}

cudaError_t cudaEventQuery(cudaEvent_t handle) {
  CUDA_ENTER(cudaEventQuery);
  struct sim_event *event = sim_event_hold(SIM_CUDA, handle);
  if (event == NULL) return cuda_done(CUDA_INVALID_HANDLE);
  enum sim_event_state state = sim_event_state(event);
  sim_event_drop(event);
  if (state == SIM_EVENT_CAPTURED) return cuda_done(CUDA_CAPTURED_EVENT);
  return cuda_done(state == SIM_EVENT_PENDING ? cudaErrorNotReady : cudaSuccess);
}

cudaError_t cudaEventSynchronize(cudaEvent_t handle) {
  CUDA_ENTER(cudaEventSynchronize);
  struct sim_event *event = sim_event_hold(SIM_CUDA, handle);
  if (event == NULL) return cuda_done(CUDA_INVALID_HANDLE);
  bool captured = sim_event_state(event) == SIM_EVENT_CAPTURED;
  if (!captured) sim_event_wait(event, 0);
  sim_event_drop(event);
  return cuda_done(captured ? CUDA_CAPTURED_EVENT : cudaSuccess);
}

cudaError_t cudaEventElapsedTime(float *ms, cudaEvent_t start, cudaEvent_t end) {
  CUDA_ENTER(cudaEventElapsedTime);
  if (ms == NULL) return cuda_done(cudaErrorInvalidValue);
  struct sim_event *first = sim_event_hold(SIM_CUDA, start), *second = sim_event_hold(SIM_CUDA, end);
  enum sim_result result = first == NULL || second == NULL ? SIM_ARGUMENT : sim_event_elapsed(first, second, ms);
  if (first != NULL) sim_event_drop(first);
  if (second != NULL) sim_event_drop(second);
  return cuda_done(result == SIM_OK ? cudaSuccess : result == SIM_USAGE ? cudaErrorNotReady : CUDA_INVALID_HANDLE);
}

/* ---- capture ---- */

cudaError_t cudaThreadExchangeStreamCaptureMode(enum cudaStreamCaptureMode *mode) {
  CUDA_ENTER(cudaThreadExchangeStreamCaptureMode);
  if (mode == NULL || (int)*mode < 0 || *mode > cudaStreamCaptureModeRelaxed) return cuda_done(cudaErrorInvalidValue);
  enum cudaStreamCaptureMode before = capture_mode;
  capture_mode = *mode;
  *mode = before;
  return cudaSuccess;
}

cudaError_t cudaStreamBeginCapture(cudaStream_t handle, enum cudaStreamCaptureMode mode) {
  CUDA_ENTER(cudaStreamBeginCapture);
  if ((int)mode < 0 || mode > cudaStreamCaptureModeRelaxed) return cuda_done(cudaErrorInvalidValue);
  struct sim_stream *stream = cuda_stream(handle);
  if (stream == NULL) return cuda_done(CUDA_INVALID_HANDLE);
  enum sim_result result = sim_capture_begin(stream, mode == cudaStreamCaptureModeGlobal);
  sim_stream_drop(stream);
  if (result == SIM_ARGUMENT) return cuda_done(CUDA_CAPTURE_UNSUPPORTED);
  return cuda_done(result == SIM_OK ? cudaSuccess : cudaErrorInvalidValue);
}

cudaError_t cudaStreamEndCapture(cudaStream_t handle, cudaGraph_t *pGraph) {
  CUDA_ENTER(cudaStreamEndCapture);
  struct sim_stream *stream = cuda_stream(handle);
  if (stream == NULL || pGraph == NULL) return cuda_done(CUDA_INVALID_HANDLE);
  struct sim_graph *graph;
  *pGraph = NULL;
  enum sim_result result = sim_capture_end(stream, &graph);
  sim_stream_drop(stream);
  if (result == SIM_USAGE) return cuda_done(CUDA_CAPTURE_UNMATCHED);
  if (result == SIM_ABORTED) return cuda_done(CUDA_CAPTURE_INVALIDATED);
  if (result == SIM_REMOTE) return cuda_done(CUDA_CAPTURE_UNJOINED);
  *pGraph = malloc(sizeof **pGraph);
  (*pGraph)->graph = graph;
  sim_handle_add(SIM_GRAPH, *pGraph);
  return cudaSuccess;
}

cudaError_t cudaStreamIsCapturing(cudaStream_t handle, enum cudaStreamCaptureStatus *pCaptureStatus) {
  CUDA_ENTER(cudaStreamIsCapturing);
  struct sim_stream *stream = cuda_stream(handle);
  if (stream == NULL || pCaptureStatus == NULL) return cuda_done(CUDA_INVALID_HANDLE);
  *pCaptureStatus = (enum cudaStreamCaptureStatus)sim_capture_of(stream, NULL); /* the same numbers */
  sim_stream_drop(stream);
  return cudaSuccess;
}

cudaError_t cudaGraphInstantiateWithFlags(cudaGraphExec_t *pGraphExec, cudaGraph_t graph, unsigned long long flags) {
  CUDA_ENTER(cudaGraphInstantiateWithFlags);
  if (pGraphExec == NULL || !sim_handle_known(SIM_GRAPH, graph) || flags > 15) return cuda_done(cudaErrorInvalidValue);
  *pGraphExec = malloc(sizeof **pGraphExec);
  (*pGraphExec)->graph = sim_graph_copy(graph->graph);
  sim_handle_add(SIM_EXECUTABLE, *pGraphExec);
  return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t graphExec, cudaStream_t handle) {
  CUDA_ENTER(cudaGraphLaunch);
  if (!sim_handle_known(SIM_EXECUTABLE, graphExec)) return cuda_done(cudaErrorInvalidValue);
  struct sim_stream *stream = cuda_stream(handle);
  if (stream == NULL) return cuda_done(CUDA_INVALID_HANDLE);
  const struct sim_graph *graph = graphExec->graph;
  for (size_t i = 0; i < graph->count; i++) {
    atomic_fetch_add(&graph->nodes[i]->references, 1);
    sim_stream_add(stream, graph->nodes[i]);
  }
  sim_stream_drop(stream);
  return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t graphExec) {
  CUDA_ENTER(cudaGraphExecDestroy);
  if (!sim_handle_remove(SIM_EXECUTABLE, graphExec)) return cuda_done(cudaErrorInvalidValue);
  sim_graph_free(graphExec->graph);
  free(graphExec);
  return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  CUDA_ENTER(cudaGraphDestroy);
  if (!sim_handle_remove(SIM_GRAPH, graph)) return cuda_done(cudaErrorInvalidValue);
  sim_graph_free(graph->graph);
  free(graph);
  return cudaSuccess;
}
