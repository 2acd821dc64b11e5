package dev.tutti.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SizesTest {
  @ParameterizedTest
  @CsvSource({
    "4, 4",
    "64K, 65536",
    "64k, 65536",
    "1M, 1048576",
    "2G, 2147483648",
    "3T, 3298534883328",
    "16KiB, 16384",
    "16KB, 16384",
    "7B, 7",
    "' 8 ', 8",
    "0, 0"
  })
  void shouldReadSizes(String word, long bytes) {
    assertThat(Sizes.parse(word)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "K", "1X", "-4", "1.5M", "99999999999G", "4 K M"})
  void shouldExplainWhatIsNoSize(String word) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sizes.parse(word))
        .withMessageContaining("'" + word + "' is not a size")
        .withMessageContaining("64K");
  }

  @Test
  void shouldFormatExactly() {
    assertThat(Sizes.format(4)).isEqualTo("4");
    assertThat(Sizes.format(65536)).isEqualTo("64K");
    assertThat(Sizes.format(65537)).isEqualTo("65537");
    assertThat(Sizes.format(3L << 30)).isEqualTo("3G");
  }

  @Test
  void shouldStepByFactorOrByDifference() {
    assertThat(Sizes.geometric(4, 1000, 4)).containsExactly(4L, 16L, 64L, 256L);
    assertThat(Sizes.geometric(8, 8, 2)).containsExactly(8L);
    assertThat(Sizes.geometric(Long.MAX_VALUE / 2, Long.MAX_VALUE, 3)).hasSize(1);
    assertThat(Sizes.linear(4, 20, 8)).containsExactly(4L, 12L, 20L);
  }

  @Test
  void shouldRefuseRangesWithoutSizes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sizes.geometric(8, 4, 2))
        .withMessageContaining("8 and 4");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sizes.geometric(4, 8, 1))
        .withMessageContaining("at least 2");
    assertThatIllegalArgumentException().isThrownBy(() -> Sizes.geometric(0, 8, 2));
    assertThatIllegalArgumentException().isThrownBy(() -> Sizes.linear(4, 8, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> Sizes.linear(1, 1 << 30, 1));
  }
}
