package dev.tutti.collectives.algorithm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/// Ranks in groups in larger groups, and who of each group keeps which part of the vector.
///
/// The vector is cut like a number with a digit for each level, the outermost level's digit being
/// the part that stands for the groups at the top. A group with k children gives each of them an
/// equal share of every digit's range; the child that has a digit is its *home*: what the group
/// reduces ends there. So the shares of the members of a group are equal in every range of the
/// levels above, whatever other groups do, and unequal groups only make the pieces of a digit
/// unequal. Example, groups {0 1} and {2 3 4}: the inner digit is cut at 1/3, 1/2 and 2/3; the
/// first group keeps the first two and the last two pieces, the second one, two and one.
///
/// Where groups of many sizes would cut a digit too fine, it is cut evenly, into as many pieces as
/// the largest has children; a child may then have a piece more than another.
final class Islands {
  private static final int UNITS = 1 << 20; // parts of a digit's range
  private static final int FINEST = 2; // pieces of a digit for each child of the largest group

  private final Group root;
  private final int levels;
  private final int[][] cuts; // by digit: start of each piece and the end, in units

  /// A group, or a rank, which has no children.
  ///
  /// @param rank the rank, -1 for a group
  /// @param children in the order of their first ranks
  /// @param members the ranks, ascending
  record Group(int rank, List<Group> children, int[] members) {
    /// Returns which child a rank belongs to.
    int childOf(int member) {
      for (int i = 0; i < children.size(); i++) {
        if (Arrays.binarySearch(children.get(i).members(), member) >= 0) {
          return i;
        }
      }
      throw new IllegalArgumentException("rank " + member + " is not in the group");
    }
  }

  /// Reads the groups.
  ///
  /// @param groupOf by level, the innermost first: the group of each rank
  /// @throws IllegalArgumentException if a group of one level is spread over several of the next
  Islands(int[]... groupOf) {
    for (int level = 0; level < groupOf.length; level++) {
      if (groupOf[level].length != groupOf[0].length) {
        throw new IllegalArgumentException(
            "level "
                + level
                + " of the groups has "
                + groupOf[level].length
                + " ranks, level 0 "
                + groupOf[0].length);
      }
    }
    for (int level = 0; level + 1 < groupOf.length; level++) {
      requireNested(groupOf, level);
    }
    levels = groupOf.length;
    root = group(IntStream.range(0, groupOf[0].length).toArray(), groupOf, levels - 1);
    cuts = new int[levels + 1][];
    for (int digit = 0; digit <= levels; digit++) {
      TreeSet<Integer> sizes = new TreeSet<>();
      collectSizes(root, digit, sizes);
      cuts[digit] = cuts(sizes);
    }
  }

  private static void requireNested(int[][] groupOf, int level) {
    Map<Integer, Integer> outer = new LinkedHashMap<>();
    for (int rank = 0; rank < groupOf[level].length; rank++) {
      Integer before = outer.putIfAbsent(groupOf[level][rank], groupOf[level + 1][rank]);
      if (before != null && before != groupOf[level + 1][rank]) {
        throw new IllegalArgumentException(
            "group "
                + groupOf[level][rank]
                + " of level "
                + level
                + " lies in groups "
                + before
                + " and "
                + groupOf[level + 1][rank]
                + " of level "
                + (level + 1)
                + ", expected one");
      }
    }
  }

  private static Group group(int[] members, int[][] groupOf, int level) {
    List<Group> children = new ArrayList<>();
    if (level < 0) {
      for (int member : members) {
        children.add(new Group(member, List.of(), new int[] {member}));
      }
    } else {
      Map<Integer, List<Integer>> byName = new LinkedHashMap<>();
      for (int member : members) {
        byName.computeIfAbsent(groupOf[level][member], _ -> new ArrayList<>()).add(member);
      }
      for (List<Integer> part : byName.values()) {
        int[] inside = part.stream().mapToInt(Integer::intValue).toArray();
        children.add(group(inside, groupOf, level - 1));
      }
    }
    return new Group(-1, children, members);
  }

  private static void collectSizes(Group group, int depth, Set<Integer> sizes) {
    if (depth == 0) {
      sizes.add(group.children().size());
    } else {
      group.children().forEach(child -> collectSizes(child, depth - 1, sizes));
    }
  }

  private static int[] cuts(Set<Integer> sizes) {
    TreeSet<Integer> all = new TreeSet<>(List.of(UNITS));
    for (int size : sizes) {
      for (int i = 0; i < size; i++) {
        all.add((int) ((long) UNITS * i / size));
      }
    }
    int largest = Collections.max(sizes);
    if (all.size() - 1 > FINEST * largest) {
      return IntStream.rangeClosed(0, largest)
          .map(i -> (int) ((long) UNITS * i / largest))
          .toArray();
    }
    return all.stream().mapToInt(Integer::intValue).toArray();
  }

  Group root() {
    return root;
  }

  /// Returns the number of digits: levels of groups, and the ranks of the innermost ones.
  int digits() {
    return levels + 1;
  }

  /// Returns the number of parts of the vector.
  int parts() {
    return Arrays.stream(cuts).mapToInt(c -> c.length - 1).reduce(1, Math::multiplyExact);
  }

  /// Returns what part of the vector a part is.
  double share(int part) {
    double share = 1;
    for (int digit = 0; digit < digits(); digit++) {
      int piece = piece(part, digit);
      share *= (double) (cuts[digit][piece + 1] - cuts[digit][piece]) / UNITS;
    }
    return share;
  }

  /// Returns which child of a group is at home for a part.
  ///
  /// @param depth of the group, 0 for the root
  int home(Group group, int depth, int part) {
    int piece = piece(part, depth);
    long middle = ((long) cuts[depth][piece] + cuts[depth][piece + 1]) / 2;
    return (int) (middle * group.children().size() / UNITS);
  }

  /// Returns the rank that keeps a part for a group.
  ///
  /// @param depth of the group, 0 for the root
  int keeper(Group group, int depth, int part) {
    Group at = group;
    for (int d = depth; at.rank() < 0; d++) {
      at = at.children().get(home(at, d, part));
    }
    return at.rank();
  }

  /// Returns a digit of a part's number; the outermost counts fastest.
  private int piece(int part, int digit) {
    int rest = part;
    for (int d = 0; d < digit; d++) {
      rest /= cuts[d].length - 1;
    }
    return rest % (cuts[digit].length - 1);
  }
}
