package dev.tutti.topology.draw;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tutti.topology.SampleTopologies;
import dev.tutti.topology.Topology;
import dev.tutti.topology.draw.Overlay.Frame;
import dev.tutti.topology.draw.Overlay.Path;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class HtmlTest {
  private static String page(Topology topology) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new Html().write(topology, out);
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void shouldLetNoNameOutOfItsPlace() throws IOException {
    String page = page(SampleTopologies.hostile());

    assertThat(page.split("<script", -1)).hasSize(4);
    assertThat(page.split("</script", -1)).hasSize(4);
    assertThat(page).doesNotContain("<script>alert");
    Matcher data =
        Pattern.compile("<script type=\"application/json\" id=\"data\">(.*?)</script>")
            .matcher(page);
    assertThat(data.find()).isTrue();
    assertThat(data.group(1)).doesNotContain("\u2028", "<");
    assertThat(PlainJson.parse(data.group(1)))
        .isInstanceOfSatisfying(
            Map.class,
            map -> assertThat(map.get("title")).isEqualTo(SampleTopologies.hostile().name()));
  }

  @Test
  void shouldForbidItselfTheNetworkAndContainALicence() throws IOException {
    String page = page(SampleTopologies.bare(2));

    assertThat(page)
        .contains("default-src 'none'; script-src 'sha256-")
        .contains("Permission is hereby granted, free of charge")
        .contains("Copyright (c) 2016-2025, The Cytoscape Consortium.");
    assertThat(page.substring(0, page.indexOf("<body"))).doesNotContain("http:", "https:", "src=");
  }

  @Test
  void shouldRefuseOverlaysOfOtherTopologies() {
    Overlay overlay =
        new Overlay(
            "x",
            List.of(Path.ring("ring", List.of("h0", "elsewhere"))),
            List.of(),
            null,
            List.of());

    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> new Html(overlay).write(SampleTopologies.bare(2), new ByteArrayOutputStream()))
        .withMessage("topology '2 hosts' has no node 'elsewhere'");
  }

  @Test
  void shouldRefuseFramesThatEndBeforeTheyBegin() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Frame(2e-6, 1e-6, List.of()))
        .withMessage("a frame ends at 1.0E-6 s, before it begins at 2.0E-6 s");
  }
}
