package dev.tutti.topology.draw;

import dev.tutti.topology.LinkHealth;
import dev.tutti.topology.Topology;
import dev.tutti.topology.format.TopologyWriter;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/// A picture as PNG, drawn without a display.
public final class Png implements TopologyWriter {
  /// The format's name.
  public static final String NAME = "png";

  /// A picture of more pixels would not fit into the memory of most viewers.
  private static final long MOST_PIXELS = 120_000_000;

  private final DrawingOptions options;
  private final double scale;

  /// Makes a writer with standard options and two pixels per unit.
  public Png() {
    this(DrawingOptions.standard(), 2);
  }

  /// Makes a writer.
  ///
  /// @param scale pixels per unit of the drawing, above 0 and at most 8; less is taken where the
  ///   picture would be too large
  /// @throws IllegalArgumentException if the scale is out of range
  public Png(DrawingOptions options, double scale) {
    if (!(scale > 0 && scale <= 8)) {
      throw new IllegalArgumentException("scale is " + scale + ", expected above 0, at most 8");
    }
    this.options = Objects.requireNonNull(options, "options");
    this.scale = scale;
  }

  @Override
  public String format() {
    return NAME;
  }

  @Override
  public String description() {
    return "a picture of pixels";
  }

  /// Writes a picture.
  ///
  /// @throws IOException if the stream fails, or this JVM has no fonts to draw with
  @Override
  public void write(Topology topology, OutputStream out) throws IOException {
    write(TopologyLayout.layout(topology, options), out);
  }

  /// Writes a drawing. The stream stays open.
  ///
  /// @throws IOException if the stream fails, or this JVM has no fonts to draw with
  public void write(Drawing drawing, OutputStream out) throws IOException {
    BufferedImage image = image(drawing);
    try (MemoryCacheImageOutputStream buffer = new MemoryCacheImageOutputStream(out)) {
      if (!ImageIO.write(image, NAME, buffer)) {
        throw new IOException(
            "this JVM cannot write PNG: it lacks the module java.desktop's codec");
      }
    }
  }

  private BufferedImage image(Drawing drawing) throws IOException {
    if (System.getProperty("java.awt.headless") == null) {
      System.setProperty("java.awt.headless", "true"); // no display is needed, nor looked for
    }
    double units = drawing.width() * drawing.height();
    double fitting = Math.min(scale, Math.sqrt(MOST_PIXELS / units));
    try {
      return new Painter(drawing, options.theme()).paint(fitting);
    } catch (LinkageError | InternalError | NullPointerException e) {
      // What AWT throws depends on which native part is missing: libfreetype, fontconfig, any font.
      throw new IOException(
          "cannot draw text: this JVM found no fonts ("
              + e
              + "); install fontconfig and a font such as DejaVu, or write SVG",
          e);
    }
  }

  static java.awt.Color color(String hex) {
    return java.awt.Color.decode(hex);
  }

  static java.awt.Color color(Theme theme, LinkHealth health) {
    return color(theme.link(health));
  }
}
