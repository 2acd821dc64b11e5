/*
 * libtutti_sim: NCCL, the CUDA runtime, HCCL and ACL over host memory, for tests. This is the inside that the interfaces
 * share; it knows neither vendor. See README.md.
 *
 *   settings   switches and injected faults           memory    which address is what, on which device
 *   stream     queues of work, one thread each        capture   recording a stream into a graph
 *   elements   types and reductions                   rendezvous  ranks find each other and share memory
 *   channel    chunks from rank to rank               collective  what a group of ranks does together
 *   comm       a communicator's life                  window    one-sided puts and signals
 */
#ifndef TUTTI_SIM_H
#define TUTTI_SIM_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_MAX_DEVICES 64
#define SIM_MAX_RANKS 128
#define SIM_NAME_BYTES 16
#define SIM_CONTROL_BYTES 192

/* What can come out of the inside; each interface has its own codes for these. */
enum sim_result {
  SIM_OK,
  SIM_ARGUMENT,    /* a value that cannot be */
  SIM_USAGE,       /* a call that cannot be now */
  SIM_SYSTEM,      /* the operating system refused, or nobody answers */
  SIM_REMOTE,      /* another rank died */
  SIM_ABORTED,     /* this rank was told to stop */
  SIM_TIMEOUT,
  SIM_NO_MEMORY
};

/* ---- settings.c ---- */

#define SIM_EXPORT __attribute__((visibility("default")))

enum sim_vendor { SIM_CUDA, SIM_ASCEND };

int64_t sim_setting(const char *key, int64_t otherwise);
double sim_setting_double(const char *key, double otherwise);
/* Copies the value; returns false if the key is not set. */
bool sim_setting_text(const char *key, char *value, size_t bytes);
/* Returns the code to fail with, 0 for none; waits if a delay is set for the function. The rank is -1 if none. */
int sim_enter(const char *function, int rank);
/* Whether the call that this thread has just entered is to hang. */
bool sim_hangs(void);
/* The asynchronous error due at a rank's operation of this number, 0 for none. */
int sim_async_fault(uint64_t operation, int rank);
/* Bytes per second of the link between two devices, 0 for no limit. */
double sim_link_bandwidth(int device, int other);
uint64_t sim_link_latency(void);
uint64_t sim_now(void);
void sim_sleep_until(uint64_t nanos);
void sim_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- memory.c ---- */

enum sim_memory_kind { SIM_DEVICE, SIM_PINNED, SIM_REGISTERED };

struct sim_memory {
  uintptr_t base;
  size_t bytes;
  enum sim_memory_kind kind;
  enum sim_vendor vendor;
  int device;
};

int sim_device_count(enum sim_vendor vendor);
size_t sim_memory_limit(void);
size_t sim_memory_used(enum sim_vendor vendor, int device);
enum sim_result sim_allocate(enum sim_memory_kind kind, enum sim_vendor vendor, int device, size_t bytes, void **address);
/* Frees what starts there and is of that kind and vendor; SIM_ARGUMENT if nothing does. */
enum sim_result sim_free(enum sim_memory_kind kind, enum sim_vendor vendor, void *address);
enum sim_result sim_register(enum sim_vendor vendor, void *address, size_t bytes);
/* Tells what is known of the address; false if nothing, so that it is pageable host memory. */
bool sim_find(const void *address, struct sim_memory *found);
/* Whether a device of that vendor can reach all bytes; tells the device, -1 for pinned host memory. */
bool sim_reachable(enum sim_vendor vendor, const void *address, size_t bytes, int *device);

/* ---- stream.c ---- */

/* Something to do, any number of times. */
struct sim_work {
  atomic_int references;
  void (*run)(void *argument, uint64_t ticket);
  uint64_t (*issue)(void *argument); /* called when it is put into a queue; what it returns goes to run; may be null */
  void (*drop)(void *argument);      /* called once, when nobody needs the argument any more; may be null */
  void *argument;
};

/* A point in a stream that others wait for. */
struct sim_marker {
  atomic_int references;
  pthread_mutex_t lock;
  pthread_cond_t passed;
  bool done;
  uint64_t nanos;
};

struct sim_capture;

struct sim_entry {
  struct sim_entry *next;
  struct sim_work *work;
  uint64_t ticket;
};

struct sim_stream {
  struct sim_stream *next; /* of all streams */
  atomic_int references;
  enum sim_vendor vendor;
  int device;
  bool is_default; /* orders itself with all blocking streams of its device */
  bool blocking;
  bool closing;
  bool started;
  int priority;
  atomic_bool aborting;  /* work that waits is to end */
  atomic_bool aborted;   /* until somebody was told */
  atomic_bool timed_out; /* the same */
  pthread_mutex_t lock;
  pthread_cond_t changed;
  struct sim_entry *first, *last;
  uint64_t issued, completed;
  struct sim_capture *capture; /* guarded by the lock of captures */
};

struct sim_work *sim_work_new(void (*run)(void *, uint64_t), void *argument, void (*drop)(void *));
void sim_work_drop(struct sim_work *work);
struct sim_marker *sim_marker_new(void);
struct sim_marker *sim_marker_hold(struct sim_marker *marker);
void sim_marker_drop(struct sim_marker *marker);
void sim_marker_pass(struct sim_marker *marker);
bool sim_marker_done(struct sim_marker *marker);
/* Waits until it is passed or the time has come; a deadline of 0 is none. */
bool sim_marker_wait(struct sim_marker *marker, uint64_t deadline);

struct sim_stream *sim_stream_new(enum sim_vendor vendor, int device, bool blocking, int priority);
/* Finds a stream by its handle, null for the device's default stream, and holds it; null if it is none. */
struct sim_stream *sim_stream_hold(enum sim_vendor vendor, int device, const void *handle);
void sim_stream_drop(struct sim_stream *stream);
/* Lets the stream end when its work is done. */
void sim_stream_close(struct sim_stream *stream);
/* Takes over the caller's reference of the work: records it if the stream is captured, else lets it run. */
enum sim_result sim_stream_add(struct sim_stream *stream, struct sim_work *work);
bool sim_stream_idle(struct sim_stream *stream);
bool sim_stream_wait(struct sim_stream *stream, uint64_t deadline);
/* A marker behind all that was added so far. */
struct sim_marker *sim_stream_mark(struct sim_stream *stream);
void sim_stream_await(struct sim_stream *stream, struct sim_marker *marker);
/* Ends work of the stream that waits for others, and waits for what is behind it. */
void sim_stream_abort(struct sim_stream *stream);
void sim_device_abort(enum sim_vendor vendor, int device);
/* The stream whose work this thread does, null if none. */
struct sim_stream *sim_stream_current(void);
bool sim_device_wait(enum sim_vendor vendor, int device, uint64_t deadline);

/* ---- event.c ---- */

enum sim_event_state { SIM_EVENT_NEW, SIM_EVENT_CAPTURED, SIM_EVENT_PENDING, SIM_EVENT_DONE };

struct sim_event;

struct sim_event *sim_event_new(enum sim_vendor vendor, bool timed);
/* Finds an event by its handle and holds it; null if it is none. */
struct sim_event *sim_event_hold(enum sim_vendor vendor, const void *handle);
void sim_event_drop(struct sim_event *event);
void sim_event_close(struct sim_event *event);
enum sim_result sim_event_record(struct sim_event *event, struct sim_stream *stream);
/* Lets the stream wait for the last record before now. */
enum sim_result sim_event_await(struct sim_event *event, struct sim_stream *stream);
enum sim_event_state sim_event_state(struct sim_event *event);
bool sim_event_wait(struct sim_event *event, uint64_t deadline);
/* SIM_ARGUMENT: one was not recorded or tells no times; SIM_USAGE: one is not done. */
enum sim_result sim_event_elapsed(struct sim_event *start, struct sim_event *end, float *millis);

/* Other things that callers have handles of. */
enum sim_handle { SIM_GRAPH, SIM_EXECUTABLE, SIM_MODULE, SIM_FUNCTION, SIM_CONTEXT, SIM_HANDLES };

void sim_handle_add(enum sim_handle kind, const void *handle);
bool sim_handle_known(enum sim_handle kind, const void *handle);
/* Forgets it; false if it was not known. */
bool sim_handle_remove(enum sim_handle kind, const void *handle);

/* Copies in a stream: of pageable memory at once, as a driver does. */
enum sim_result sim_copy(struct sim_stream *stream, void *to, const void *from, size_t bytes);
enum sim_result sim_fill(struct sim_stream *stream, void *to, int value, size_t bytes);

/* ---- capture.c ---- */

struct sim_graph {
  struct sim_work **nodes;
  size_t count, capacity;
};

enum sim_capture_state { SIM_NOT_CAPTURING, SIM_CAPTURING, SIM_CAPTURE_BROKEN };

enum sim_result sim_capture_begin(struct sim_stream *stream, bool forbids_unsafe_calls);
/* SIM_USAGE: not captured, or not where it began; SIM_ABORTED: broken; SIM_REMOTE: a stream did not come back. */
enum sim_result sim_capture_end(struct sim_stream *stream, struct sim_graph **graph);
enum sim_capture_state sim_capture_of(struct sim_stream *stream, uint64_t *id);
/* Whether a capture forbids calls like an allocation now; breaks it. */
bool sim_capture_forbids(void);
void sim_capture_break(struct sim_stream *stream);
/* Adds work to the stream's capture; false if it is not captured. */
bool sim_capture_add(struct sim_stream *stream, struct sim_work *work);
/* An event is recorded in a captured stream: returns the capture, held. */
struct sim_capture *sim_capture_record(struct sim_stream *stream, uint64_t *position);
/* A stream waits for an event of a capture: it joins, or a stream that had joined comes back. */
enum sim_result sim_capture_join(struct sim_stream *stream, struct sim_capture *capture, struct sim_stream *recorded,
                                 uint64_t position);
void sim_capture_drop(struct sim_capture *capture);
struct sim_graph *sim_graph_copy(const struct sim_graph *graph);
void sim_graph_free(struct sim_graph *graph);

/* ---- elements.c ---- */

enum sim_type {
  SIM_I8, SIM_U8, SIM_I16, SIM_U16, SIM_I32, SIM_U32, SIM_I64, SIM_U64,
  SIM_F16, SIM_BF16, SIM_F32, SIM_F64, SIM_E4M3, SIM_E5M2,
  SIM_I128, SIM_HIF8, SIM_E8M0, /* moved only */
  SIM_TYPES
};

enum sim_operator { SIM_SUM, SIM_PROD, SIM_MAX, SIM_MIN, SIM_AVG, SIM_OPERATORS };

size_t sim_type_bytes(enum sim_type type);
/* Combines the sources element by element, in their order. An average divides by their number. */
void sim_reduce(enum sim_type type, enum sim_operator op, const void *const *sources, int count, void *target,
                size_t elements);
/* Multiplies by one element of the type. */
void sim_scale(enum sim_type type, const void *scalar, const void *source, void *target, size_t elements);
float sim_widen(enum sim_type type, uint32_t bits);
uint32_t sim_narrow(enum sim_type type, float value);

/* ---- rendezvous.c: memory that all ranks share, found by name ---- */

#define SIM_SLOT_BYTES (64 * 1024)
#define SIM_SLOTS 4

enum sim_rank_state { SIM_RANK_ABSENT, SIM_RANK_READY, SIM_RANK_FINISHED, SIM_RANK_ABORTED };

struct sim_slot {
  uint64_t tag;       /* of the operation */
  uint64_t total;     /* bytes of the whole move */
  uint64_t available; /* when a receiver may see it */
  uint64_t place;     /* window and offset of a put */
  uint32_t bytes, kind;
  char unused[24];
  char data[SIM_SLOT_BYTES];
};

/* Chunks from one rank to one other. */
struct sim_channel {
  _Atomic uint64_t written; /* by the sender */
  uint64_t paced;           /* the sender's: when the link is free again */
  char unused[112];
  _Atomic uint64_t read; /* by the receiver */
  char unused2[120];
  struct sim_slot slots[SIM_SLOTS];
};

struct sim_rank {
  _Atomic uint32_t state;
  _Atomic uint32_t bell;        /* counts what happened to this rank; a futex */
  _Atomic uint32_t window_bell; /* the same for puts */
  _Atomic uint32_t control_count;
  int32_t device, vendor;
  uint64_t host;
  char control[2][SIM_CONTROL_BYTES];
};

struct sim_shared {
  _Atomic uint32_t growths;
  char growth_name[SIM_NAME_BYTES];
  struct sim_rank ranks[SIM_MAX_RANKS];
  struct sim_channel channels[]; /* two per ordered pair: one for messages, one for puts */
};

/* Starts to serve the name until all ranks came, in a thread of its own. */
enum sim_result sim_serve(const unsigned char name[SIM_NAME_BYTES]);
void sim_random_name(unsigned char name[SIM_NAME_BYTES]);
/* A name that all who give the same bytes and seed find. */
void sim_derive_name(const unsigned char base[SIM_NAME_BYTES], const void *seed, size_t bytes,
                     unsigned char name[SIM_NAME_BYTES]);
/* Tells a server that nobody will come. */
void sim_cancel(const unsigned char name[SIM_NAME_BYTES]);

struct sim_comm;

/* Joins as comm's rank, which has name, rank and size; waits for all others. */
enum sim_result sim_join(struct sim_comm *comm);
void sim_leave(struct sim_comm *comm, enum sim_rank_state state);
/* Whether another rank's process is gone though it never said good-bye; asks at most every 10 ms. */
bool sim_peer_died(struct sim_comm *comm);
void sim_ring(_Atomic uint32_t *bell);
/* Sleeps while the bell says the value, at most some nanoseconds. */
void sim_listen(_Atomic uint32_t *bell, uint32_t value, uint64_t nanos);

/* ---- comm.c ---- */

struct sim_window {
  void *base;
  size_t bytes;
  int flags;
};

#define SIM_MAX_WINDOWS 256

struct sim_comm {
  atomic_int references; /* its owner, and what is in streams and graphs */
  unsigned char name[SIM_NAME_BYTES];
  int rank, size;
  enum sim_vendor vendor;
  int device;
  bool shares_device; /* with other ranks that say so too */
  struct sim_shared *shared;
  size_t shared_bytes;
  int life;           /* socket whose end tells others that this process ended */
  int rendezvous;     /* connection to the server, while joining */
  uint64_t last_look; /* for dead ranks */
  atomic_bool stopped; /* operations end */
  atomic_bool aborted; /* everything ends */
  atomic_int error;    /* sim_result that ended operations, or a code put in by a test, negated */
  atomic_int failed_rank;
  char problem[256];   /* what was wrong with an operation; guarded by lock */
  pthread_mutex_t lock;
  pthread_cond_t changed;
  uint64_t issued, completed; /* tickets of operations */
  uint64_t operations;        /* that ran */
  uint64_t timeout;           /* nanoseconds for an operation, 0 for none */
  uint64_t deadline;          /* of the one that runs */
  uint32_t control_count;
  uint64_t collectives; /* collectives that ran */
  uint32_t children, shrinks; /* communicators made of this one */
  char *scratch;
  size_t scratch_bytes;
  struct sim_window windows[SIM_MAX_WINDOWS];
  int window_count;
  _Atomic uint32_t signals[SIM_MAX_RANKS];
  uint32_t signals_taken[SIM_MAX_RANKS];
  pthread_t proxy;
  bool has_proxy;
};

struct sim_comm *sim_comm_new(const unsigned char name[SIM_NAME_BYTES], int size, int rank, enum sim_vendor vendor,
                              int device);
/* Ends operations that wait, now. */
void sim_comm_stop(struct sim_comm *comm, bool abort);
/* Waits for issued operations to end. */
void sim_comm_drain(struct sim_comm *comm);
/* Says good-bye; what is still in graphs does nothing when it runs. */
void sim_comm_free(struct sim_comm *comm, enum sim_rank_state state);
/* Every rank gives some bytes and gets those of all, rank by rank. */
enum sim_result sim_comm_exchange_control(struct sim_comm *comm, const void *mine, size_t bytes, void *all);
/* The name of a communicator made of some ranks of this one; same for all of them. */
void sim_comm_child_name(struct sim_comm *comm, const char *how, const void *members, size_t bytes,
                         unsigned char name[SIM_NAME_BYTES]);
/* Whether what waits since then is to end: told so, too late, or another rank died. */
enum sim_result sim_comm_interrupted(struct sim_comm *comm, uint64_t since);
void sim_comm_fail(struct sim_comm *comm, enum sim_result result, int rank);
void sim_comm_problem(struct sim_comm *comm, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- channel.c ---- */

struct sim_move {
  int peer;
  bool sends;
  char *address;
  size_t bytes, done;
};

/* Carries out all moves at once; those with one peer in one direction one after the other. */
enum sim_result sim_exchange(struct sim_comm *comm, uint64_t tag, struct sim_move *moves, int count);
struct sim_channel *sim_channel(struct sim_comm *comm, int from, int to, bool puts);
/* Writes one chunk if there is a free slot. */
bool sim_push(struct sim_comm *comm, int peer, bool put, const struct sim_slot *head, const void *data);

/* ---- collective.c ---- */

enum sim_kind {
  SIM_ALL_REDUCE, SIM_BROADCAST, SIM_REDUCE, SIM_ALL_GATHER, SIM_REDUCE_SCATTER, SIM_ALL_TO_ALL, SIM_GATHER, SIM_SCATTER,
  SIM_BARRIER, SIM_ALL_TO_ALL_V, SIM_ALL_GATHER_V, SIM_REDUCE_SCATTER_V, SIM_POINT_TO_POINT, SIM_PUT, SIM_SIGNAL,
  SIM_WAIT_SIGNAL
};

struct sim_signal_wait {
  int peer;
  uint32_t count;
};

/* One operation of one rank. Arrays are owned. */
struct sim_operation {
  enum sim_kind kind;
  const char *send;
  char *recv;
  size_t count; /* elements: as the interface of the operation counts */
  enum sim_type type;
  enum sim_operator op;
  bool scaled, scalar_on_device;
  char scalar[8];
  const void *scalar_address;
  int root; /* or peer */
  bool hangs;
  uint64_t *send_counts, *send_offsets, *recv_counts, *recv_offsets; /* elements, by rank */
  struct sim_move *moves; /* of point to point */
  int move_count;
  int window;
  size_t offset;
  bool signals;
  struct sim_signal_wait *waits;
  int wait_count;
};

/* Puts operations of one communicator into a stream, to run one after the other. Takes over what they own. */
enum sim_result sim_submit(struct sim_comm *comm, struct sim_stream *stream, const struct sim_operation *operations,
                           int count);
enum sim_result sim_run_collective(struct sim_comm *comm, uint64_t tag, const struct sim_operation *operation);
void sim_operation_clear(struct sim_operation *operation);

/* ---- window.c ---- */

/* Adds a window that every rank adds at the same time; returns its number, negative for a sim_result. */
int sim_window_add(struct sim_comm *comm, void *base, size_t bytes, int flags);
enum sim_result sim_put(struct sim_comm *comm, const struct sim_operation *operation);
enum sim_result sim_wait_signals(struct sim_comm *comm, const struct sim_operation *operation);
void sim_window_stop(struct sim_comm *comm);

#endif
