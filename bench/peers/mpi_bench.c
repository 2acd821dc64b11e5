/* mpi_bench: measures one collective of any MPI library the way `tutti bench` measures Tutti's.
 * One JSON line per size.
 *
 *   mpirun -n N ./mpi_bench --collective all-reduce --sizes 4,1024,65536
 *
 * bytes      as nccl-tests: all-reduce, broadcast, send-recv = buffer of one rank; all-gather = whole
 *            receive buffer; reduce-scatter = whole send buffer; reduce, scan = buffer of one rank;
 *            gather, scatter, all-to-all = the larger buffer. float32, sum, root 0, out of place.
 * all-to-all-v  what rank s sends to rank d has 1 + (s + d) % ranks shares.
 * timing     operations run back to back; every rank stamps each operation; the time of operation i is
 *            the largest of the ranks' local durations of operation i; p50 and p99 are over operations;
 *            avg is the largest of the ranks' loop times / iterations (nccl-tests' number).
 * send-recv  half of a round trip between ranks 0 and 1.
 * send-stream  rank 0 sends to rank 1 back to back, timed by some 16 MiB at a time.
 */
#define _GNU_SOURCE
#include <mpi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { ALL_REDUCE, ALL_GATHER, REDUCE_SCATTER, BROADCAST, BARRIER, SEND_RECV, SEND_STREAM,
       REDUCE, GATHER, SCATTER, ALL_TO_ALL, ALL_TO_ALL_V, SCAN, COLLECTIVES };
static const char *NAME[COLLECTIVES] = {"all-reduce", "all-gather", "reduce-scatter",
                                        "broadcast",  "barrier",    "send-recv", "send-stream",
                                        "reduce",     "gather",     "scatter",
                                        "all-to-all", "all-to-all-v", "scan"};

static int rank, ranks, huge_pages;

static double now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e6 + t.tv_nsec * 1e-3;
}

static float *buffer(size_t bytes) {
    size_t page = 2u << 20, length = (bytes + page) & ~(page - 1);
    float *p = aligned_alloc(page, length);
    if (!p) {
        fprintf(stderr, "out of memory\n");
        MPI_Abort(MPI_COMM_WORLD, 2);
    }
    if (huge_pages) madvise(p, length, MADV_HUGEPAGE);
    memset(p, 0, length);
    return p;
}

/* messages of one timed operation of a stream */
static int messages(size_t count) {
    size_t n = (16u << 20) / (count * 4);
    return n < 1 ? 1 : n > 256 ? 256 : (int)n;
}

/* shares that rank s has for rank d, and those before them */
static int share(int s, int d) { return 1 + (s + d) % ranks; }

static size_t share_start(int s, int d) {
    size_t start = 0;
    for (int i = 0; i < d; i++) start += share(s, i);
    return start;
}

static int all_shares(void) { return ranks * (ranks + 1) / 2; }

static void all_to_all_v(float *in, float *out, size_t count) {
    static int *counts, *starts;
    static size_t counted;
    if (counted != count) {
        counts = realloc(counts, sizeof(int) * ranks);
        starts = realloc(starts, sizeof(int) * ranks);
        counted = count;
        int unit = (int)(count / all_shares());
        for (int r = 0; r < ranks; r++) {
            counts[r] = unit * share(rank, r);
            starts[r] = unit * (int)share_start(rank, r);
        }
    }
    MPI_Alltoallv(in, counts, starts, MPI_FLOAT, out, counts, starts, MPI_FLOAT, MPI_COMM_WORLD);
}

static void run(int c, float *in, float *out, size_t count) {
    int n = (int)count, part = n / ranks;
    MPI_Comm world = MPI_COMM_WORLD;
    switch (c) {
    case ALL_REDUCE: MPI_Allreduce(in, out, n, MPI_FLOAT, MPI_SUM, world); break;
    case ALL_GATHER: MPI_Allgather(in, part, MPI_FLOAT, out, part, MPI_FLOAT, world); break;
    case REDUCE_SCATTER:
        MPI_Reduce_scatter_block(in, out, part, MPI_FLOAT, MPI_SUM, world);
        break;
    case BROADCAST: MPI_Bcast(out, n, MPI_FLOAT, 0, world); break;
    case BARRIER: MPI_Barrier(world); break;
    case REDUCE: MPI_Reduce(in, out, n, MPI_FLOAT, MPI_SUM, 0, world); break;
    case GATHER: MPI_Gather(in, part, MPI_FLOAT, out, part, MPI_FLOAT, 0, world); break;
    case SCATTER: MPI_Scatter(in, part, MPI_FLOAT, out, part, MPI_FLOAT, 0, world); break;
    case ALL_TO_ALL: MPI_Alltoall(in, part, MPI_FLOAT, out, part, MPI_FLOAT, world); break;
    case ALL_TO_ALL_V: all_to_all_v(in, out, count); break;
    case SCAN: MPI_Scan(in, out, n, MPI_FLOAT, MPI_SUM, world); break;
    case SEND_RECV:
        if (rank == 0) {
            MPI_Send(in, n, MPI_FLOAT, 1, 7, world);
            MPI_Recv(out, n, MPI_FLOAT, 1, 7, world, MPI_STATUS_IGNORE);
        } else if (rank == 1) {
            MPI_Recv(out, n, MPI_FLOAT, 0, 7, world, MPI_STATUS_IGNORE);
            MPI_Send(in, n, MPI_FLOAT, 0, 7, world);
        }
        break;
    case SEND_STREAM:
        for (int i = messages(count); i > 0; i--) {
            if (rank == 0) MPI_Send(in, n, MPI_FLOAT, 1, 7, world);
            else if (rank == 1) MPI_Recv(out, n, MPI_FLOAT, 0, 7, world, MPI_STATUS_IGNORE);
        }
        break;
    }
}

/* small integers, so that every float sum is exact */
static float value(int r, size_t i) { return (float)((i * 7 + (size_t)r * 13) % 61); }

static float reduced_to(int last, size_t i) {
    float sum = 0;
    for (int r = 0; r <= last; r++) sum += value(r, i);
    return sum;
}

static float reduced(size_t i) { return reduced_to(ranks - 1, i); }

/* element i of what this rank receives from all */
static float exchanged(size_t i, size_t unit) {
    int from = 0;
    size_t start = 0;
    while (i >= start + unit * share(from, rank)) start += unit * share(from++, rank);
    return value(from, unit * share_start(from, rank) + i - start);
}

/* number of wrong elements over all ranks */
static long check(int c, float *in, float *out, size_t count) {
    size_t part = count / ranks;
    if (c == BARRIER) {
        run(c, in, out, count);
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        in[i] = value(rank, i);
        out[i] = c == BROADCAST && rank == 0 ? value(0, i) : -1;
    }
    run(c, in, out, count);
    size_t results = c == REDUCE_SCATTER || c == SCATTER        ? part
                     : (c == REDUCE || c == GATHER) && rank > 0 ? 0
                     : c == SEND_RECV && rank > 1      ? 0
                     : c == SEND_STREAM && rank != 1   ? 0
                                                       : count;
    long wrong = 0, all;
    for (size_t i = 0; i < results; i++) {
        float want = 0;
        switch (c) {
        case ALL_REDUCE: want = reduced(i); break;
        case ALL_GATHER: want = value((int)(i / part), i % part); break;
        case REDUCE_SCATTER: want = reduced((size_t)rank * part + i); break;
        case BROADCAST: want = value(0, i); break;
        case SEND_RECV: want = value(1 - rank, i); break;
        case SEND_STREAM: want = value(0, i); break;
        case REDUCE: want = reduced(i); break;
        case GATHER: want = value((int)(i / part), i % part); break;
        case SCATTER: want = value(0, (size_t)rank * part + i); break;
        case ALL_TO_ALL: want = value((int)(i / part), (size_t)rank * part + i % part); break;
        case ALL_TO_ALL_V: want = exchanged(i, count / all_shares()); break;
        case SCAN: want = reduced_to(rank, i); break;
        }
        wrong += out[i] != want;
    }
    MPI_Allreduce(&wrong, &all, 1, MPI_LONG, MPI_SUM, MPI_COMM_WORLD);
    return all;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double target = 0.12;
static int min_iterations = 4, max_iterations = 5000;
static double *stamps, *slowest;

static void measure(int c, float *in, float *out, size_t count, const char *version) {
    long wrong = check(c, in, out, count);
    double estimate = 1e30;
    for (int i = 0; i < 3; i++) {
        MPI_Barrier(MPI_COMM_WORLD);
        double start = now_us();
        run(c, in, out, count);
        double d = now_us() - start;
        if (d < estimate) estimate = d;
    }
    MPI_Allreduce(MPI_IN_PLACE, &estimate, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    int n = (int)(target * 1e6 / (estimate + 0.05));
    if (n < min_iterations) n = min_iterations;
    if (n > max_iterations) n = max_iterations;
    if (estimate < 20000)
        for (int i = 0; i < n / 10 + 1; i++) run(c, in, out, count);
    MPI_Barrier(MPI_COMM_WORLD);
    double begin = now_us(), previous = begin;
    for (int i = 0; i < n; i++) {
        run(c, in, out, count);
        double t = now_us();
        stamps[i] = t - previous;
        previous = t;
    }
    double average = (previous - begin) / n;
    if (c == SEND_RECV || c == SEND_STREAM) {
        int parts = c == SEND_RECV ? 2 : messages(count);
        for (int i = 0; i < n; i++) stamps[i] = rank < 2 ? stamps[i] / parts : 0;
        average = rank < 2 ? average / parts : 0;
    }
    double worst;
    MPI_Reduce(stamps, slowest, n, MPI_DOUBLE, MPI_MAX, 0, MPI_COMM_WORLD);
    MPI_Reduce(&average, &worst, 1, MPI_DOUBLE, MPI_MAX, 0, MPI_COMM_WORLD);
    if (rank != 0) return;
    qsort(slowest, n, sizeof(double), compare);
    double p50 = n & 1 ? slowest[n / 2] : (slowest[n / 2 - 1] + slowest[n / 2]) / 2;
    int k = (int)(n * 0.99);
    printf("{\"version\":\"%s\",\"collective\":\"%s\",\"ranks\":%d,\"bytes\":%zu,"
           "\"time_us_p50\":%.4f,\"time_us_p99\":%.4f,\"time_us_min\":%.4f,\"time_us_avg\":%.4f,"
           "\"iterations\":%d,\"wrong\":%ld}\n",
           version, NAME[c], ranks, c == BARRIER ? (size_t)0 : count * 4, p50,
           slowest[k < n ? k : n - 1], slowest[0], worst, n, wrong);
    fflush(stdout);
}

static void read_version(char *version) {
    char text[MPI_MAX_LIBRARY_VERSION_STRING], *p;
    int length;
    MPI_Get_library_version(text, &length);
    strcpy(version, "unknown");
    if ((p = strstr(text, "Open MPI v"))) sscanf(p, "Open MPI v%90[^, \n]", version);
    else if ((p = strstr(text, "MPICH Version:"))) sscanf(p + 14, " %90[^ \t\n]", version);
}

int main(int argc, char **argv) {
    const char *collective = "all-reduce";
    char *sizes = "4", version[96];
    int c = 0, hard_exit = 0;
    size_t largest = 0;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    for (int i = 1; i + 1 < argc; i += 2) {
        char *k = argv[i], *v = argv[i + 1];
        if (!strcmp(k, "--collective")) collective = v;
        else if (!strcmp(k, "--sizes")) sizes = v;
        else if (!strcmp(k, "--target")) target = atof(v);
        else if (!strcmp(k, "--min-iterations")) min_iterations = atoi(v);
        else if (!strcmp(k, "--huge-pages")) huge_pages = atoi(v);
        /* skips MPI_Finalize, where MPICH over UCX/TCP may hang */
        else if (!strcmp(k, "--hard-exit")) hard_exit = atoi(v);
        else if (rank == 0) fprintf(stderr, "ignored %s\n", k);
    }
    while (c < COLLECTIVES && strcmp(collective, NAME[c])) c++;
    if (c == COLLECTIVES || ((c == SEND_RECV || c == SEND_STREAM) && ranks < 2)) {
        if (rank == 0) fprintf(stderr, "cannot measure %s\n", collective);
        MPI_Abort(MPI_COMM_WORLD, 2);
    }
    read_version(version);
    stamps = malloc(sizeof(double) * max_iterations);
    slowest = malloc(sizeof(double) * max_iterations);
    for (char *p = sizes; *p; p += strcspn(p, ","), p += *p == ',') {
        size_t b = strtoull(p, 0, 10);
        if (b > largest) largest = b;
    }
    float *in = buffer(largest), *out = buffer(largest);
    for (char *p = sizes; *p; p += strcspn(p, ","), p += *p == ',') {
        size_t count = strtoull(p, 0, 10) / 4;
        if (c == ALL_GATHER || c == REDUCE_SCATTER || c == GATHER || c == SCATTER || c == ALL_TO_ALL)
            count = count / ranks * ranks;
        if (c == ALL_TO_ALL_V) count = count / all_shares() * all_shares();
        if (count == 0 && c != BARRIER) continue;
        measure(c, in, out, count, version);
        if (c == BARRIER) break;
    }
    if (hard_exit) {
        MPI_Barrier(MPI_COMM_WORLD);
        _exit(0);
    }
    MPI_Finalize();
    return 0;
}
