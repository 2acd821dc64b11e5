package dev.tutti.transport.rendezvous;

import java.io.IOException;

/// The bytes received are not what the protocol allows here; the connection is of no more use.
final class WireFault extends IOException {
  private static final long serialVersionUID = 1L;

  WireFault(String message) {
    super(message);
  }
}
