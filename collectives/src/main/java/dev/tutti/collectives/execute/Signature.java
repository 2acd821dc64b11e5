package dev.tutti.collectives.execute;

import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import dev.tutti.collectives.schedule.Collective;

/// What a rank called, packed into 64 bits without loss, so that a rank that sees another's
/// signature can say what the other passed.
///
/// ```
///   63..59 kind   58..55 type   54..52 operator   51..38 root or peer   37..0 count
/// ```
///
/// A count of 2^38 elements or more is kept modulo 2^38.
public final class Signature {
  private static final DataType[] TYPES = DataType.values();
  private static final ReduceOp[] OPS = ReduceOp.values();
  private static final Collective[] KINDS = Collective.values();
  private static final long COUNT_MASK = (1L << 38) - 1;

  private Signature() {}

  /// Packs what a rank called.
  public static long of(Collective kind, DataType type, ReduceOp op, int root, long count) {
    return ((long) kind.ordinal() << 59)
        | ((long) type.ordinal() << 55)
        | ((long) op.ordinal() << 52)
        | ((long) root << 38)
        | (count & COUNT_MASK);
  }

  /// Describes a signature: `all-reduce of 1000 FLOAT32 SUM`.
  public static String describe(long signature) {
    Collective kind = KINDS[(int) (signature >>> 59) % KINDS.length];
    if (kind == Collective.BARRIER) {
      return kind.label();
    }
    DataType type = TYPES[(int) ((signature >>> 55) & 15) % TYPES.length];
    ReduceOp op = OPS[(int) ((signature >>> 52) & 7) % OPS.length];
    long root = (signature >>> 38) & 0x3fff;
    String text = kind.label() + " of " + (signature & COUNT_MASK) + " " + type;
    if (kind.reduces()) {
      return text + " " + op;
    }
    return kind == Collective.BROADCAST ? text + " from root " + root : text;
  }
}
