package dev.tutti.topology.format;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/// Text of an XML file within the limits of NCCL's parser, which is written by hand and stops at
/// each of them.
final class NcclXmlText {
  static final int MAX_ELEMENTS = 256;
  static final int MAX_ATTRIBUTES = 16;
  static final int MAX_CHARACTERS = 255;

  private final StringBuilder text = new StringBuilder();
  private final Deque<String> open = new ArrayDeque<>();
  private boolean inTag;
  private int elements;
  private int attributes;

  void open(String name) {
    endTag(">\n");
    text.repeat("  ", open.size()).append('<').append(name);
    open.push(name);
    inTag = true;
    attributes = 0;
    elements++;
  }

  /// Adds an attribute to the element opened last, unless the value is null.
  ///
  /// @throws IllegalArgumentException if NCCL cannot read it
  void attribute(String name, @Nullable String value) {
    if (value == null) {
      return;
    }
    if (value.length() > MAX_CHARACTERS) {
      throw new IllegalArgumentException(
          "NCCL reads attributes of at most "
              + MAX_CHARACTERS
              + " characters, but "
              + name
              + " of <"
              + open.peek()
              + "> has "
              + value.length());
    }
    if (value.contains("\"")) {
      throw new IllegalArgumentException(
          "NCCL reads no quotation mark in " + name + " of <" + open.peek() + ">: " + value);
    }
    if (++attributes > MAX_ATTRIBUTES) {
      throw new IllegalArgumentException(
          "NCCL reads at most " + MAX_ATTRIBUTES + " attributes of <" + open.peek() + ">");
    }
    text.append(' ').append(name).append("=\"");
    text.append(value.replace("&", "&amp;").replace("<", "&lt;")).append('"');
  }

  void close() {
    String name = open.pop();
    if (inTag) {
      endTag("/>\n");
    } else {
      text.repeat("  ", open.size()).append("</").append(name).append(">\n");
    }
  }

  private void endTag(String end) {
    if (inTag) {
      text.append(end);
      inTag = false;
    }
  }

  /// Returns the text.
  ///
  /// @throws IllegalArgumentException if it has more elements than NCCL reads
  String text() {
    if (elements > MAX_ELEMENTS) {
      throw new IllegalArgumentException(
          "NCCL reads at most " + MAX_ELEMENTS + " elements, but this host has " + elements);
    }
    return text.toString();
  }
}
