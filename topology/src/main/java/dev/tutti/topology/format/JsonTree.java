package dev.tutti.topology.format;

import dev.tutti.topology.Finding;
import dev.tutti.topology.TopologyFormatException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

/// JSON in which every value knows its place in the file, so that a complaint can name it.
final class JsonTree {
  private static final int MAX_DEPTH = 64;

  private JsonTree() {}

  /// A value of a file.
  sealed interface Value {
    /// Returns where the value begins.
    Place place();
  }

  /// An object.
  record Members(Place place, Map<String, Value> values) implements Value {
    @Nullable Value get(String key) {
      return values.get(key);
    }

    Value require(String key) {
      Value value = values.get(key);
      if (value == null) {
        throw place.wrong("missing '" + key + "'");
      }
      return value;
    }

    /// Returns a string or a number as it is written; null if it is missing or null.
    @Nullable String text(String key) {
      return switch (values.get(key)) {
        case null -> null;
        case Scalar scalar -> scalar.text();
        case Value other -> throw other.place().wrong("expected a string or number");
      };
    }

    String requireText(String key) {
      String text = text(key);
      if (text == null) {
        throw place.wrong("missing '" + key + "'");
      }
      return text;
    }

    /// Returns a whole number, also one written as a string.
    int requireInt(String key) {
      String text = requireText(key);
      try {
        return Integer.parseInt(text.strip());
      } catch (NumberFormatException _) {
        throw require(key).place().wrong("is '" + text + "', expected a whole number");
      }
    }

    /// Returns a number, also one written as a string; null if it is missing or null.
    @Nullable Double number(String key) {
      String text = text(key);
      if (text == null) {
        return null;
      }
      try {
        return Double.valueOf(text.strip());
      } catch (NumberFormatException _) {
        throw require(key).place().wrong("is '" + text + "', expected a number");
      }
    }

    /// Returns a number, also one written as a string.
    double requireNumber(String key) {
      Double number = number(key);
      if (number == null) {
        throw place.wrong("missing '" + key + "'");
      }
      return number;
    }

    /// Checks that this is the beginning of a format of ours.
    void requireFormat(String mark, int version) {
      String format = requireText("format");
      if (!format.equals(mark)) {
        throw require("format").place().wrong("is '" + format + "', expected '" + mark + "'");
      }
      int number = requireInt("version");
      if (number != version) {
        throw require("version")
            .place()
            .wrong("is " + number + ", but this reads version " + version + " only");
      }
    }

    /// Returns the elements of an array; none if it is missing or null.
    List<Value> list(String key) {
      return switch (values.get(key)) {
        case null -> List.of();
        case Scalar scalar when scalar.text() == null -> List.of();
        case Elements elements -> elements.values();
        case Value other -> throw other.place().wrong("expected an array");
      };
    }

    /// Returns the elements of an array of objects; none if it is missing.
    List<Members> objects(String key) {
      return list(key).stream().map(JsonTree::object).toList();
    }

    /// Returns an object; null if it is missing.
    @Nullable Members object(String key) {
      Value value = values.get(key);
      return value == null ? null : JsonTree.object(value);
    }
  }

  /// An array.
  record Elements(Place place, List<Value> values) implements Value {}

  /// A string, number, true, false (all as they are written) or null.
  record Scalar(Place place, @Nullable String text) implements Value {}

  static Members object(Value value) {
    if (value instanceof Members members) {
      return members;
    }
    throw value.place().wrong("expected an object");
  }

  /// Parses a file. What is not JSON but common in hand-written files (a comma behind the last
  /// element, comments) is taken with a warning.
  ///
  /// @param findings takes the warnings
  /// @throws TopologyFormatException if the file is not JSON
  static Value parse(SourceFile file, List<Finding> findings) {
    try {
      return parse(file, strict());
    } catch (JacksonException strict) {
      try {
        Value value = parse(file, lenient());
        findings.add(Finding.warning(at(file, strict), "is no valid JSON: " + reason(strict)));
        return value;
      } catch (JacksonException _) {
        TokenStreamLocation at = strict.getLocation();
        throw new TopologyFormatException(
            file.name(), line(at), column(at), "is no valid JSON: " + reason(strict));
      }
    }
  }

  private static JsonFactory strict() {
    return JsonFactory.builder().streamReadConstraints(constraints()).build();
  }

  private static JsonFactory lenient() {
    return JsonFactory.builder()
        .streamReadConstraints(constraints())
        .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
        .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
        .enable(JsonReadFeature.ALLOW_YAML_COMMENTS)
        .build();
  }

  private static StreamReadConstraints constraints() {
    return StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build();
  }

  private static Value parse(SourceFile file, JsonFactory factory) {
    try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), file.text())) {
      parser.nextToken();
      Value value = value(file, parser, "");
      if (parser.nextToken() != null) {
        throw new StreamReadException(parser, "there is more behind the end");
      }
      return value;
    }
  }

  private static Value value(SourceFile file, JsonParser parser, String path) {
    TokenStreamLocation at = parser.currentTokenLocation();
    Place place = new Place(file.name(), line(at), column(at), path);
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(file, parser, place);
      case START_ARRAY -> array(file, parser, place);
      case VALUE_NULL -> new Scalar(place, null);
      case null -> throw new StreamReadException(parser, "the file is empty");
      default -> new Scalar(place, parser.getString());
    };
  }

  private static Members object(SourceFile file, JsonParser parser, Place place) {
    Map<String, Value> values = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      parser.nextToken();
      String path = place.path().isEmpty() ? key : place.path() + "." + key;
      if (values.put(key, value(file, parser, path)) != null) {
        throw new StreamReadException(parser, "there are two '" + key + "' in one object");
      }
    }
    return new Members(place, values);
  }

  private static Elements array(SourceFile file, JsonParser parser, Place place) {
    List<Value> values = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      values.add(value(file, parser, place.path() + "[" + values.size() + "]"));
    }
    return new Elements(place, values);
  }

  private static String at(SourceFile file, JacksonException e) {
    return TopologyFormatException.place(
        file.name(), line(e.getLocation()), column(e.getLocation()));
  }

  private static String reason(JacksonException e) {
    String message = e.getOriginalMessage();
    return message == null ? "it ends too early" : message.replace('\n', ' ');
  }

  private static int line(@Nullable TokenStreamLocation at) {
    return at == null ? 0 : at.getLineNr();
  }

  private static int column(@Nullable TokenStreamLocation at) {
    return at == null ? 0 : at.getColumnNr();
  }
}
