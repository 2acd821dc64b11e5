/*
 * Elements: sums and the like over every type. Types narrower than binary32 are accumulated in binary32 and rounded once,
 * to nearest even; a value too large for an 8-bit type becomes its largest, as CUDA's conversions have it. Integers wrap.
 */
#include <math.h>
#include <string.h>

#include "sim.h"

#define TILE 512

static const unsigned char type_bytes[SIM_TYPES] = {1, 1, 2, 2, 4, 4, 8, 8, 2, 2, 4, 8, 1, 1, 16, 1, 1};

size_t sim_type_bytes(enum sim_type type) { return type_bytes[type]; }

/* A binary format: bits of exponent and of fraction, the largest finite value, and what is too large for it. */
struct format {
  int exponent, fraction;
  uint32_t largest, overflow, nan;
};

static const struct format HALF = {5, 10, 0x7bff, 0x7c00, 0x7e00};
static const struct format E4M3 = {4, 3, 0x7e, 0x7e, 0x7f};
static const struct format E5M2 = {5, 2, 0x7b, 0x7b, 0x7f};

static uint32_t bits_of(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static float float_of(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* Drops the low bits, rounding to nearest, ties to even. */
static uint32_t round_off(uint32_t value, int bits) {
  uint32_t half = 1u << (bits - 1);
  uint32_t rest = value & ((1u << bits) - 1);
  uint32_t kept = value >> bits;
  return kept + (rest > half || (rest == half && (kept & 1)));
}

static inline uint32_t narrow(const struct format *format, float value) {
  uint32_t bits = bits_of(value);
  uint32_t magnitude = bits & 0x7fffffff;
  uint32_t sign = (bits >> 31) << (format->exponent + format->fraction);
  if (magnitude > 0x7f800000) return sign | format->nan;
  int bias = (1 << (format->exponent - 1)) - 1;
  int exponent = (int)(magnitude >> 23) - 127 + bias;
  int dropped = 23 - format->fraction;
  uint32_t result;
  if (exponent > 0) {
    result = exponent > 64 ? UINT32_MAX >> 1
                           : round_off(((uint32_t)exponent << 23) | (magnitude & 0x7fffff), dropped);
  } else {
    int shift = dropped + 1 - exponent;
    result = shift > 24 ? 0 : round_off((magnitude & 0x7fffff) | 0x800000, shift);
  }
  return sign | (result > format->largest ? format->overflow : result);
}

static inline float widen(const struct format *format, uint32_t bits) {
  int width = format->exponent + format->fraction;
  uint32_t sign = (bits >> width) << 31;
  uint32_t magnitude = bits & ((1u << width) - 1);
  int bias = (1 << (format->exponent - 1)) - 1;
  uint32_t exponent = magnitude >> format->fraction;
  uint32_t fraction = magnitude & ((1u << format->fraction) - 1);
  if (exponent == 0) {
    float unit = float_of((uint32_t)(127 + 1 - bias - format->fraction) << 23);
    return float_of(sign | bits_of((float)fraction * unit));
  }
  if (format == &E4M3 ? magnitude == format->nan : exponent == (1u << format->exponent) - 1) {
    return float_of(sign | 0x7f800000 | (format == &E4M3 ? 1u << 22 : fraction << (23 - format->fraction)));
  }
  return float_of(sign | ((uint32_t)((int)exponent - bias + 127) << 23) | (fraction << (23 - format->fraction)));
}

static inline float bfloat_load(uint16_t bits) { return float_of((uint32_t)bits << 16); }

static inline uint16_t bfloat_store(float value) {
  uint32_t bits = bits_of(value);
  if ((bits & 0x7fffffff) > 0x7f800000) return (uint16_t)((bits >> 16) | 0x40);
  return (uint16_t)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

static inline float half_load(uint16_t bits) { return widen(&HALF, bits); }
static inline uint16_t half_store(float value) { return (uint16_t)narrow(&HALF, value); }
static inline float e4m3_load(uint8_t bits) { return widen(&E4M3, bits); }
static inline uint8_t e4m3_store(float value) { return (uint8_t)narrow(&E4M3, value); }
static inline float e5m2_load(uint8_t bits) { return widen(&E5M2, bits); }
static inline uint8_t e5m2_store(float value) { return (uint8_t)narrow(&E5M2, value); }

float sim_widen(enum sim_type type, uint32_t bits) {
  switch (type) {
    case SIM_F16: return half_load((uint16_t)bits);
    case SIM_BF16: return bfloat_load((uint16_t)bits);
    case SIM_E4M3: return e4m3_load((uint8_t)bits);
    case SIM_E5M2: return e5m2_load((uint8_t)bits);
    default: return float_of(bits);
  }
}

uint32_t sim_narrow(enum sim_type type, float value) {
  switch (type) {
    case SIM_F16: return half_store(value);
    case SIM_BF16: return bfloat_store(value);
    case SIM_E4M3: return e4m3_store(value);
    case SIM_E5M2: return e5m2_store(value);
    default: return bits_of(value);
  }
}

#define SAME(x) (x)
#define ADD(a, b) ((a) + (b))
#define TIMES(a, b) ((a) * (b))
#define LARGER(a, b) ((a) > (b) ? (a) : (b))
#define SMALLER(a, b) ((a) < (b) ? (a) : (b))

/* Integers are kept in wider unsigned ones: they are compared as what they are. */
#define INT_MAX_OF(TYPE, a, b) ((TYPE)(a) > (TYPE)(b) ? (TYPE)(a) : (TYPE)(b))
#define INT_MIN_OF(TYPE, a, b) ((TYPE)(a) < (TYPE)(b) ? (TYPE)(a) : (TYPE)(b))
#define MAX_I8(a, b) INT_MAX_OF(int8_t, a, b)
#define MIN_I8(a, b) INT_MIN_OF(int8_t, a, b)
#define MAX_I16(a, b) INT_MAX_OF(int16_t, a, b)
#define MIN_I16(a, b) INT_MIN_OF(int16_t, a, b)
#define MAX_I32(a, b) INT_MAX_OF(int32_t, a, b)
#define MIN_I32(a, b) INT_MIN_OF(int32_t, a, b)
#define MAX_I64(a, b) INT_MAX_OF(int64_t, a, b)
#define MIN_I64(a, b) INT_MIN_OF(int64_t, a, b)

/*
 * Tiles are loaded, combined source by source, and stored once: TYPE in memory, SUM while adding (unsigned, so that
 * integers wrap), ORDER for the division of an average.
 */
#define COMBINE(SUM, LOAD, OPERATION)                                             \
  for (int s = 1; s < count; s++) {                                               \
    for (size_t i = 0; i < n; i++) {                                              \
      sum[i] = (SUM)OPERATION(sum[i], (SUM)LOAD(from[s][start + i]));             \
    }                                                                             \
  }                                                                               \
  break;

#define DEFINE_REDUCE(NAME, TYPE, SUM, ORDER, LOAD, STORE, MAXIMUM, MINIMUM)                                        \
  static void reduce_##NAME(enum sim_operator op, const void *const *sources, int count, void *target,             \
                            size_t elements) {                                                                      \
    const TYPE *const *from = (const TYPE *const *)sources;                                                         \
    TYPE *to = target;                                                                                              \
    SUM sum[TILE];                                                                                                  \
    for (size_t start = 0; start < elements; start += TILE) {                                                       \
      size_t n = elements - start < TILE ? elements - start : TILE;                                                 \
      for (size_t i = 0; i < n; i++) sum[i] = (SUM)LOAD(from[0][start + i]);                                        \
      switch (op) {                                                                                                 \
        case SIM_PROD: COMBINE(SUM, LOAD, TIMES)                                                                    \
        case SIM_MAX: COMBINE(SUM, LOAD, MAXIMUM)                                                                 \
        case SIM_MIN: COMBINE(SUM, LOAD, MINIMUM)                                                                 \
        default: COMBINE(SUM, LOAD, ADD)                                                                            \
      }                                                                                                             \
      if (op == SIM_AVG) {                                                                                          \
        for (size_t i = 0; i < n; i++) sum[i] = (SUM)((ORDER)sum[i] / count);                                \
      }                                                                                                             \
      for (size_t i = 0; i < n; i++) to[start + i] = (TYPE)STORE(sum[i]);                                           \
    }                                                                                                               \
  }                                                                                                                 \
                                                                                                                    \
  static void scale_##NAME(const void *scalar, const void *source, void *target, size_t elements) {                \
    TYPE bits;                                                                                                      \
    memcpy(&bits, scalar, sizeof bits);                                                                             \
    SUM factor = (SUM)LOAD(bits);                                                                                   \
    for (size_t i = 0; i < elements; i++) {                                                                         \
      ((TYPE *)target)[i] = (TYPE)STORE((SUM)((SUM)LOAD(((const TYPE *)source)[i]) * factor));                      \
    }                                                                                                               \
  }

DEFINE_REDUCE(i8, int8_t, uint32_t, int8_t, SAME, SAME, MAX_I8, MIN_I8)
DEFINE_REDUCE(u8, uint8_t, uint32_t, uint8_t, SAME, SAME, LARGER, SMALLER)
DEFINE_REDUCE(i16, int16_t, uint32_t, int16_t, SAME, SAME, MAX_I16, MIN_I16)
DEFINE_REDUCE(u16, uint16_t, uint32_t, uint16_t, SAME, SAME, LARGER, SMALLER)
DEFINE_REDUCE(i32, int32_t, uint32_t, int32_t, SAME, SAME, MAX_I32, MIN_I32)
DEFINE_REDUCE(u32, uint32_t, uint32_t, uint32_t, SAME, SAME, LARGER, SMALLER)
DEFINE_REDUCE(i64, int64_t, uint64_t, int64_t, SAME, SAME, MAX_I64, MIN_I64)
DEFINE_REDUCE(u64, uint64_t, uint64_t, uint64_t, SAME, SAME, LARGER, SMALLER)
DEFINE_REDUCE(f16, uint16_t, float, float, half_load, half_store, fmaxf, fminf)
DEFINE_REDUCE(bf16, uint16_t, float, float, bfloat_load, bfloat_store, fmaxf, fminf)
DEFINE_REDUCE(f32, float, float, float, SAME, SAME, fmaxf, fminf)
DEFINE_REDUCE(f64, double, double, double, SAME, SAME, fmax, fmin)
DEFINE_REDUCE(e4m3, uint8_t, float, float, e4m3_load, e4m3_store, fmaxf, fminf)
DEFINE_REDUCE(e5m2, uint8_t, float, float, e5m2_load, e5m2_store, fmaxf, fminf)

void sim_reduce(enum sim_type type, enum sim_operator op, const void *const *sources, int count, void *target,
                size_t elements) {
  switch (type) {
    case SIM_I8: reduce_i8(op, sources, count, target, elements); break;
    case SIM_U8: reduce_u8(op, sources, count, target, elements); break;
    case SIM_I16: reduce_i16(op, sources, count, target, elements); break;
    case SIM_U16: reduce_u16(op, sources, count, target, elements); break;
    case SIM_I32: reduce_i32(op, sources, count, target, elements); break;
    case SIM_U32: reduce_u32(op, sources, count, target, elements); break;
    case SIM_I64: reduce_i64(op, sources, count, target, elements); break;
    case SIM_U64: reduce_u64(op, sources, count, target, elements); break;
    case SIM_F16: reduce_f16(op, sources, count, target, elements); break;
    case SIM_BF16: reduce_bf16(op, sources, count, target, elements); break;
    case SIM_F32: reduce_f32(op, sources, count, target, elements); break;
    case SIM_F64: reduce_f64(op, sources, count, target, elements); break;
    case SIM_E4M3: reduce_e4m3(op, sources, count, target, elements); break;
    case SIM_E5M2: reduce_e5m2(op, sources, count, target, elements); break;
    default: break;
  }
}

void sim_scale(enum sim_type type, const void *scalar, const void *source, void *target, size_t elements) {
  switch (type) {
    case SIM_I8: scale_i8(scalar, source, target, elements); break;
    case SIM_U8: scale_u8(scalar, source, target, elements); break;
    case SIM_I16: scale_i16(scalar, source, target, elements); break;
    case SIM_U16: scale_u16(scalar, source, target, elements); break;
    case SIM_I32: scale_i32(scalar, source, target, elements); break;
    case SIM_U32: scale_u32(scalar, source, target, elements); break;
    case SIM_I64: scale_i64(scalar, source, target, elements); break;
    case SIM_U64: scale_u64(scalar, source, target, elements); break;
    case SIM_F16: scale_f16(scalar, source, target, elements); break;
    case SIM_BF16: scale_bf16(scalar, source, target, elements); break;
    case SIM_F32: scale_f32(scalar, source, target, elements); break;
    case SIM_F64: scale_f64(scalar, source, target, elements); break;
    case SIM_E4M3: scale_e4m3(scalar, source, target, elements); break;
    case SIM_E5M2: scale_e5m2(scalar, source, target, elements); break;
    default: break;
  }
}
