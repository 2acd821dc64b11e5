package dev.tutti.topology.draw;

import dev.tutti.topology.Topology;
import dev.tutti.topology.format.TopologyWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
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
  private static final String CYTOSCAPE =
      "META-INF/resources/webjars/cytoscape/3.33.1/dist/cytoscape.min.js";

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
    String library = library();
    StringBuilder scripts = new StringBuilder("(() => {\n'use strict';\n");
    for (String script : SCRIPTS) {
      scripts.append(resource(script));
    }
    scripts.append("})();\n");
    String page =
        resource("page.html")
            .replace("@LIBRARY_HASH@", hash(library))
            .replace("@SCRIPT_HASH@", hash(scripts.toString()))
            .replace("@STYLE@", resource("page.css"));
    // Last and one after the other: what they contain must not be searched for marks again.
    out.write(
        fill(
                page,
                escaped(topology.name()),
                PageData.json(topology, drawing, overlay),
                library,
                scripts.toString())
            .getBytes(StandardCharsets.UTF_8));
  }

  private static String fill(
      String page, String title, String data, String library, String script) {
    StringBuilder filled = new StringBuilder(page.length() + data.length() + library.length());
    int from = 0;
    for (String mark : List.of("@TITLE@", "@DATA@", "@LIBRARY@", "@SCRIPT@")) {
      int at = page.indexOf(mark, from);
      if (at < 0) {
        throw new IllegalStateException("page.html lacks " + mark);
      }
      filled.append(page, from, at);
      filled.append(
          switch (mark) {
            case "@TITLE@" -> title;
            case "@DATA@" -> data;
            case "@LIBRARY@" -> library;
            default -> script;
          });
      from = at + mark.length();
    }
    return filled.append(page, from, page.length()).toString();
  }

  private static String escaped(String text) {
    return dev.tutti.topology.format.XmlText.clean(text)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;");
  }

  /// Returns what a content security policy calls a script by.
  private static String hash(String script) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
      return "sha256-" + Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /// Reads the library, which is in another jar: its resources are found through the class loader
  /// only.
  private static String library() throws IOException {
    try (InputStream in = Html.class.getClassLoader().getResourceAsStream(CYTOSCAPE)) {
      if (in == null) {
        throw new IOException(
            "cannot write a page: "
                + CYTOSCAPE
                + " is not on the class path; it is in org.webjars.npm:cytoscape");
      }
      return text(in);
    }
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = Html.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing in the jar of " + Html.class);
      }
      return text(in);
    }
  }

  private static String text(InputStream in) throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
  }
}
