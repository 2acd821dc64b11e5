package dev.tutti.collectives.schedule;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads one line of the format of [ScheduleText] from left to right.
final class TextCursor {
  private static final int MAX_DIGITS = 10;
  private static final int MAX_QUOTE = 24;

  private final String text;
  private final int line;
  private final boolean endOfText;
  private int position;

  TextCursor(String text, int line) {
    this(text, line, false);
  }

  private TextCursor(String text, int line, boolean endOfText) {
    this.text = text;
    this.line = line;
    this.endOfText = endOfText;
  }

  static TextCursor endOfText(int line) {
    return new TextCursor("", line, true);
  }

  boolean isEndOfText() {
    return endOfText;
  }

  boolean isBlankOrComment() {
    skipSpace();
    boolean skip = position == text.length() || text.charAt(position) == '#';
    position = 0;
    return skip;
  }

  boolean isAtEnd() {
    skipSpace();
    return position == text.length();
  }

  /// Returns whether the line begins with `rank <rank> lane`.
  boolean startsStepOf(int rank) {
    TextCursor ahead = new TextCursor(text, line);
    return ahead.accept("rank") && ahead.accept(Integer.toString(rank)) && ahead.accept("lane");
  }

  ScheduleFormatException error(String expected) {
    skipSpace();
    String found;
    if (endOfText) {
      found = "the end of the text";
    } else if (position == text.length()) {
      found = "the end of the line";
    } else {
      int end = Math.min(text.length(), position + MAX_QUOTE);
      found = "'" + text.substring(position, end) + "'";
    }
    return new ScheduleFormatException(line, position + 1, expected, found);
  }

  void expectEnd() {
    if (!isAtEnd()) {
      throw error("the end of the line");
    }
  }

  void expect(String word) {
    expect(word, "\"" + word + "\"");
  }

  void expect(String word, String expected) {
    if (!accept(word)) {
      throw error(expected);
    }
  }

  /// Skips a word if it comes next.
  boolean accept(String word) {
    skipSpace();
    if (!word().equals(word)) {
      return false;
    }
    position += word.length();
    return true;
  }

  void expectSymbol(String symbol) {
    skipSpace();
    if (!text.startsWith(symbol, position)) {
      throw error("\"" + symbol + "\"");
    }
    position += symbol.length();
  }

  Collective collective() {
    skipSpace();
    String label = word();
    Collective collective = Collective.named(label);
    if (collective == null) {
      throw error("a collective such as all-reduce");
    }
    position += label.length();
    return collective;
  }

  /// Reads a decimal number in a range.
  int number(String what, int min, int max) {
    skipSpace();
    int end = position;
    while (end < text.length() && isDigit(text.charAt(end))) {
      end++;
    }
    long value = -1;
    if (end > position && end - position <= MAX_DIGITS) {
      value = Long.parseLong(text, position, end, 10);
    }
    if (value < min || value > max) {
      throw error(what + (min == max ? " " + min : " in " + min + "..." + max));
    }
    position = end;
    return (int) value;
  }

  Step step() {
    StepKind kind = kind();
    Operand target = null;
    Operand source = null;
    int from = Step.NO_PEER;
    int to = Step.NO_PEER;
    if (kind.hasTarget()) {
      target = operand();
      expectSymbol(kind == StepKind.REDUCE ? "+=" : "=");
    }
    if (kind.hasSource()) {
      source = operand();
    }
    if (kind.receives()) {
      if (kind.hasSource()) {
        expectSymbol("+");
      }
      from = peer("<");
    }
    if (kind.sends()) {
      to = peer(">");
    }
    return new Step(kind, source, target, from, to, dependencies());
  }

  private StepKind kind() {
    skipSpace();
    String label = word();
    for (StepKind kind : StepKind.values()) {
      if (ScheduleText.format(kind).equals(label)) {
        position += label.length();
        return kind;
      }
    }
    throw error("a step such as recv-reduce");
  }

  private Operand operand() {
    skipSpace();
    Buffer buffer = position == text.length() ? null : buffer(text.charAt(position));
    if (buffer == null) {
      throw error("an operand such as O3");
    }
    position++;
    if (position == text.length() || !isDigit(text.charAt(position))) {
      throw error("the index of a chunk");
    }
    return new Operand(buffer, number("the index of a chunk", 0, Integer.MAX_VALUE));
  }

  static @Nullable Buffer buffer(char letter) {
    return switch (letter) {
      case 'I' -> Buffer.INPUT;
      case 'O' -> Buffer.OUTPUT;
      case 'S' -> Buffer.SCRATCH;
      default -> null;
    };
  }

  private int peer(String symbol) {
    expectSymbol(symbol);
    return number("a peer", 0, FormatLimits.MAX_RANKS);
  }

  private List<Dependency> dependencies() {
    List<Dependency> after = new ArrayList<>();
    if (!accept("after")) {
      return after;
    }
    do {
      if (after.size() == FormatLimits.MAX_DEPENDENCIES) {
        throw error("at most " + FormatLimits.MAX_DEPENDENCIES + " dependencies");
      }
      int lane = number("a lane", 0, Integer.MAX_VALUE);
      expectSymbol(".");
      after.add(new Dependency(lane, number("a step", 0, Integer.MAX_VALUE)));
    } while (!isAtEnd());
    return after;
  }

  private String word() {
    int end = position;
    while (end < text.length() && isWordCharacter(text.charAt(end))) {
      end++;
    }
    return text.substring(position, end);
  }

  private void skipSpace() {
    while (position < text.length() && isSpace(text.charAt(position))) {
      position++;
    }
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t' || c == '\r';
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isWordCharacter(char c) {
    return isDigit(c) || c == '-' || c == '/' || (c >= 'a' && c <= 'z');
  }
}
