package dev.tutti.transport.ucx;

import java.util.Arrays;

/// Messages of one peer that UCX has but that are not let in yet, in their order.
///
/// Used by one thread at a time.
final class HeldMessages {
  private long[] messages = new long[8];
  private long[] tags = new long[8];
  private long[] lengths = new long[8];
  private int first;
  private int end;

  boolean isEmpty() {
    return first == end;
  }

  void add(long message, long tag, long bytes) {
    if (end == messages.length) {
      makeRoom();
    }
    messages[end] = message;
    tags[end] = tag;
    lengths[end] = bytes;
    end++;
  }

  private void makeRoom() {
    int count = end - first;
    int capacity = count > messages.length / 2 ? 2 * messages.length : messages.length;
    messages = moved(messages, capacity);
    tags = moved(tags, capacity);
    lengths = moved(lengths, capacity);
    first = 0;
    end = count;
  }

  private long[] moved(long[] from, int capacity) {
    return Arrays.copyOf(Arrays.copyOfRange(from, first, end), capacity);
  }

  long message() {
    return messages[first];
  }

  long tag() {
    return tags[first];
  }

  long bytes() {
    return lengths[first];
  }

  void remove() {
    first++;
    if (first == end) {
      first = 0;
      end = 0;
    }
  }
}
