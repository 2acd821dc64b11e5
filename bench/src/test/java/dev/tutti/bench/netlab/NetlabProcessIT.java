package dev.tutti.bench.netlab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.tutti.bench.launch.LineSink;
import dev.tutti.bench.netlab.Lab.LinkState;
import dev.tutti.bench.netlab.LabSpec.Changes;
import dev.tutti.bench.netlab.LabSpec.Scenario;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Labs of real namespaces. Needs root; skipped with the reason where labs cannot be made.
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class NetlabProcessIT {
  private static final LabSpec PAIR =
      LabSpec.of(Scenario.UNIFORM, new Changes(2, BitRate.parse("200mbit"), null, null, null));

  private final String name = "it" + ProcessHandle.current().pid();
  private @Nullable Lab lab;

  @BeforeAll
  static void assumeNamespaces() {
    Labs.assumeAllowed(NetlabProcessIT.class);
  }

  private Lab keep(Lab made) {
    lab = made;
    return made;
  }

  @AfterEach
  void leaveNothing() throws Exception {
    if (lab != null) {
      Labs.remove(lab);
    }
  }

  private static String output(List<String> command) throws Exception {
    return Programs.run(command);
  }

  private Process startMaker() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            LabMaker.class.getName(),
            name)
        .redirectErrorStream(true)
        .start();
  }

  @Test
  void shouldShapeLinks() throws Exception {
    LabSpec spec =
        LabSpec.of(
            Scenario.RACKS,
            new Changes(2, BitRate.parse("200mbit"), BitRate.parse("50mbit"), null, null));
    Lab made = keep(Lab.createLasting(name, spec));

    List<LabCheck.Figure> figures = LabCheck.run(made, Duration.ofMillis(800));

    // A machine under load is slower than the rate, but a link is never faster.
    assertThat(figures).hasSize(2);
    for (LabCheck.Figure figure : figures) {
      assertThat(figure.configured()).isEqualTo(BitRate.parse("50mbit").payloadBytesPerSecond());
      assertThat(figure.alone()).isBetween(0.3 * figure.configured(), 1.1 * figure.configured());
      assertThat(figure.together()).isBetween(0.3 * figure.configured(), 1.1 * figure.configured());
    }
  }

  @Test
  void shouldBeFoundByItsNameAndKnowWhatItIs() throws Exception {
    Lab made = keep(Lab.createLasting(name, PAIR));

    Lab found = Objects.requireNonNull(Lab.find(name));

    assertThat(found.spec()).isEqualTo(PAIR);
    assertThat(found.address(1)).isEqualTo(made.address(1));
    assertThat(output(found.onHost(1, List.of("ip", "-o", "addr"))))
        .contains(made.address(1).getHostAddress());
    assertThat(Lab.all()).extracting(Lab::name).contains(name);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> found.address(2))
        .withMessage("host 2 is not in the lab '" + name + "': its hosts are 0 to 1");
  }

  @Test
  void shouldRefuseASecondLabOfTheSameName() throws Exception {
    keep(Lab.createLasting(name, PAIR));

    LabException failure =
        catchThrowableOfType(LabException.class, () -> Lab.createLasting(name, PAIR));

    assertThat(failure).hasMessageContaining("there is a lab '" + name + "' already");
  }

  @Test
  void shouldPullAndPlugCables() throws Exception {
    Lab made = keep(Lab.createTemporary(name, PAIR));

    try (LinkOutage _ = LinkOutage.plan(made, 1, Duration.ZERO, Duration.ZERO, _ -> {})) {
      await().until(() -> made.link(1) == LinkState.DOWN);
      assertThat(made.link(0)).isEqualTo(LinkState.UP);
    }

    await().until(() -> made.link(1) == LinkState.UP);
  }

  @Test
  void shouldRunRanksOnTheirHosts() throws Exception {
    Lab made = keep(Lab.createTemporary(name, PAIR));
    List<String> lines = Collections.synchronizedList(new ArrayList<>());
    String script =
        "echo $TUTTI_RANK $TUTTI_SIZE $TUTTI_LOCAL_RANK $TUTTI_LOCAL_SIZE $TUTTI_HOST_ID"
            + " $TUTTI_INTERFACE ${TUTTI_RENDEZVOUS%:*} ${#TUTTI_SECRET} ${TUTTI_LAB_SECRET:-none}"
            + " $(ip -o -4 addr show eth0 | awk '{print $4}')";

    try (LabJob job = LabJob.open(made, 2)) {
      int code =
          job.launcher(List.of("sh", "-c", script))
              .output((_, source, line) -> {
                if (source == LineSink.Source.STDOUT) {
                  lines.add(new String(line, StandardCharsets.UTF_8));
                }
              })
              .run()
              .exitCode();
      assertThat(code).isZero();
    }

    String rendezvous = "tcp://" + made.launcherAddress().getHostAddress();
    List<String> expected = new ArrayList<>();
    for (int rank = 0; rank < 4; rank++) {
      int host = rank / 2;
      expected.add(
          rank
              + " 4 "
              + rank % 2
              + (" 2 host" + host + " eth0 " + rendezvous + " 64 none ")
              + made.address(host).getHostAddress()
              + "/24");
    }
    assertThat(lines).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void shouldEndWhatRunsInItWhenItIsRemoved() throws Exception {
    Lab made = keep(Lab.createTemporary(name, PAIR));
    Process sleeper = new ProcessBuilder(made.onHost(0, List.of("sleep", "1000"))).start();
    await().until(() -> made.processCounts().get(0) == 1);

    made.close();

    assertThat(sleeper.waitFor(5, TimeUnit.SECONDS)).isTrue();
    assertThat(Labs.namespaces(name)).isEmpty();
  }

  @Test
  void shouldBeSweptAfterItsMakerWasKilled() throws Exception {
    Process maker = startMaker();
    try {
      assertThat(maker.inputReader(StandardCharsets.UTF_8).readLine()).isEqualTo("made");
      assertThat(Lab.sweep()).doesNotContain(name);
    } finally {
      maker.destroyForcibly().waitFor();
    }
    assertThat(Labs.namespaces(name)).isNotEmpty();

    assertThat(Lab.sweep()).contains(name);

    assertThat(Labs.namespaces(name)).isEmpty();
  }

  @Test
  void shouldEndWithItsMakerOnSigterm() throws Exception {
    Process maker = startMaker();
    try {
      assertThat(maker.inputReader(StandardCharsets.UTF_8).readLine()).isEqualTo("made");
      maker.destroy();
      assertThat(maker.waitFor(10, TimeUnit.SECONDS)).isTrue();
    } finally {
      maker.destroyForcibly();
    }

    assertThat(Labs.namespaces(name)).isEmpty();
  }
}
