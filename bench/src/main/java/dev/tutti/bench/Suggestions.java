package dev.tutti.bench;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/// Guesses what a mistyped word was meant to be.
final class Suggestions {
  private Suggestions() {}

  /// Returns the candidate that is nearest to a word, null if none is near: more than a third of
  /// the letters, or more than three, would have to change.
  static @Nullable String nearest(String word, Collection<String> candidates) {
    String nearest = null;
    int least = Math.min(3, (word.length() + 1) / 3) + 1;
    for (String candidate : candidates) {
      int distance = distance(word, candidate);
      if (distance < least) {
        nearest = candidate;
        least = distance;
      }
    }
    return nearest;
  }

  /// Returns the number of letters to insert, delete, replace or swap with their neighbour to make
  /// one word the other (optimal string alignment).
  static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int replaced = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        d[i][j] = Math.min(replaced, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        if (swapped) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
