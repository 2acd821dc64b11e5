package dev.tutti.transport.rendezvous;

/// Hears what happens to the other ranks of a world.
///
/// All calls come from one daemon thread of the [Membership], one after the other, in the order in
/// which the rendezvous saw the events. A callback may block, at the price of delaying the next.
public interface MembershipListener {
  /// A rank is gone without a goodbye: killed, crashed, or cut off. Called once per rank.
  void rankFailed(int rank, String cause);

  /// A rank said goodbye. Called once per rank.
  void rankLeft(int rank);

  /// A rank called [Membership#abort]. Not called on the rank that did.
  void aborted(int byRank, String reason);

  /// The rendezvous is lost and no rank takes over: nothing more will be heard about the others.
  ///
  /// Where a rank served the rendezvous, [#rankFailed] for that rank comes first.
  void serverLost(String cause);

  /// The rendezvous closed in order: nothing more will be heard, and nothing is wrong.
  default void serverClosed() {}

  /// The rendezvous is served by another rank now; whoever died with the last was reported.
  ///
  /// A gather that was under way has failed; agreements go on.
  default void serverMoved(int toRank) {}

  /// The others have declared this rank dead, because they could not hear it: its process stood
  /// still, or the network was cut. Nothing more will be heard; this rank must not go on.
  default void evicted(String cause) {
    serverLost("the other ranks have declared this rank dead: " + cause);
  }

  /// A newcomer was admitted. Not called on the newcomer itself.
  ///
  /// @param card what it told when it joined
  default void rankJoined(int rank, byte[] card) {}

  /// A rank sent a report, see [Membership#tell].
  default void told(int fromRank, long tag, byte[] payload) {}
}
