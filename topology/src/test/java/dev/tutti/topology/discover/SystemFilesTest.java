package dev.tutti.topology.discover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import dev.tutti.topology.CpuList;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@EnabledOnOs(OS.LINUX)
final class SystemFilesTest {
  @TempDir Path folder;

  @Test
  void shouldOrderNamesByTheNumbersInThem() {
    FakeSystem system = new FakeSystem(folder);
    for (String name : new String[] {"eth10", "wlan0", "eth2", "eth", "eth2a"}) {
      system.file("net/" + name, "");
    }

    assertThat(system.files().names("net"))
        .containsExactly("eth", "eth2", "eth2a", "eth10", "wlan0");
  }

  @Test
  void shouldTakeMinusOneForUnknown() {
    FakeSystem system = new FakeSystem(folder).file("speed", "-1");

    assertThat(system.files().number("speed")).isEqualTo(-1);
    assertThat(system.files().count("speed")).isNull();
    assertThat(system.files().number("nothing")).isNull();
  }

  @ParameterizedTest
  @CsvSource({"'0-3,8', '0-3,8'", "'5', '5'", "'1,2,3', '1-3'", "'', ''"})
  void shouldReadAndWriteListsOfCpus(String text, String expected) {
    BitSet set = Objects.requireNonNull(CpuList.parse(text));

    assertThat(CpuList.format(set)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "3-1", "1,,2", "-1", "1-", "99999999"})
  void shouldRefuseWhatIsNoListOfCpus(String text) {
    assertThat(CpuList.parse(text)).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "2.5 GT/s PCIe, 1, 0.25e9",
    "5 GT/s, 4, 2e9",
    "8.0 GT/s PCIe, 16, 15.753846e9",
    "16.0 GT/s PCIe, 16, 31.507692e9",
    "32.0 GT/s PCIe, 16, 63.015385e9",
    "64.0 GT/s PCIe, 16, 121.0e9"
  })
  void shouldKnowWhatPciExpressCarries(String speed, String width, double expected) {
    PcieLink rate = Objects.requireNonNull(PcieLink.parse(speed, width));

    assertThat(rate.bytesPerSecond()).isCloseTo(expected, offset(1e3));
  }

  @ParameterizedTest
  @CsvSource({"Unknown, 16", "16.0 GT/s PCIe, 0", "16.0 GT/s PCIe, 255", "17 GT/s, 4"})
  void shouldNotGuessARateOfPciExpress(String speed, String width) {
    assertThat(PcieLink.parse(speed, width)).isNull();
  }
}
