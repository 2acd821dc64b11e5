/* Events of streams, copies in streams, and which handles are alive. */
#include <stdlib.h>
#include <string.h>

#include "sim.h"

struct sim_event {
  struct sim_event *next;
  atomic_int references;
  enum sim_vendor vendor;
  bool timed;
  pthread_mutex_t lock;
  struct sim_marker *marker;   /* of the last record, null before */
  struct sim_capture *capture; /* if that was in a capture */
  struct sim_stream *stream;
  uint64_t position;
};

struct handle {
  struct handle *next;
  const void *value;
};

static pthread_mutex_t events_lock = PTHREAD_MUTEX_INITIALIZER;
static struct sim_event *events;
static pthread_mutex_t handles_lock = PTHREAD_MUTEX_INITIALIZER;
static struct handle *handles[SIM_HANDLES];

struct sim_event *sim_event_new(enum sim_vendor vendor, bool timed) {
  struct sim_event *event = calloc(1, sizeof *event);
  atomic_init(&event->references, 1);
  event->vendor = vendor;
  event->timed = timed;
  pthread_mutex_init(&event->lock, NULL);
  pthread_mutex_lock(&events_lock);
  event->next = events;
  events = event;
  pthread_mutex_unlock(&events_lock);
  return event;
}

struct sim_event *sim_event_hold(enum sim_vendor vendor, const void *handle) {
  pthread_mutex_lock(&events_lock);
  struct sim_event *event = events;
  while (event != NULL && (event != handle || event->vendor != vendor)) event = event->next;
  if (event != NULL) atomic_fetch_add(&event->references, 1);
  pthread_mutex_unlock(&events_lock);
  return event;
}

/* Lets go of the last record; with the event's lock. */
static void forget(struct sim_event *event) {
  sim_marker_drop(event->marker);
  sim_capture_drop(event->capture);
  if (event->stream != NULL) sim_stream_drop(event->stream);
  event->marker = NULL;
  event->capture = NULL;
  event->stream = NULL;
}

void sim_event_drop(struct sim_event *event) {
  if (atomic_fetch_sub(&event->references, 1) != 1) return;
  forget(event);
  pthread_mutex_destroy(&event->lock);
  free(event);
}

void sim_event_close(struct sim_event *event) {
  pthread_mutex_lock(&events_lock);
  struct sim_event **link = &events;
  while (*link != NULL && *link != event) link = &(*link)->next;
  bool found = *link != NULL;
  if (found) *link = event->next;
  pthread_mutex_unlock(&events_lock);
  if (found) sim_event_drop(event);
}

enum sim_result sim_event_record(struct sim_event *event, struct sim_stream *stream) {
  uint64_t position = 0;
  struct sim_capture *capture = sim_capture_record(stream, &position);
  struct sim_marker *marker = capture == NULL ? sim_stream_mark(stream) : NULL;
  pthread_mutex_lock(&event->lock);
  forget(event);
  event->marker = marker;
  event->capture = capture;
  if (capture != NULL) {
    atomic_fetch_add(&stream->references, 1);
    event->stream = stream;
    event->position = position;
  }
  pthread_mutex_unlock(&event->lock);
  return SIM_OK;
}

enum sim_result sim_event_await(struct sim_event *event, struct sim_stream *stream) {
  enum sim_result result = SIM_OK;
  pthread_mutex_lock(&event->lock);
  if (event->capture != NULL) {
    result = sim_capture_join(stream, event->capture, event->stream, event->position);
  } else if (event->marker != NULL && sim_capture_of(stream, NULL) != SIM_NOT_CAPTURING) {
    sim_capture_break(stream); /* a graph cannot wait for what is not in it */
    result = SIM_USAGE;
  } else if (event->marker != NULL && !sim_marker_done(event->marker)) {
    sim_stream_await(stream, event->marker);
  }
  pthread_mutex_unlock(&event->lock);
  return result;
}

static struct sim_marker *marker_of(struct sim_event *event, bool *captured) {
  pthread_mutex_lock(&event->lock);
  struct sim_marker *marker = sim_marker_hold(event->marker);
  *captured = event->capture != NULL;
  pthread_mutex_unlock(&event->lock);
  return marker;
}

enum sim_event_state sim_event_state(struct sim_event *event) {
  bool captured;
  struct sim_marker *marker = marker_of(event, &captured);
  if (marker == NULL) return captured ? SIM_EVENT_CAPTURED : SIM_EVENT_NEW;
  bool done = sim_marker_done(marker);
  sim_marker_drop(marker);
  return done ? SIM_EVENT_DONE : SIM_EVENT_PENDING;
}

bool sim_event_wait(struct sim_event *event, uint64_t deadline) {
  bool captured;
  struct sim_marker *marker = marker_of(event, &captured);
  bool done = marker == NULL || sim_marker_wait(marker, deadline);
  sim_marker_drop(marker);
  return done;
}

enum sim_result sim_event_elapsed(struct sim_event *start, struct sim_event *end, float *millis) {
  bool captured;
  struct sim_marker *first = marker_of(start, &captured), *second = marker_of(end, &captured);
  enum sim_result result = SIM_OK;
  if (!start->timed || !end->timed || first == NULL || second == NULL) result = SIM_ARGUMENT;
  else if (!sim_marker_done(first) || !sim_marker_done(second)) result = SIM_USAGE;
  else *millis = (float)((double)(int64_t)(second->nanos - first->nanos) / 1e6);
  sim_marker_drop(first);
  sim_marker_drop(second);
  return result;
}

/* ---- handles ---- */

void sim_handle_add(enum sim_handle kind, const void *value) {
  struct handle *handle = calloc(1, sizeof *handle);
  handle->value = value;
  pthread_mutex_lock(&handles_lock);
  handle->next = handles[kind];
  handles[kind] = handle;
  pthread_mutex_unlock(&handles_lock);
}

bool sim_handle_known(enum sim_handle kind, const void *value) {
  pthread_mutex_lock(&handles_lock);
  const struct handle *handle = handles[kind];
  while (handle != NULL && handle->value != value) handle = handle->next;
  pthread_mutex_unlock(&handles_lock);
  return handle != NULL;
}

bool sim_handle_remove(enum sim_handle kind, const void *value) {
  pthread_mutex_lock(&handles_lock);
  struct handle **link = &handles[kind];
  while (*link != NULL && (*link)->value != value) link = &(*link)->next;
  struct handle *found = *link;
  if (found != NULL) *link = found->next;
  pthread_mutex_unlock(&handles_lock);
  free(found);
  return found != NULL;
}

/* ---- copies ---- */

struct copy {
  char *to;
  const char *from;
  char *owned; /* what the pageable source had */
  size_t bytes;
  int value;
  bool over_the_bus;
};

static void run_copy(void *argument, uint64_t ticket) {
  (void)ticket;
  const struct copy *copy = argument;
  double bandwidth = copy->over_the_bus ? sim_setting_double("TUTTI_SIM_COPY_BANDWIDTH", 0) : 0;
  uint64_t end = bandwidth > 0 ? sim_now() + (uint64_t)((double)copy->bytes / bandwidth * 1e9) : 0;
  memmove(copy->to, copy->owned != NULL ? copy->owned : copy->from, copy->bytes);
  if (end > 0) sim_sleep_until(end);
}

static void drop_copy(void *argument) {
  free(((struct copy *)argument)->owned);
  free(argument);
}

enum sim_result sim_copy(struct sim_stream *stream, void *to, const void *from, size_t bytes) {
  if (bytes == 0) return SIM_OK;
  struct sim_memory target, source;
  bool to_known = sim_find(to, &target), from_known = sim_find(from, &source);
  struct copy *copy = calloc(1, sizeof *copy);
  copy->to = to;
  copy->from = from;
  copy->bytes = bytes;
  bool to_device = to_known && target.kind == SIM_DEVICE, from_device = from_known && source.kind == SIM_DEVICE;
  copy->over_the_bus = to_device != from_device;
  if (!from_known) {
    copy->owned = malloc(bytes);
    memcpy(copy->owned, from, bytes);
  }
  enum sim_result result = sim_stream_add(stream, sim_work_new(run_copy, copy, drop_copy));
  bool captured = sim_capture_of(stream, NULL) != SIM_NOT_CAPTURING;
  if (result == SIM_OK && !to_known && !captured) sim_stream_wait(stream, 0);
  return result;
}

static void run_fill(void *argument, uint64_t ticket) {
  (void)ticket;
  const struct copy *copy = argument;
  memset(copy->to, copy->value, copy->bytes);
}

enum sim_result sim_fill(struct sim_stream *stream, void *to, int value, size_t bytes) {
  if (bytes == 0) return SIM_OK;
  struct copy *copy = calloc(1, sizeof *copy);
  copy->to = to;
  copy->bytes = bytes;
  copy->value = value;
  return sim_stream_add(stream, sim_work_new(run_fill, copy, drop_copy));
}
