package dev.tutti.bench.measure;

import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Ranks that come late to an operation, as the command line writes them: `3=500us`.
public final class LateRanks {
  private static final Pattern WORD = Pattern.compile("(\\d{1,9})=(\\d+(?:\\.\\d+)?)(us|ms|s)");
  private static final Map<String, Double> SECONDS = Map.of("us", 1e-6, "ms", 1e-3, "s", 1.0);

  private LateRanks() {}

  /// One rank and by how much it is late, in seconds.
  public record Late(int rank, double seconds) {}

  /// Reads one word.
  ///
  /// @throws IllegalArgumentException if it is none; the message says what was expected
  public static Late parse(String word) {
    Matcher matcher = WORD.matcher(word.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + word + "' names no late rank, expected RANK=TIME in us, ms or s, as 3=500us");
    }
    double unit = SECONDS.getOrDefault(matcher.group(3), 1.0);
    return new Late(
        Integer.parseInt(matcher.group(1)), Double.parseDouble(matcher.group(2)) * unit);
  }

  /// Returns seconds by rank; of several that name one rank the last counts.
  public static SortedMap<Integer, Double> of(List<Late> words) {
    SortedMap<Integer, Double> late = new TreeMap<>();
    words.forEach(each -> late.put(each.rank(), each.seconds()));
    return Collections.unmodifiableSortedMap(late);
  }

  /// Returns the words that [#parse] reads, by rank: `3=500us,5=20us`.
  public static String words(SortedMap<Integer, Double> late) {
    return late.entrySet().stream()
        .map(each -> each.getKey() + "=" + micros(each.getValue()) + "us")
        .collect(Collectors.joining(","));
  }

  /// Says who is late: `rank 3 by 500 us, rank 5 by 20 us`.
  public static String describe(SortedMap<Integer, Double> late) {
    return late.entrySet().stream()
        .map(each -> "rank " + each.getKey() + " by " + micros(each.getValue()) + " us")
        .collect(Collectors.joining(", "));
  }

  private static String micros(double seconds) {
    String text = String.format(Locale.ROOT, "%.3f", seconds * 1e6);
    return text.replaceAll("\\.?0+$", "");
  }
}
