package dev.tutti.bench.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HostListTest {
  @Test
  void shouldFillHostsInOrder() {
    HostList hosts = HostList.parse("node-1:2, me@[fd00::1]:3,b,node-1");

    assertThat(hosts.capacity()).isEqualTo(7);
    assertThat(hosts.seats(5))
        .containsExactly(
            new HostList.Seat("node-1", 0, 3),
            new HostList.Seat("node-1", 1, 3),
            new HostList.Seat("node-1", 2, 3),
            new HostList.Seat("me@[fd00::1]", 0, 2),
            new HostList.Seat("me@[fd00::1]", 1, 2));
  }

  @Test
  void shouldSayHowMuchRoomThereIs() {
    assertThatThrownBy(() -> HostList.parse("a:2,b").seats(4))
        .hasMessage("4 ranks do not fit on {a=2, b=1}, which has room for 3");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a:0", "a:x", "a,,b", "-oProxyCommand=x", "a b", "a;b", "me@-x"})
  void shouldNameWhatIsNoHost(String text) {
    assertThatThrownBy(() -> HostList.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is not host:ranks, such as node-1:4 or user@[fd00::1]:4");
  }
}
