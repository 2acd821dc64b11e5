package dev.tutti.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.collectives.DataType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

final class ElementFormatTest {
  private final byte[] bytes = new byte[16];
  private final MemorySegment segment = MemorySegment.ofArray(bytes);

  @Test
  void shouldWriteFloat8E4m3() {
    // OCP 8-bit floats: sign, 4 bits of exponent with bias 7, 3 of significand.
    assertThat(narrow(DataType.FLOAT8_E4M3, 0)).isZero();
    assertThat(narrow(DataType.FLOAT8_E4M3, 1)).isEqualTo(0b0_0111_000);
    assertThat(narrow(DataType.FLOAT8_E4M3, 3)).isEqualTo(0b0_1000_100);
    assertThat(narrow(DataType.FLOAT8_E4M3, -15)).isEqualTo(0b1_1010_111);
    assertThat(narrow(DataType.FLOAT8_E4M3, 448)).isEqualTo(0b0_1111_110);
  }

  @Test
  void shouldWriteFloat8E5m2() {
    // 5 bits of exponent with bias 15, 2 of significand.
    assertThat(narrow(DataType.FLOAT8_E5M2, 1)).isEqualTo(0b0_01111_00);
    assertThat(narrow(DataType.FLOAT8_E5M2, -7)).isEqualTo(0b1_10001_11);
    assertThat(narrow(DataType.FLOAT8_E5M2, 57344)).isEqualTo(0b0_11110_11);
  }

  @Test
  void shouldWriteWiderTypesInNativeOrder() {
    ElementFormat.write(segment, DataType.BFLOAT16, 1, -3);
    ElementFormat.write(segment, DataType.FLOAT16, 2, 5);
    ElementFormat.write(segment, DataType.UINT32, 2, 77);

    assertThat(segment.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2)).isEqualTo((short) 0xC040);
    assertThat(segment.get(ValueLayout.JAVA_SHORT_UNALIGNED, 4)).isEqualTo((short) 0x4500);
    assertThat(segment.get(ValueLayout.JAVA_INT_UNALIGNED, 8)).isEqualTo(77);
  }

  private int narrow(DataType type, long value) {
    ElementFormat.write(segment, type, 3, value);
    return Byte.toUnsignedInt(bytes[3]);
  }
}
