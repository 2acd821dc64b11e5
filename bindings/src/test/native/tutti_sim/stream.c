/* Streams: queues of work with a thread each, and markers in them that others wait for. */
#include <stdlib.h>
#include <time.h>

#include "sim.h"

static pthread_mutex_t streams_lock = PTHREAD_MUTEX_INITIALIZER;
static struct sim_stream *streams;
static struct sim_stream *defaults[2][SIM_MAX_DEVICES];
static _Thread_local struct sim_stream *current;

struct sim_work *sim_work_new(void (*run)(void *, uint64_t), void *argument, void (*drop)(void *)) {
  struct sim_work *work = calloc(1, sizeof *work);
  atomic_init(&work->references, 1);
  work->run = run;
  work->argument = argument;
  work->drop = drop;
  return work;
}

void sim_work_drop(struct sim_work *work) {
  if (atomic_fetch_sub(&work->references, 1) != 1) return;
  if (work->drop != NULL) work->drop(work->argument);
  free(work);
}

/* Conditions that time out do so by the monotonic clock, as all deadlines here. */
static void condition_init(pthread_cond_t *condition) {
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(condition, &attributes);
  pthread_condattr_destroy(&attributes);
}

/* Returns false when the time has come. */
static bool wait_until(pthread_cond_t *condition, pthread_mutex_t *lock, uint64_t deadline) {
  if (deadline == 0) return pthread_cond_wait(condition, lock) == 0;
  struct timespec then = {(time_t)(deadline / 1000000000u), (long)(deadline % 1000000000u)};
  return pthread_cond_timedwait(condition, lock, &then) == 0;
}

struct sim_marker *sim_marker_new(void) {
  struct sim_marker *marker = calloc(1, sizeof *marker);
  atomic_init(&marker->references, 1);
  pthread_mutex_init(&marker->lock, NULL);
  condition_init(&marker->passed);
  return marker;
}

struct sim_marker *sim_marker_hold(struct sim_marker *marker) {
  if (marker != NULL) atomic_fetch_add(&marker->references, 1);
  return marker;
}

void sim_marker_drop(struct sim_marker *marker) {
  if (marker == NULL || atomic_fetch_sub(&marker->references, 1) != 1) return;
  pthread_cond_destroy(&marker->passed);
  pthread_mutex_destroy(&marker->lock);
  free(marker);
}

void sim_marker_pass(struct sim_marker *marker) {
  pthread_mutex_lock(&marker->lock);
  marker->nanos = sim_now();
  marker->done = true;
  pthread_cond_broadcast(&marker->passed);
  pthread_mutex_unlock(&marker->lock);
}

bool sim_marker_done(struct sim_marker *marker) {
  pthread_mutex_lock(&marker->lock);
  bool done = marker->done;
  pthread_mutex_unlock(&marker->lock);
  return done;
}

bool sim_marker_wait(struct sim_marker *marker, uint64_t deadline) {
  pthread_mutex_lock(&marker->lock);
  while (!marker->done && wait_until(&marker->passed, &marker->lock, deadline)) {
  }
  bool done = marker->done;
  pthread_mutex_unlock(&marker->lock);
  return done;
}

static struct sim_stream *new_stream(enum sim_vendor vendor, int device, bool blocking, int priority) {
  struct sim_stream *stream = calloc(1, sizeof *stream);
  atomic_init(&stream->references, 1);
  stream->vendor = vendor;
  stream->device = device;
  stream->blocking = blocking;
  stream->priority = priority;
  pthread_mutex_init(&stream->lock, NULL);
  condition_init(&stream->changed);
  stream->next = streams;
  streams = stream;
  return stream;
}

struct sim_stream *sim_stream_new(enum sim_vendor vendor, int device, bool blocking, int priority) {
  pthread_mutex_lock(&streams_lock);
  struct sim_stream *stream = new_stream(vendor, device, blocking, priority);
  pthread_mutex_unlock(&streams_lock);
  return stream;
}

struct sim_stream *sim_stream_hold(enum sim_vendor vendor, int device, const void *handle) {
  pthread_mutex_lock(&streams_lock);
  struct sim_stream *found = NULL;
  if (handle == NULL) {
    found = defaults[vendor][device];
    if (found == NULL) {
      found = new_stream(vendor, device, true, 0);
      found->is_default = true;
      defaults[vendor][device] = found;
    }
  } else {
    for (found = streams; found != NULL && found != handle; found = found->next) {
    }
    if (found != NULL && found->vendor != vendor) found = NULL;
  }
  if (found != NULL) atomic_fetch_add(&found->references, 1);
  pthread_mutex_unlock(&streams_lock);
  return found;
}

void sim_stream_drop(struct sim_stream *stream) {
  if (atomic_fetch_sub(&stream->references, 1) != 1) return;
  pthread_cond_destroy(&stream->changed);
  pthread_mutex_destroy(&stream->lock);
  free(stream);
}

void sim_stream_close(struct sim_stream *stream) {
  pthread_mutex_lock(&streams_lock);
  struct sim_stream **link = &streams;
  while (*link != NULL && *link != stream) link = &(*link)->next;
  if (*link != NULL) *link = stream->next;
  pthread_mutex_unlock(&streams_lock);
  pthread_mutex_lock(&stream->lock);
  stream->closing = true;
  pthread_cond_broadcast(&stream->changed);
  pthread_mutex_unlock(&stream->lock);
  sim_stream_drop(stream);
}

static void run_mark(void *marker, uint64_t ticket) {
  (void)ticket;
  sim_marker_pass(marker);
}

static void *run_stream(void *argument) {
  struct sim_stream *stream = argument;
  current = stream;
  pthread_mutex_lock(&stream->lock);
  for (;;) {
    while (stream->first == NULL && !stream->closing) pthread_cond_wait(&stream->changed, &stream->lock);
    struct sim_entry *entry = stream->first;
    if (entry == NULL) break;
    stream->first = entry->next;
    if (stream->first == NULL) stream->last = NULL;
    /* A mark is passed and counted at once: an event and its stream do not contradict each other. */
    bool marks = entry->work->run == run_mark;
    if (!marks) pthread_mutex_unlock(&stream->lock);
    entry->work->run(entry->work->argument, entry->ticket);
    if (!marks) {
      sim_work_drop(entry->work);
      pthread_mutex_lock(&stream->lock);
    }
    stream->completed++;
    pthread_cond_broadcast(&stream->changed);
    if (marks) sim_work_drop(entry->work);
    free(entry);
  }
  pthread_mutex_unlock(&stream->lock);
  sim_stream_drop(stream);
  return NULL;
}

static bool start(struct sim_stream *stream) {
  pthread_attr_t attributes;
  pthread_t thread;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  atomic_fetch_add(&stream->references, 1);
  bool started = pthread_create(&thread, &attributes, run_stream, stream) == 0;
  if (!started) atomic_fetch_sub(&stream->references, 1);
  pthread_attr_destroy(&attributes);
  return started;
}

static enum sim_result push(struct sim_stream *stream, struct sim_work *work) {
  struct sim_entry *entry = calloc(1, sizeof *entry);
  entry->work = work;
  pthread_mutex_lock(&stream->lock);
  if (!stream->started && !start(stream)) {
    pthread_mutex_unlock(&stream->lock);
    sim_work_drop(work);
    free(entry);
    return SIM_SYSTEM;
  }
  stream->started = true;
  if (work->issue != NULL) entry->ticket = work->issue(work->argument);
  if (stream->last == NULL) stream->first = entry;
  else stream->last->next = entry;
  stream->last = entry;
  stream->issued++;
  pthread_cond_broadcast(&stream->changed);
  pthread_mutex_unlock(&stream->lock);
  return SIM_OK;
}

static void run_await(void *marker, uint64_t ticket) {
  (void)ticket;
  sim_marker_wait(marker, 0);
}

static void drop_marker(void *marker) { sim_marker_drop(marker); }

static struct sim_work *mark_work(struct sim_marker *marker) {
  return sim_work_new(run_mark, sim_marker_hold(marker), drop_marker);
}

static struct sim_work *await_work(struct sim_marker *marker) {
  return sim_work_new(run_await, sim_marker_hold(marker), drop_marker);
}

struct sim_marker *sim_stream_mark(struct sim_stream *stream) {
  struct sim_marker *marker = sim_marker_new();
  sim_stream_add(stream, mark_work(marker));
  return marker;
}

void sim_stream_await(struct sim_stream *stream, struct sim_marker *marker) {
  sim_stream_add(stream, await_work(marker));
}

/* Streams that the default stream waits for and that wait for it: collects those with work to do, held. */
static int others_of(struct sim_stream *stream, struct sim_stream **others, int capacity) {
  int count = 0;
  pthread_mutex_lock(&streams_lock);
  for (struct sim_stream *s = streams; s != NULL && count < capacity; s = s->next) {
    bool same = s != stream && s->vendor == stream->vendor && s->device == stream->device;
    bool ordered = stream->is_default ? s->blocking : stream->blocking && s->is_default;
    if (same && ordered && !sim_stream_idle(s)) {
      atomic_fetch_add(&s->references, 1);
      others[count++] = s;
    }
  }
  pthread_mutex_unlock(&streams_lock);
  return count;
}

enum sim_result sim_stream_add(struct sim_stream *stream, struct sim_work *work) {
  if (sim_capture_add(stream, work)) return SIM_OK;
  struct sim_stream *others[256];
  int count = others_of(stream, others, 256);
  for (int i = 0; i < count; i++) {
    struct sim_marker *marker = sim_marker_new();
    push(others[i], mark_work(marker));
    push(stream, await_work(marker));
    sim_marker_drop(marker);
    sim_stream_drop(others[i]);
  }
  return push(stream, work);
}

bool sim_stream_idle(struct sim_stream *stream) {
  pthread_mutex_lock(&stream->lock);
  bool idle = stream->completed == stream->issued;
  pthread_mutex_unlock(&stream->lock);
  return idle;
}

bool sim_stream_wait(struct sim_stream *stream, uint64_t deadline) {
  pthread_mutex_lock(&stream->lock);
  uint64_t target = stream->issued;
  while (stream->completed < target && wait_until(&stream->changed, &stream->lock, deadline)) {
  }
  bool done = stream->completed >= target;
  pthread_mutex_unlock(&stream->lock);
  return done;
}

struct sim_stream *sim_stream_current(void) { return current; }

void sim_stream_abort(struct sim_stream *stream) {
  atomic_store(&stream->aborted, true);
  atomic_store(&stream->aborting, true);
  sim_stream_wait(stream, 0);
  atomic_store(&stream->aborting, false);
}

/* All streams of a device, held. */
static int streams_of(enum sim_vendor vendor, int device, struct sim_stream **all, int capacity) {
  int count = 0;
  pthread_mutex_lock(&streams_lock);
  for (struct sim_stream *s = streams; s != NULL && count < capacity; s = s->next) {
    if (s->vendor != vendor || s->device != device) continue;
    atomic_fetch_add(&s->references, 1);
    all[count++] = s;
  }
  pthread_mutex_unlock(&streams_lock);
  return count;
}

void sim_device_abort(enum sim_vendor vendor, int device) {
  struct sim_stream *all[256];
  int count = streams_of(vendor, device, all, 256);
  for (int i = 0; i < count; i++) {
    if (!sim_stream_idle(all[i])) sim_stream_abort(all[i]);
    sim_stream_drop(all[i]);
  }
}

bool sim_device_wait(enum sim_vendor vendor, int device, uint64_t deadline) {
  struct sim_stream *all[256];
  int count = streams_of(vendor, device, all, 256);
  bool done = true;
  for (int i = 0; i < count; i++) {
    done = sim_stream_wait(all[i], deadline) && done;
    sim_stream_drop(all[i]);
  }
  return done;
}
