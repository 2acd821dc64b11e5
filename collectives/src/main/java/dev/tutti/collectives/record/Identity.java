package dev.tutti.collectives.record;

import java.util.List;

/// Whose operations are recorded.
///
/// @param communicator its name, the same on all its ranks: `world`, or `world.2.0` for the part
///   with color 0 of the world's split number 2
/// @param rank this rank in it
/// @param members rank in the world of each of its ranks
/// @param transport how they communicate
/// @param host name of this host
/// @param hostId equal on all processes of one boot of one host, and on no others
/// @param processId this process
/// @param job the launcher's name for the job, empty if there is none
public record Identity(
    String communicator,
    int rank,
    List<Integer> members,
    String transport,
    String host,
    String hostId,
    long processId,
    String job) {
  /// Makes an identity.
  public Identity {
    members = List.copyOf(members);
  }

  /// Returns the number of ranks.
  public int size() {
    return members.size();
  }
}
