package dev.tutti.topology.bound;

import dev.tutti.topology.Topology;
import org.jspecify.annotations.Nullable;

/// The least time of a collective that moves large buffers over a topology, by bandwidth alone.
///
/// What counts are capacities: latencies, adding up and copying cost nothing, data can be cut into
/// as many pieces as one likes, links work in both directions at once, ranks pass on and add up
/// what they receive. Nodes without ranks only forward: switches that multiply or add up data
/// themselves (SHARP, NVLS) may do better. A link carries what it was measured to carry, else what
/// it should; one of which neither is known is taken to be no bottleneck, and so is everything
/// inside a node.
///
/// @param movement the collective
/// @param ranks number of ranks
/// @param secondsPerByte least seconds for each byte of the buffer; infinite if there is no way, 0
///   if nothing known limits. The buffer is the full vector, as nccl-tests count: of an all-gather
///   what every rank has in the end, of a reduce-scatter what it has at the start
/// @param proof how sure that is
/// @param cut what limits; null if it is not a single cut, or nothing limits
public record Optimum(
    Movement movement, int ranks, double secondsPerByte, Proof proof, @Nullable LimitingCut cut) {

  /// How sure an optimum is.
  public enum Proof {
    /// Every cut was considered, and what the worst one allows can be reached.
    CUT("exact, by maximum flows"),
    /// A linear program was solved.
    LINEAR_PROGRAM("exact, by a linear program"),
    /// Nothing can be faster, but perhaps nothing reaches it: not every cut was considered.
    LOWER_BOUND("a bound that may be out of reach, because not every cut was considered"),
    /// No link between ranks is known to limit.
    NOTHING_KNOWN("no capacity between ranks is known"),
    /// Some ranks cannot reach others.
    NO_WAY("there is no way between some ranks");

    private final String words;

    Proof(String words) {
      this.words = words;
    }

    /// Returns it in words for people.
    public String words() {
      return words;
    }

    /// Tells whether the optimum can be reached and not be beaten.
    public boolean isExact() {
      return this == CUT || this == LINEAR_PROGRAM;
    }
  }

  /// Computes the optimum of a collective without a root.
  ///
  /// @throws IllegalArgumentException if the collective has a root
  public static Optimum of(Topology topology, Movement movement) {
    if (movement.isRooted()) {
      throw new IllegalArgumentException(movement.label() + " needs a root");
    }
    return new OptimumSearch(topology, movement, -1).optimum();
  }

  /// Computes the optimum of a collective with a root.
  ///
  /// @throws IllegalArgumentException if the collective has no root, or the root no place in the
  ///   topology
  public static Optimum of(Topology topology, Movement movement, int root) {
    if (!movement.isRooted()) {
      throw new IllegalArgumentException(movement.label() + " has no root");
    }
    return new OptimumSearch(topology, movement, root).optimum();
  }

  /// Returns the least seconds for a buffer.
  ///
  /// @param bytes of the full vector
  public double seconds(double bytes) {
    return bytes == 0 ? 0 : bytes * secondsPerByte;
  }

  /// Returns the highest algorithm bandwidth in bytes/s: buffer over time.
  public double algorithmBytesPerSecond() {
    return 1 / secondsPerByte;
  }

  /// Returns the highest bus bandwidth in bytes/s, as nccl-tests define it.
  public double busBytesPerSecond() {
    return movement.busFactor(ranks) / secondsPerByte;
  }

  /// Tells whether there is a number to compare with: ranks reach each other over links of known
  /// capacity.
  public boolean isLimited() {
    return proof != Proof.NOTHING_KNOWN && proof != Proof.NO_WAY;
  }
}
