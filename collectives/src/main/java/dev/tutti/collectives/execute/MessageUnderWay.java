package dev.tutti.collectives.execute;

import dev.tutti.collectives.DataType;

/// A message that moves on as far as it can without waiting. Used again for message after message.
sealed interface MessageUnderWay permits OutgoingMessage, IncomingMessage {
  /// Begins a message; the one before has ended.
  ///
  /// @param address where it is or where it belongs
  void begin(long address, long bytes, DataType type, int peer);

  /// Returns whether the message is through: sent, so that its memory may be reused, or there.
  boolean isDone();

  /// Does what can be done now; returns whether that was anything.
  ///
  /// @throws dev.tutti.collectives.MismatchException if the peer sent another size or type than is
  ///   expected
  boolean advance();
}
