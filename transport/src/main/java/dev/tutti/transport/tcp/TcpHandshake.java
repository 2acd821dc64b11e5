package dev.tutti.transport.tcp;

import dev.tutti.transport.rendezvous.Secret;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// The mutual HMAC-SHA256 challenge that opens every data connection.
///
/// ```
/// connecting side                                      accepting side
///   HELLO  magic, version, world, from, to,     ──►    checks world, to
///          communicator, stream, nonce C
///                                               ◄──    CHALLENGE status, nonce S
///   PROOF  hmac("…client", HELLO, S)            ──►    checks
///   checks                                      ◄──    ACCEPT hmac("…server", HELLO, S)
/// ```
///
/// All messages have a fixed length, so nothing is allocated by what a stranger says. The proofs
/// cover all of HELLO: nobody can make another connection of it on the way.
final class TcpHandshake {
  private static final long MAGIC = 0x5475747469446174L; // "TuttiDat"
  private static final int VERSION = 1;
  private static final int NONCE_BYTES = 32;
  private static final int PROOF_BYTES = 32;
  private static final int HELLO_BYTES = 8 + 4 + 8 + 4 + 4 + 8 + 4 + NONCE_BYTES;
  private static final byte OK = 1;
  private static final String CLIENT_LABEL = "tutti data 1 client";
  private static final String SERVER_LABEL = "tutti data 1 server";

  private TcpHandshake() {}

  /// What the connecting side asks for.
  ///
  /// @param world number that tells this job's world from others
  /// @param from world rank of the connecting side
  /// @param to world rank of the accepting side
  /// @param communicator id of the communicator
  /// @param stream number of the connection
  record Hello(long world, int from, int to, long communicator, int stream) {
    byte[] encode(byte[] nonce) {
      return ByteBuffer.allocate(HELLO_BYTES)
          .putLong(MAGIC)
          .putInt(VERSION)
          .putLong(world)
          .putInt(from)
          .putInt(to)
          .putLong(communicator)
          .putInt(stream)
          .put(nonce)
          .array();
    }

    static Hello decode(byte[] bytes) throws IOException {
      ByteBuffer in = ByteBuffer.wrap(bytes);
      if (in.getLong() != MAGIC || in.getInt() != VERSION) {
        throw new IOException("not a rank of this version of Tutti");
      }
      return new Hello(in.getLong(), in.getInt(), in.getInt(), in.getLong(), in.getInt());
    }
  }

  /// Runs the connecting side.
  ///
  /// @throws IOException if the other side is not the rank that is meant, or does not know the
  ///   secret
  static void connect(RawConnection connection, Hello hello, Secret secret) throws IOException {
    byte[] first = hello.encode(Secret.randomBytes(NONCE_BYTES));
    connection.write(first);
    byte[] challenge = connection.read(1 + NONCE_BYTES);
    if (challenge[0] != OK) {
      throw new IOException("another rank or another job answers there");
    }
    byte[] nonce = Arrays.copyOfRange(challenge, 1, challenge.length);
    connection.write(secret.proof(CLIENT_LABEL, first, nonce));
    byte[] proof = connection.read(PROOF_BYTES);
    if (!secret.verify(proof, SERVER_LABEL, first, nonce)) {
      throw new IOException("the other side does not know the secret of this job");
    }
  }

  /// Runs the accepting side.
  ///
  /// @param world number of this side's world
  /// @param rank world rank of this side
  /// @throws IOException if the other side is a stranger
  static Hello accept(RawConnection connection, long world, int rank, Secret secret)
      throws IOException {
    byte[] first = connection.read(HELLO_BYTES);
    Hello hello = Hello.decode(first);
    byte[] nonce = Secret.randomBytes(NONCE_BYTES);
    boolean ours = hello.world() == world && hello.to() == rank;
    byte[] challenge = new byte[1 + NONCE_BYTES];
    challenge[0] = ours ? OK : 0;
    System.arraycopy(nonce, 0, challenge, 1, NONCE_BYTES);
    connection.write(challenge);
    if (!ours) {
      throw new IOException("meant for rank " + hello.to() + " of another world");
    }
    if (!secret.verify(connection.read(PROOF_BYTES), CLIENT_LABEL, first, nonce)) {
      throw new IOException("rank " + hello.from() + " does not know the secret of this job");
    }
    connection.write(secret.proof(SERVER_LABEL, first, nonce));
    return hello;
  }
}
