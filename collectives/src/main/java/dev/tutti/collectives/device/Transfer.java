package dev.tutti.collectives.device;

import dev.tutti.collectives.DataType;

/// A send or a receive of a group.
///
/// @param kind which
/// @param address `count` elements in device memory
/// @param peer the other rank
record Transfer(Kind kind, long address, long count, DataType type, int peer) {
  enum Kind {
    SEND,
    RECEIVE
  }

  static Transfer send(long address, long count, DataType type, int peer) {
    return new Transfer(Kind.SEND, address, count, type, peer);
  }

  static Transfer receive(long address, long count, DataType type, int peer) {
    return new Transfer(Kind.RECEIVE, address, count, type, peer);
  }
}
