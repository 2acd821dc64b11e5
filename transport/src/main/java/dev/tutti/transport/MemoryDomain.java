package dev.tutti.transport;

/// The memory of the ranks that share one host, as one of them sees it. Ranks of other hosts have
/// numbers, too, but no memory here.
///
/// Every rank owns a *region*, mapped by all. A *token* names a place in some rank's shared memory
/// in a way that every rank understands: the owner makes it with [#token], a peer turns it into an
/// address of its own with [#address]. Ranks are numbered as in the world.
///
/// [#allocate] and [#free] may be called from any thread.
public interface MemoryDomain extends AutoCloseable {
  /// Returns the transport's name: `shm` or `inproc`.
  String transport();

  /// Returns this rank.
  int rank();

  /// Returns the number of ranks.
  int size();

  /// Returns whether this rank shares memory with a rank; with itself it does.
  boolean reaches(int rank);

  /// Returns whether every peer that this rank shares memory with can read and write a range of
  /// this rank's memory in place.
  boolean isShared(long address, long bytes);

  /// Returns the token of an address of this rank that lies in shared memory.
  long token(long address);

  /// Returns where memory that `rank` named by `token` lies in this rank's address space.
  long address(int rank, long token);

  /// Allocates zeroed memory in this rank's region.
  ///
  /// @param bytes at least 0
  /// @param alignment a power of two, at most 2 MiB
  /// @throws OutOfMemoryError if the region is exhausted; says how to enlarge it
  long allocate(long bytes, long alignment);

  /// Backs a range of this rank's memory with pages now, huge ones where the kernel gives them, so
  /// that no page fault is left for the data path. Advisory: what the kernel refuses is faulted in
  /// later.
  void populate(long address, long bytes);

  /// Frees memory that [#allocate] returned and gives its pages back.
  void free(long address);

  /// Returns the process id of a peer, or -1 if it is a thread of this process.
  long processId(int rank);

  /// Unmaps the memory. Idempotent.
  @Override
  void close();
}
