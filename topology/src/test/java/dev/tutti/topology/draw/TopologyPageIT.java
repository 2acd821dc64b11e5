package dev.tutti.topology.draw;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tutti.topology.SampleTopologies;
import dev.tutti.topology.Topology;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Opens pages in a headless Chromium. With the environment variable `TUTTI_PICTURES`, it keeps
/// what it saw in that directory.
final class TopologyPageIT {
  @TempDir static Path directory = Path.of("");
  private static @Nullable Browser browser;

  @BeforeAll
  static void startBrowser() throws Exception {
    Path program = Browser.program();
    if (program == null) {
      System.out.println("pages are not tested: no chromium in PATH");
    }
    assumeTrue(program != null, "no chromium in PATH");
    browser = Browser.start(Objects.requireNonNull(program));
  }

  @AfterAll
  static void stopBrowser() {
    if (browser != null) {
      browser.close();
    }
  }

  /// Every page, whatever is done with it, makes no error and no request.
  @AfterEach
  void shouldHaveMadeNoErrorAndNoRequest() {
    assertThat(browser().errors()).isEmpty();
    assertThat(browser().requests()).hasSize(1).allMatch(url -> url.startsWith("file:"));
  }

  private static Browser browser() {
    return Objects.requireNonNull(browser);
  }

  private static void open(Topology topology, @Nullable Overlay overlay) throws IOException {
    Path file = directory.resolve("page.html");
    try (OutputStream out = Files.newOutputStream(file)) {
      new Html(overlay).write(topology, out);
    }
    browser().open(file);
  }

  private static void keep(String name) throws IOException {
    String kept = System.getenv("TUTTI_PICTURES");
    if (kept != null) {
      Files.createDirectories(Path.of(kept));
      Files.write(Path.of(kept, name + ".png"), browser().picture());
    }
  }

  private static int count(String selector) {
    return (int) browser().number("tuttiPage.cy.elements('" + selector + "').length");
  }

  private static double left() {
    return browser().number("document.getElementById('graph').getBoundingClientRect().x");
  }

  private static double top() {
    return browser().number("document.getElementById('graph').getBoundingClientRect().y");
  }

  /// Moves the mouse to the middle of an element of the graph.
  private static void pointAt(String element, int clicks) {
    String at = "(e => e.isNode() ? e.renderedPosition() : e.renderedMidpoint())(" + element + ")";
    double x = left() + browser().number(at + ".x");
    double y = top() + browser().number(at + ".y");
    browser().moveMouse(x - 2, y - 2);
    browser().moveMouse(x, y);
    if (clicks > 0) {
      browser().click(x, y, clicks);
    }
  }

  @Test
  void shouldDrawEveryBoxAndLine() throws IOException {
    Topology topology = SampleTopologies.dgx1();
    Drawing drawing = TopologyLayout.layout(topology, DrawingOptions.everything());

    open(topology, null);

    assertThat(count("node[box]")).isEqualTo(drawing.boxes().size());
    assertThat(count("edge.line")).isEqualTo(drawing.connectors().size());
    assertThat(browser().evaluate("document.title")).isEqualTo("DGX-1");
    keep("page-dgx1");
  }

  @Test
  void shouldShowNumbersWhereTheMouseIs() throws IOException {
    open(SampleTopologies.racks(), null);

    pointAt("tuttiPage.cy.edges('.below-50').first()", 0);
    await()
        .until(() -> browser().evaluate("document.getElementById('tip').hidden").equals("false"));
    String tip = browser().evaluate("document.getElementById('tip').textContent");

    assertThat(tip).contains("Ethernet", "1.25 GB/s", "0.125 GB/s (10 %)", "11 µs", "sample");
    keep("page-racks-hover");
  }

  @Test
  void shouldPlayAScheduleStepByStep() throws IOException {
    Topology topology = SampleTopologies.mesh910b();
    open(topology, DrawSamples.ringOverlay(topology));
    assertThat(count("edge.move")).isZero();

    browser().press("ArrowRight");
    assertThat(browser().evaluate("document.getElementById('clock').textContent"))
        .isEqualTo("step 1 of 14 · 0 s – 12 µs · 8 transfers · 64 MiB");
    assertThat(count("edge.move")).isEqualTo(8);
    keep("page-play");
    browser().press(" ");
    await().until(() -> browser().evaluate("document.getElementById('step').value"), "4"::equals);
    browser().press(" ");
    browser().press("ArrowLeft");

    assertThat(browser().evaluate("document.getElementById('step').value")).isEqualTo("3");
    assertThat(browser().evaluate("document.getElementById('play').textContent")).isEqualTo("▶");
  }

  @Test
  void shouldFindNodesByTyping() throws IOException {
    open(SampleTopologies.racks(), null);

    browser().press("/");
    browser().type("host k");
    assertThat(browser().evaluate("document.querySelectorAll('#matches li').length"))
        .isEqualTo("1");
    assertThat(count("node.hit")).isEqualTo(1);
    keep("page-search");
    browser().press("Enter");

    assertThat(browser().evaluate("tuttiPage.cy.$(':selected').data('label')")).isEqualTo("host k");
    assertThat(browser().evaluate("document.getElementById('details').textContent"))
        .contains("rack1/host2");
  }

  @Test
  void shouldFoldAndOpenAHostByDoubleClick() throws IOException {
    open(SampleTopologies.hgx(2), null);
    int open = count("node[box]");
    String corner = "tuttiPage.cy.nodes('.host').first().renderedBoundingBox()";
    double x = left() + browser().number(corner + ".x1") + 12;
    double y = top() + browser().number(corner + ".y1") + 8;
    browser().click(x, y, 2);
    await().until(() -> count("node.closed") == 1);
    keep("page-folded");

    assertThat(count("node[box]")).isLessThan(open - 30);
    assertThat(count("edge.line")).isPositive();
    browser().press("f");
    await().until(() -> count("node[box]") == open);
  }

  @Test
  void shouldSelectTheLinkOfAFinding() throws IOException {
    open(SampleTopologies.hgxWithIllHosts(), null);

    browser().evaluate("document.querySelectorAll('#findings button')[2].click()");

    assertThat(browser().evaluate("document.getElementById('details').textContent"))
        .contains("node17 mlx5_2 → leaf 2", "11.8 GB/s (24 %)");
    assertThat(count(":selected")).isEqualTo(1);
    keep("page-finding");
  }

  @Test
  void shouldShowCutLoadAndPathsOfAnOverlay() throws IOException {
    Topology topology = SampleTopologies.racks();
    open(topology, DrawSamples.ringOverlay(topology));

    assertThat(count("edge.cut")).isPositive();
    browser().evaluate("document.querySelector('#paths input').click()");
    browser().evaluate("document.getElementById('loads').click()");
    keep("page-overlay");

    assertThat(count("edge.path")).isEqualTo(16);
    assertThat(count("edge.load")).isPositive();
    assertThat(browser().evaluate("document.getElementById('cut-note').textContent"))
        .contains("92 % of optimum");
    browser().evaluate("document.getElementById('cut').click()");
    assertThat(count("edge.cut")).isZero();
  }

  @Test
  void shouldFollowTheSystemAndSwitchBetweenDarkAndLight() throws IOException {
    browser().prefer("dark");
    open(SampleTopologies.hgx(1), null);

    assertThat(browser().evaluate("document.documentElement.dataset.theme")).isEqualTo("dark");
    keep("page-dark");
    browser().press("d");
    assertThat(browser().evaluate("document.documentElement.dataset.theme")).isEqualTo("light");
    browser().prefer("light");
  }

  @Test
  void shouldShowHostileNamesAsText() throws IOException {
    Topology topology = SampleTopologies.hostile();

    open(topology, null);

    assertThat(browser().evaluate("document.querySelectorAll('script').length")).isEqualTo("3");
    assertThat(browser().evaluate("document.getElementById('title').textContent"))
        .isEqualTo(topology.name());
    assertThat(count("node.host")).isEqualTo(1);
  }

  @Test
  void shouldOpenAPageOf512RanksSoon() throws IOException {
    open(SampleTopologies.hgx(1), null); // starts the renderer
    open(SampleTopologies.hgxWithIllHosts(), null);

    double ready = browser().number("tuttiPage.readyMillis") / 1e3;
    double painted =
        browser()
                .number(
                    "new Promise(done => requestAnimationFrame(() => requestAnimationFrame("
                        + "() => done(performance.now()))))")
            / 1e3;
    keep("page-512");
    double frame = browser().number(PAN);
    int folded = count("node.closed");
    browser()
        .evaluate("tuttiPage.goToBox(tuttiPage.data.boxes.findIndex(b => b.title === 'node17'))");
    await().until(() -> count("node.closed") < folded);
    keep("page-512-near");
    double near = browser().number(PAN);

    System.out.printf(
        Locale.ROOT,
        "512 ranks: ready after %.2f s, painted by %.2f s; a frame takes %.1f ms far, %.1f near%n",
        ready,
        painted,
        frame,
        near);
    assertThat(ready).isLessThan(6);
    assertThat(frame).isLessThan(250);
  }

  /// Pans in 30 steps and returns the milliseconds of each.
  private static final String PAN =
      """
      new Promise(done => {
        const start = performance.now();
        let left = 30;
        const next = () => {
          tuttiPage.cy.panBy({ x: left % 2 ? 9 : -9, y: 3 });
          if (--left > 0) requestAnimationFrame(next);
          else done((performance.now() - start) / 30);
        };
        requestAnimationFrame(next);
      })\
      """;
}
