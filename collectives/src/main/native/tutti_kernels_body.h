/* Included once per instruction set with NAME(x), V (vector bytes) and STREAM(address, vector).
 *
 * Works on whole cache lines: a line is computed in registers from every source and then stored to
 * every target, so that each write-combining buffer fills at once. */

#define PARTS (LINE / V)

typedef int8_t NAME(i8) __attribute__((vector_size(V), aligned(1), may_alias));
typedef uint32_t NAME(i32) __attribute__((vector_size(V), aligned(1), may_alias));
typedef uint64_t NAME(i64) __attribute__((vector_size(V), aligned(1), may_alias));
typedef float NAME(f32) __attribute__((vector_size(V), aligned(1), may_alias));
typedef double NAME(f64) __attribute__((vector_size(V), aligned(1), may_alias));
typedef uint16_t NAME(half) __attribute__((vector_size(V / 2), aligned(1), may_alias));

#define LOAD(k) (*(const VECTOR *)(s[k] + i + part * V))
#define TREE2(k) (LOAD(k) + LOAD(k + 1))
#define TREE3(k) (TREE2(k) + LOAD(k + 2))
#define TREE4(k) (TREE2(k) + TREE2(k + 2))

/* One loop for a constant number of sources. */
#define LINES(TREE)                                                        \
    for (size_t i = 0; i < bytes; i += LINE) {                             \
        VECTOR v[PARTS];                                                   \
        for (int part = 0; part < PARTS; part++) {                         \
            v[part] = (TREE);                                              \
            FINISH(v[part]);                                               \
        }                                                                  \
        for (int t = 0; t < target_count; t++)                             \
            for (int part = 0; part < PARTS; part++)                       \
                STREAM((char *)(uintptr_t)a[t] + i + part * V, v[part]);   \
    }

#define ADDRESSES                                                          \
    const char *s[TUTTI_MAX_SOURCES];                                      \
    for (int k = 0; k < source_count; k++)                                 \
        s[k] = (const char *)(uintptr_t)a[target_count + k];

#define SOURCES                                                            \
    switch (source_count) {                                                \
    case 1: LINES(LOAD(0)) break;                                          \
    case 2: LINES(TREE2(0)) break;                                         \
    case 3: LINES(TREE3(0)) break;                                         \
    case 4: LINES(TREE4(0)) break;                                         \
    case 5: LINES(TREE4(0) + LOAD(4)) break;                               \
    case 6: LINES(TREE4(0) + TREE2(4)) break;                              \
    case 7: LINES(TREE4(0) + TREE3(4)) break;                              \
    default: LINES(TREE4(0) + TREE4(4)) break;                             \
    }

#define REDUCE(type)                                                                       \
    static void NAME(reduce_##type)(const uint64_t *a, int target_count, int source_count, \
                                    size_t bytes, float divisor)                           \
    {                                                                                      \
        ADDRESSES                                                                          \
        (void)divisor;                                                                     \
        SOURCES                                                                            \
    }

#define FINISH(v)
#define VECTOR NAME(i8)
REDUCE(i8)
#undef VECTOR
#define VECTOR NAME(i32)
REDUCE(i32)
#undef VECTOR
#define VECTOR NAME(i64)
REDUCE(i64)
#undef VECTOR
#undef FINISH

#define FINISH(v) \
    if (divisor > 1) (v) = (v) / divisor
#define VECTOR NAME(f32)
REDUCE(f32)
#undef VECTOR
#define VECTOR NAME(f64)
REDUCE(f64)
#undef VECTOR
#undef FINISH

/* bfloat16: a line is 32 elements, widened to two lines of float32. */
static inline __attribute__((always_inline)) NAME(f32) NAME(widen)(const char *p)
{
    return (NAME(f32))(__builtin_convertvector(*(const NAME(half) *)p, NAME(i32)) << 16);
}

static inline __attribute__((always_inline)) NAME(half) NAME(narrow)(NAME(f32) v)
{
    NAME(i32) bits = (NAME(i32))v;
    NAME(i32) upper = bits >> 16;
    NAME(i32) rounded = (bits + 0x7fff + (upper & 1)) >> 16;
    NAME(i32) is_nan = (NAME(i32))((bits & 0x7fffffff) > 0x7f800000);
    rounded = (rounded & ~is_nan) | ((upper | 0x40) & is_nan);
    return __builtin_convertvector(rounded, NAME(half));
}

#undef LOAD
#undef LINES
#define LOAD(k) NAME(widen)(s[k] + i + part * (V / 2))
#define LINES(TREE)                                                        \
    for (size_t i = 0; i < bytes; i += LINE) {                             \
        char line[LINE] __attribute__((aligned(LINE)));                    \
        for (int part = 0; part < 2 * PARTS; part++) {                     \
            NAME(f32) v = (TREE);                                          \
            if (divisor > 1)                                               \
                v = v / divisor;                                           \
            *(NAME(half) *)(line + part * (V / 2)) = NAME(narrow)(v);      \
        }                                                                  \
        for (int t = 0; t < target_count; t++)                             \
            for (int part = 0; part < PARTS; part++)                       \
                STREAM((char *)(uintptr_t)a[t] + i + part * V,             \
                       *(const NAME(i32) *)(line + part * V));             \
    }
REDUCE(bf16)

static int NAME(reduce)(int type, const uint64_t *a, int targets, int sources, size_t bytes,
                        int divisor)
{
    float by = (float)divisor;
    switch (type) {
    case TUTTI_INT8: NAME(reduce_i8)(a, targets, sources, bytes, by); break;
    case TUTTI_INT32: NAME(reduce_i32)(a, targets, sources, bytes, by); break;
    case TUTTI_INT64: NAME(reduce_i64)(a, targets, sources, bytes, by); break;
    case TUTTI_FLOAT32: NAME(reduce_f32)(a, targets, sources, bytes, by); break;
    case TUTTI_FLOAT64: NAME(reduce_f64)(a, targets, sources, bytes, by); break;
    case TUTTI_BFLOAT16:
        if (sources == 1 && divisor <= 1)
            NAME(reduce_i8)(a, targets, sources, bytes, by); /* a copy keeps the bits of a NaN */
        else
            NAME(reduce_bf16)(a, targets, sources, bytes, by);
        break;
    default: return -1;
    }
    _mm_sfence(); /* non-temporal stores are weakly ordered: done before the caller's release */
    return 0;
}

#undef PARTS
#undef LOAD
#undef TREE2
#undef TREE3
#undef TREE4
#undef LINES
#undef ADDRESSES
#undef SOURCES
#undef REDUCE
