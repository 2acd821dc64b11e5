package dev.tutti.transport.rendezvous;

import org.jspecify.annotations.Nullable;

/// The messages of the control connection; `C` sent by the client (a rank), `S` by the server.
///
/// ```
/// frame := int32 length of what follows | int8 code | payload          (all big-endian)
/// bytes := int32 length | octets          text := bytes in UTF-8
/// timing := int64 heartbeat interval, int64 heartbeat timeout, in ns
/// ```
enum FrameType {
  /// C: `int64 magic, int32 version, octets[32] client nonce`.
  HELLO(1),
  /// S: `int32 version, int8 needs a secret, octets[32] server nonce`.
  CHALLENGE(2),
  /// C: `octets[32] proof of the client`.
  PROOF(3),
  /// S: `octets[32] proof of the server, int32 rank that serves or -1`.
  ACCEPT(4),
  /// S: `int8 kind, text message`; the server closes.
  REJECT(5),
  /// C: `int32 rank (-1: newcomer), int32 world size, timing, endpoint, bytes card`.
  JOIN(6),
  /// S: `int32 rank, endpoint, bytes card`, one for each rank as it joins.
  CARD(7),
  /// C and S: empty. Says that the sender is alive.
  HEARTBEAT(8),
  /// C: `int64 tag, int32 n, int32 member[n], bytes contribution`.
  GATHER(9),
  /// S: `int64 tag, int32 n, int32 member[n], int32 rank, bytes contribution`.
  GATHER_PART(10),
  /// C: `text reason`.
  ABORT(11),
  /// S: `int32 by rank, text reason`.
  ABORTED(12),
  /// S: `int32 rank, int8 kind, text cause`.
  RANK_FAILED(13),
  /// S: `int32 rank`.
  RANK_LEFT(14),
  /// C: empty. The rank leaves in order; the server answers with [#GOODBYE].
  LEAVE(15),
  /// S: empty. The last frame of a connection closed in order.
  GOODBYE(16),
  /// C: `text reason`. The rank will not wait any longer for the world to form.
  GIVE_UP(17),
  /// S: `int64 world, int32 term, int32 rank, int32 world size`. The answer to JOIN and RESUME.
  WELCOME(18),
  /// S: `int32 term, text cause`. The others count this rank as dead; the server closes.
  EVICTED(19),
  /// C: `text cause`. The rank gives the server up, and closes.
  DEPOSED(20),
  /// C: `int64 world, int32 term, int32 rank, int32 world size, timing`. The rank has lost its
  /// server and asks the receiver to take its place. CARD, RANK_FAILED, RANK_LEFT, ABORTED,
  /// PROPOSAL_PART, PROPOSAL and AGREE follow: what the new server must know.
  RESUME(21),
  /// C: empty. The last frame of a RESUME.
  RESUME_END(22),
  /// C: `key, bytes contribution`, where `key := int64 tag, int32 n, int32 member[n], int32
  /// newcomers`. The rank is ready for an agreement, or an admission of newcomers.
  AGREE(23),
  /// C: `key`. The rank will not wait any longer.
  WITHDRAW(24),
  /// S: `key, int32 n, int32 missing rank[n]`. The agreement was open and goes on without the rank.
  WITHDRAWN(25),
  /// S: `key, int32 rank, bytes part`.
  PROPOSAL_PART(26),
  /// S: `key, int32 parts`. All parts have come: to be kept until COMMIT.
  PROPOSAL(27),
  /// C: `key`. The rank keeps the proposal.
  ACCEPTED(28),
  /// S: `key`. Every member keeps the proposal: it is the result.
  COMMIT(29),
  /// C: `int64 tag, int32 n, int32 member[n], bytes payload`.
  TELL(30),
  /// S: `int32 from, int64 tag, bytes payload`.
  TOLD(31),
  /// S: `endpoint`. Newcomers are received there.
  REDIRECT(32);

  private static final @Nullable FrameType[] BY_CODE = new FrameType[33];

  static {
    for (FrameType type : values()) {
      BY_CODE[type.code] = type;
    }
  }

  private final byte code;

  FrameType(int code) {
    this.code = (byte) code;
  }

  byte code() {
    return code;
  }

  static @Nullable FrameType ofCode(int code) {
    return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
  }
}
