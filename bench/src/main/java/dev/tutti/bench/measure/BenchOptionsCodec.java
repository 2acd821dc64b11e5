package dev.tutti.bench.measure;

import dev.tutti.collectives.DataType;
import dev.tutti.collectives.ReduceOp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Options as the arguments of a worker process: `key=value`, lists separated by commas. Workers
/// need no command-line parser and start the faster for it.
public final class BenchOptionsCodec {
  private BenchOptionsCodec() {}

  /// Returns the arguments that [#decode] turns into these options.
  public static List<String> encode(BenchOptions options) {
    List<String> words = new ArrayList<>();
    words.add("collective=" + options.collective().name());
    words.add("ranks=" + options.ranks());
    words.add("mode=" + options.mode().name());
    words.add("sizes=" + join(options.sizes()));
    words.add("types=" + join(options.types()));
    words.add("ops=" + join(options.ops()));
    words.add("root=" + options.root());
    words.add("iterations=" + options.iterations());
    words.add("warmupIterations=" + options.warmupIterations());
    words.add("targetSeconds=" + options.targetSeconds());
    words.add("check=" + options.check());
    words.add("kinds=" + join(options.kinds()));
    words.add("placements=" + join(options.placements()));
    words.add("style=" + options.style().name());
    if (options.algorithm() != null) {
      words.add("algorithm=" + options.algorithm());
    }
    if (options.transport() != null) {
      words.add("transport=" + options.transport());
    }
    if (!options.late().isEmpty()) {
      List<String> late = new ArrayList<>();
      options.late().forEach((rank, seconds) -> late.add(rank + ":" + seconds));
      words.add("late=" + join(late));
    }
    return words;
  }

  private static String join(List<?> values) {
    return values.stream().map(BenchOptionsCodec::word).collect(Collectors.joining(","));
  }

  private static String word(Object value) {
    return value instanceof Enum<?> constant ? constant.name() : value.toString();
  }

  /// Returns the options that a list of arguments stands for.
  ///
  /// @throws IllegalArgumentException if they are not what [#encode] returned
  public static BenchOptions decode(List<String> words) {
    Map<String, String> values = new HashMap<>();
    for (String word : words) {
      int equals = word.indexOf('=');
      if (equals < 0) {
        throw new IllegalArgumentException("not a worker argument: " + word);
      }
      values.put(word.substring(0, equals), word.substring(equals + 1));
    }
    return new BenchOptions(
        BenchCollective.valueOf(get(values, "collective")),
        Integer.parseInt(get(values, "ranks")),
        RankMode.valueOf(get(values, "mode")),
        list(get(values, "sizes"), Long::valueOf),
        list(get(values, "types"), DataType::valueOf),
        list(get(values, "ops"), ReduceOp::valueOf),
        Integer.parseInt(get(values, "root")),
        Integer.parseInt(get(values, "iterations")),
        Integer.parseInt(get(values, "warmupIterations")),
        Double.parseDouble(get(values, "targetSeconds")),
        Boolean.parseBoolean(get(values, "check")),
        list(get(values, "kinds"), BufferKind::valueOf),
        list(get(values, "placements"), Placement::valueOf),
        CallStyle.valueOf(get(values, "style")),
        values.get("algorithm"),
        values.get("transport"),
        late(values.getOrDefault("late", "")));
  }

  private static SortedMap<Integer, Double> late(String text) {
    SortedMap<Integer, Double> late = new TreeMap<>();
    for (String word : list(text, Function.<String>identity())) {
      int colon = word.indexOf(':');
      late.put(
          Integer.valueOf(word.substring(0, colon)), Double.valueOf(word.substring(colon + 1)));
    }
    return late;
  }

  private static String get(Map<String, String> values, String key) {
    @Nullable String value = values.get(key);
    if (value == null) {
      throw new IllegalArgumentException("worker argument " + key + " is missing");
    }
    return value;
  }

  private static <T> List<T> list(String text, Function<String, T> parse) {
    return text.isEmpty() ? List.of() : Arrays.stream(text.split(",")).map(parse).toList();
  }
}
