package dev.tutti.collectives.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.collectives.kernel.WireCodec.Format;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class WireCodecTest {
  private static final long SEED = 20261123;
  private static final int[] COUNTS = {1, 15, 16, 17, 255, 256, 257, 1000};

  /// Returns floats of very different sizes, whose blocks have different largest ones.
  private static MemorySegment floats(Arena arena, Random random, int count) {
    MemorySegment data = arena.allocate(count * 4L, 64);
    for (int i = 0; i < count; i++) {
      float value = (float) Math.scalb(random.nextGaussian(), random.nextInt(20) - i / 64);
      data.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
    }
    return data;
  }

  private static MemorySegment roundTrip(
      Arena arena, WireCodec codec, MemorySegment data, Dither dither) {
    int count = (int) (data.byteSize() / 4);
    MemorySegment codes = arena.allocate(codec.encodedBytes(count) + 1, 64).fill((byte) 0x5a);
    MemorySegment result = arena.allocate(count * 4L + 1, 64).fill((byte) 0x5a);
    codec.encode(codes.address(), data.address(), count, dither, 0);
    codec.decode(result.address(), codes.address(), count);
    assertThat(codes.get(ValueLayout.JAVA_BYTE, codes.byteSize() - 1)).isEqualTo((byte) 0x5a);
    assertThat(result.get(ValueLayout.JAVA_BYTE, count * 4L)).isEqualTo((byte) 0x5a);
    return result.asSlice(0, count * 4L);
  }

  private static Dither dither(int operation) {
    Dither dither = new Dither(SEED);
    dither.begin(operation, 3, 0);
    return dither;
  }

  @ParameterizedTest
  @CsvSource({"BFLOAT16, 0.00391", "INT8, 0.00394", "FLOAT8_E4M3, 0.0358", "FLOAT8_E5M2, 0.0715"})
  void shouldStayWithinTheErrorOfTheFormat(Format format, double bound) {
    Random random = new Random(SEED);
    WireCodec codec = new WireCodec(format, false);
    try (Arena arena = Arena.ofConfined()) {
      for (int count : COUNTS) {
        MemorySegment data = floats(arena, random, count);

        MemorySegment result = roundTrip(arena, codec, data, Dither.NONE);

        for (int block = 0; block < count; block += WireCodec.BLOCK) {
          int end = Math.min(count, block + WireCodec.BLOCK);
          double largest = 0;
          for (int i = block; i < end; i++) {
            largest = Math.max(largest, Math.abs(data.getAtIndex(ValueLayout.JAVA_FLOAT, i)));
          }
          for (int i = block; i < end; i++) {
            double lost =
                result.getAtIndex(ValueLayout.JAVA_FLOAT, i)
                    - data.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            assertThat(Math.abs(lost)).isLessThanOrEqualTo(bound * largest);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void shouldGiveTheSameBitsOnVectorsAndArrays(Format format) {
    Assumptions.assumeTrue(ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent());
    Random random = new Random(SEED);
    WireCodec arrays = new WireCodec(format, false);
    WireCodec vectors = new WireCodec(format, true);
    try (Arena arena = Arena.ofConfined()) {
      for (int count : COUNTS) {
        MemorySegment data = floats(arena, random, count);
        for (Dither dither : new Dither[] {Dither.NONE, dither(count)}) {
          assertThat(roundTrip(arena, vectors, data, dither).toArray(ValueLayout.JAVA_INT))
              .as("%d elements", count)
              .isEqualTo(roundTrip(arena, arrays, data, dither).toArray(ValueLayout.JAVA_INT));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Format.class,
      names = {"BFLOAT16", "INT8"})
  void shouldRoundAtRandomWithoutBias(Format format) {
    int rounds = 4000;
    float value = 0.30078f; // 38.2 / 127, and between two bfloat16
    WireCodec codec = new WireCodec(format);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocate(8, 8);
      data.setAtIndex(ValueLayout.JAVA_FLOAT, 0, 1);
      data.setAtIndex(ValueLayout.JAVA_FLOAT, 1, value);
      double sum = 0;
      MemorySegment codes = arena.allocate(16, 8);
      MemorySegment result = arena.allocate(8, 8);
      for (int round = 0; round < rounds; round++) {
        codec.encode(codes.address(), data.address(), 2, dither(round), 0);
        codec.decode(result.address(), codes.address(), 2);
        sum += result.getAtIndex(ValueLayout.JAVA_FLOAT, 1);
      }

      double step = format == Format.INT8 ? 1.0 / 127 : 0x1p-9;
      double deviation = step / 2 / Math.sqrt(rounds); // of the mean, at most
      assertThat(sum / rounds).isCloseTo(value, within(4 * deviation));
    }
  }

  @Test
  void shouldGiveTheSameRandomNumbersForTheSamePlaceOnly() {
    Dither one = dither(7);
    Dither same = dither(7);
    Dither other = new Dither(SEED);
    other.begin(7, 4, 0);

    assertThat(one.key(5)).isEqualTo(same.key(5)).isNotEqualTo(one.key(6));
    assertThat(one.key(5)).isNotEqualTo(other.key(5)).isNotEqualTo(dither(8).key(5));
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void shouldShowWhatIsNotFinite(Format format) {
    WireCodec codec = new WireCodec(format);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocate(WireCodec.BLOCK * 8L, 64);
      data.setAtIndex(ValueLayout.JAVA_FLOAT, 3, Float.NaN);
      data.setAtIndex(ValueLayout.JAVA_FLOAT, WireCodec.BLOCK, 1);

      MemorySegment result = roundTrip(arena, codec, data, Dither.NONE);

      assertThat(result.getAtIndex(ValueLayout.JAVA_FLOAT, 3)).isNaN();
      assertThat(result.getAtIndex(ValueLayout.JAVA_FLOAT, WireCodec.BLOCK)).isEqualTo(1);
      assertThat(result.getAtIndex(ValueLayout.JAVA_FLOAT, WireCodec.BLOCK + 1)).isZero();
    }
  }
}
