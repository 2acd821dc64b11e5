/*
 * Capture of streams into a graph. A graph is the list of what was recorded, in the order of recording: that order
 * respects all dependencies, and a launch runs it one after the other.
 *
 * Streams join a capture by waiting for an event recorded in it, and come back when a stream of the capture waits for an
 * event behind all their work. Their number is small, so a list holds them.
 */
#include <stdlib.h>
#include <string.h>

#include "sim.h"

#define MAX_MEMBERS 32

struct member {
  struct sim_stream *stream;
  uint64_t position; /* what it has recorded */
  uint64_t returned; /* up to where others wait for it */
};

struct sim_capture {
  int references;
  uint64_t id;
  bool broken, ended, forbids;
  struct sim_graph *graph;
  struct member members[MAX_MEMBERS]; /* the first is where it began */
  int member_count;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t last_id;
static int forbidding;                 /* captures that forbid unsafe calls of all threads */
static struct sim_capture *forbidders[64];

static struct member *member_of(struct sim_capture *capture, const struct sim_stream *stream) {
  for (int i = 0; i < capture->member_count; i++) {
    if (capture->members[i].stream == stream) return &capture->members[i];
  }
  return NULL;
}

static void drop(struct sim_capture *capture) {
  if (--capture->references > 0) return;
  sim_graph_free(capture->graph);
  free(capture);
}

static void add_member(struct sim_capture *capture, struct sim_stream *stream) {
  atomic_fetch_add(&stream->references, 1);
  struct member member = {stream, 0, 0};
  capture->members[capture->member_count++] = member;
  stream->capture = capture;
}

enum sim_result sim_capture_begin(struct sim_stream *stream, bool forbids_unsafe_calls) {
  if (stream->is_default) return SIM_ARGUMENT;
  pthread_mutex_lock(&lock);
  enum sim_result result = SIM_USAGE;
  if (stream->capture == NULL && forbidding < 64) {
    struct sim_capture *capture = calloc(1, sizeof *capture);
    capture->references = 1;
    capture->id = ++last_id;
    capture->forbids = forbids_unsafe_calls;
    capture->graph = calloc(1, sizeof *capture->graph);
    add_member(capture, stream);
    if (forbids_unsafe_calls) forbidders[forbidding++] = capture;
    result = SIM_OK;
  }
  pthread_mutex_unlock(&lock);
  return result;
}

enum sim_result sim_capture_end(struct sim_stream *stream, struct sim_graph **graph) {
  *graph = NULL;
  pthread_mutex_lock(&lock);
  struct sim_capture *capture = stream->capture;
  if (capture == NULL || capture->members[0].stream != stream) {
    if (capture != NULL) capture->broken = true;
    pthread_mutex_unlock(&lock);
    return SIM_USAGE;
  }
  enum sim_result result = capture->broken ? SIM_ABORTED : SIM_OK;
  for (int i = 0; i < capture->member_count; i++) {
    struct member *member = &capture->members[i];
    bool away = i > 0 && member->returned < member->position;
    if (away && result == SIM_OK) result = SIM_REMOTE;
    member->stream->capture = NULL;
    sim_stream_drop(member->stream);
  }
  capture->ended = true;
  if (result == SIM_OK) {
    *graph = capture->graph;
    capture->graph = NULL;
  }
  for (int i = 0; i < forbidding; i++) {
    if (forbidders[i] == capture) forbidders[i--] = forbidders[--forbidding];
  }
  drop(capture);
  pthread_mutex_unlock(&lock);
  return result;
}

enum sim_capture_state sim_capture_of(struct sim_stream *stream, uint64_t *id) {
  pthread_mutex_lock(&lock);
  struct sim_capture *capture = stream->capture;
  enum sim_capture_state state = SIM_NOT_CAPTURING;
  if (capture != NULL) {
    state = capture->broken ? SIM_CAPTURE_BROKEN : SIM_CAPTURING;
    if (id != NULL) *id = capture->id;
  }
  pthread_mutex_unlock(&lock);
  return state;
}

bool sim_capture_forbids(void) {
  pthread_mutex_lock(&lock);
  bool forbids = forbidding > 0;
  for (int i = 0; i < forbidding; i++) forbidders[i]->broken = true;
  pthread_mutex_unlock(&lock);
  return forbids;
}

void sim_capture_break(struct sim_stream *stream) {
  pthread_mutex_lock(&lock);
  if (stream->capture != NULL) stream->capture->broken = true;
  pthread_mutex_unlock(&lock);
}

bool sim_capture_add(struct sim_stream *stream, struct sim_work *work) {
  pthread_mutex_lock(&lock);
  struct sim_capture *capture = stream->capture;
  if (capture != NULL) {
    struct sim_graph *graph = capture->graph;
    if (graph->count == graph->capacity) {
      graph->capacity = graph->capacity == 0 ? 16 : 2 * graph->capacity;
      graph->nodes = realloc(graph->nodes, graph->capacity * sizeof *graph->nodes);
    }
    graph->nodes[graph->count++] = work;
    member_of(capture, stream)->position = graph->count;
  }
  pthread_mutex_unlock(&lock);
  return capture != NULL;
}

struct sim_capture *sim_capture_record(struct sim_stream *stream, uint64_t *position) {
  pthread_mutex_lock(&lock);
  struct sim_capture *capture = stream->capture;
  if (capture != NULL) {
    capture->references++;
    *position = member_of(capture, stream)->position;
  }
  pthread_mutex_unlock(&lock);
  return capture;
}

enum sim_result sim_capture_join(struct sim_stream *stream, struct sim_capture *capture, struct sim_stream *recorded,
                                 uint64_t position) {
  pthread_mutex_lock(&lock);
  enum sim_result result = SIM_OK;
  if (capture->ended || (stream->capture != NULL && stream->capture != capture)) {
    if (stream->capture != NULL) stream->capture->broken = true;
    result = SIM_USAGE;
  } else {
    if (stream->capture == NULL) {
      if (capture->member_count == MAX_MEMBERS) result = SIM_NO_MEMORY;
      else add_member(capture, stream);
    }
    struct member *from = member_of(capture, recorded);
    if (result == SIM_OK && from != NULL && from->returned < position) from->returned = position;
    /* What the other did is now part of what this stream brings back. */
    struct member *to = member_of(capture, stream);
    if (to != NULL && to != &capture->members[0] && to->position < position) to->position = position;
  }
  pthread_mutex_unlock(&lock);
  return result;
}

void sim_capture_drop(struct sim_capture *capture) {
  if (capture == NULL) return;
  pthread_mutex_lock(&lock);
  drop(capture);
  pthread_mutex_unlock(&lock);
}

struct sim_graph *sim_graph_copy(const struct sim_graph *graph) {
  struct sim_graph *copy = calloc(1, sizeof *copy);
  copy->count = copy->capacity = graph->count;
  copy->nodes = calloc(graph->count + 1, sizeof *copy->nodes);
  for (size_t i = 0; i < graph->count; i++) {
    atomic_fetch_add(&graph->nodes[i]->references, 1);
    copy->nodes[i] = graph->nodes[i];
  }
  return copy;
}

void sim_graph_free(struct sim_graph *graph) {
  if (graph == NULL) return;
  for (size_t i = 0; i < graph->count; i++) sim_work_drop(graph->nodes[i]);
  free(graph->nodes);
  free(graph);
}
