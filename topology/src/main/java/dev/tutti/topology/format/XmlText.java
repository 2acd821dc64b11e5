package dev.tutti.topology.format;

/// Text that XML can hold.
public final class XmlText {
  private XmlText() {}

  /// Returns a text in which every character that XML 1.0 has no place for is replaced by U+FFFD.
  /// An XML writer escapes the others.
  public static String clean(String text) {
    int legal = 0;
    while (legal < text.length() && isPlain(text.charAt(legal))) {
      legal++;
    }
    if (legal == text.length()) {
      return text;
    }
    StringBuilder clean = new StringBuilder(text.length());
    text.codePoints().forEach(point -> clean.appendCodePoint(isLegal(point) ? point : 0xFFFD));
    return clean.toString();
  }

  private static boolean isPlain(char character) {
    return character >= ' ' && character < 0xD800;
  }

  private static boolean isLegal(int point) {
    return point == '\t'
        || point == '\n'
        || point == '\r'
        || (point >= ' ' && point < 0xD800)
        || (point >= 0xE000 && point < 0xFFFE)
        || point >= 0x10000;
  }
}
