/* limits: what this machine can do at most, from C, with two pinned threads. One JSON line per figure.
 *
 *   ./limits memory     copy, reduce and the memory traffic of an ideal all-reduce of two ranks
 *   ./limits vmread     process_vm_readv between two processes
 *   ./limits latency    one-way times: cache line, futex, TCP loopback
 *
 * `tutti bench` prints its own limit, measured beside each operation from Java; these figures say
 * whether that limit is right.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <immintrin.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static void pin(int cpu) {
    cpu_set_t s;
    CPU_ZERO(&s);
    CPU_SET(cpu, &s);
    sched_setaffinity(0, sizeof s, &s);
}

static void *map(size_t bytes, int huge_pages) {
    size_t page = 2u << 20;
    char *p = mmap(0, bytes + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) exit(1);
    p = (char *)(((uintptr_t)p + page - 1) & ~(uintptr_t)(page - 1));
    if (huge_pages) madvise(p, bytes, MADV_HUGEPAGE);
    memset(p, 1, bytes);
    return p;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *v, int n) {
    qsort(v, n, sizeof *v, compare);
    return n & 1 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

/* ---------- memory ---------- */

enum { COPY, ADD, READ, WRITE, IDEAL, IDEAL_STREAMING, KERNELS };
static const char *KERNEL[KERNELS] = {"memcpy", "add", "read", "write", "ideal_all_reduce",
                                      "ideal_all_reduce_streaming"};

struct job {
    int kernel, id, threads, rounds, passes;
    float *a, *b, *c, *d, sink;
    size_t n;
    double *t;
};

static _Alignas(128) atomic_int arrived;

/* a spinning barrier: waking an idle core costs tens of microseconds and would hide small kernels */
static void meet(int threads, int *round) {
    *round += threads;
    atomic_fetch_add(&arrived, 1);
    while (atomic_load(&arrived) < *round) _mm_pause();
}

__attribute__((noinline)) static float run(int k, float *restrict a, float *restrict b,
                                           float *restrict c, float *restrict d, size_t n) {
    float s = 0;
    switch (k) {
    case COPY: memcpy(c, a, n * 4); break;
    case ADD:
        for (size_t i = 0; i < n; i++) c[i] = a[i] + b[i];
        break;
    case READ: {
        __m128 v0 = _mm_setzero_ps(), v1 = v0, v2 = v0, v3 = v0;
        for (size_t i = 0; i + 16 <= n; i += 16) {
            v0 = _mm_add_ps(v0, _mm_loadu_ps(a + i));
            v1 = _mm_add_ps(v1, _mm_loadu_ps(a + i + 4));
            v2 = _mm_add_ps(v2, _mm_loadu_ps(a + i + 8));
            v3 = _mm_add_ps(v3, _mm_loadu_ps(a + i + 12));
        }
        s = _mm_cvtss_f32(_mm_add_ps(_mm_add_ps(v0, v1), _mm_add_ps(v2, v3)));
        break;
    }
    case WRITE: memset(c, 3, n * 4); break;
    case IDEAL:
        for (size_t i = 0; i < n; i++) {
            float x = a[i] + b[i];
            c[i] = x;
            d[i] = x;
        }
        break;
    case IDEAL_STREAMING:
        for (size_t i = 0; i + 4 <= n; i += 4) {
            __m128 x = _mm_add_ps(_mm_loadu_ps(a + i), _mm_loadu_ps(b + i));
            _mm_stream_ps(c + i, x);
            _mm_stream_ps(d + i, x);
        }
        _mm_sfence();
        break;
    }
    return s;
}

static void *work(void *p) {
    struct job *j = p;
    pin(j->id);
    size_t part = j->n / j->threads, o = part * j->id;
    int round = 0;
    for (int r = 0; r < j->rounds; r++) {
        meet(j->threads, &round);
        double start = now();
        for (int q = 0; q < j->passes; q++)
            j->sink += run(j->kernel, j->a + o, j->b + o, j->c + o, j->d + o, part);
        meet(j->threads, &round);
        if (j->id == 0) j->t[r] = (now() - start) / j->passes;
    }
    return 0;
}

static void memory(size_t bytes, int huge_pages) {
    float *v[4];
    for (int i = 0; i < 4; i++) v[i] = map(bytes, huge_pages);
    int rounds = bytes >= (64u << 20) ? 12 : 100;
    int passes = bytes >= (64u << 20) ? 1 : bytes >= (1u << 20) ? 4 : 32;
    for (int k = 0; k < KERNELS; k++)
        for (int threads = 1; threads <= 2; threads++) {
            double t[128];
            struct job j[2];
            pthread_t th[2];
            arrived = 0;
            for (int i = 0; i < threads; i++) {
                j[i] = (struct job){k,    i,    threads, rounds, passes,    v[0],
                                    v[1], v[2], v[3],    0,      bytes / 4, t};
                pthread_create(&th[i], 0, work, &j[i]);
            }
            for (int i = 0; i < threads; i++) pthread_join(th[i], 0);
            printf("{\"limit\":\"%s\",\"threads\":%d,\"array_bytes\":%zu,\"huge_pages\":%d,"
                   "\"gbs\":%.2f}\n",
                   KERNEL[k], threads, bytes, huge_pages, bytes / median(t + 2, rounds - 2) * 1e-9);
            fflush(stdout);
        }
    for (int i = 0; i < 4; i++) munmap(v[i], bytes);
}

/* ---------- process_vm_readv ---------- */

struct shared {
    void *memory[2];
    pid_t pid[2];
    atomic_int ready[2], round[2], done;
};

static double copy_from(pid_t pid, char *to, char *from, size_t bytes) {
    double start = now();
    for (size_t done = 0; done < bytes;) {
        struct iovec local = {to + done, bytes - done}, remote = {from + done, bytes - done};
        ssize_t k = process_vm_readv(pid, &local, 1, &remote, 1, 0);
        if (k <= 0) {
            perror("process_vm_readv");
            _exit(1);
        }
        done += k;
    }
    return now() - start;
}

static void vmread_side(struct shared *s, int r, int huge_pages, int both) {
    static double t[2000];
    size_t largest = 256u << 20;
    pin(r);
    char *to = map(largest, huge_pages);
    s->memory[r] = map(largest, huge_pages);
    s->pid[r] = getpid();
    s->ready[r] = 1;
    while (!s->ready[1 - r]) usleep(1000);
    for (size_t b = 4096; (r == 0 || both) && b <= largest; b *= 4) {
        size_t wanted = (1u << 30) / b;
        int n = wanted > 2000 ? 2000 : wanted < 8 ? 8 : (int)wanted;
        s->round[r]++;
        while (both && s->round[1 - r] < s->round[r]) _mm_pause();
        for (int i = 0; i < n; i++) t[i] = copy_from(s->pid[1 - r], to, s->memory[1 - r], b);
        double m = median(t, n);
        if (r == 0)
            printf("{\"limit\":\"process_vm_readv\",\"both_directions\":%d,\"bytes\":%zu,"
                   "\"huge_pages\":%d,\"us\":%.3f,\"gbs\":%.3f}\n",
                   both, b, huge_pages, m * 1e6, b / m * 1e-9);
        fflush(stdout);
    }
    if (r == 0 || both) s->done++;
    while (s->done < (both ? 2 : 1)) usleep(1000);
    _exit(0);
}

static void vmread(int huge_pages, int both) {
    struct shared *s = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (int r = 0; r < 2; r++)
        if (fork() == 0) vmread_side(s, r, huge_pages, both);
    wait(0);
    wait(0);
}

/* ---------- latency ---------- */

#define ROUNDS 20000
static struct {
    _Alignas(128) atomic_int a;
    _Alignas(128) atomic_int b;
} line;
static double stamps[ROUNDS];
static int peer_cpu, socket_here, socket_there;

static void print_latency(const char *name, double *t, int n) {
    double m = median(t, n);
    printf("{\"limit\":\"%s\",\"cpus\":\"0-%d\",\"one_way_us\":%.3f,\"p99_one_way_us\":%.3f}\n", name,
           peer_cpu, m * 5e5, t[(int)(n * 0.99)] * 5e5);
    fflush(stdout);
}

static long futex(atomic_int *p, int op, int v) { return syscall(SYS_futex, p, op, v, 0, 0, 0); }

static void *spin_peer(void *unused) {
    pin(peer_cpu);
    for (int i = 1; i <= ROUNDS * 16; i++) {
        while (atomic_load_explicit(&line.a, memory_order_acquire) != i) _mm_pause();
        atomic_store_explicit(&line.b, i, memory_order_release);
    }
    return unused;
}

static void *futex_peer(void *unused) {
    pin(peer_cpu);
    for (int i = 1; i <= ROUNDS; i++) {
        int v;
        while ((v = line.a) != i) futex(&line.a, FUTEX_WAIT, v);
        line.b = i;
        futex(&line.b, FUTEX_WAKE, 1);
    }
    return unused;
}

static void *socket_peer(void *unused) {
    pin(peer_cpu);
    char c[8];
    for (int i = 0; i < ROUNDS; i++)
        if (read(socket_there, c, 8) != 8 || write(socket_there, c, 8) != 8) break;
    return unused;
}

static void tcp_pair(void) {
    int l = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    struct sockaddr_in s = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof s;
    if (bind(l, (void *)&s, size) || listen(l, 1)) exit(1);
    getsockname(l, (void *)&s, &size);
    socket_here = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(socket_here, (void *)&s, size)) exit(1);
    socket_there = accept(l, 0, 0);
    setsockopt(socket_here, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(socket_there, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    close(l);
}

static void latency(void) {
    pthread_t th;
    pin(0);
    peer_cpu = 1;
    pthread_create(&th, 0, spin_peer, 0);
    for (int i = 0, k = 0; i < ROUNDS; i++) {
        double start = now();
        for (int q = 0; q < 16; q++) {
            atomic_store_explicit(&line.a, ++k, memory_order_release);
            while (atomic_load_explicit(&line.b, memory_order_acquire) != k) _mm_pause();
        }
        stamps[i] = (now() - start) / 16;
    }
    pthread_join(th, 0);
    print_latency("cache_line", stamps, ROUNDS);
    for (peer_cpu = 1; peer_cpu >= 0; peer_cpu--) {
        line.a = line.b = 0;
        pthread_create(&th, 0, futex_peer, 0);
        for (int i = 1; i <= ROUNDS; i++) {
            double start = now();
            line.a = i;
            futex(&line.a, FUTEX_WAKE, 1);
            int v;
            while ((v = line.b) != i) futex(&line.b, FUTEX_WAIT, v);
            stamps[i - 1] = now() - start;
        }
        pthread_join(th, 0);
        print_latency("futex", stamps, ROUNDS);
        tcp_pair();
        pthread_create(&th, 0, socket_peer, 0);
        char c[8] = {0};
        for (int i = 0; i < ROUNDS; i++) {
            double start = now();
            if (write(socket_here, c, 8) != 8 || read(socket_here, c, 8) != 8) exit(1);
            stamps[i] = now() - start;
        }
        pthread_join(th, 0);
        print_latency("tcp_loopback", stamps, ROUNDS);
        close(socket_here);
        close(socket_there);
    }
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "all";
    int all = !strcmp(what, "all");
    if (all || !strcmp(what, "memory")) {
        size_t sizes[] = {256u << 20, 16u << 20, 4u << 20, 256u << 10};
        for (int i = 0; i < 4; i++) memory(sizes[i], 0);
        memory(256u << 20, 1);
    }
    for (int i = 0; i < 4 && (all || !strcmp(what, "vmread")); i++) vmread(i / 2, i % 2);
    if (all || !strcmp(what, "latency")) latency();
    return 0;
}
