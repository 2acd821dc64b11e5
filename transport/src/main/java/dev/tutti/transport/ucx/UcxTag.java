package dev.tutti.transport.ucx;

/// The 64-bit tag of a message: enough to know where it belongs before it is received.
///
/// ```
///   bits 63..62  kind
///        61..46  sender: member of the communicator
///        45..32  lane; of a signal, which one
///        31..0   low half of the number of the operation
/// ```
///
/// UCX keeps the order of the messages of one sender. All of them are taken in that order, whatever
/// their tag, so nothing is matched by UCX.
final class UcxTag {
  /// A message of at most [MessageHeader#SMALL_BYTES] bytes behind a header.
  static final int SMALL = 0;

  /// A message without a header.
  static final int LARGE = 1;

  /// A header alone: what the large messages behind it belong to.
  static final int OPEN = 2;

  /// A message without content; the lane says which.
  static final int SIGNAL = 3;

  /// Signal: the first message to a peer.
  static final int HELLO = 0;

  /// Signal: sent so that its sender learns when everything before it has been taken.
  static final int CREDIT = 1;

  /// Signal: sent so that its sender learns when everything before it is out.
  static final int MARKER = 2;

  static final int MOST_MEMBERS = 1 << 16;
  static final int MOST_LANES = 1 << 14;

  /// The bits that tell senders apart.
  static final long SENDER_MASK = (MOST_MEMBERS - 1L) << 46;

  private static final long OPERATION_MASK = 0xffff_ffffL;

  private UcxTag() {}

  static long of(int kind, int sender, int lane, long operation) {
    return ((long) kind << 62)
        | ((long) sender << 46)
        | ((long) lane << 32)
        | (operation & OPERATION_MASK);
  }

  static int kind(long tag) {
    return (int) (tag >>> 62);
  }

  static int sender(long tag) {
    return (int) (tag >>> 46) & MOST_MEMBERS - 1;
  }

  static int lane(long tag) {
    return (int) (tag >>> 32) & MOST_LANES - 1;
  }

  /// Returns whether UCX may tell the sender that the message has been taken.
  static boolean isAnswered(long tag) {
    int kind = kind(tag);
    return kind == SIGNAL ? lane(tag) == CREDIT : kind != OPEN;
  }

  /// Returns by how much a message's operation is ahead of a number.
  static int ahead(long tag, long operation) {
    return (int) tag - (int) operation;
  }
}
