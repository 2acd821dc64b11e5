package dev.tutti.bench.report;

/// Colours for verdicts; nothing else is coloured.
public enum Palette {
  /// Text as it is.
  PLAIN {
    @Override
    public String good(String text) {
      return text;
    }

    @Override
    public String bad(String text) {
      return text;
    }
  },
  /// ANSI escape sequences.
  ANSI {
    @Override
    public String good(String text) {
      return "\u001b[32m" + text + "\u001b[0m";
    }

    @Override
    public String bad(String text) {
      return "\u001b[1;31m" + text + "\u001b[0m";
    }
  };

  /// Marks a text as good news.
  public abstract String good(String text);

  /// Marks a text as bad news.
  public abstract String bad(String text);
}
