package dev.tutti.topology.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.topology.RandomTopologies;
import dev.tutti.topology.TopologyFormatException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

final class TopologyFormatsTest {
  private static final int MUTANTS = 150;

  @Test
  void shouldRecogniseEveryFormatByItsContent() {
    samples()
        .forEach((name, text) ->
            assertThat(TopologyFormats.read(new SourceFile(name, text)).format())
                .as(name)
                .isEqualTo(name.substring(0, name.indexOf(' '))));
  }

  @Test
  void shouldBeRecognisedByOneReaderOnly() {
    samples()
        .forEach((name, text) ->
            assertThat(TopologyFormats.readers())
                .as(name)
                .filteredOn(reader -> reader.recognises(new SourceFile(name, text)))
                .hasSize(1));
  }

  @Test
  void shouldReadByName() {
    SourceFile file = new SourceFile("x.xml", NcclTopologyXmlTest.TWO_GPUS);

    assertThat(TopologyFormats.read(file, "nccl-xml").format()).isEqualTo("nccl-xml");
    assertThatThrownBy(() -> TopologyFormats.read(file, "visio"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("no format 'visio' to read; there are json, nccl-xml, nccl-graph");
  }

  @Test
  void shouldSayWhatIsKnownWhenNothingIsRecognised() {
    assertThatThrownBy(() -> TopologyFormats.read(new SourceFile("x", "\n  Hello world\nmore")))
        .isInstanceOf(TopologyFormatException.class)
        .hasMessageStartingWith(
            "x: begins with 'Hello world', which is none of the formats that are read: json (")
        .hasMessageContaining("slurm (Slurm's topology.conf)");
    assertThatThrownBy(() -> TopologyFormats.read(new SourceFile("x", " \n")))
        .hasMessage("x: is empty");
  }

  @Test
  void shouldReadOrRefuseWhateverTheFileHas() {
    samples()
        .forEach((name, text) -> {
          Random random = new Random(name.hashCode());
          for (int i = 0; i < MUTANTS; i++) {
            String mutant = mutate(text, random);
            Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () -> readOrRefuse(name, mutant),
                () -> name + ":\n" + mutant);
          }
        });
  }

  private static void readOrRefuse(String name, String mutant) {
    SourceFile file = new SourceFile(name, mutant);
    for (String format : List.of("", name.substring(0, name.indexOf(' ')))) {
      try {
        Reading reading =
            format.isEmpty() ? TopologyFormats.read(file) : TopologyFormats.read(file, format);
        assertThat(reading.topology()).isNotNull();
      } catch (TopologyFormatException e) {
        assertThat(e.getMessage()).startsWith(name);
      } catch (RuntimeException e) {
        throw new AssertionError(name + ":\n" + mutant, e);
      }
    }
  }

  private static String mutate(String text, Random random) {
    StringBuilder mutant = new StringBuilder(text);
    for (int i = 1 + random.nextInt(3); i > 0 && !mutant.isEmpty(); i--) {
      int at = random.nextInt(mutant.length());
      switch (random.nextInt(7)) {
        case 0 -> mutant.setLength(at);
        case 1 -> mutant.setCharAt(at, (char) (mutant.charAt(at) ^ 1 << random.nextInt(7)));
        case 2 -> mutant.setCharAt(at, "<>&\"'{}[],:;=#\\ \t\n\0-9x*".charAt(random.nextInt(23)));
        case 3 -> mutant.deleteCharAt(at);
        case 4 -> mutant.insert(at, mutant.substring(0, Math.min(mutant.length(), 60)));
        case 5 -> mutant.insert(at, "9".repeat(1 + random.nextInt(25)));
        default -> lines(mutant, random);
      }
    }
    return mutant.toString();
  }

  private static void lines(StringBuilder mutant, Random random) {
    List<String> lines = new ArrayList<>(mutant.toString().lines().toList());
    int at = random.nextInt(lines.size());
    String line = lines.remove(at);
    if (random.nextBoolean()) {
      lines.add(random.nextInt(lines.size() + 1), line);
      lines.add(random.nextInt(lines.size() + 1), line);
    }
    mutant.setLength(0);
    mutant.append(String.join("\n", lines));
  }

  /// Files of all formats; the name begins with the format's.
  private static Map<String, String> samples() {
    Map<String, String> samples = new LinkedHashMap<>();
    samples.put("json a", TopologyJson.text(RandomTopologies.any(17)));
    samples.put("nccl-xml a", NcclTopologyXmlTest.TWO_GPUS);
    samples.put("nccl-xml b", RandomNcclXml.of(3).text());
    samples.put("nccl-graph a", NcclGraphXmlTest.GRAPHS);
    samples.put("hwloc-xml 1", HwlocXmlTest.SCHEMA_1);
    samples.put("hwloc-xml 2", HwlocXmlTest.SCHEMA_2);
    samples.put("nccl-tests text", MeasuredOutputTest.ALL_REDUCE);
    samples.put("nccl-tests json", MeasuredOutputTest.JSON);
    samples.put("osu bandwidth", MeasuredOutputTest.OSU_BANDWIDTH);
    samples.put("osu latency", MeasuredOutputTest.OSU_LATENCY);
    samples.put("osu collective", MeasuredOutputTest.OSU_ALL_REDUCE);
    samples.put("rank-table 1.0", RankTableTest.VERSION_1);
    samples.put("rank-table 1.2", RankTableTest.VERSION_1_2);
    samples.put("rank-table 2.0", RankTableTest.VERSION_2);
    samples.put("rank-table cards", RankTableTest.CARDS);
    samples.put("rank-table pods", RankTableTest.PODS);
    samples.put("nvidia-smi a", NvidiaSmiTopologyTest.TABS);
    samples.put("slurm tree", SlurmTopologyConfTest.TREE);
    samples.put("slurm blocks", SlurmTopologyConfTest.BLOCKS);
    return samples;
  }
}
