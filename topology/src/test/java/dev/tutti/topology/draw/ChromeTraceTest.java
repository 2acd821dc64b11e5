package dev.tutti.topology.draw;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.topology.SampleTopologies;
import dev.tutti.topology.Topology;
import dev.tutti.topology.draw.Overlay.Frame;
import dev.tutti.topology.draw.Overlay.Transfer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ChromeTraceTest {
  private static List<?> events(Topology topology, Overlay overlay) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ChromeTrace.write(topology, overlay, out);
    Map<?, ?> trace = (Map<?, ?>) PlainJson.parse(out.toString(StandardCharsets.UTF_8));
    return trace.get("traceEvents") instanceof List<?> events ? events : List.of();
  }

  private static List<Map<?, ?>> ofPhase(List<?> events, String phase) {
    return events.stream()
        .<Map<?, ?>>map(event -> (Map<?, ?>) event)
        .filter(event -> phase.equals(event.get("ph")))
        .toList();
  }

  private static List<String> values(List<Map<?, ?>> events, String name) {
    return events.stream().map(event -> String.valueOf(event.get(name))).toList();
  }

  private static Overlay overlay() {
    List<Frame> frames =
        List.of(
            new Frame(0, 12.5e-6, List.of(new Transfer("h0", "h1", 4096, "chunk \"0\""))),
            new Frame(12.5e-6, 20e-6, List.of(new Transfer("h1", "h0", 4096, ""))));
    return new Overlay("exchange", List.of(), List.of(), null, frames);
  }

  @Test
  void shouldWriteASliceAtEitherEndInMicroseconds() throws IOException {
    List<Map<?, ?>> slices = ofPhase(events(SampleTopologies.bare(2), overlay()), "X");

    assertThat(slices).hasSize(4);
    assertThat(slices.getFirst().get("name")).isEqualTo("chunk \"0\" → rank 1 (h1)");
    assertThat(values(slices, "ts")).containsExactly("0.0", "0.0", "12.5", "12.5");
    assertThat(values(slices, "dur")).containsExactly("12.5", "12.5", "7.5", "7.5");
  }

  @Test
  void shouldJoinTheEndsByArrowsAndNameTheTracks() throws IOException {
    List<?> events = events(SampleTopologies.bare(2), overlay());

    List<Map<?, ?>> starts = ofPhase(events, "s");
    List<Map<?, ?>> ends = ofPhase(events, "f");
    assertThat(values(starts, "id")).containsExactly("0.0", "1.0");
    assertThat(values(ends, "id")).containsExactly("0.0", "1.0");
    assertThat(ends).allMatch(event -> "e".equals(event.get("bp")));
    assertThat(starts.getFirst().get("pid")).isNotEqualTo(ends.getFirst().get("pid"));
    assertThat(values(ofPhase(events, "M"), "args"))
        .contains("{name=h0}", "{name=rank 0 (h0) sends}", "{name=rank 1 (h1) receives}");
  }
}
