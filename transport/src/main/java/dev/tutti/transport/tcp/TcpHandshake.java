package dev.tutti.transport.tcp;

import dev.tutti.transport.rendezvous.Secret;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Function;

/// The mutual HMAC-SHA256 challenge that opens every data connection.
///
/// ```
/// connecting side                                      accepting side
///   HELLO  magic, version, what it is for,      ──►    checks world, to
///          nonce C
///                                               ◄──    CHALLENGE status, nonce S
///   PROOF  hmac("…client", HELLO, S)            ──►    checks, only now acts
///   checks                                      ◄──    ANSWER status, direct, received,
///                                                        hmac("…server", HELLO, S, ANSWER)
/// ```
///
/// All messages have a fixed length, so nothing is allocated by what a stranger says. The proofs
/// cover all of HELLO and ANSWER: nobody can make another connection of it on the way. Inside TLS
/// they cover its session, too, see [dev.tutti.transport.tls.Tls].
final class TcpHandshake {
  private static final long MAGIC = 0x5475747469446174L; // "TuttiDat"
  private static final int VERSION = 3;
  private static final int NONCE_BYTES = 32;
  private static final int PROOF_BYTES = 32;
  private static final int ADDRESS_BYTES = 16 + 4;
  private static final int CHALLENGE_BYTES = 1 + NONCE_BYTES;
  private static final int ANSWER_BYTES = 1 + 1 + 8;

  static final int HELLO_BYTES =
      8 + 4 + 1 + 8 + 4 + 4 + 8 + 4 + 4 + 8 + 2 * ADDRESS_BYTES + NONCE_BYTES;

  private static final byte OK = 1;
  private static final String CLIENT_LABEL = "tutti data 3 client";
  private static final String SERVER_LABEL = "tutti data 3 server";

  private TcpHandshake() {}

  /// What a connection is for.
  enum Purpose {
    /// To carry a stream from now on.
    CARRY,
    /// To carry what another transport has to say.
    CONTROL,
    /// To say that the connection of a stream is missing; ends after the answer.
    MISSING
  }

  /// How the accepting side answers.
  enum Verdict {
    /// Agreed.
    ACCEPTED,
    /// The communicator has been closed there.
    CLOSED,
    /// There is a newer connection.
    OUTDATED
  }

  /// What the connecting side asks for.
  ///
  /// @param world number that tells this job's world from others
  /// @param from world rank of the connecting side
  /// @param to world rank of the accepting side
  /// @param communicator id of the communicator
  /// @param stream number of the stream
  /// @param attempt number of the connection among those of the stream
  /// @param received how much of the stream the connecting side has received
  /// @param local the connecting side's end as it sees it
  /// @param remote the accepting side's end as the connecting side sees it
  record Hello(
      Purpose purpose,
      long world,
      int from,
      int to,
      long communicator,
      int stream,
      int attempt,
      long received,
      InetSocketAddress local,
      InetSocketAddress remote) {
    byte[] encode(byte[] nonce) {
      ByteBuffer out =
          ByteBuffer.allocate(HELLO_BYTES)
              .putLong(MAGIC)
              .putInt(VERSION)
              .put((byte) purpose.ordinal())
              .putLong(world)
              .putInt(from)
              .putInt(to)
              .putLong(communicator)
              .putInt(stream)
              .putInt(attempt)
              .putLong(received);
      putAddress(out, local);
      putAddress(out, remote);
      return out.put(nonce).array();
    }
  }

  /// A HELLO as it arrived; addresses stay bytes, which is all that they are compared as.
  ///
  /// @param purpose what the connection is for
  /// @param world number of the world
  /// @param from world rank of the connecting side
  /// @param to world rank that is meant
  /// @param key which stream is meant, as the accepting side calls it
  /// @param attempt number of the connection
  /// @param received how much of the stream the connecting side has received
  /// @param ends both ends as the connecting side sees them
  record Request(
      Purpose purpose,
      long world,
      int from,
      int to,
      StreamKey key,
      int attempt,
      long received,
      byte[] ends) {
    static Request decode(byte[] bytes) throws IOException {
      ByteBuffer in = ByteBuffer.wrap(bytes);
      if (in.getLong() != MAGIC || in.getInt() != VERSION) {
        throw new IOException("not a rank of this version of Tutti");
      }
      int number = in.get();
      if (number < 0 || number >= Purpose.values().length) {
        throw new IOException("unknown purpose " + number);
      }
      Purpose purpose = Purpose.values()[number];
      long world = in.getLong();
      int from = in.getInt();
      int to = in.getInt();
      StreamKey key = new StreamKey(in.getLong(), from, in.getInt());
      int attempt = in.getInt();
      long received = in.getLong();
      byte[] ends = new byte[2 * ADDRESS_BYTES];
      in.get(ends);
      return new Request(purpose, world, from, to, key, attempt, received, ends);
    }

    /// Returns whether the connecting side sees the same two ends as this one: nothing stands
    /// between them that ends connections itself.
    boolean isBetween(InetSocketAddress peer, InetSocketAddress own) {
      ByteBuffer out = ByteBuffer.allocate(2 * ADDRESS_BYTES);
      putAddress(out, peer);
      putAddress(out, own);
      return Arrays.equals(out.array(), ends);
    }
  }

  /// What the accepting side says.
  ///
  /// @param direct whether the two kernels talk to each other
  /// @param received how much of the stream the accepting side has received
  record Answer(Verdict verdict, boolean direct, long received) {
    byte[] encode() {
      return ByteBuffer.allocate(ANSWER_BYTES)
          .put((byte) verdict.ordinal())
          .put((byte) (direct ? 1 : 0))
          .putLong(received)
          .array();
    }

    static Answer decode(byte[] bytes) throws IOException {
      ByteBuffer in = ByteBuffer.wrap(bytes);
      int number = in.get();
      if (number < 0 || number >= Verdict.values().length) {
        throw new IOException("unknown answer " + number);
      }
      return new Answer(Verdict.values()[number], in.get() == 1, in.getLong());
    }
  }

  private static void putAddress(ByteBuffer out, InetSocketAddress address) {
    byte[] bytes = address.getAddress().getAddress();
    out.put(new byte[16 - bytes.length]).put(bytes).putInt(address.getPort());
  }

  /// Runs the connecting side.
  ///
  /// @throws IOException if the other side is not the rank that is meant, or does not know the
  ///   secret
  static Answer connect(RawConnection connection, Hello hello, Secret secret) throws IOException {
    byte[] first = hello.encode(Secret.randomBytes(NONCE_BYTES));
    connection.write(first);
    byte[] challenge = connection.read(CHALLENGE_BYTES);
    if (challenge[0] != OK) {
      throw new IOException("another rank or another job answers there");
    }
    byte[] nonce = Arrays.copyOfRange(challenge, 1, challenge.length);
    connection.write(secret.proof(CLIENT_LABEL, first, nonce, connection.binding()));
    byte[] answer = connection.read(ANSWER_BYTES);
    byte[] proof = connection.read(PROOF_BYTES);
    if (!secret.verify(proof, SERVER_LABEL, first, nonce, answer, connection.binding())) {
      throw new IOException("the other side does not know the secret of this job");
    }
    return Answer.decode(answer);
  }

  /// Runs the accepting side.
  ///
  /// @param world number of this side's world
  /// @param rank world rank of this side
  /// @param decide called once the other side has proved that it belongs to the job
  /// @return what was asked for, and the answer
  /// @throws IOException if the other side is a stranger
  static Agreed accept(
      RawConnection connection,
      long world,
      int rank,
      Secret secret,
      Function<Request, Answer> decide)
      throws IOException {
    byte[] first = connection.read(HELLO_BYTES);
    Request request = Request.decode(first);
    byte[] nonce = Secret.randomBytes(NONCE_BYTES);
    boolean ours = request.world() == world && request.to() == rank;
    byte[] challenge = new byte[CHALLENGE_BYTES];
    challenge[0] = ours ? OK : 0;
    System.arraycopy(nonce, 0, challenge, 1, NONCE_BYTES);
    connection.write(challenge);
    if (!ours) {
      throw new IOException("meant for rank " + request.to() + " of another world");
    }
    byte[] binding = connection.binding();
    if (!secret.verify(connection.read(PROOF_BYTES), CLIENT_LABEL, first, nonce, binding)) {
      throw new IOException("rank " + request.from() + " does not know the secret of this job");
    }
    Answer answer = decide.apply(request);
    byte[] encoded = answer.encode();
    byte[] proof = secret.proof(SERVER_LABEL, first, nonce, encoded, binding);
    connection.write(
        ByteBuffer.allocate(ANSWER_BYTES + PROOF_BYTES).put(encoded).put(proof).array());
    return new Agreed(request, answer);
  }

  /// What both sides have agreed on.
  record Agreed(Request request, Answer answer) {}
}
