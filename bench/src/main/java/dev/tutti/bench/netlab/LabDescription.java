package dev.tutti.bench.netlab;

import dev.tutti.bench.netlab.LabSpec.Scenario;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A [LabSpec] as a line of text that the kernel keeps as the alias of an interface.
///
/// ```
/// scenario=racks rates=1gbit,1gbit,1gbit,1gbit racks=0,0,1,1 trunk=200mbit
/// scenario=pods rates=150mbit*8 racks=01120332 pods=0110 trunk=100mbit podtrunk=100mbit
/// ```
///
/// `racks` has the rack of each host, `pods` the pod of each rack. Where there are more than two
/// racks a character stands for each, 0 to 9 and then a to z, because the kernel keeps 255 of them.
final class LabDescription {
  /// Longest description; the kernel keeps a little more.
  static final int MOST_CHARACTERS = 240;

  /// Most numbers that a character each can tell apart.
  static final int DIGITS = Character.MAX_RADIX;

  private static final int FEW = 4;

  private final String text;
  private final Map<String, String> fields = new HashMap<>();

  private LabDescription(String text) {
    this.text = text;
    for (String word : text.strip().split("\\s+")) {
      int equals = word.indexOf('=');
      if (equals <= 0) {
        throw wrong("'" + word + "' is no key=value");
      }
      fields.put(word.substring(0, equals), word.substring(equals + 1));
    }
  }

  /// Returns the text that [#read] reads.
  static String write(LabSpec spec) {
    boolean isTree = spec.isTree();
    StringBuilder text = new StringBuilder();
    text.append("scenario=").append(spec.scenario().label());
    text.append(" rates=").append(rates(spec.rates()));
    text.append(" racks=").append(isTree ? digits(spec.racks()) : joined(spec.racks()));
    if (spec.podCount() > 1) {
      text.append(" pods=").append(digits(spec.pods()));
    }
    append(text, " trunk=", spec.trunk());
    append(text, " podtrunk=", spec.podTrunk());
    append(text, " congestion=", spec.congestion());
    return text.toString();
  }

  private static void append(StringBuilder text, String key, @Nullable Object value) {
    if (value != null) {
      text.append(key).append(value);
    }
  }

  private static String rates(List<BitRate> rates) {
    List<String> words = new ArrayList<>();
    for (int i = 0, end; i < rates.size(); i = end) {
      BitRate rate = rates.get(i);
      end = i + 1;
      while (end < rates.size() && rates.get(end).equals(rate)) {
        end++;
      }
      int equal = end - i;
      words.addAll(equal > FEW ? List.of(rate + "*" + equal) : copies(rate.toString(), equal));
    }
    return String.join(",", words);
  }

  private static List<String> copies(String word, int count) {
    return Collections.nCopies(count, word);
  }

  private static String digits(List<Integer> numbers) {
    return numbers.stream()
        .map(number -> String.valueOf(Character.forDigit(number, DIGITS)))
        .collect(Collectors.joining());
  }

  private static String joined(List<Integer> numbers) {
    return numbers.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  /// Reads what [#write] wrote.
  ///
  /// @throws IllegalArgumentException if it is something else
  static LabSpec read(String text) {
    return new LabDescription(text).read();
  }

  private LabSpec read() {
    List<BitRate> rates = new ArrayList<>();
    for (String word : field("rates").split(",")) {
      String[] parts = word.split("\\*");
      int count = parts.length == 1 ? 1 : number(parts[1]);
      rates.addAll(Collections.nCopies(count, BitRate.parse(parts[0])));
    }
    List<Integer> racks = numbers(field("racks"));
    String pods = fields.get("pods");
    int rackCount = Collections.max(racks) + 1;
    return new LabSpec(
        Scenario.valueOf(field("scenario").toUpperCase(Locale.ROOT)),
        rates,
        racks,
        pods == null ? Collections.nCopies(rackCount, 0) : numbers(pods),
        rate("trunk"),
        rate("podtrunk"),
        fields.get("congestion"));
  }

  private List<Integer> numbers(String value) {
    List<Integer> numbers = new ArrayList<>();
    if (value.contains(",")) {
      for (String word : value.split(",")) {
        numbers.add(number(word));
      }
    } else {
      value.chars().forEach(digit -> numbers.add(Character.digit(digit, DIGITS)));
    }
    return numbers;
  }

  private int number(String word) {
    if (!word.matches("[0-9]{1,2}")) {
      throw wrong("'" + word + "' is not a number from 0 to 99");
    }
    return Integer.parseInt(word);
  }

  private @Nullable BitRate rate(String key) {
    String value = fields.get(key);
    return value == null ? null : BitRate.parse(value);
  }

  private String field(String key) {
    String value = fields.get(key);
    if (value == null || value.isEmpty()) {
      throw wrong("no " + key);
    }
    return value;
  }

  private IllegalArgumentException wrong(String why) {
    return new IllegalArgumentException("'" + text + "' does not describe a lab: " + why);
  }
}
