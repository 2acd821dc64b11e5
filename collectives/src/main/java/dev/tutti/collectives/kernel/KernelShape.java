package dev.tutti.collectives.kernel;

import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;

/// What a specialised kernel class is made for; the class data of a hidden class.
///
/// @param type the element type
/// @param op the operator: `SUM`, `PROD`, `MIN` or `MAX`, or `AVG` for a kernel that always divides
record KernelShape(DataType type, ReduceOp op) {
  /// Returns whether the elements are unsigned integers.
  boolean isUnsigned() {
    return switch (type) {
      case UINT8, UINT32, UINT64 -> true;
      case INT8, INT32, INT64, FLOAT16, BFLOAT16, FLOAT32, FLOAT64, FLOAT8_E4M3, FLOAT8_E5M2 ->
          false;
    };
  }

  /// Returns whether the elements are floats that are combined as float32 and then rounded.
  boolean isNarrowFloat() {
    return type.isFloatingPoint() && type.bytes() < Float.BYTES;
  }
}
