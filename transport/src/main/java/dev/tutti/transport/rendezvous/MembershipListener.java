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

  /// The connection to the rendezvous broke: nothing more will be heard about the other ranks.
  ///
  /// Where a rank served the rendezvous, [#rankFailed] for that rank comes first.
  void serverLost(String cause);

  /// The rendezvous closed in order: nothing more will be heard, and nothing is wrong.
  default void serverClosed() {}
}
