package dev.tutti.collectives.record;

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
import tools.jackson.core.json.JsonFactory;

/// A JSON value with its place in the document, for errors that name the place.
///
/// @param place such as `operations[3].call`, empty for the whole
/// @param value a map, a list, a string, a long, a boolean, or null
record JsonTree(String place, @Nullable Object value) {
  private static final int MAX_DEPTH = 8;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxDocumentLength(1L << 28)
                  .maxNameLength(64)
                  .maxStringLength(1 << 16)
                  .maxNumberLength(32)
                  .build())
          .build();

  /// Reads a document that is one object.
  ///
  /// @throws RecordFormatException if it is not JSON; names line and column
  static JsonTree parse(String text) {
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
      JsonTree tree = new JsonTree("", value(parser, parser.nextToken()));
      if (parser.nextToken() != null) {
        throw new RecordFormatException("has something after its end, expected one JSON object");
      }
      return tree;
    } catch (JacksonException e) {
      TokenStreamLocation at = e.getLocation();
      String where =
          at == null ? "" : "line " + at.getLineNr() + ", column " + at.getColumnNr() + ": ";
      throw new RecordFormatException(
          where + "expected well-formed JSON: " + e.getOriginalMessage());
    }
  }

  private static @Nullable Object value(JsonParser parser, @Nullable JsonToken token) {
    if (token == null) {
      throw new RecordFormatException("is empty, expected a JSON object");
    }
    return switch (token) {
      case START_OBJECT -> {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
          String name = parser.currentName();
          object.put(name, value(parser, parser.nextToken()));
        }
        yield object;
      }
      case START_ARRAY -> {
        List<@Nullable Object> list = new ArrayList<>();
        for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
          list.add(value(parser, t));
        }
        yield list;
      }
      case VALUE_STRING -> parser.getString();
      case VALUE_NUMBER_INT -> parser.getLongValue();
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> null;
    };
  }

  /// Returns a mandatory property of an object.
  JsonTree get(String name) {
    JsonTree found = find(name);
    if (found == null) {
      throw new RecordFormatException(
          (place.isEmpty() ? "the document" : place) + " has no \"" + name + "\"");
    }
    return found;
  }

  /// Returns a property of an object, null if it has none.
  @Nullable JsonTree find(String name) {
    if (!(value instanceof Map<?, ?> object)) {
      throw expected("an object");
    }
    Object inner = object.get(name);
    return inner == null ? null : new JsonTree(place.isEmpty() ? name : place + "." + name, inner);
  }

  /// Returns the elements of an array.
  List<JsonTree> list() {
    if (!(value instanceof List<?> list)) {
      throw expected("an array");
    }
    List<JsonTree> elements = new ArrayList<>(list.size());
    for (int i = 0; i < list.size(); i++) {
      elements.add(new JsonTree(place + "[" + i + "]", list.get(i)));
    }
    return elements;
  }

  String text() {
    if (value instanceof String text) {
      return text;
    }
    throw expected("a string");
  }

  long number() {
    if (value instanceof Long number) {
      return number;
    }
    throw expected("a whole number");
  }

  /// Returns a number from `least` on.
  int number(int least, int most) {
    long number = number();
    if (number < least || number > most) {
      throw expected("a number from " + least + " to " + most);
    }
    return (int) number;
  }

  boolean flag() {
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw expected("true or false");
  }

  /// Returns the constant of an enum.
  <E extends Enum<E>> E constant(Class<E> type) {
    String name = text();
    for (E constant : type.getEnumConstants()) {
      if (DumpJson.name(constant).equals(name)) {
        return constant;
      }
    }
    throw expected(
        "one of " + List.of(type.getEnumConstants()).stream().map(DumpJson::name).toList());
  }

  private RecordFormatException expected(String what) {
    String is =
        value instanceof Map<?, ?>
            ? "an object"
            : value instanceof List<?> ? "an array" : String.valueOf(value);
    String shown = is.length() > 60 ? is.substring(0, 60) + "..." : is;
    return new RecordFormatException(
        (place.isEmpty() ? "the document" : place) + " is " + shown + ", expected " + what);
  }
}
