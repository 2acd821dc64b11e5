package dev.tutti.collectives;

import dev.tutti.collectives.execute.GroupFailure;
import dev.tutti.collectives.execute.GroupFailure.Kind;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A failure of a communicator as its members tell it each other:
///
/// ```
///   byte kind, int number of members, int each, UTF-8 message to the end
/// ```
final class FailureReport {
  private static final int MAX_TEXT_BYTES = 8 << 10;
  private static final int MAX_MEMBERS = 1 << 10;

  private FailureReport() {}

  static byte[] encode(GroupFailure failure) {
    byte[] text = failure.message().getBytes(StandardCharsets.UTF_8);
    int length = Math.min(text.length, MAX_TEXT_BYTES);
    int members = Math.min(failure.members().size(), MAX_MEMBERS);
    ByteBuffer out = ByteBuffer.allocate(1 + Integer.BYTES * (1 + members) + length);
    out.put((byte) failure.kind().ordinal()).putInt(members);
    failure.members().subList(0, members).forEach(out::putInt);
    return out.put(text, 0, length).array();
  }

  /// Returns what a report says, null if it is malformed.
  static @Nullable GroupFailure decode(byte[] report) {
    try {
      ByteBuffer in = ByteBuffer.wrap(report);
      int kind = in.get();
      int count = in.getInt();
      if (kind < 0 || kind >= Kind.values().length || count < 0 || count > MAX_MEMBERS) {
        return null;
      }
      List<Integer> members = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        members.add(in.getInt());
      }
      String text = StandardCharsets.UTF_8.decode(in).toString();
      return new GroupFailure(Kind.values()[kind], members, text);
    } catch (BufferUnderflowException _) {
      return null;
    }
  }
}
