package dev.tutti.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class PlanCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  @TempDir private Path folder;

  private int run(String... args) {
    CommandLine command = Tutti.commandLine(args);
    command.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    for (CommandLine sub : command.getSubcommands().values()) {
      sub.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    }
    return command.execute(args);
  }

  @Test
  void shouldPlanBesideWhatConstantsWouldChoose() {
    int code =
        run(
            "plan",
            "--preset",
            "ascend-910b",
            "--hosts",
            "1",
            "--degrade",
            "link=0-1:0",
            "--bytes=1G");

    assertThat(code).as(err.toString()).isZero();
    assertThat(out.toString().lines().filter(line -> !line.startsWith("#")).findFirst())
        .hasValueSatisfying(line -> assertThat(line).startsWith("packed-trees "));
    assertThat(out.toString())
        .containsPattern(
            "# HCCL would run mesh \\(fixed by the hardware\\): \\d+ us, 1\\.[3-9]\\d x");
  }

  @Test
  void shouldWriteJsonAndAPicture() throws IOException {
    Path picture = folder.resolve("plan.svg");

    int code =
        run(
            "plan",
            "--preset=hgx-h800",
            "--hosts=1",
            "--bytes=16M",
            "--format=json",
            "--picture=" + picture);

    assertThat(code).as(err.toString()).isZero();
    assertThat(out.toString())
        .startsWith("[{\"algorithm\":")
        .contains("\"percent_of_optimum\":", "\"form\":\"NCCL's choice\"");
    assertThat(Files.readString(picture)).startsWith("<?xml").contains("all-reduce, 16 MiB");
  }

  @Test
  void shouldSayWhatIsWrong() {
    assertThat(run("plan", "--preset", "hgx-h800", "--picture", "plan.gif")).isEqualTo(2);
    assertThat(run("plan", "--preset", "hgx-h800", "--degrade", "link=0")).isEqualTo(2);
    assertThat(run("plan", "--preset", "hgx-h800", "--degrade", "nic=999:0")).isEqualTo(2);

    assertThat(err.toString())
        .contains("plan.gif: expected a name that ends in .svg or .png or .html")
        .contains("'link=0': expected link=RANK-RANK:FACTOR")
        .contains("--degrade: 'nic=999:0': the topology has NICs 0 to ");
  }
}
