package dev.tutti.collectives.record;

import dev.tutti.collectives.execute.Signature;

/// Turns the operations of one recorder into JFR events; loaded only where `jdk.jfr` is present.
///
/// One event object is used again and again: its begin sets its time anew.
final class JfrOperations implements OperationTrace {
  private final JfrEvents.OperationEvent event = new JfrEvents.OperationEvent();
  private long describedSignature;

  JfrOperations(Identity identity) {
    event.communicator = identity.communicator();
    event.rank = identity.rank();
  }

  @Override
  public boolean begin() {
    if (!event.isEnabled()) {
      return false;
    }
    event.begin();
    return true;
  }

  @Override
  public void end(long number, long signature, String algorithm) {
    event.end();
    if (!event.shouldCommit()) {
      return;
    }
    if (signature != describedSignature || event.call.isEmpty()) {
      event.call = Signature.describe(signature);
      describedSignature = signature;
    }
    event.operation = number;
    event.bytes = Signature.bytes(signature);
    event.algorithm = algorithm;
    event.commit();
  }
}
