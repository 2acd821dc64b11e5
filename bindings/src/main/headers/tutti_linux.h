/*
 * The libc functions Tutti calls on Linux: declarations only, input of jextract (see ../../../README.md).
 *
 * Written for the LP64 ABIs x86_64 and aarch64, whose types agree, and free of #include so that the generated
 * code does not depend on the machine it is generated on. A test compiles this file together with the system's
 * own headers (TUTTI_CHECK_AGAINST_SYSTEM defined): a declaration that differs is an error of the C compiler.
 */
#ifndef TUTTI_LINUX_H
#define TUTTI_LINUX_H

#ifndef TUTTI_CHECK_AGAINST_SYSTEM
struct iovec {
  void *iov_base;
  unsigned long iov_len;
};

struct timespec {
  long tv_sec;
  long tv_nsec;
};

typedef struct {
  unsigned long bits[16];
} cpu_set_t;

struct msghdr {
  void *msg_name;
  unsigned int msg_namelen;
  struct iovec *msg_iov;
  unsigned long msg_iovlen;
  void *msg_control;
  unsigned long msg_controllen;
  int msg_flags;
};

struct pollfd {
  int fd;
  short events;
  short revents;
};

struct sockaddr;

struct sockaddr_in {
  unsigned short sin_family;
  unsigned short sin_port;
  unsigned char sin_addr[4];
  unsigned char sin_zero[8];
};

struct sockaddr_in6 {
  unsigned short sin6_family;
  unsigned short sin6_port;
  unsigned int sin6_flowinfo;
  unsigned char sin6_addr[16];
  unsigned int sin6_scope_id;
};
#endif

/* Memory that several processes map. */
int memfd_create(const char *name, unsigned int flags);
int ftruncate(int fd, long length);
int fallocate(int fd, int mode, long offset, long length);
int fchmod(int fd, unsigned int mode);
int open(const char *path, int flags, ...);
int close(int fd);
void *mmap(void *address, unsigned long length, int protection, int flags, int fd, long offset);
int munmap(void *address, unsigned long length);
int madvise(void *address, unsigned long length, int advice);

/* Reading another process. */
long process_vm_readv(int pid, const struct iovec *local, unsigned long local_count,
                      const struct iovec *remote, unsigned long remote_count, unsigned long flags);

/* Sockets. */
int socket(int domain, int type, int protocol);
int bind(int fd, const struct sockaddr *address, unsigned int length);
int listen(int fd, int backlog);
int accept4(int fd, struct sockaddr *address, unsigned int *length, int flags);
int connect(int fd, const struct sockaddr *address, unsigned int length);
int shutdown(int fd, int how);
int getsockname(int fd, struct sockaddr *address, unsigned int *length);
int setsockopt(int fd, int level, int name, const void *value, unsigned int length);
int getsockopt(int fd, int level, int name, void *value, unsigned int *length);
long send(int fd, const void *data, unsigned long length, int flags);
long recv(int fd, void *data, unsigned long length, int flags);
long sendmsg(int fd, const struct msghdr *message, int flags);
int poll(struct pollfd *fds, unsigned long count, int timeout);
int ioctl(int fd, unsigned long request, ...);

/* futex has no function of its own in libc. */
long syscall(long number, ...);

/* Processes, processors and pages. */
int getpagesize(void);
int getpid(void);
unsigned int getuid(void);
int kill(int pid, int signal);
int prctl(int option, ...);
int sched_yield(void);
int sched_setaffinity(int pid, unsigned long bytes, const cpu_set_t *mask);
int sched_getaffinity(int pid, unsigned long bytes, cpu_set_t *mask);

#endif
