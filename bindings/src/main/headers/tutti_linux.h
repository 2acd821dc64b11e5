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
