package dev.tutti.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class RegionAllocatorTest {
  private record Range(long offset, long bytes) {
    boolean overlaps(Range other) {
      return offset < other.offset + other.bytes && other.offset < offset + bytes;
    }
  }

  @Test
  void shouldHandOutDisjointAlignedRanges() {
    RegionAllocator allocator = new RegionAllocator(4096, 1 << 20);
    SplittableRandom random = new SplittableRandom(7);
    List<Range> held = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      if (held.size() < 20 && random.nextBoolean()) {
        long alignment = 1L << random.nextInt(14);
        long bytes = random.nextLong(30_000);
        Range range = new Range(allocator.allocate(bytes, alignment), Math.max(1, bytes));

        assertThat(range.offset % alignment).isZero();
        assertThat(range.offset).isGreaterThanOrEqualTo(4096);
        assertThat(range.offset + range.bytes).isLessThanOrEqualTo(1 << 20);
        assertThat(held).noneMatch(range::overlaps);
        held.add(range);
      } else if (!held.isEmpty()) {
        Range range = held.remove(random.nextInt(held.size()));
        assertThat(allocator.free(range.offset)).isEqualTo(range.bytes);
      }
    }
    held.forEach(range -> allocator.free(range.offset));

    assertThat(allocator.allocate((1 << 20) - 4096, 1)).as("all merged again").isEqualTo(4096);
  }

  @Test
  void shouldSayHowToEnlargeAnExhaustedRegion() {
    RegionAllocator allocator = new RegionAllocator(0, 1000);

    assertThatThrownBy(() -> allocator.allocate(1001, 1))
        .isInstanceOf(OutOfMemoryError.class)
        .hasMessageContaining("tutti.regionBytes");
    assertThatThrownBy(() -> allocator.free(5)).hasMessage("offset 5 is not allocated");
  }
}
