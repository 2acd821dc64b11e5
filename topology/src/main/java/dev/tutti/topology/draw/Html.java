package dev.tutti.topology.draw;

import dev.tutti.topology.Topology;
import dev.tutti.topology.format.TopologyWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A page to explore a topology in: one file that needs nothing else and asks no network.
///
/// The graph is drawn by Cytoscape.js, which is in the file with its licence; the places come from
/// [TopologyLayout]. The page forbids itself, by a content security policy, everything but its own
/// scripts.
public final class Html implements TopologyWriter {
  /// The format's name.
  public static final String NAME = "html";

  /// Version of the WebJar; the parent's `dependencyManagement` has the same.
  private static final String CYTOSCAPE = "cytoscape/3.33.1/dist/cytoscape.min.js";

  private static final List<String> SCRIPTS =
      List.of("page-model.js", "page-graph.js", "page-panels.js", "page-play.js", "page.js");

  private final @Nullable Overlay overlay;

  /// Makes a writer of pages without an overlay.
  public Html() {
    this(null);
  }

  /// Makes a writer.
  ///
  /// @param overlay what the page shows over the topology, null for nothing
  public Html(@Nullable Overlay overlay) {
    this.overlay = overlay;
  }

  @Override
  public String format() {
    return NAME;
  }

  @Override
  public String description() {
    return "a page to explore, in one file";
  }

  /// Writes a page. The stream stays open.
  ///
  /// @throws IOException if the stream fails, or Cytoscape is not on the class path
  /// @throws IllegalArgumentException if the overlay names a node that the topology has not
  @Override
  public void write(Topology topology, OutputStream out) throws IOException {
    if (overlay != null) {
      overlay.requireIn(topology);
    }
    Drawing drawing = TopologyLayout.layout(topology, DrawingOptions.everything());
    StringBuilder scripts = new StringBuilder("(() => {\n'use strict';\n");
    for (String script : SCRIPTS) {
      scripts.append(resource(script));
    }
    scripts.append("})();\n");
    String page =
        InlinePage.fill(
            resource("page.html"),
            resource("page.css"),
            topology.name(),
            PageData.json(topology, drawing, overlay),
            InlinePage.webJar(CYTOSCAPE, "org.webjars.npm:cytoscape"),
            scripts.toString());
    out.write(page.getBytes(StandardCharsets.UTF_8));
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = Html.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing in the jar of " + Html.class);
      }
      return InlinePage.text(in);
    }
  }
}
