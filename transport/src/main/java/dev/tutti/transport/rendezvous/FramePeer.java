package dev.tutti.transport.rendezvous;

import java.io.IOException;
import java.net.SocketTimeoutException;

/// The other side of a control connection.
interface FramePeer {
  /// Queues a frame. A frame for a connection that is closed or closing is dropped.
  void send(Frame frame);

  /// Queues a frame unless `roomBytes` are queued already; false if it was dropped.
  boolean offer(Frame frame, long roomBytes);

  /// Reads the next frame of at most `maxBytes`, all of it before `deadlineNanos`.
  ///
  /// @throws SocketTimeoutException if the deadline passes
  Frame readBefore(int maxBytes, long deadlineNanos) throws IOException;

  /// Lets the writer send what is queued and then end the stream; reading goes on.
  void finish();

  /// Closes at once.
  void close();

  /// Returns what proofs of this connection have to cover: the
  /// [dev.tutti.transport.tls.Tls#binding], empty without TLS.
  byte[] binding();

  /// Returns the peer's address, for people.
  String remote();
}
