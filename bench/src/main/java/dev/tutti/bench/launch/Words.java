package dev.tutti.bench.launch;

import java.util.ArrayList;
import java.util.List;

/// Words of a command line, as a shell takes them apart and puts them together.
public final class Words {
  private Words() {}

  /// Cuts at blanks; `'...'` and `"..."` keep a word together.
  ///
  /// @throws IllegalArgumentException if a quote is not closed or there is no word
  public static List<String> split(String text) {
    List<String> result = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean inWord = false;
    char quote = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quote != 0 ? c == quote : c == '\'' || c == '"') {
        quote = quote == 0 ? c : 0;
        inWord = true;
      } else if (quote == 0 && Character.isWhitespace(c)) {
        if (inWord) {
          result.add(word.toString());
          word.setLength(0);
        }
        inWord = false;
      } else {
        word.append(c);
        inWord = true;
      }
    }
    if (quote != 0) {
      throw new IllegalArgumentException("a quote is not closed in: " + text);
    }
    if (inWord) {
      result.add(word.toString());
    }
    if (result.isEmpty()) {
      throw new IllegalArgumentException("there is no word");
    }
    return result;
  }

  /// Returns `word` such that a POSIX shell takes it literally, line feeds included.
  static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }
}
