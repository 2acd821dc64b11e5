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
/// A count of 2^38 elements or more is kept modulo 2^38. The kinds are the collectives in their
/// order; 16 more if their blocks differ in length, in which case the count is a hash of what all
/// ranks know of the lengths, 0 if that is nothing; and 30 and 31 for messages, which are recorded
/// but never compared.
public final class Signature {
  private static final DataType[] TYPES = DataType.values();
  private static final ReduceOp[] OPS = ReduceOp.values();
  private static final Collective[] KINDS = Collective.values();
  private static final long COUNT_MASK = (1L << 38) - 1;

  private static final int UNEVEN = 16;
  private static final long SEND = 30;
  private static final long RECEIVE = 31;

  private Signature() {}

  /// Packs what a rank called.
  public static long of(Collective kind, DataType type, ReduceOp op, int root, long count) {
    return ((long) kind.ordinal() << 59)
        | ((long) type.ordinal() << 55)
        | ((long) op.ordinal() << 52)
        | ((long) root << 38)
        | (count & COUNT_MASK);
  }

  /// Packs a collective on blocks of different lengths.
  ///
  /// @param digest see [BlockLayout#digest()]; its lowest 38 bits are kept
  public static long ofUneven(Collective kind, DataType type, ReduceOp op, int root, long digest) {
    return of(kind, type, op, root, digest) + ((long) UNEVEN << 59);
  }

  /// Packs a message to a peer.
  public static long ofSend(DataType type, int peer, long count) {
    return message(SEND, type, peer, count);
  }

  /// Packs a message from a peer.
  public static long ofReceive(DataType type, int peer, long count) {
    return message(RECEIVE, type, peer, count);
  }

  private static long message(long kind, DataType type, int peer, long count) {
    return (kind << 59)
        | ((long) type.ordinal() << 55)
        | ((long) peer << 38)
        | (count & COUNT_MASK);
  }

  /// Returns the peer of a message, -1 for a collective.
  public static int peer(long signature) {
    return signature >>> 59 >= SEND ? rank(signature) : -1;
  }

  /// Returns the size in bytes of the count that was passed, 0 if there was no single one.
  public static long bytes(long signature) {
    return isUneven(signature) ? 0 : (signature & COUNT_MASK) * type(signature).bytes();
  }

  /// Returns how many elements of the signature's type some bytes are.
  static long elements(long signature, long bytes) {
    return bytes / type(signature).bytes();
  }

  private static boolean isUneven(long signature) {
    long code = signature >>> 59;
    return code >= UNEVEN && code < SEND;
  }

  private static DataType type(long signature) {
    return TYPES[(int) ((signature >>> 55) & 15) % TYPES.length];
  }

  private static int rank(long signature) {
    return (int) (signature >>> 38) & 0x3fff;
  }

  /// Describes a signature: `all-reduce of 1000 FLOAT32 SUM`.
  public static String describe(long signature) {
    String what = " of " + (signature & COUNT_MASK) + " " + type(signature);
    long code = signature >>> 59;
    if (code >= SEND) {
      return (code == SEND ? "send" + what + " to rank " : "receive" + what + " from rank ")
          + rank(signature);
    }
    Collective kind = KINDS[(int) code % UNEVEN % KINDS.length];
    if (kind == Collective.BARRIER) {
      return kind.label();
    }
    StringBuilder text = new StringBuilder(kind.label());
    if (isUneven(signature)) {
      text.append("-v of ").append(type(signature));
    } else {
      text.append(what);
    }
    if (kind.reduces()) {
      text.append(' ').append(OPS[(int) ((signature >>> 52) & 7) % OPS.length]);
    }
    if (kind.isRooted()) {
      boolean gives = kind == Collective.BROADCAST || kind == Collective.SCATTER;
      text.append(gives ? " from root " : " to root ").append(rank(signature));
    }
    long digest = signature & COUNT_MASK;
    if (isUneven(signature) && digest != 0) {
      text.append(" with counts #").append(Long.toHexString(digest));
    }
    return text.toString();
  }
}
