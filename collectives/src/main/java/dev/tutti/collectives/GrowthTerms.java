package dev.tutti.collectives;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// What the ranks of a communicator that grows tell each other.
final class GrowthTerms {
  private static final int MAX_MEMBERS = 1 << 12;

  private GrowthTerms() {}

  /// Tells a newcomer which communicator it is to join.
  ///
  /// ```
  ///   long communicator, int members, int each
  /// ```
  ///
  /// @param communicator id of the communicator that is to be made, and tag of the agreement in
  ///   which all take part
  /// @param members world ranks, the newcomers last
  record Invitation(long communicator, int[] members) {
    byte[] encode() {
      ByteBuffer out = ByteBuffer.allocate(Long.BYTES + Integer.BYTES * (1 + members.length));
      out.putLong(communicator).putInt(members.length);
      for (int member : members) {
        out.putInt(member);
      }
      return out.array();
    }

    static Invitation decode(byte[] bytes) {
      try {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        long communicator = in.getLong();
        int count = in.getInt();
        if (count < 1 || count > MAX_MEMBERS) {
          throw new TuttiException("malformed invitation: " + count + " members", -1, -1, null);
        }
        int[] members = new int[count];
        for (int i = 0; i < count; i++) {
          members[i] = in.getInt();
        }
        return new Invitation(communicator, members);
      } catch (BufferUnderflowException e) {
        throw new TuttiException("malformed invitation", -1, -1, e);
      }
    }
  }

  /// What each rank brings.
  ///
  /// ```
  ///   long block token, int length + addresses, int length + UTF-8 problem, empty if none
  /// ```
  ///
  /// @param blockToken its block for the new communicator
  /// @param addresses where it listens, as [AddressList] writes it; empty if it does not
  /// @param problem why it cannot take part, null if it can
  record Contribution(long blockToken, byte[] addresses, @Nullable String problem) {
    byte[] encode() {
      byte[] text = (problem == null ? "" : problem).getBytes(StandardCharsets.UTF_8);
      return ByteBuffer.allocate(Long.BYTES + 2 * Integer.BYTES + addresses.length + text.length)
          .putLong(blockToken)
          .putInt(addresses.length)
          .put(addresses)
          .putInt(text.length)
          .put(text)
          .array();
    }

    static Contribution decode(byte[] bytes, int rank) {
      try {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        long token = in.getLong();
        byte[] addresses = bytes(in, rank);
        String text = new String(bytes(in, rank), StandardCharsets.UTF_8);
        return new Contribution(token, addresses, text.isEmpty() ? null : text);
      } catch (BufferUnderflowException e) {
        throw new TuttiException("rank " + rank + " sent malformed terms", -1, -1, e);
      }
    }

    private static byte[] bytes(ByteBuffer in, int rank) {
      int length = in.getInt();
      if (length < 0 || length > in.remaining()) {
        throw new TuttiException("rank " + rank + " sent malformed terms", -1, -1, null);
      }
      byte[] result = new byte[length];
      in.get(result);
      return result;
    }
  }
}
