package dev.tutti.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.collectives.DataType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class TestPatternTest {
  private static final int COUNT = 3 * TestPattern.PERIOD + 17;

  private final Arena arena = Arena.ofConfined();
  private final TestPattern pattern = TestPattern.create(arena, DataType.INT32, i -> 10 * i + 1);
  private final MemorySegment buffer = arena.allocate(4L * COUNT);

  @AfterEach
  void close() {
    arena.close();
  }

  @Test
  void shouldRepeatAfterItsPeriod() {
    pattern.fill(buffer, 5);

    for (int i = 0; i < COUNT; i++) {
      int value = buffer.getAtIndex(ValueLayout.JAVA_INT, i);
      assertThat(value).isEqualTo(10 * ((i + 5) % TestPattern.PERIOD) + 1);
    }
    assertThat(pattern.mismatches(buffer, 5)).isZero();
    assertThat(pattern.mismatches(buffer, 5 + TestPattern.PERIOD)).isZero();
  }

  @Test
  void shouldCountEveryWrongElementOnce() {
    pattern.fill(buffer, 0);
    int[] planted = {0, 1, 2, 100, TestPattern.PERIOD - 1, TestPattern.PERIOD, COUNT - 1};
    for (int index : planted) {
      buffer.setAtIndex(ValueLayout.JAVA_INT, index, -1);
    }
    buffer.set(ValueLayout.JAVA_BYTE, 4 * 5000 + 3, (byte) 9); // the last byte of an element

    assertThat(pattern.mismatches(buffer, 0)).isEqualTo(planted.length + 1);
  }

  @Test
  void shouldFindDataThatAreAChunkTooFar() {
    pattern.fill(buffer, 4096);

    assertThat(pattern.mismatches(buffer, 0)).isEqualTo(COUNT);
  }
}
