package dev.tutti.bench.netlab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BitRateTest {
  @ParameterizedTest
  @CsvSource({
    "1gbit, 1000000000, 1gbit",
    "200Mbit, 200000000, 200mbit",
    "1.5gbit, 1500000000, 1500mbit",
    "64kbit, 64000, 64kbit",
    "1234bit, 1234, 1234bit"
  })
  void shouldReadAndWriteRatesAsTcDoes(String text, long bits, String written) {
    BitRate rate = BitRate.parse(text);

    assertThat(rate.bitsPerSecond()).isEqualTo(bits);
    assertThat(rate).hasToString(written);
    assertThat(BitRate.parse(rate.toString())).isEqualTo(rate);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1", "1gb", "fast", "-1gbit", "1 gbit", "1gbit; reboot"})
  void shouldNameWhatIsNoRate(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BitRate.parse(text))
        .withMessage("'" + text + "' is not a rate; rates look like 1gbit, 200mbit, 1.5gbit");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0bit", "999bit", "1001gbit", "99999999999999999999gbit"})
  void shouldRefuseRatesOutOfRange(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BitRate.parse(text))
        .withMessageStartingWith("a rate must be 1kbit to 1000gbit, but it is ");
  }

  @Test
  void shouldLeaveRoomForHeaders() {
    assertThat(BitRate.parse("1gbit").bytesPerSecond()).isEqualTo(125e6);
    assertThat(BitRate.parse("1gbit").payloadBytesPerSecond()).isEqualTo(119.55e6, within(5e3));
  }
}
