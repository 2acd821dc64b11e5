package dev.tutti.bench.measure;

import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import org.jspecify.annotations.Nullable;

/// Test data whose reduction is exact in every order and with every intermediate rounding, so that
/// a result can be compared bit for bit whatever algorithm made it.
///
/// All values are integers, and so are all partial results of any subset of ranks; each of them is
/// representable in the element type. With B the largest integer up to which a type represents
/// every integer (8 for float8 e5m2, 16 for e4m3, 256 for bfloat16, 2048 for float16):
///
/// * sum: at most w ranks contribute up to m each, with `w * m <= B`; which ranks those are depends
///   on the index. All have the same sign at one index, so partial sums stay within B.
/// * product: at most 6 ranks contribute 2, the others 1, so that products are powers of two up to
///   64.
/// * minimum, maximum: any integers within B.
/// * average: a sum that is a multiple of the number of ranks. Where B is too small for that, one
///   rank contributes the whole sum if that is representable, and all are zero otherwise.
/// * no operator: any integers within B.
///
/// Values are pseudo-random in rank and index and the same in every process.
public final class ExactValues {
  private static final int PRODUCT_RANKS = 6;
  private static final int LARGEST = 1 << 10; // more would not find more errors
  private static final int LARGEST_OF_FLOATS = 448; // of float8 e4m3

  private final boolean signed;
  private final @Nullable ReduceOp op;
  private final int ranks;
  private final long exact; // largest integer up to which all are representable
  private final long largest; // no representable integer is needed above it

  /// Makes the values of a world.
  ///
  /// @param op the operator, null if data are only moved
  public ExactValues(DataType type, @Nullable ReduceOp op, int ranks) {
    this.signed = isSigned(type);
    this.op = op;
    this.ranks = ranks;
    this.exact = largestExact(type);
    this.largest = type.isFloatingPoint() ? LARGEST_OF_FLOATS : exact;
  }

  private static boolean isSigned(DataType type) {
    return switch (type) {
      case UINT8, UINT32, UINT64 -> false;
      case INT8, INT32, INT64 -> true;
      case FLOAT16, BFLOAT16, FLOAT32, FLOAT64, FLOAT8_E4M3, FLOAT8_E5M2 -> true;
    };
  }

  private static long largestExact(DataType type) {
    return switch (type) {
      case INT8 -> 127;
      case UINT8 -> 255;
      case FLOAT8_E4M3 -> 16;
      case FLOAT8_E5M2 -> 8;
      case BFLOAT16 -> 256;
      case FLOAT16 -> 2048;
      case INT32, UINT32, INT64, UINT64, FLOAT32, FLOAT64 -> 1 << 24;
    };
  }

  /// Returns what a rank contributes at an index.
  public long value(int rank, long index) {
    if (op == null) {
      return sign(index) * upTo(Math.min(exact, LARGEST), rank, index);
    }
    return switch (op) {
      case SUM, PRE_MUL_SUM -> sign(index) * addend(rank, index);
      case AVG -> sign(index) * averaged(rank, index);
      case PROD -> factor(rank, index);
      case MIN, MAX -> {
        long range = Math.min(exact, LARGEST);
        yield upTo(range, rank, index) - (signed ? range / 2 : 0);
      }
    };
  }

  /// Returns the reduction over all ranks at an index.
  public long reduced(long index) {
    return reduced(ranks, index);
  }

  /// Returns the reduction over ranks 0 to `first - 1` at an index; not for averages of some ranks.
  public long reduced(int first, long index) {
    long result = value(0, index);
    for (int rank = 1; rank < first; rank++) {
      long value = value(rank, index);
      result =
          switch (operator()) {
            case SUM, AVG, PRE_MUL_SUM -> result + value;
            case PROD -> result * value;
            case MIN -> Math.min(result, value);
            case MAX -> Math.max(result, value);
          };
    }
    return operator() == ReduceOp.AVG ? result / ranks : result;
  }

  private ReduceOp operator() {
    if (op == null) {
      throw new IllegalStateException("nothing is reduced");
    }
    return op;
  }

  private long addend(int rank, long index) {
    long most = Math.clamp(exact / ranks, 1, LARGEST);
    long contributing = Math.min(ranks, exact / most);
    return turn(rank, index) < contributing ? upTo(most, rank, index) : 0;
  }

  private long factor(int rank, long index) {
    if (turn(rank, index) >= PRODUCT_RANKS) {
      return 1;
    }
    long magnitude = 1 + upTo(1, rank, index);
    return signed && (hash(rank, ~index) & 1) != 0 ? -magnitude : magnitude;
  }

  private long averaged(int rank, long index) {
    if (ranks == 1) {
      return upTo(Math.min(exact, LARGEST), rank, index);
    }
    int last = ranks - 1; // completes the others' sum to a multiple of the number of ranks
    long most = Math.min((exact - last) / last, LARGEST);
    if (most < 1) {
      return averagedByOne(rank, index);
    }
    if (rank < last) {
      return upTo(most, rank, index);
    }
    long sum = 0;
    for (int other = 0; other < last; other++) {
      sum += upTo(most, other, index);
    }
    return Math.floorMod(-sum, (long) ranks);
  }

  private long averagedByOne(int rank, long index) {
    long odd = ranks >> Integer.numberOfTrailingZeros(ranks);
    boolean representable = odd <= exact && ranks <= largest;
    boolean mine = turn(rank, index) == 0;
    return representable && mine ? ranks * upTo(1, -1, index) : 0;
  }

  /// Which ranks contribute at an index rotates with the index.
  private long turn(int rank, long index) {
    return (rank + index) % ranks;
  }

  private long sign(long index) {
    return signed && (hash(-2, index) & 1) != 0 ? -1 : 1;
  }

  private static long upTo(long most, int rank, long index) {
    return Long.remainderUnsigned(hash(rank, index), most + 1);
  }

  /// SplitMix64's mixing function.
  private static long hash(int rank, long index) {
    long z = (index + 1) * 0x9E3779B97F4A7C15L + (rank + 1) * 0xD1342543DE82EF95L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
