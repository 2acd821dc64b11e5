package dev.tutti.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

final class DoctorCommandTest {
  private final StringWriter out = new StringWriter();

  @Test
  void shouldSayThatTuttiWorksOnThisHost() {
    CommandLine command = Tutti.commandLine("doctor", "--format", "json");
    command.setOut(new PrintWriter(out));

    int code = command.execute("doctor", "--format", "json");

    assertThat(code).isZero();
    assertThat(out.toString())
        .startsWith("{\"schema\":\"tutti-doctor/1\",\"works\":true,\"checks\":[")
        .contains("\"check\":\"loopback TCP\",\"status\":\"ok\",\"needed\":true")
        .contains("\"check\":\"NCCL\"")
        .endsWith("]}" + System.lineSeparator());
  }
}
