package dev.tutti.collectives;

import dev.tutti.collectives.kernel.Dither;
import dev.tutti.collectives.kernel.WireCodec;
import dev.tutti.collectives.kernel.WireCodec.Format;
import dev.tutti.collectives.schedule.Collective;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What the option `wire` says: how sums of float32 travel between hosts.
///
/// @param format what elements are encoded in, null for nothing
/// @param isRandom whether they are rounded at random
/// @param seed of the random numbers
record WireEncoding(@Nullable Format format, boolean isRandom, long seed) {
  /// Nothing is encoded.
  static final WireEncoding NONE = new WireEncoding(null, false, 0);

  /// Vectors below this are not worth it: they are bound by latency.
  private static final long LEAST_BYTES = 16 << 10;

  private static final String LEVEL = "between-hosts:";
  private static final String RANDOM = ":stochastic";

  /// Reads `none` or `[between-hosts:]FORMAT[:stochastic]`.
  ///
  /// @throws IllegalArgumentException if it is something else
  static WireEncoding parse(String value, long seed) {
    if (value.equals("none")) {
      return NONE;
    }
    String rest = value.startsWith(LEVEL) ? value.substring(LEVEL.length()) : value;
    boolean random = rest.endsWith(RANDOM);
    String name = random ? rest.substring(0, rest.length() - RANDOM.length()) : rest;
    for (Format format : Format.values()) {
      boolean canBeRandom = format == Format.BFLOAT16 || format == Format.INT8;
      if (name.equals(nameOf(format)) && (!random || canBeRandom)) {
        return new WireEncoding(format, random, seed);
      }
    }
    throw new IllegalArgumentException(
        "tutti.wire is \""
            + value
            + "\", expected none or [between-hosts:]FORMAT with FORMAT one of "
            + Arrays.stream(Format.values()).map(WireEncoding::nameOf).toList()
            + ", bfloat16 and int8 possibly followed by :stochastic");
  }

  private static String nameOf(Format format) {
    return format.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// Returns whether an operation between hosts is encoded.
  boolean takes(Collective collective, DataType type, ReduceOp op, long vectorBytes) {
    boolean sums = op == ReduceOp.SUM || op == ReduceOp.AVG || op == ReduceOp.PRE_MUL_SUM;
    return format != null
        && (collective == Collective.ALL_REDUCE || collective == Collective.REDUCE_SCATTER)
        && type == DataType.FLOAT32
        && sums
        && vectorBytes >= LEAST_BYTES;
  }

  /// Returns what encodes.
  WireCodec codec() {
    if (format == null) {
      throw new IllegalStateException("nothing is encoded");
    }
    return new WireCodec(format);
  }

  /// Returns what rounds.
  Dither dither() {
    return isRandom ? new Dither(seed) : Dither.NONE;
  }

  @Override
  public String toString() {
    return format == null ? "none" : nameOf(format) + (isRandom ? RANDOM + " seed " + seed : "");
  }
}
