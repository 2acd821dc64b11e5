package dev.tutti.collectives.kernel;

import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import java.math.BigInteger;
import java.util.Arrays;

/// The obvious arithmetic of each type, one element at a time, to hold the kernels against.
///
/// An element is the long whose low bits are its bits. Integers go through [BigInteger] and narrow
/// floats through a search in the table of all values, so that nothing is shared with the kernels.
final class ReferenceArithmetic {
  private final DataType type;
  private final ReduceOp op;

  /// Values of the codes 0, 1, 2, .. up to the largest finite one, for a narrow float.
  private final double[] values;

  ReferenceArithmetic(DataType type, ReduceOp op) {
    this.type = type;
    this.op = op;
    this.values =
        switch (type) {
          case FLOAT16 -> finiteValues(0x7c00, 10, 15);
          case BFLOAT16 -> finiteValues(0x7f80, 7, 127);
          case FLOAT8_E4M3 -> finiteValues(0x7f, 3, 7);
          case FLOAT8_E5M2 -> finiteValues(0x7c, 2, 15);
          case INT8, UINT8, INT32, UINT32, INT64, UINT64, FLOAT32, FLOAT64 -> new double[0];
        };
  }

  private static double[] finiteValues(int codes, int mantissaBits, int bias) {
    double[] values = new double[codes];
    for (int code = 0; code < codes; code++) {
      int exponent = code >> mantissaBits;
      double fraction = (code & ((1 << mantissaBits) - 1)) * Math.pow(2, -mantissaBits);
      values[code] =
          exponent == 0
              ? fraction * Math.pow(2, 1 - bias)
              : (1 + fraction) * Math.pow(2, exponent - bias);
    }
    return values;
  }

  /// Returns the reduction of the elements in the canonical tree, divided by `divisor`.
  long reduce(long[] elements, int divisor) {
    if (elements.length == 1 && divisor <= 1) {
      return elements[0];
    }
    if (!type.isFloatingPoint()) {
      BigInteger sum = integerTree(elements, 0, elements.length);
      return wrap(divisor > 1 ? wrap(sum).divide(BigInteger.valueOf(divisor)) : sum).longValue();
    }
    if (type == DataType.FLOAT64) {
      double sum = doubleTree(elements, 0, elements.length);
      return Double.doubleToRawLongBits(divisor > 1 ? sum / divisor : sum);
    }
    float sum = floatTree(elements, 0, elements.length);
    return encode(divisor > 1 ? sum / divisor : sum);
  }

  /// Returns whether the bits are a NaN of the type.
  boolean isNan(long bits) {
    return switch (type) {
      case FLOAT64 -> Double.isNaN(Double.longBitsToDouble(bits));
      case FLOAT32, FLOAT16, BFLOAT16, FLOAT8_E4M3, FLOAT8_E5M2 -> Float.isNaN(decode(bits));
      case INT8, UINT8, INT32, UINT32, INT64, UINT64 -> false;
    };
  }

  long scale(long element, double scalar) {
    return type == DataType.FLOAT64
        ? Double.doubleToRawLongBits(Double.longBitsToDouble(element) * scalar)
        : encode(decode(element) * (float) scalar);
  }

  private static int split(int lo, int hi) {
    return lo + Integer.highestOneBit(hi - lo - 1);
  }

  private BigInteger integerTree(long[] e, int lo, int hi) {
    if (hi - lo == 1) {
      return wrap(BigInteger.valueOf(e[lo]));
    }
    BigInteger a = integerTree(e, lo, split(lo, hi));
    BigInteger b = integerTree(e, split(lo, hi), hi);
    return wrap(
        switch (op) {
          case SUM, AVG, PRE_MUL_SUM -> a.add(b);
          case PROD -> a.multiply(b);
          case MIN -> a.min(b);
          case MAX -> a.max(b);
        });
  }

  private BigInteger wrap(BigInteger value) {
    int bits = type.bytes() * 8;
    BigInteger modulus = BigInteger.ONE.shiftLeft(bits);
    BigInteger wrapped = value.mod(modulus);
    boolean isSigned = type.name().startsWith("INT");
    return isSigned && wrapped.testBit(bits - 1) ? wrapped.subtract(modulus) : wrapped;
  }

  private double doubleTree(long[] e, int lo, int hi) {
    if (hi - lo == 1) {
      return Double.longBitsToDouble(e[lo]);
    }
    double a = doubleTree(e, lo, split(lo, hi));
    double b = doubleTree(e, split(lo, hi), hi);
    return switch (op) {
      case SUM, AVG, PRE_MUL_SUM -> a + b;
      case PROD -> a * b;
      case MIN -> Math.min(a, b);
      case MAX -> Math.max(a, b);
    };
  }

  /// A float32 sum or product of two is the float64 one rounded, because 53 >= 2 * 24 + 2.
  private float floatTree(long[] e, int lo, int hi) {
    if (hi - lo == 1) {
      return decode(e[lo]);
    }
    double a = floatTree(e, lo, split(lo, hi));
    double b = floatTree(e, split(lo, hi), hi);
    return (float)
        switch (op) {
          case SUM, AVG, PRE_MUL_SUM -> a + b;
          case PROD -> a * b;
          case MIN -> Math.min(a, b);
          case MAX -> Math.max(a, b);
        };
  }

  private float decode(long bits) {
    if (type == DataType.FLOAT32) {
      return Float.intBitsToFloat((int) bits);
    }
    int signBit = 1 << (type.bytes() * 8 - 1);
    int code = (int) bits & (signBit - 1);
    double magnitude;
    if (code < values.length) {
      magnitude = values[code];
    } else {
      boolean isInfinity = code == values.length && type != DataType.FLOAT8_E4M3;
      magnitude = isInfinity ? Double.POSITIVE_INFINITY : Double.NaN;
    }
    return (float) ((bits & signBit) != 0 ? -magnitude : magnitude);
  }

  private long encode(float value) {
    if (type == DataType.FLOAT32) {
      return Float.floatToRawIntBits(value);
    }
    int signBit = 1 << (type.bytes() * 8 - 1);
    long sign = Float.floatToRawIntBits(value) < 0 ? signBit : 0;
    return Float.isNaN(value) ? signBit - 1 : sign | nearestCode(Math.abs((double) value));
  }

  private int nearestCode(double magnitude) {
    int last = values.length - 1;
    int found = Arrays.binarySearch(values, magnitude);
    if (found >= 0) {
      return found;
    }
    int above = -found - 1;
    if (above <= last) {
      double toBelow = magnitude - values[above - 1];
      double toAbove = values[above] - magnitude;
      boolean takesBelow = toBelow < toAbove || (toBelow == toAbove && (above - 1) % 2 == 0);
      return takesBelow ? above - 1 : above;
    }
    if (type.bytes() == 1) {
      return last; // the 8-bit formats saturate
    }
    double halfUnit = (values[last] - values[last - 1]) / 2;
    return magnitude < values[last] + halfUnit ? last : last + 1;
  }
}
