package dev.tutti.collectives.schedule;

/// What a [Step] does. `source` and `target` are the step's operands, `received` is the chunk that
/// arrives from `receivePeer`, and `+` is the reduction operator.
///
/// | kind | effect |
/// |---|---|
/// | COPY | target = source |
/// | REDUCE | target = target + source |
/// | SEND | send source |
/// | RECV | target = received |
/// | RECV_REDUCE | target = source + received |
/// | RECV_FORWARD | target = received; send received |
/// | RECV_REDUCE_SEND | send (source + received), nothing stored |
/// | RECV_REDUCE_FORWARD | target = source + received; send target |
public enum StepKind {
  /// target = source.
  COPY(true, true, false, false),
  /// target = target + source.
  REDUCE(true, true, false, false),
  /// Send source.
  SEND(true, false, false, true),
  /// target = received.
  RECV(false, true, true, false),
  /// target = source + received.
  RECV_REDUCE(true, true, true, false),
  /// target = received, and send it on.
  RECV_FORWARD(false, true, true, true),
  /// Send source + received without storing it.
  RECV_REDUCE_SEND(true, false, true, true),
  /// target = source + received, and send target.
  RECV_REDUCE_FORWARD(true, true, true, true);

  private final boolean hasSource;
  private final boolean hasTarget;
  private final boolean receives;
  private final boolean sends;

  StepKind(boolean hasSource, boolean hasTarget, boolean receives, boolean sends) {
    this.hasSource = hasSource;
    this.hasTarget = hasTarget;
    this.receives = receives;
    this.sends = sends;
  }

  /// Returns whether the step reads a local operand.
  public boolean hasSource() {
    return hasSource;
  }

  /// Returns whether the step writes a local operand.
  public boolean hasTarget() {
    return hasTarget;
  }

  /// Returns whether the step receives a chunk from a peer.
  public boolean receives() {
    return receives;
  }

  /// Returns whether the step sends a chunk to a peer.
  public boolean sends() {
    return sends;
  }

  /// Returns whether the step applies the reduction operator.
  public boolean reduces() {
    return switch (this) {
      case REDUCE, RECV_REDUCE, RECV_REDUCE_SEND, RECV_REDUCE_FORWARD -> true;
      case COPY, SEND, RECV, RECV_FORWARD -> false;
    };
  }
}
