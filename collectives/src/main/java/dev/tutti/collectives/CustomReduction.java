package dev.tutti.collectives;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/// A reduction of the user's own, usable wherever a [ReduceOp] is.
///
/// ```java
/// Reduction maxLocation =                     // (float value, int index) packed in a long
///     CustomReduction.commutative("max-location", Combiner.ofLongs(Math::max), DataType.INT64);
/// world.allReduce(pairs, pairs, count, DataType.INT64, maxLocation);
/// ```
///
/// **Order.** The operator must be associative, as in `MPI_Op_create` (MPI-4.1, section 6.9.5,
/// where the function may not communicate either); where it is not quite, as with sums of floats,
/// the result depends on the plan as built-in sums do ([the option
/// `reproducibility`][CommunicatorConfig] holds for custom reductions, too). A *commutative* one
/// may be planned like a built-in. One in *rank order* gets the operands of lower ranks on the
/// left, always: only schedules that combine neighbouring ranges of ranks are planned for it.
///
/// **Elements.** Results are of the elements' type, and so are intermediate results: 16- and 8-bit
/// floats are not widened. A vector is cut between any two elements, so what belongs together must
/// be packed into one: 64 bits hold a float32 with an index, a complex float32, two halves of a
/// range.
///
/// **Agreement.** All ranks must pass reductions of the same name, kind (commutative or in rank
/// order) and type, else all get a [MismatchException]. Of the name 14 bits are compared, and none
/// in a [Communicator#reduce], whose root takes their place. The combiners are not compared: ranks
/// that do different things under one name get what that gives.
///
/// **Cost.** A call of the combiner allocates 176 bytes (the segments, and the arena that ends
/// their life) and takes a few tenths of a microsecond more than the arithmetic; everything else is
/// reused. Immutable.
public final class CustomReduction implements Reduction {
  private static final int MAX_NAME = 100;

  private final String name;
  private final boolean commutative;
  private final Combiner combiner;
  private final Set<DataType> types;

  private CustomReduction(
      String name, boolean commutative, Combiner combiner, DataType first, DataType[] more) {
    if (name.isBlank() || name.length() > MAX_NAME) {
      throw new IllegalArgumentException(
          "the name of a reduction is '" + name + "', expected 1 to " + MAX_NAME + " characters");
    }
    this.name = name;
    this.commutative = commutative;
    this.combiner = combiner;
    this.types = EnumSet.of(first, more);
  }

  /// Makes a reduction whose operands may come in any order.
  ///
  /// @param name what messages call it, and what ranks compare; 1 to 100 characters
  /// @param combiner what it does
  /// @param type a type that it works on
  /// @param more further ones
  public static CustomReduction commutative(
      String name, Combiner combiner, DataType type, DataType... more) {
    return new CustomReduction(name, true, combiner, type, more);
  }

  /// Makes a reduction whose operands come in the order of their ranks, lower ranks on the left.
  ///
  /// @param name what messages call it, and what ranks compare; 1 to 100 characters
  /// @param combiner what it does
  /// @param type a type that it works on
  /// @param more further ones
  public static CustomReduction inRankOrder(
      String name, Combiner combiner, DataType type, DataType... more) {
    return new CustomReduction(name, false, combiner, type, more);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean isCommutative() {
    return commutative;
  }

  /// Returns what it does.
  public Combiner combiner() {
    return combiner;
  }

  /// Returns whether it works on a type.
  public boolean supports(DataType type) {
    return types.contains(type);
  }

  /// Returns the types that it works on, for people.
  String describeTypes() {
    return Arrays.toString(types.toArray());
  }

  @Override
  public String toString() {
    return name;
  }
}
