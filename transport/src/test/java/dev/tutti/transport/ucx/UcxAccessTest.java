package dev.tutti.transport.ucx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class UcxAccessTest {
  @TempDir private Path devices;

  private Map<String, String> settings(UcxAccess access, String... environment) {
    Map<String, String> variables = new HashMap<>();
    for (int i = 0; i < environment.length; i += 2) {
      variables.put(environment[i], environment[i + 1]);
    }
    Map<String, String> result = new HashMap<>(access.settings(variables, devices));
    assertThat(result.remove("RNDV_SCHEME"))
        .isEqualTo(access == UcxAccess.HOST ? "am" : "put_zcopy");
    return result;
  }

  private void haveRdma() throws IOException {
    Path _ = Files.createDirectory(devices.resolve("mlx5_0"));
  }

  @Test
  void shouldLeaveTcpOutWhenNothingIsSaid() throws IOException {
    haveRdma();

    assertThat(settings(UcxAccess.HOST)).isEqualTo(Map.of("TLS", "^tcp,cma,knem,xpmem"));
    assertThat(settings(UcxAccess.NETWORK)).isEqualTo(Map.of("TLS", "^tcp,cma,knem,xpmem"));
  }

  @Test
  void shouldSayWhatToDoWhenThereIsNoRdmaDevice() {
    assertThat(settings(UcxAccess.HOST)).isEqualTo(Map.of("TLS", "^tcp,cma,knem,xpmem"));
    assertThatThrownBy(() -> settings(UcxAccess.NETWORK))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageStartingWith("this host has no RDMA device, and UCX's own TCP takes messages")
        .hasMessageContaining("TUTTI_UCX_TCP");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"tcp,self", "all", "posix, tcp", "\\tcp", "^rc", "^shm,cma"})
  void shouldKeepTcpToTheLoopbackInterface(String transports) {
    assertThat(settings(UcxAccess.HOST, "UCX_TLS", transports))
        .isEqualTo(Map.of("NET_DEVICES", "lo"));
    assertThat(settings(UcxAccess.NETWORK, "UCX_TLS", transports, "UCX_NET_DEVICES", "lo"))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"HOST, eth0", "HOST, 'lo,eth0'", "HOST, all", "NETWORK, eth0", "NETWORK, ''"})
  void shouldRefuseOpenPorts(UcxAccess access, String device) {
    assertThatThrownBy(() -> settings(access, "UCX_TLS", "tcp,self", "UCX_NET_DEVICES", device))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessage(
            "UCX_TLS is \"tcp,self\" and UCX_NET_DEVICES is \""
                + device
                + "\", but UCX's own TCP takes messages from everybody who reaches its ports: leave"
                + " tcp out, or set tutti.ucxTcp (TUTTI_UCX_TCP) to trusted if only trusted"
                + " programs can reach this host");
  }

  @Test
  void shouldRefuseOpenPortsWhenNoDeviceIsNamedBetweenHosts() {
    assertThatThrownBy(() -> settings(UcxAccess.NETWORK, "UCX_TLS", "all"))
        .hasMessageStartingWith("UCX_TLS is \"all\" and UCX_NET_DEVICES is not set, but ");
  }

  @Test
  void shouldTakeTheUsersSettingsWhenTheyOpenNoPort() throws IOException {
    haveRdma();

    assertThat(settings(UcxAccess.NETWORK, "UCX_TLS", "rc,self")).isEmpty();
    assertThat(settings(UcxAccess.NETWORK, "UCX_TLS", "^tcp")).isEmpty();
    assertThat(settings(UcxAccess.NETWORK, "UCX_TLS", "all", "UCX_NET_DEVICES", "mlx5_0:1"))
        .isEmpty();
  }

  @Test
  void shouldLeaveUcxAloneWhenTheNetworkIsTrusted() {
    assertThat(settings(UcxAccess.TRUSTED_NETWORK)).isEqualTo(Map.of("TLS", "^cma,knem,xpmem"));
    assertThat(settings(UcxAccess.TRUSTED_NETWORK, "UCX_TLS", "tcp")).isEmpty();
  }
}
