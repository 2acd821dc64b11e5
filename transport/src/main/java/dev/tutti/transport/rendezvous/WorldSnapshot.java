package dev.tutti.transport.rendezvous;

import java.util.List;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/// What one rank knows of its world at the moment in which it loses its server.
///
/// @param world tells worlds apart
/// @param term the term of the lost server
/// @param rank this rank
/// @param worldSize how many ranks were given out
/// @param cards what the ranks told when they joined
/// @param gone who is gone
/// @param lost the server's own departure; null where no rank served, or the rank is in `gone`
/// @param abort the news that the job is to end
record WorldSnapshot(
    long world,
    int term,
    int rank,
    int worldSize,
    NavigableMap<Integer, MemberCard> cards,
    NavigableMap<Integer, Departure> gone,
    @Nullable Departure lost,
    @Nullable Abort abort) {

  /// Returns the ranks that should be alive, ascending, this one among them.
  List<Integer> candidates() {
    int lostRank = lost == null ? -1 : lost.rank();
    return cards.keySet().stream()
        .filter(rank -> rank != lostRank && !gone.containsKey(rank))
        .toList();
  }
}
