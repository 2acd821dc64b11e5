/*
 * How ranks find each other. A name of 16 bytes is an abstract unix socket that the process which made the name serves:
 * it hands each rank the descriptor of one memory file, and ends when all have it. Each rank then keeps a socket of its
 * own name open; when that is gone but the rank never said so in the shared memory, its process died.
 *
 * Abstract sockets and memory files end with their processes: nothing stays behind, however these end.
 */
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "sim.h"

#define LOOK_NANOS 10000000u
#define CONNECT_MILLIS 2000

/* What a rank asks for. */
struct request {
  int32_t size, rank; /* a size of 0 ends the server */
  int32_t vendor, device;
  uint64_t host;
  bool shares_device;
};

/* What it gets, with the descriptor if it may come in. */
struct reply {
  int32_t result;
};

struct server {
  unsigned char name[SIM_NAME_BYTES];
  int listener;
};

static void hex(const unsigned char *name, char *text) {
  for (int i = 0; i < SIM_NAME_BYTES; i++) sprintf(text + 2 * i, "%02x", name[i]);
}

/* The socket of a name, or of one rank of it. */
static socklen_t address_of(const unsigned char *name, int rank, struct sockaddr_un *address) {
  char text[2 * SIM_NAME_BYTES + 1];
  hex(name, text);
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  char *path = address->sun_path + 1; /* after a zero: not in the file system */
  size_t room = sizeof address->sun_path - 1;
  int length = rank < 0 ? snprintf(path, room, "tutti-sim-%s", text) : snprintf(path, room, "tutti-sim-%s-%d", text, rank);
  return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
}

void sim_random_name(unsigned char name[SIM_NAME_BYTES]) {
  while (getrandom(name, SIM_NAME_BYTES, 0) != SIM_NAME_BYTES) {
  }
}

void sim_derive_name(const unsigned char base[SIM_NAME_BYTES], const void *seed, size_t bytes,
                     unsigned char name[SIM_NAME_BYTES]) {
  /* FNV-1a (draft-eastlake-fnv), twice with different starts: names need to differ, not to be secret. */
  const unsigned char *more = seed;
  uint64_t hashes[2] = {0xcbf29ce484222325u, 0x84222325cbf29ce4u};
  for (int h = 0; h < 2; h++) {
    for (size_t i = 0; i < SIM_NAME_BYTES; i++) hashes[h] = (hashes[h] ^ base[i]) * 0x100000001b3u;
    for (size_t i = 0; i < bytes; i++) hashes[h] = (hashes[h] ^ more[i]) * 0x100000001b3u;
  }
  memcpy(name, hashes, SIM_NAME_BYTES);
}

static size_t bytes_for(int size) {
  return sizeof(struct sim_shared) + 2 * (size_t)size * (size_t)size * sizeof(struct sim_channel);
}

static void answer(int connection, enum sim_result result, int descriptor) {
  struct reply reply = {(int32_t)result};
  struct iovec part = {&reply, sizeof reply};
  union {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control;
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (descriptor >= 0) {
    memset(&control, 0, sizeof control);
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof descriptor);
    memcpy(CMSG_DATA(head), &descriptor, sizeof descriptor);
  }
  sendmsg(connection, &message, MSG_NOSIGNAL);
}

static int shared_file(int size) {
  int file = memfd_create("tutti_sim", MFD_CLOEXEC);
  if (file >= 0 && ftruncate(file, (off_t)bytes_for(size)) != 0) {
    close(file);
    file = -1;
  }
  return file;
}

/* Whether two ranks have one device though they may not. */
static bool is_duplicate(const struct request *one, const struct request *other) {
  bool same = one->vendor == other->vendor && one->device == other->device && one->host == other->host;
  return same && !(one->shares_device && other->shares_device);
}

static void *serve(void *argument) {
  struct server *server = argument;
  struct request requests[SIM_MAX_RANKS];
  int connections[SIM_MAX_RANKS], size = 0, came = 0, file = -1;
  bool present[SIM_MAX_RANKS] = {false};
  while (size == 0 || came < size) {
    int connection = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
    if (connection < 0) {
      if (errno == EINTR || errno == ECONNABORTED) continue;
      break;
    }
    struct request request;
    if (recv(connection, &request, sizeof request, 0) != sizeof request) {
      close(connection);
      continue;
    }
    if (request.size == 0) {
      close(connection);
      break;
    }
    if (size == 0) {
      size = request.size;
      file = shared_file(size);
    }
    enum sim_result result = file < 0 ? SIM_SYSTEM : SIM_OK;
    if (request.size != size || request.rank < 0 || request.rank >= size || present[request.rank]) result = SIM_USAGE;
    for (int r = 0; r < size && result == SIM_OK; r++) {
      if (present[r] && is_duplicate(&request, &requests[r])) result = SIM_ARGUMENT;
    }
    answer(connection, result, result == SIM_OK ? file : -1);
    if (result != SIM_OK) {
      close(connection);
      if (result == SIM_ARGUMENT) break; /* nor can the others begin */
      continue;
    }
    present[request.rank] = true;
    requests[request.rank] = request;
    connections[came++] = connection;
  }
  struct reply complete = {size > 0 && came == size ? SIM_OK : SIM_REMOTE};
  for (int i = 0; i < came; i++) {
    send(connections[i], &complete, sizeof complete, MSG_NOSIGNAL);
    close(connections[i]);
  }
  if (file >= 0) close(file);
  close(server->listener);
  free(server);
  return NULL;
}

enum sim_result sim_serve(const unsigned char name[SIM_NAME_BYTES]) {
  struct sockaddr_un address;
  socklen_t length = address_of(name, -1, &address);
  int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (listener < 0) return SIM_SYSTEM;
  if (bind(listener, (struct sockaddr *)&address, length) != 0 || listen(listener, SIM_MAX_RANKS) != 0) {
    close(listener);
    return SIM_SYSTEM;
  }
  struct server *server = calloc(1, sizeof *server);
  memcpy(server->name, name, SIM_NAME_BYTES);
  server->listener = listener;
  pthread_attr_t attributes;
  pthread_t thread;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  bool started = pthread_create(&thread, &attributes, serve, server) == 0;
  pthread_attr_destroy(&attributes);
  if (started) return SIM_OK;
  close(listener);
  free(server);
  return SIM_SYSTEM;
}

static int connect_to(const unsigned char *name) {
  struct sockaddr_un address;
  socklen_t length = address_of(name, -1, &address);
  int connection = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (connection >= 0 && connect(connection, (struct sockaddr *)&address, length) != 0) {
    close(connection);
    return -1;
  }
  return connection;
}

void sim_cancel(const unsigned char name[SIM_NAME_BYTES]) {
  int connection = connect_to(name);
  if (connection < 0) return;
  struct request request;
  memset(&request, 0, sizeof request);
  send(connection, &request, sizeof request, MSG_NOSIGNAL);
  close(connection);
}

/* The host, as far as duplicate devices go. */
static uint64_t host_number(void) {
  char host[128];
  if (!sim_setting_text("TUTTI_SIM_HOST", host, sizeof host)) return 0;
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char *c = host; *c != '\0'; c++) hash = (hash ^ (unsigned char)*c) * 0x100000001b3u;
  return hash;
}

/* Waits for the server's next packet; SIM_REMOTE when the server's process is gone. */
static enum sim_result receive(struct sim_comm *comm, int *descriptor) {
  struct reply reply;
  struct iovec part = {&reply, sizeof reply};
  union {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control;
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  message.msg_control = control.bytes;
  message.msg_controllen = sizeof control.bytes;
  for (;;) {
    if (atomic_load(&comm->aborted)) return SIM_ABORTED;
    struct pollfd wait = {comm->rendezvous, POLLIN, 0};
    if (poll(&wait, 1, 10) > 0) break;
  }
  if (recvmsg(comm->rendezvous, &message, MSG_CMSG_CLOEXEC) != sizeof reply) return SIM_REMOTE;
  struct cmsghdr *head = CMSG_FIRSTHDR(&message);
  if (head != NULL && descriptor != NULL) memcpy(descriptor, CMSG_DATA(head), sizeof *descriptor);
  return (enum sim_result)reply.result;
}

static enum sim_result enter(struct sim_comm *comm, int *file) {
  uint64_t deadline = sim_now() + (uint64_t)sim_setting("TUTTI_SIM_CONNECT_MILLIS", CONNECT_MILLIS) * 1000000u;
  while ((comm->rendezvous = connect_to(comm->name)) < 0) {
    if (atomic_load(&comm->aborted)) return SIM_ABORTED;
    if (sim_now() > deadline) return SIM_SYSTEM;
    sim_sleep_until(sim_now() + 1000000);
  }
  struct request request;
  memset(&request, 0, sizeof request);
  request.size = comm->size;
  request.rank = comm->rank;
  request.vendor = (int32_t)comm->vendor;
  request.device = comm->device;
  request.host = host_number();
  request.shares_device = comm->shares_device;
  if (send(comm->rendezvous, &request, sizeof request, MSG_NOSIGNAL) != sizeof request) return SIM_REMOTE;
  return receive(comm, file);
}

static enum sim_result show_life(struct sim_comm *comm) {
  struct sockaddr_un address;
  socklen_t length = address_of(comm->name, comm->rank, &address);
  comm->life = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  bool bound = comm->life >= 0 && bind(comm->life, (struct sockaddr *)&address, length) == 0;
  return bound ? SIM_OK : SIM_SYSTEM;
}

static enum sim_result await_others(struct sim_comm *comm) {
  struct sim_rank *me = &comm->shared->ranks[comm->rank];
  for (;;) {
    uint32_t bell = atomic_load(&me->bell);
    int absent = 0;
    for (int r = 0; r < comm->size; r++) {
      absent += atomic_load(&comm->shared->ranks[r].state) == SIM_RANK_ABSENT;
    }
    if (absent == 0) return SIM_OK;
    if (atomic_load(&comm->aborted)) return SIM_ABORTED;
    if (sim_peer_died(comm)) return SIM_REMOTE;
    sim_listen(&me->bell, bell, LOOK_NANOS);
  }
}

enum sim_result sim_join(struct sim_comm *comm) {
  int file = -1;
  enum sim_result result = enter(comm, &file);
  if (result == SIM_OK) result = receive(comm, NULL);
  if (comm->rendezvous >= 0) close(comm->rendezvous);
  comm->rendezvous = -1;
  if (result == SIM_OK) {
    comm->shared_bytes = bytes_for(comm->size);
    void *memory = mmap(NULL, comm->shared_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    pthread_mutex_lock(&comm->lock); /* for those that stop it meanwhile */
    if (memory == MAP_FAILED) result = SIM_NO_MEMORY;
    else comm->shared = memory;
    pthread_mutex_unlock(&comm->lock);
  }
  if (file >= 0) close(file);
  if (result == SIM_OK) result = show_life(comm);
  if (result != SIM_OK) return result;
  struct sim_rank *me = &comm->shared->ranks[comm->rank];
  me->device = comm->device;
  me->vendor = (int32_t)comm->vendor;
  atomic_store(&me->state, SIM_RANK_READY);
  for (int r = 0; r < comm->size; r++) sim_ring(&comm->shared->ranks[r].bell);
  return await_others(comm);
}

void sim_leave(struct sim_comm *comm, enum sim_rank_state state) {
  if (comm->shared != NULL) {
    atomic_store(&comm->shared->ranks[comm->rank].state, state);
    for (int r = 0; r < comm->size; r++) sim_ring(&comm->shared->ranks[r].bell);
    munmap(comm->shared, comm->shared_bytes);
    comm->shared = NULL;
  }
  if (comm->life >= 0) close(comm->life);
  comm->life = -1;
}

bool sim_peer_died(struct sim_comm *comm) {
  uint64_t now = sim_now();
  pthread_mutex_lock(&comm->lock);
  bool due = now - comm->last_look >= LOOK_NANOS;
  if (due) comm->last_look = now;
  pthread_mutex_unlock(&comm->lock);
  if (!due) return atomic_load(&comm->error) == SIM_REMOTE;
  for (int r = 0; r < comm->size; r++) {
    struct sim_rank *rank = &comm->shared->ranks[r];
    if (r == comm->rank || atomic_load(&rank->state) != SIM_RANK_READY) continue;
    struct sockaddr_un address;
    socklen_t length = address_of(comm->name, r, &address);
    int probe = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool gone = probe >= 0 && connect(probe, (struct sockaddr *)&address, length) != 0 && errno == ECONNREFUSED;
    if (probe >= 0) close(probe);
    /* It says good-bye before it closes the socket. */
    if (gone && atomic_load(&rank->state) == SIM_RANK_READY) {
      sim_comm_fail(comm, SIM_REMOTE, r);
      return true;
    }
  }
  return atomic_load(&comm->error) == SIM_REMOTE;
}

void sim_ring(_Atomic uint32_t *bell) {
  atomic_fetch_add(bell, 1);
  syscall(SYS_futex, bell, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

void sim_listen(_Atomic uint32_t *bell, uint32_t value, uint64_t nanos) {
  struct timespec time = {(time_t)(nanos / 1000000000u), (long)(nanos % 1000000000u)};
  syscall(SYS_futex, bell, FUTEX_WAIT, value, &time, NULL, 0);
}
