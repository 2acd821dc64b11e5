package dev.tutti.bench;

import dev.tutti.bench.measure.BenchCollective;
import dev.tutti.bench.measure.BufferKind;
import dev.tutti.bench.measure.LateRanks;
import dev.tutti.bench.measure.Sizes;
import dev.tutti.topology.Degradation;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Words of the command line as values; a word that means nothing gets a message that says what
/// would.
final class Converters {
  private Converters() {}

  /// Sizes with K, M, G.
  static final class SizeConverter implements ITypeConverter<Long> {
    /// For picocli.
    SizeConverter() {}

    @Override
    public Long convert(String word) {
      try {
        return Sizes.parse(word);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  /// Collectives in kebab case; also as MPI and nccl-tests write them.
  static final class CollectiveConverter implements ITypeConverter<BenchCollective> {
    private static final Map<String, BenchCollective> OTHER_NAMES =
        Map.of(
            "p2p",
            BenchCollective.SEND_RECV,
            "stream",
            BenchCollective.SEND_STREAM,
            "bcast",
            BenchCollective.BROADCAST);

    /// For picocli.
    CollectiveConverter() {}

    @Override
    public BenchCollective convert(String word) {
      String letters = letters(word);
      for (BenchCollective each : BenchCollective.values()) {
        if (letters(each.label()).equals(letters)) {
          return each;
        }
      }
      BenchCollective other = OTHER_NAMES.get(letters);
      if (other == null) {
        List<String> labels =
            Arrays.stream(BenchCollective.values()).map(BenchCollective::label).toList();
        String meant = Suggestions.nearest(word, labels);
        throw new TypeConversionException(
            "unknown collective '"
                + word
                + "'; "
                + (meant == null
                    ? "there are " + String.join(", ", labels)
                    : "did you mean " + meant + "?"));
      }
      return other;
    }

    private static String letters(String word) {
      return word.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
    }
  }

  /// Ranks that are late, as RANK=TIME.
  static final class LateConverter implements ITypeConverter<LateRanks.Late> {
    /// For picocli.
    LateConverter() {}

    @Override
    public LateRanks.Late convert(String word) {
      try {
        return LateRanks.parse(word);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  /// What is left of a link or NIC.
  static final class DegradationConverter implements ITypeConverter<Degradation> {
    /// For picocli.
    DegradationConverter() {}

    @Override
    public Degradation convert(String word) {
      try {
        return Degradation.parse(word);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }

  /// Kinds of buffers in kebab case.
  static final class BufferKindConverter implements ITypeConverter<BufferKind> {
    /// For picocli.
    BufferKindConverter() {}

    @Override
    public BufferKind convert(String word) {
      for (BufferKind kind : BufferKind.values()) {
        if (kind.label().equals(word.toLowerCase(Locale.ROOT))) {
          return kind;
        }
      }
      throw new TypeConversionException(
          "unknown buffers '" + word + "'; there are foreign, huge-pages, registered");
    }
  }
}
