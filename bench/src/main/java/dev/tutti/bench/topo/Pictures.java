package dev.tutti.bench.topo;

import dev.tutti.topology.draw.DrawingOptions;
import dev.tutti.topology.draw.Html;
import dev.tutti.topology.draw.Overlay;
import dev.tutti.topology.draw.Png;
import dev.tutti.topology.draw.Svg;
import dev.tutti.topology.format.TopologyWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// Writers of pictures with something shown on top.
public final class Pictures {
  /// The formats, as on the command line; files of each have it as their ending.
  public static final List<String> FORMATS = List.of(Svg.NAME, Png.NAME, Html.NAME);

  private static final int PIXELS = 2; // for each unit of length

  private Pictures() {}

  /// Returns the writer of one of [#FORMATS].
  public static TopologyWriter of(String format, Overlay overlay) {
    DrawingOptions options = DrawingOptions.standard().withOverlay(overlay);
    return switch (format) {
      case Svg.NAME -> new Svg(options);
      case Png.NAME -> new Png(options, PIXELS);
      default -> new Html(overlay);
    };
  }

  /// Returns the format that the name of a file says.
  ///
  /// @throws IllegalArgumentException if it is none of [#FORMATS]
  public static String format(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    return FORMATS.stream()
        .filter(format -> name.endsWith("." + format))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                file + ": expected a name that ends in ." + String.join(" or .", FORMATS)));
  }
}
