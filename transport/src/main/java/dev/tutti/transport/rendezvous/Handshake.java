package dev.tutti.transport.rendezvous;

import dev.tutti.transport.rendezvous.RendezvousException.Kind;
import java.io.IOException;

/// The mutual HMAC-SHA256 challenge that opens every control connection.
///
/// ```
/// rank                                   server
///   HELLO magic, version, nonce C   ──►
///                                   ◄──    CHALLENGE version, secret?, nonce S
///   PROOF hmac("…client", C, S)     ──►    checks
///   checks                          ◄──    ACCEPT hmac("…server", C, S), serving rank
/// ```
///
/// The side that connects proves first: a stranger who scans ports learns nothing that depends on
/// the secret. The labels differ, so that neither proof can be sent back as the other. Inside TLS
/// the proofs cover its session, too, see [dev.tutti.transport.tls.Tls].
final class Handshake {
  static final int VERSION = 3;
  static final long MAGIC = 0x5475747469526476L; // "TuttiRdv"

  /// The largest frame accepted before the peer is known.
  static final int MAX_FRAME_BYTES = 8192;

  private static final int NONCE_BYTES = 32;
  private static final int PROOF_BYTES = 32;
  private static final String CLIENT_LABEL = "tutti rendezvous 3 client";
  private static final String SERVER_LABEL = "tutti rendezvous 3 server";

  private Handshake() {}

  /// Runs the side of a rank.
  ///
  /// @return the rank in whose process the server runs, or -1
  static int asClient(FramePeer connection, Secret secret, long deadlineNanos) throws IOException {
    byte[] mine = Secret.randomBytes(NONCE_BYTES);
    connection.send(
        new Frame.Writer().putLong(MAGIC).putInt(VERSION).putRaw(mine).toFrame(FrameType.HELLO));
    Frame.Reader challenge = receive(connection, FrameType.CHALLENGE, deadlineNanos);
    int version = challenge.getInt();
    boolean needsSecret = challenge.getByte() != 0;
    byte[] theirs = challenge.getRaw(NONCE_BYTES);
    challenge.end();
    if (version != VERSION) {
      throw new RendezvousException(Kind.PROTOCOL, versions("the rendezvous", version));
    }
    if (needsSecret && secret.isNone()) {
      throw new RendezvousException(
          Kind.AUTHENTICATION, "the rendezvous asks for a secret and this rank has none");
    }
    connection.send(
        new Frame.Writer()
            .putRaw(secret.proof(CLIENT_LABEL, mine, theirs, connection.binding()))
            .toFrame(FrameType.PROOF));
    Frame.Reader accept = receive(connection, FrameType.ACCEPT, deadlineNanos);
    byte[] proof = accept.getRaw(PROOF_BYTES);
    int servingRank = accept.getInt();
    accept.end();
    if (!secret.verify(proof, SERVER_LABEL, mine, theirs, connection.binding())) {
      throw new RendezvousException(
          Kind.AUTHENTICATION, "the rendezvous does not know the secret of this job");
    }
    return servingRank;
  }

  /// Runs the side of the server. The caller sends [FrameType#REJECT] if this throws a
  /// [RendezvousException], and nothing if it throws an [IOException].
  static void asServer(FramePeer connection, Secret secret, int servingRank, long deadlineNanos)
      throws IOException {
    Frame.Reader hello =
        connection.readBefore(MAX_FRAME_BYTES, deadlineNanos).open(FrameType.HELLO);
    if (hello.getLong() != MAGIC) {
      throw new WireFault("not a Tutti rank");
    }
    int version = hello.getInt();
    if (version != VERSION) {
      throw new RendezvousException(Kind.PROTOCOL, versions("this rank", version));
    }
    byte[] theirs = hello.getRaw(NONCE_BYTES);
    hello.end();
    byte[] mine = Secret.randomBytes(NONCE_BYTES);
    connection.send(
        new Frame.Writer()
            .putInt(VERSION)
            .putByte(secret.isNone() ? 0 : 1)
            .putRaw(mine)
            .toFrame(FrameType.CHALLENGE));
    Frame.Reader reply =
        connection.readBefore(MAX_FRAME_BYTES, deadlineNanos).open(FrameType.PROOF);
    byte[] proof = reply.getRaw(PROOF_BYTES);
    reply.end();
    if (!secret.verify(proof, CLIENT_LABEL, theirs, mine, connection.binding())) {
      throw new RendezvousException(
          Kind.AUTHENTICATION,
          secret.isNone()
              ? "this rank has a secret and the rendezvous has none"
              : "the secret of this rank is not the secret of the job");
    }
    connection.send(
        new Frame.Writer()
            .putRaw(secret.proof(SERVER_LABEL, theirs, mine, connection.binding()))
            .putInt(servingRank)
            .toFrame(FrameType.ACCEPT));
  }

  /// Turns an exception into the frame that tells it to the peer.
  static Frame reject(RendezvousException e) {
    return new Frame.Writer()
        .putByte(e.kind().ordinal())
        .putText(String.valueOf(e.getMessage()))
        .toFrame(FrameType.REJECT);
  }

  /// Turns [FrameType#REJECT] back into the exception.
  static RendezvousException rejection(Frame frame) throws WireFault {
    Frame.Reader reader = frame.open(FrameType.REJECT);
    return new RendezvousException(kind(reader.getByte()), reader.getText());
  }

  static Kind kind(byte ordinal) throws WireFault {
    Kind[] kinds = Kind.values();
    if (ordinal < 0 || ordinal >= kinds.length) {
      throw new WireFault("unknown kind of error " + ordinal);
    }
    return kinds[ordinal];
  }

  private static Frame.Reader receive(FramePeer connection, FrameType expected, long deadlineNanos)
      throws IOException {
    Frame frame = connection.readBefore(MAX_FRAME_BYTES, deadlineNanos);
    if (frame.type() == FrameType.REJECT) {
      throw rejection(frame);
    }
    return frame.open(expected);
  }

  private static String versions(String who, int version) {
    return who
        + " speaks version "
        + version
        + " of the rendezvous protocol, the other side speaks version "
        + VERSION;
  }
}
