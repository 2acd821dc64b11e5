/* Streaming reductions: what Java cannot do is to store past the cache.
 *
 * An ordinary store to memory that is not cached first reads the line. For results larger than the
 * last-level cache that read is a quarter to a third of the traffic; a non-temporal store avoids it.
 *
 * The sums are the canonical tree of ReductionKernel.combineAll in the same order and without fused
 * operations (-ffp-contract=off), so the bits are those of the Java kernels.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Element types; the numbers are those of NativeKernels. */
enum { TUTTI_INT8, TUTTI_INT32, TUTTI_INT64, TUTTI_FLOAT32, TUTTI_FLOAT64, TUTTI_BFLOAT16 };

#define TUTTI_MAX_SOURCES 8
#define LINE 64

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#define NAME(x) x##_sse2
#define V 16
#define STREAM(p, v) _mm_stream_si128((__m128i *)(p), (__m128i)(v))
#include "tutti_kernels_body.h"
#undef NAME
#undef V
#undef STREAM

#pragma GCC push_options
#pragma GCC target("avx2")
#define NAME(x) x##_avx2
#define V 32
#define STREAM(p, v) _mm256_stream_si256((__m256i *)(p), (__m256i)(v))
#include "tutti_kernels_body.h"
#undef NAME
#undef V
#undef STREAM
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,prefer-vector-width=512")
#define NAME(x) x##_avx512
#define V 64
#define STREAM(p, v) _mm512_stream_si512((__m512i *)(p), (__m512i)(v))
#include "tutti_kernels_body.h"
#undef NAME
#undef V
#undef STREAM
#pragma GCC pop_options

/* Returns the vector bytes that this machine's variant uses. */
int tutti_stream_width(void)
{
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        return 64;
    return __builtin_cpu_supports("avx2") ? 32 : 16;
}

/* addresses: target_count targets, then source_count sources. Writes every target in full:
 * target[i] = (sum over sources[i]) / divisor, not divided if divisor <= 1. The targets are aligned
 * to 64 bytes and bytes is a multiple of 64; sources have any alignment. A target may be a source.
 * width: 16, 32 or 64, at most tutti_stream_width(). Returns 0, or -1 without having written. */
int tutti_stream_reduce(int width, int type, const uint64_t *addresses, int target_count,
                        int source_count, size_t bytes, int divisor)
{
    if (source_count < 1 || source_count > TUTTI_MAX_SOURCES)
        return -1;
    switch (width) {
    case 64: return reduce_avx512(type, addresses, target_count, source_count, bytes, divisor);
    case 32: return reduce_avx2(type, addresses, target_count, source_count, bytes, divisor);
    case 16: return reduce_sse2(type, addresses, target_count, source_count, bytes, divisor);
    default: return -1;
    }
}

#else

int tutti_stream_width(void)
{
    return 0;
}

int tutti_stream_reduce(int width, int type, const uint64_t *addresses, int target_count,
                        int source_count, size_t bytes, int divisor)
{
    (void)width, (void)type, (void)addresses, (void)target_count;
    (void)source_count, (void)bytes, (void)divisor;
    return -1;
}

#endif
