package dev.tutti.transport.rendezvous.launch;

/// Which rank this process is, and where it stands among those of its host.
///
/// @param rank this rank
/// @param size number of ranks
/// @param localRank rank within this host, or -1 if the launcher does not say
/// @param localSize ranks on this host, or -1 if the launcher does not say
public record Placement(int rank, int size, int localRank, int localSize) {
  static Placement unplaced(int rank, int size) {
    return size == 1 ? new Placement(0, 1, 0, 1) : new Placement(rank, size, -1, -1);
  }

  /// Tells whether the launcher put all ranks on this host.
  public boolean isOneHost() {
    return localSize == size;
  }

  /// Tells whether the launcher put ranks on other hosts.
  public boolean isSeveralHosts() {
    return localSize != -1 && localSize != size;
  }
}
