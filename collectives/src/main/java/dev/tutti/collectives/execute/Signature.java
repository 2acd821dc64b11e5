package dev.tutti.collectives.execute;

import dev.tutti.collectives.CustomReduction;
import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import dev.tutti.collectives.Reduction;
import dev.tutti.collectives.schedule.Collective;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// What a rank called, packed into 64 bits without loss, so that a rank that sees another's
/// signature can say what the other passed.
///
/// ```
///   63..59 kind   58..55 type   54..52 operator   51..38 root or peer   37..0 count
/// ```
///
/// The operators are those of [ReduceOp] in their order, 6 a commutative [CustomReduction] and 7
/// one in rank order; a custom one without a root has a hash of its name in the root's place.
///
/// A count of 2^38 elements or more is kept modulo 2^38. The kinds are the collectives in their
/// order; 16 more if their blocks differ in length, in which case the count is a hash of what all
/// ranks know of the lengths, 0 if that is nothing; and 30 and 31 for messages, which are recorded
/// but never compared.
public final class Signature {
  private static final DataType[] TYPES = DataType.values();
  private static final ReduceOp[] OPS = ReduceOp.values();
  private static final int COMMUTATIVE = 6;
  private static final int RANK_ORDERED = 7;
  private static final Collective[] KINDS = Collective.values();
  private static final long COUNT_MASK = (1L << 38) - 1;

  // Names by their hash, for messages; no more than there are hashes.
  private static final Map<Integer, String> NAMES = new ConcurrentHashMap<>();
  private static final String AMBIGUOUS = "";

  private static final int UNEVEN = 16;
  private static final long SEND = 30;
  private static final long RECEIVE = 31;

  private Signature() {}

  /// Packs what a rank called.
  public static long of(Collective kind, DataType type, Reduction op, int root, long count) {
    int code =
        switch (op) {
          case ReduceOp builtIn -> builtIn.ordinal();
          case CustomReduction custom -> custom.isCommutative() ? COMMUTATIVE : RANK_ORDERED;
        };
    boolean named = op instanceof CustomReduction && !kind.isRooted();
    return ((long) kind.ordinal() << 59)
        | ((long) type.ordinal() << 55)
        | ((long) code << 52)
        | ((long) (named ? hash(op.name()) : root) << 38)
        | (count & COUNT_MASK);
  }

  /// Packs a collective on blocks of different lengths.
  ///
  /// @param digest see [BlockLayout#digest()]; its lowest 38 bits are kept
  public static long ofUneven(Collective kind, DataType type, Reduction op, int root, long digest) {
    return of(kind, type, op, root, digest) + ((long) UNEVEN << 59);
  }

  /// Returns 14 bits of a name, and remembers it.
  private static int hash(String name) {
    int hash = (name.hashCode() * 0x9E3779B9) >>> 18; // Fibonacci hashing
    NAMES.merge(hash, name, (known, now) -> known.equals(now) ? known : AMBIGUOUS);
    return hash;
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

  private static String operator(long signature, Collective kind) {
    int code = (int) (signature >>> 52) & 7;
    if (code < OPS.length) {
      return OPS[code].name();
    }
    String order = code == RANK_ORDERED ? " (in rank order)" : " (commutative)";
    if (kind.isRooted()) {
      return "custom" + order;
    }
    String name = NAMES.getOrDefault(rank(signature), AMBIGUOUS);
    boolean known = !name.equals(AMBIGUOUS);
    return (known ? name : "custom #" + Integer.toHexString(rank(signature))) + order;
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
      text.append(' ').append(operator(signature, kind));
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
