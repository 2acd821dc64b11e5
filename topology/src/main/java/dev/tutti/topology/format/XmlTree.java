package dev.tutti.topology.format;

import dev.tutti.topology.TopologyFormatException;
import java.io.StringReader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.XMLConstants;
import javax.xml.stream.Location;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/// XML in which every element knows its place in the file, so that a complaint can name it.
///
/// Only elements and attributes are kept. A document type declaration is skipped and nothing that
/// it points at is fetched; declarations of and references to entities are refused.
final class XmlTree {
  private static final int MAX_DEPTH = 96;
  private static final int MAX_ATTRIBUTES = 64;
  private static final int MAX_ELEMENTS = 1_000_000;

  private final SourceFile file;
  private final TagFinder tags;
  private int elements;

  private XmlTree(SourceFile file) {
    this.file = file;
    this.tags = new TagFinder(file.text());
  }

  /// An element.
  ///
  /// @param name its name
  /// @param attributes in the order of the file
  /// @param children elements directly inside, in the order of the file
  /// @param place where its tag begins
  record Element(String name, Map<String, String> attributes, List<Element> children, Place place) {
    @Nullable String get(String attribute) {
      return attributes.get(attribute);
    }

    String require(String attribute) {
      String value = attributes.get(attribute);
      if (value == null) {
        throw place.wrong("missing attribute '" + attribute + "'");
      }
      return value;
    }

    List<Element> children(String childName) {
      return children.stream().filter(child -> child.name.equals(childName)).toList();
    }
  }

  /// Parses a file.
  ///
  /// @throws TopologyFormatException if the file is not well-formed, uses entities, or is too deep
  ///   or too large
  static Element parse(SourceFile file) {
    refuseEntities(file);
    try {
      XMLStreamReader reader = factory().createXMLStreamReader(new StringReader(file.text()));
      try {
        return new XmlTree(file).parse(reader);
      } finally {
        reader.close();
      }
    } catch (XMLStreamException e) {
      Location at = e.getLocation();
      throw new TopologyFormatException(
          file.name(),
          at == null ? 0 : Math.max(0, at.getLineNumber()),
          at == null ? 0 : Math.max(0, at.getColumnNumber()),
          "is no valid XML: " + reason(e));
    }
  }

  /// Returns the name of a file's first element without reading further; null if the file does not
  /// look like XML.
  static @Nullable String rootName(SourceFile file) {
    String text = file.text();
    if (!text.stripLeading().startsWith("<")) {
      return null;
    }
    TagFinder tags = new TagFinder(text);
    int begin = tags.nextTag() + 1;
    int end = begin;
    while (end < text.length() && Character.isJavaIdentifierPart(text.charAt(end))) {
      end++;
    }
    return begin == 0 || begin == end ? null : text.substring(begin, end);
  }

  private static XMLInputFactory factory() {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
    factory.setProperty(XMLConstants.ACCESS_EXTERNAL_DTD, "");
    return factory;
  }

  private static String reason(XMLStreamException e) {
    String message = String.valueOf(e.getMessage());
    int text = message.indexOf("Message: ");
    return (text < 0 ? message : message.substring(text + 9)).replace('\n', ' ');
  }

  // The parser skips an internal subset without a word, so it is looked for here.
  private static void refuseEntities(SourceFile file) {
    int doctype = TagFinder.doctype(file.text());
    if (doctype < 0) {
      return;
    }
    int end = TagFinder.endOfDoctype(file.text(), doctype);
    int entity = file.text().indexOf("<!ENTITY", doctype);
    if (entity >= 0 && entity < end) {
      TagFinder at = new TagFinder(file.text());
      at.moveTo(entity);
      int stop = file.text().indexOf('>', entity);
      String declaration =
          file.text()
              .substring(entity, Math.min(entity + 80, stop < 0 ? file.text().length() : stop + 1));
      throw new TopologyFormatException(
          file.name(),
          at.line(),
          at.column(),
          "declares an entity (" + declaration + "), which is refused");
    }
  }

  private Element parse(XMLStreamReader reader) throws XMLStreamException {
    Deque<Element> open = new ArrayDeque<>();
    Deque<Map<String, Integer>> counts = new ArrayDeque<>();
    Element root = null;
    while (reader.hasNext()) {
      switch (reader.next()) {
        case XMLStreamConstants.START_ELEMENT -> {
          Element element = element(reader, open.peek(), counts.peek());
          if (root == null) {
            root = element;
          }
          open.push(element);
          counts.push(new HashMap<>());
          if (open.size() > MAX_DEPTH) {
            throw element.place().wrong("is deeper than " + MAX_DEPTH + " elements");
          }
        }
        case XMLStreamConstants.END_ELEMENT -> {
          open.pop();
          counts.pop();
        }
        case XMLStreamConstants.ENTITY_REFERENCE ->
            throw new TopologyFormatException(
                file.name(),
                reader.getLocation().getLineNumber(),
                reader.getLocation().getColumnNumber(),
                "refers to the entity '" + reader.getLocalName() + "', which is refused");
        default -> {}
      }
    }
    if (root == null) {
      throw new TopologyFormatException(file.name(), 0, 0, "has no element");
    }
    return root;
  }

  private Element element(
      XMLStreamReader reader, @Nullable Element parent, @Nullable Map<String, Integer> counts) {
    String name = reader.getLocalName();
    tags.nextTag();
    Place place = new Place(file.name(), tags.line(), tags.column(), path(name, parent, counts));
    if (++elements > MAX_ELEMENTS) {
      throw place.wrong("the file has more than " + MAX_ELEMENTS + " elements");
    }
    if (reader.getAttributeCount() > MAX_ATTRIBUTES) {
      throw place.wrong(
          "has " + reader.getAttributeCount() + " attributes, expected at most " + MAX_ATTRIBUTES);
    }
    Map<String, String> attributes = new LinkedHashMap<>();
    for (int i = 0; i < reader.getAttributeCount(); i++) {
      attributes.put(reader.getAttributeLocalName(i), reader.getAttributeValue(i));
    }
    Element element =
        new Element(name, Collections.unmodifiableMap(attributes), new ArrayList<>(), place);
    if (parent != null) {
      parent.children().add(element);
    }
    return element;
  }

  private static String path(
      String name, @Nullable Element parent, @Nullable Map<String, Integer> counts) {
    if (parent == null || counts == null) {
      return name;
    }
    int index = counts.merge(name, 1, Integer::sum) - 1;
    return parent.place().path() + "/" + name + "[" + index + "]";
  }

  /// Finds where tags begin. The parser tells only where they end.
  private static final class TagFinder {
    private final String text;
    private int next;
    private int counted;
    private int line = 1;
    private int lineStart;

    TagFinder(String text) {
      this.text = text;
      int doctype = doctype(text);
      next = doctype < 0 ? 0 : endOfDoctype(text, doctype);
    }

    int line() {
      return line;
    }

    int column() {
      return counted - lineStart + 1;
    }

    /// Goes to the next tag that begins an element and returns where it is, -1 if there is none.
    int nextTag() {
      int at = text.indexOf('<', next);
      while (at >= 0) {
        int skipped = skip(text, at);
        if (skipped == at) {
          moveTo(at);
          next = at + 1;
          return at;
        }
        at = text.indexOf('<', skipped);
      }
      return -1;
    }

    /// Counts lines up to a place.
    void moveTo(int at) {
      for (; counted < at; counted++) {
        if (text.charAt(counted) == '\n') {
          line++;
          lineStart = counted + 1;
        }
      }
    }

    /// Returns the end of a comment, instruction, CDATA section or end tag that begins here; the
    /// same place if a start tag does.
    private static int skip(String text, int at) {
      if (text.startsWith("<!--", at)) {
        return after(text, "-->", at + 4);
      }
      if (text.startsWith("<?", at)) {
        return after(text, "?>", at);
      }
      if (text.startsWith("<![CDATA[", at)) {
        return after(text, "]]>", at);
      }
      return text.startsWith("</", at) ? at + 2 : at;
    }

    private static int after(String text, String mark, int from) {
      int at = text.indexOf(mark, from);
      return at < 0 ? text.length() : at + mark.length();
    }

    /// Returns where the document type declaration begins, -1 if there is none.
    static int doctype(String text) {
      int at = text.indexOf('<');
      while (at >= 0) {
        if (text.startsWith("<!DOCTYPE", at)) {
          return at;
        }
        int skipped = skip(text, at);
        if (skipped == at) {
          return -1;
        }
        at = text.indexOf('<', skipped);
      }
      return -1;
    }

    /// Returns what comes behind a document type declaration.
    static int endOfDoctype(String text, int doctype) {
      int depth = 0;
      for (int at = doctype; at < text.length(); at++) {
        switch (text.charAt(at)) {
          case '"', '\'' -> {
            int close = text.indexOf(text.charAt(at), at + 1);
            at = close < 0 ? text.length() : close;
          }
          case '<' -> {
            int skipped = skip(text, at);
            if (skipped > at) {
              at = skipped - 1;
            } else {
              depth++;
            }
          }
          case '>' -> {
            if (--depth == 0) {
              return at + 1;
            }
          }
          default -> {}
        }
      }
      return text.length();
    }
  }
}
