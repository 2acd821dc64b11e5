package dev.tutti.collectives.schedule;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// One step of a [Lane]; see [StepKind] for what each kind does with its operands.
///
/// Lane i of one rank talks to lane i of another: messages of one (sender, receiver, lane) triple
/// arrive in the order in which they were sent. All operands of a step and the received chunk have
/// the same length.
///
/// @param kind what the step does
/// @param source the operand read, null where the kind has none
/// @param target the operand written, null where the kind has none
/// @param receivePeer rank received from, -1 where the kind does not receive
/// @param sendPeer rank sent to, -1 where the kind does not send
/// @param after steps of other lanes that must have completed before this one starts
public record Step(
    StepKind kind,
    @Nullable Operand source,
    @Nullable Operand target,
    int receivePeer,
    int sendPeer,
    List<Dependency> after) {

  /// Marks an absent peer.
  public static final int NO_PEER = -1;

  /// Checks that operands and peers are present exactly where the kind has them.
  public Step {
    after = List.copyOf(after);
    check(kind, "source", source != null, kind.hasSource());
    check(kind, "target", target != null, kind.hasTarget());
    check(kind, "receive peer", receivePeer >= 0, kind.receives());
    check(kind, "send peer", sendPeer >= 0, kind.sends());
  }

  private static void check(StepKind kind, String what, boolean present, boolean expected) {
    if (present != expected) {
      throw new IllegalArgumentException(
          kind + " step " + (expected ? "needs a " : "has no ") + what);
    }
  }

  /// Returns the operand whose length applies to this step (all are equal).
  public Operand shape() {
    Operand operand = target != null ? target : source;
    if (operand == null) {
      throw new IllegalStateException("step " + kind + " has no operand");
    }
    return operand;
  }
}
