/* ACL: copies, streams, events. */
#include <stdlib.h>
#include <string.h>

#include "acl.h"

struct sim_stream *acl_stream(int device, const void *handle) { return sim_stream_hold(SIM_ASCEND, device, handle); }

/* Enters a function and finds its stream, held. */
static aclError enter_stream(const char *function, const void *handle, struct sim_stream **stream) {
  int device;
  *stream = NULL;
  aclError entered = acl_enter(function, &device);
  if (entered != ACL_SUCCESS) return entered;
  *stream = acl_stream(device, handle);
  if (*stream == NULL) return acl_error(ACL_PARAMETER, "%s: %p is no stream", function, handle);
  if ((*stream)->device == device) return ACL_SUCCESS;
  sim_stream_drop(*stream);
  *stream = NULL;
  return acl_error(ACL_STREAM, "%s: the stream is not of this thread's context, device %d", function, device);
}

/* ---- copies ---- */

static bool fits(const void *dst, size_t room, const void *src, size_t count, aclrtMemcpyKind kind) {
  bool right = dst != NULL && src != NULL && count <= room;
  bool to_device = acl_is_device_memory(dst, count, &right), from_device = acl_is_device_memory(src, count, &right);
  switch ((int)kind) {
    case ACL_MEMCPY_HOST_TO_HOST: return right && !to_device && !from_device;
    case ACL_MEMCPY_HOST_TO_DEVICE: return right && to_device && !from_device;
    case ACL_MEMCPY_DEVICE_TO_HOST: return right && !to_device && from_device;
    case ACL_MEMCPY_DEVICE_TO_DEVICE: return right && to_device && from_device;
    case 4: return right; /* whatever they are */
    default: return false;
  }
}

static aclError copy(const char *function, void *dst, size_t room, const void *src, size_t count, aclrtMemcpyKind kind,
                     const void *handle, bool wait) {
  struct sim_stream *stream;
  aclError entered = enter_stream(function, handle, &stream);
  if (entered != ACL_SUCCESS) return entered;
  aclError result = ACL_SUCCESS;
  if (!fits(dst, room, src, count, kind)) {
    result = acl_error(ACL_PARAMETER, "%s: %zu bytes from %p to %p (room for %zu), kind %d", function, count, src, dst,
                       room, (int)kind);
  } else {
    sim_copy(stream, dst, src, count);
    if (wait) sim_stream_wait(stream, 0);
  }
  sim_stream_drop(stream);
  return result;
}

aclError aclrtMemcpy(void *dst, size_t destMax, const void *src, size_t count, aclrtMemcpyKind kind) {
  return copy("aclrtMemcpy", dst, destMax, src, count, kind, NULL, true);
}

aclError aclrtMemcpyAsync(void *dst, size_t destMax, const void *src, size_t count, aclrtMemcpyKind kind,
                          aclrtStream stream) {
  return copy("aclrtMemcpyAsync", dst, destMax, src, count, kind, stream, false);
}

aclError aclrtMemset(void *devPtr, size_t maxCount, int32_t value, size_t count) {
  struct sim_stream *stream;
  aclError entered = enter_stream("aclrtMemset", NULL, &stream);
  if (entered != ACL_SUCCESS) return entered;
  bool right = devPtr != NULL && count <= maxCount;
  acl_is_device_memory(devPtr, count, &right);
  if (right) {
    sim_fill(stream, devPtr, value, count);
    sim_stream_wait(stream, 0);
  }
  sim_stream_drop(stream);
  return right ? ACL_SUCCESS : acl_error(ACL_PARAMETER, "aclrtMemset: %zu bytes at %p (room for %zu)", count, devPtr, maxCount);
}

struct reduction {
  void *target;
  const void *source;
  size_t elements;
  enum sim_operator op;
  enum sim_type type;
};

static void run_reduction(void *argument, uint64_t ticket) {
  (void)ticket;
  const struct reduction *reduction = argument;
  const void *sources[] = {reduction->target, reduction->source};
  sim_reduce(reduction->type, reduction->op, sources, 2, reduction->target, reduction->elements);
}

static bool reduction_of(aclrtReduceKind kind, aclDataType type, struct reduction *reduction) {
  switch (kind) {
    case ACL_RT_MEMCPY_SDMA_AUTOMATIC_SUM: reduction->op = SIM_SUM; break;
    case ACL_RT_MEMCPY_SDMA_AUTOMATIC_MAX: reduction->op = SIM_MAX; break;
    case ACL_RT_MEMCPY_SDMA_AUTOMATIC_MIN: reduction->op = SIM_MIN; break;
    default: return false;
  }
  switch (type) {
    case ACL_FLOAT: reduction->type = SIM_F32; return true;
    case ACL_FLOAT16: reduction->type = SIM_F16; return true;
    case ACL_BF16: reduction->type = SIM_BF16; return true;
    case ACL_INT8: reduction->type = SIM_I8; return true;
    case ACL_INT16: reduction->type = SIM_I16; return true;
    case ACL_INT32: reduction->type = SIM_I32; return true;
    default: return false;
  }
}

aclError aclrtReduceAsync(void *dst, const void *src, uint64_t count, aclrtReduceKind kind, aclDataType type,
                          aclrtStream handle, void *reserve) {
  struct sim_stream *stream;
  aclError entered = enter_stream("aclrtReduceAsync", handle, &stream);
  if (entered != ACL_SUCCESS) return entered;
  struct reduction *reduction = calloc(1, sizeof *reduction);
  bool right = reserve == NULL && reduction_of(kind, type, reduction);
  right = right && acl_is_device_memory(dst, count, &right) && acl_is_device_memory(src, count, &right);
  right = right && count % sim_type_bytes(reduction->type) == 0;
  aclError result = ACL_SUCCESS;
  if (right) {
    reduction->target = dst;
    reduction->source = src;
    reduction->elements = count / sim_type_bytes(reduction->type);
    sim_stream_add(stream, sim_work_new(run_reduction, reduction, free));
  } else {
    free(reduction);
    result = acl_error(ACL_PARAMETER, "aclrtReduceAsync: %lu bytes from %p to %p, kind %d, type %d", count, src, dst,
                       (int)kind, (int)type);
  }
  sim_stream_drop(stream);
  return result;
}

/* ---- streams ---- */

aclError aclrtCreateStreamWithConfig(aclrtStream *stream, uint32_t priority, uint32_t flag) {
  int device;
  aclError entered = acl_enter("aclrtCreateStreamWithConfig", &device);
  if (entered != ACL_SUCCESS) return entered;
  if (stream == NULL || priority > 7) return acl_error(ACL_PARAMETER, "aclrtCreateStreamWithConfig: priority %u", priority);
  (void)flag;
  *stream = sim_stream_new(SIM_ASCEND, device, false, (int)priority);
  return ACL_SUCCESS;
}

aclError aclrtCreateStream(aclrtStream *stream) { return aclrtCreateStreamWithConfig(stream, 0, 0); }

static aclError destroy_stream(const char *function, aclrtStream handle, bool wait) {
  if (handle == NULL) return acl_error(ACL_PARAMETER, "%s: the stream is null", function);
  struct sim_stream *stream;
  aclError entered = enter_stream(function, handle, &stream);
  if (entered != ACL_SUCCESS) return entered;
  if (wait) sim_stream_wait(stream, 0);
  sim_stream_close(stream);
  sim_stream_drop(stream);
  return ACL_SUCCESS;
}

aclError aclrtDestroyStream(aclrtStream stream) { return destroy_stream("aclrtDestroyStream", stream, true); }
aclError aclrtDestroyStreamForce(aclrtStream stream) { return destroy_stream("aclrtDestroyStreamForce", stream, false); }

aclError aclrtSynchronizeStreamWithTimeout(aclrtStream handle, int32_t timeout) {
  struct sim_stream *stream;
  aclError entered = enter_stream("aclrtSynchronizeStreamWithTimeout", handle, &stream);
  if (entered != ACL_SUCCESS) return entered;
  uint64_t deadline = timeout < 0 ? 0 : sim_now() + (uint64_t)timeout * 1000000u + 1;
  bool done = sim_stream_wait(stream, deadline);
  bool aborted = atomic_exchange(&stream->aborted, false), late = atomic_exchange(&stream->timed_out, false);
  sim_stream_drop(stream);
  if (late) return acl_error(ACL_NOTIFY_TIMEOUT, "an operation of HCCL waited for longer than its time");
  if (aborted) return acl_error(ACL_STREAM_ABORT, "the stream was aborted");
  return done ? ACL_SUCCESS : acl_error(ACL_STREAM_TIMEOUT, "the stream is not done after %d ms", timeout);
}

aclError aclrtSynchronizeStream(aclrtStream stream) { return aclrtSynchronizeStreamWithTimeout(stream, -1); }

aclError aclrtStreamQuery(aclrtStream handle, aclrtStreamStatus *status) {
  struct sim_stream *stream;
  aclError entered = enter_stream("aclrtStreamQuery", handle, &stream);
  if (entered != ACL_SUCCESS) return entered;
  bool idle = sim_stream_idle(stream);
  sim_stream_drop(stream);
  if (status == NULL) return acl_error(ACL_PARAMETER, "aclrtStreamQuery: status is null");
  *status = idle ? ACL_STREAM_STATUS_COMPLETE : ACL_STREAM_STATUS_NOT_READY;
  return ACL_SUCCESS;
}

aclError aclrtStreamWaitEvent(aclrtStream handle, aclrtEvent event_handle) {
  struct sim_stream *stream;
  aclError entered = enter_stream("aclrtStreamWaitEvent", handle, &stream);
  if (entered != ACL_SUCCESS) return entered;
  struct sim_event *event = sim_event_hold(SIM_ASCEND, event_handle);
  if (event != NULL) sim_event_await(event, stream);
  if (event != NULL) sim_event_drop(event);
  sim_stream_drop(stream);
  return event != NULL ? ACL_SUCCESS : acl_error(ACL_EVENT, "aclrtStreamWaitEvent: %p is no event", event_handle);
}

/* Operations that wait for other ranks end. */
aclError aclrtStreamAbort(aclrtStream handle) {
  struct sim_stream *stream;
  aclError entered = enter_stream("aclrtStreamAbort", handle, &stream);
  if (entered != ACL_SUCCESS) return entered;
  sim_stream_abort(stream);
  sim_stream_drop(stream);
  return ACL_SUCCESS;
}

aclError aclrtDeviceTaskAbort(int32_t device, uint32_t timeout) {
  aclError entered = acl_enter("aclrtDeviceTaskAbort", NULL);
  if (entered != ACL_SUCCESS) return entered;
  if (!acl_is_device(device)) return acl_error(ACL_DEVICE, "aclrtDeviceTaskAbort: there is no device %d", device);
  sim_device_abort(SIM_ASCEND, device);
  uint64_t deadline = timeout == 0 ? 0 : sim_now() + (uint64_t)timeout * 1000000u;
  if (sim_device_wait(SIM_ASCEND, device, deadline)) return ACL_SUCCESS;
  return acl_error(ACL_WAIT_TIMEOUT, "aclrtDeviceTaskAbort: device %d is not done after %u ms", device, timeout);
}

/* ---- events ---- */

aclError aclrtCreateEventExWithFlag(aclrtEvent *event, uint32_t flag) {
  int device;
  aclError entered = acl_enter("aclrtCreateEventExWithFlag", &device);
  if (entered != ACL_SUCCESS) return entered;
  if (event == NULL || flag == 0) return acl_error(ACL_PARAMETER, "aclrtCreateEventExWithFlag: flag %u", flag);
  *event = sim_event_new(SIM_ASCEND, (flag & ACL_EVENT_TIME_LINE) != 0);
  return ACL_SUCCESS;
}

aclError aclrtCreateEvent(aclrtEvent *event) {
  return aclrtCreateEventExWithFlag(event, ACL_EVENT_TIME_LINE | ACL_EVENT_SYNC);
}

static aclError enter_event(const char *function, const void *handle, struct sim_event **event) {
  aclError entered = acl_enter(function, NULL);
  *event = NULL;
  if (entered != ACL_SUCCESS) return entered;
  *event = sim_event_hold(SIM_ASCEND, handle);
  return *event != NULL ? ACL_SUCCESS : acl_error(ACL_EVENT, "%s: %p is no event", function, handle);
}

aclError aclrtDestroyEvent(aclrtEvent handle) {
  struct sim_event *event;
  aclError entered = enter_event("aclrtDestroyEvent", handle, &event);
  if (entered != ACL_SUCCESS) return entered;
  sim_event_close(event);
  sim_event_drop(event);
  return ACL_SUCCESS;
}

aclError aclrtRecordEvent(aclrtEvent handle, aclrtStream stream_handle) {
  struct sim_event *event;
  struct sim_stream *stream;
  aclError entered = enter_event("aclrtRecordEvent", handle, &event);
  if (entered != ACL_SUCCESS) return entered;
  entered = enter_stream("aclrtRecordEvent", stream_handle, &stream);
  if (entered == ACL_SUCCESS) {
    sim_event_record(event, stream);
    sim_stream_drop(stream);
  }
  sim_event_drop(event);
  return entered;
}

aclError aclrtQueryEventStatus(aclrtEvent handle, aclrtEventRecordedStatus *status) {
  struct sim_event *event;
  aclError entered = enter_event("aclrtQueryEventStatus", handle, &event);
  if (entered != ACL_SUCCESS) return entered;
  enum sim_event_state state = sim_event_state(event);
  sim_event_drop(event);
  if (status == NULL) return acl_error(ACL_PARAMETER, "aclrtQueryEventStatus: status is null");
  *status = state == SIM_EVENT_PENDING ? ACL_EVENT_RECORDED_STATUS_NOT_READY : ACL_EVENT_RECORDED_STATUS_COMPLETE;
  return ACL_SUCCESS;
}

aclError aclrtSynchronizeEvent(aclrtEvent handle) {
  struct sim_event *event;
  aclError entered = enter_event("aclrtSynchronizeEvent", handle, &event);
  if (entered != ACL_SUCCESS) return entered;
  sim_event_wait(event, 0);
  sim_event_drop(event);
  return ACL_SUCCESS;
}

aclError aclrtEventElapsedTime(float *ms, aclrtEvent start, aclrtEvent end) {
  struct sim_event *first, *second;
  aclError entered = enter_event("aclrtEventElapsedTime", start, &first);
  if (entered != ACL_SUCCESS) return entered;
  entered = enter_event("aclrtEventElapsedTime", end, &second);
  if (entered == ACL_SUCCESS) {
    if (ms == NULL || sim_event_elapsed(first, second, ms) != SIM_OK) {
      entered = acl_error(ACL_PARAMETER, "aclrtEventElapsedTime: not recorded, not done, or events without time");
    }
    sim_event_drop(second);
  }
  sim_event_drop(first);
  return entered;
}
