package dev.tutti.collectives.schedule;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/// Reads the format of [ScheduleJson] token by token; nothing is kept but the schedules.
final class JsonScheduleReader {
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(8)
                  .maxDocumentLength(1L << 30)
                  .maxNameLength(64)
                  .maxStringLength(256)
                  .maxNumberLength(32)
                  .build())
          .build();

  private final JsonParser parser;
  private int totalLanes;
  private int totalSteps;

  private @Nullable String schema;
  private @Nullable Collective collective;
  private @Nullable Integer ranks;
  private @Nullable Integer root;
  private @Nullable Partition partition;
  private @Nullable List<RankLanes> schedules;

  /// What the file says about one rank.
  private record RankLanes(int rank, int scratchCopies, List<Lane> lanes) {}

  private JsonScheduleReader(JsonParser parser) {
    this.parser = parser;
  }

  static ScheduleSet read(String json) {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
      return new JsonScheduleReader(parser).readSet();
    } catch (JacksonException e) {
      TokenStreamLocation at = e.getLocation();
      int line = at == null ? 1 : Math.max(1, at.getLineNr());
      int column = at == null ? 1 : Math.max(1, at.getColumnNr());
      throw new ScheduleFormatException(line, column, "well-formed JSON", e.getOriginalMessage());
    }
  }

  private ScheduleSet readSet() {
    next();
    expect(JsonToken.START_OBJECT, "an object");
    while (next() == JsonToken.PROPERTY_NAME) {
      readSetField(parser.currentName());
    }
    Collective ofSet = present(collective, "collective");
    int size = present(ranks, "ranks");
    int rootRank = present(root, "root");
    Partition chunks = present(partition, "partition");
    List<RankLanes> list = present(schedules, "schedules");
    present(schema, "schema");
    if (rootRank >= size) {
      throw error("root below " + size, Integer.toString(rootRank));
    }
    if (list.size() != size) {
      throw error(size + " schedules", Integer.toString(list.size()));
    }
    if (next() != null) {
      throw error("the end of the text");
    }
    return ScheduleSet.of(
        size,
        r -> {
          RankLanes rank = list.get(r);
          return new Schedule(ofSet, size, r, rootRank, chunks, rank.scratchCopies(), rank.lanes());
        });
  }

  private void readSetField(String name) {
    switch (name) {
      case "schema" -> {
        absent(schema);
        schema = nextString("\"" + FormatLimits.SCHEMA + "\"");
        if (!FormatLimits.SCHEMA.equals(schema)) {
          throw error("\"" + FormatLimits.SCHEMA + "\"");
        }
      }
      case "collective" -> {
        absent(collective);
        collective = nextCollective();
      }
      case "ranks" -> {
        absent(ranks);
        ranks = nextInt("number of ranks", 1, FormatLimits.MAX_RANKS);
      }
      case "root" -> {
        absent(root);
        root = nextInt("root", 0, FormatLimits.MAX_RANKS - 1);
      }
      case "partition" -> {
        absent(partition);
        partition = nextPartition();
      }
      case "schedules" -> {
        absent(schedules);
        schedules = nextSchedules();
      }
      default -> throw error("schema, collective, ranks, root, partition or schedules");
    }
  }

  private Collective nextCollective() {
    Collective collective = Collective.named(nextString("a collective"));
    if (collective == null) {
      throw error("a collective such as all-reduce");
    }
    return collective;
  }

  private Partition nextPartition() {
    next();
    expect(JsonToken.START_OBJECT, "an object");
    next();
    expect(JsonToken.PROPERTY_NAME, "even or weights");
    Partition result;
    switch (parser.currentName()) {
      case "even" -> result = Partition.even(nextInt("even", 1, FormatLimits.MAX_CHUNKS));
      case "weights" -> result = nextWeights();
      default -> throw error("even or weights");
    }
    next();
    expect(JsonToken.END_OBJECT, "the end of the partition");
    return result;
  }

  private Partition nextWeights() {
    next();
    expect(JsonToken.START_ARRAY, "an array");
    List<Long> weights = new ArrayList<>();
    long total = 0;
    while (next() != JsonToken.END_ARRAY) {
      if (weights.size() == FormatLimits.MAX_CHUNKS) {
        throw error("at most " + FormatLimits.MAX_CHUNKS + " chunks");
      }
      long weight = currentInt("weight", 0, (int) (Integer.MAX_VALUE - total));
      weights.add(weight);
      total += weight;
    }
    if (total == 0) {
      throw error("a weight that is not 0");
    }
    return Partition.weighted(weights.stream().mapToLong(Long::longValue).toArray());
  }

  private List<RankLanes> nextSchedules() {
    next();
    expect(JsonToken.START_ARRAY, "an array");
    List<RankLanes> list = new ArrayList<>();
    while (next() != JsonToken.END_ARRAY) {
      if (list.size() == FormatLimits.MAX_RANKS) {
        throw error("at most " + FormatLimits.MAX_RANKS + " ranks");
      }
      list.add(currentRank(list.size()));
    }
    return list;
  }

  private RankLanes currentRank(int expectedRank) {
    expect(JsonToken.START_OBJECT, "an object");
    Integer rank = null;
    Integer copies = null;
    List<Lane> lanes = null;
    while (next() == JsonToken.PROPERTY_NAME) {
      switch (parser.currentName()) {
        case "rank" -> {
          absent(rank);
          rank = nextInt("rank", expectedRank, expectedRank);
        }
        case "scratchCopies" -> {
          absent(copies);
          copies = nextInt("scratchCopies", 0, FormatLimits.MAX_SCRATCH_COPIES);
        }
        case "lanes" -> {
          absent(lanes);
          lanes = nextLanes();
        }
        default -> throw error("rank, scratchCopies or lanes");
      }
    }
    return new RankLanes(
        present(rank, "rank"), present(copies, "scratchCopies"), present(lanes, "lanes"));
  }

  private List<Lane> nextLanes() {
    next();
    expect(JsonToken.START_ARRAY, "an array");
    List<Lane> lanes = new ArrayList<>();
    while (next() != JsonToken.END_ARRAY) {
      expect(JsonToken.START_ARRAY, "an array of steps");
      if (totalLanes++ == FormatLimits.MAX_LANES) {
        throw error("at most " + FormatLimits.MAX_LANES + " lanes");
      }
      List<Step> steps = new ArrayList<>();
      while (next() != JsonToken.END_ARRAY) {
        if (totalSteps++ == FormatLimits.MAX_STEPS) {
          throw error("at most " + FormatLimits.MAX_STEPS + " steps");
        }
        steps.add(currentStep());
      }
      lanes.add(new Lane(steps));
    }
    return lanes;
  }

  private Step currentStep() {
    expect(JsonToken.START_OBJECT, "a step");
    StepKind kind = null;
    Operand source = null;
    Operand target = null;
    Integer from = null;
    Integer to = null;
    List<Dependency> after = null;
    while (next() == JsonToken.PROPERTY_NAME) {
      switch (parser.currentName()) {
        case "kind" -> {
          absent(kind);
          kind = nextKind();
        }
        case "source" -> {
          absent(source);
          source = nextOperand();
        }
        case "target" -> {
          absent(target);
          target = nextOperand();
        }
        case "from" -> {
          absent(from);
          from = nextInt("from", 0, FormatLimits.MAX_RANKS);
        }
        case "to" -> {
          absent(to);
          to = nextInt("to", 0, FormatLimits.MAX_RANKS);
        }
        case "after" -> {
          absent(after);
          after = nextDependencies();
        }
        default -> throw error("kind, source, target, from, to or after");
      }
    }
    StepKind k = present(kind, "kind");
    agree(k, "source", source, k.hasSource());
    agree(k, "target", target, k.hasTarget());
    agree(k, "from", from, k.receives());
    agree(k, "to", to, k.sends());
    return new Step(
        k,
        source,
        target,
        from == null ? Step.NO_PEER : from,
        to == null ? Step.NO_PEER : to,
        after == null ? List.of() : after);
  }

  private void agree(StepKind kind, String field, @Nullable Object value, boolean expected) {
    if ((value != null) != expected) {
      String label = ScheduleText.format(kind);
      String found = "a step that has " + (expected ? "none" : "one");
      throw error((expected ? "" : "no ") + field + " in a " + label + " step", found);
    }
  }

  private StepKind nextKind() {
    String label = nextString("a kind of step");
    for (StepKind kind : StepKind.values()) {
      if (ScheduleText.format(kind).equals(label)) {
        return kind;
      }
    }
    throw error("a kind of step such as recv-reduce");
  }

  private Operand nextOperand() {
    String text = nextString("an operand such as \"O3\"");
    Buffer buffer = text.isEmpty() ? null : TextCursor.buffer(text.charAt(0));
    long index = buffer == null ? -1 : parse(text.substring(1));
    if (buffer == null || index < 0 || index > Integer.MAX_VALUE) {
      throw error("an operand such as \"O3\"");
    }
    return new Operand(buffer, (int) index);
  }

  private List<Dependency> nextDependencies() {
    next();
    expect(JsonToken.START_ARRAY, "an array");
    List<Dependency> after = new ArrayList<>();
    while (next() != JsonToken.END_ARRAY) {
      if (after.size() == FormatLimits.MAX_DEPENDENCIES) {
        throw error("at most " + FormatLimits.MAX_DEPENDENCIES + " dependencies");
      }
      expect(JsonToken.START_ARRAY, "a dependency [lane, step]");
      int lane = nextInt("lane", 0, Integer.MAX_VALUE);
      int step = nextInt("step", 0, Integer.MAX_VALUE);
      next();
      expect(JsonToken.END_ARRAY, "the end of the dependency");
      after.add(new Dependency(lane, step));
    }
    return after;
  }

  private @Nullable JsonToken next() {
    return parser.nextToken();
  }

  private void expect(JsonToken token, String expected) {
    if (parser.currentToken() != token) {
      throw error(expected);
    }
  }

  private String nextString(String expected) {
    next();
    expect(JsonToken.VALUE_STRING, expected);
    return parser.getString();
  }

  private int nextInt(String what, int min, int max) {
    next();
    return currentInt(what, min, max);
  }

  private int currentInt(String what, int min, int max) {
    boolean isInt = parser.currentToken() == JsonToken.VALUE_NUMBER_INT;
    long value = isInt ? parse(parser.getString()) : -1;
    if (value < min || value > max) {
      throw error(what + (min == max ? " " + min : " in " + min + "..." + max));
    }
    return (int) value;
  }

  /// Returns the value of up to 10 digits, -1 for anything else.
  private static long parse(String digits) {
    if (digits.isEmpty() || digits.length() > 10) {
      return -1;
    }
    long value = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = digits.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }

  private void absent(@Nullable Object field) {
    if (field != null) {
      throw error("each field once");
    }
  }

  private <T> T present(@Nullable T field, String name) {
    if (field == null) {
      throw error("a field \"" + name + "\"");
    }
    return field;
  }

  private ScheduleFormatException error(String expected) {
    JsonToken token = parser.currentToken();
    if (token == null) {
      return error(expected, "the end of the text");
    }
    return switch (token) {
      case START_OBJECT, END_OBJECT, START_ARRAY, END_ARRAY -> error(expected, token.asString());
      default -> error(expected, parser.getString());
    };
  }

  private ScheduleFormatException error(String expected, @Nullable String found) {
    TokenStreamLocation at = parser.currentTokenLocation();
    return new ScheduleFormatException(
        Math.max(1, at.getLineNr()), Math.max(1, at.getColumnNr()), expected, "'" + found + "'");
  }
}
