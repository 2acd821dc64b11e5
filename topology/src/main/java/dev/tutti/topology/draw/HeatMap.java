package dev.tutti.topology.draw;

import dev.tutti.topology.Quantities;
import dev.tutti.topology.format.XmlText;
import dev.tutti.topology.probe.Estimate;
import dev.tutti.topology.probe.PairProfile;
import dev.tutti.topology.probe.Profile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Function;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import org.jspecify.annotations.Nullable;

/// The matrices of a profile as coloured squares, as SVG: a row for each sender, a column for each
/// receiver; rates on the left, latencies on the right. Light is fast, dark is slow, by the
/// logarithm; point at a square for its numbers.
public final class HeatMap {
  private static final int LEFT = 70;
  private static final int TOP = 78;
  private static final int GAP = 60;
  private static final int MOST = 720; // pixels of a matrix
  private static final int LEAST_CELL = 4;
  private static final int LARGEST_CELL = 46;

  // From slow to fast: even in lightness, also for colour-blind eyes (cividis, Nuñez et al. 2018).
  private static final int[][] RAMP = {
    {0x00, 0x22, 0x4e},
    {0x35, 0x45, 0x6c},
    {0x66, 0x69, 0x70},
    {0x94, 0x8e, 0x77},
    {0xc8, 0xb8, 0x66},
    {0xfe, 0xe8, 0x38}
  };

  private final Profile profile;
  private final XMLStreamWriter xml;
  private final int cell;

  private HeatMap(Profile profile, XMLStreamWriter xml) {
    this.profile = profile;
    this.xml = xml;
    this.cell = Math.clamp(MOST / Math.max(1, profile.ranks()), LEAST_CELL, LARGEST_CELL);
  }

  /// Writes the heat map of a profile. The stream stays open.
  ///
  /// @throws IOException if the stream fails
  public static void write(Profile profile, OutputStream out) throws IOException {
    try {
      XMLStreamWriter xml =
          XMLOutputFactory.newInstance().createXMLStreamWriter(out, StandardCharsets.UTF_8.name());
      new HeatMap(profile, xml).emit();
      xml.flush();
    } catch (XMLStreamException e) {
      throw new IOException("cannot write the heat map: " + e.getMessage(), e);
    }
  }

  private void emit() throws XMLStreamException {
    int side = cell * profile.ranks();
    int width = 2 * (LEFT + side + GAP);
    int height = TOP + side + 40;
    xml.writeStartDocument(StandardCharsets.UTF_8.name(), "1.0");
    xml.writeStartElement("svg");
    xml.writeDefaultNamespace("http://www.w3.org/2000/svg");
    xml.writeAttribute("viewBox", "0 0 " + width + " " + height);
    xml.writeAttribute("width", String.valueOf(width));
    xml.writeAttribute("font-family", "sans-serif");
    xml.writeAttribute("role", "img");
    element("title", "Rates and latencies between " + profile.ranks() + " ranks");
    rectangle(0, 0, width, height, "#ffffff", null);
    text(LEFT, 28, 16, "start", profile.ranks() + " ranks over " + profile.transport());
    matrix(LEFT, "rate (light is fast)", this::rate, HeatMap::gigabytes, false);
    matrix(2 * LEFT + side + GAP, "latency (light is fast)", this::latency, Quantities::time, true);
    xml.writeEndElement();
    xml.writeEndDocument();
  }

  private @Nullable Double rate(PairProfile pair) {
    return pair.rate();
  }

  private @Nullable Double latency(PairProfile pair) {
    Estimate latency = pair.latencySeconds();
    return latency == null ? null : Double.valueOf(latency.median());
  }

  private static String gigabytes(@Nullable Double rate) {
    return Quantities.rate(rate);
  }

  private void matrix(
      int left,
      String title,
      Function<PairProfile, @Nullable Double> value,
      Function<@Nullable Double, String> words,
      boolean lessIsBetter)
      throws XMLStreamException {
    double least = Double.POSITIVE_INFINITY;
    double most = 0;
    for (PairProfile pair : profile.pairs()) {
      Double number = value.apply(pair);
      if (number != null && number > 0) {
        least = Math.min(least, number);
        most = Math.max(most, number);
      }
    }
    text(left, 50, 12, "start", title + ": " + words.apply(least) + " to " + words.apply(most));
    int labels = Math.max(1, Math.ceilDiv(14, cell)); // so that numbers do not overlap
    for (int r = 0; r < profile.ranks(); r++) {
      if (r % labels == 0) {
        text(left - 6, TOP + r * cell + cell / 2 + 4, 11, "end", String.valueOf(r));
        text(left + r * cell + cell / 2, TOP - 6, 11, "middle", String.valueOf(r));
      }
      for (int to = 0; to < profile.ranks(); to++) {
        PairProfile pair = r == to ? null : profile.pair(r, to);
        Double number = pair == null ? null : value.apply(pair);
        double place = place(number, least, most);
        String color = number == null ? "#eeeeee" : color(lessIsBetter ? 1 - place : place);
        String tip = pair == null ? null : name(r) + " -> " + name(to) + ": " + words.apply(number);
        rectangle(left + to * cell, TOP + r * cell, cell - 1, cell - 1, color, tip);
      }
    }
  }

  private String name(int rank) {
    return "rank " + rank + " (" + profile.places().get(rank).host() + ")";
  }

  /// Returns where a number stands between two others by its logarithm: 0 to 1.
  private static double place(@Nullable Double number, double least, double most) {
    if (number == null || number <= 0 || most <= least) {
      return number == null || number <= 0 ? 0 : 1;
    }
    return Math.clamp(Math.log(number / least) / Math.log(most / least), 0, 1);
  }

  private static String color(double place) {
    double at = place * (RAMP.length - 1);
    int low = (int) Math.min(RAMP.length - 2.0, Math.floor(at));
    double part = at - low;
    int[] color = new int[3];
    for (int i = 0; i < color.length; i++) {
      color[i] = (int) Math.round(RAMP[low][i] + part * (RAMP[low + 1][i] - RAMP[low][i]));
    }
    return String.format(Locale.ROOT, "#%02x%02x%02x", color[0], color[1], color[2]);
  }

  private void rectangle(int x, int y, int width, int height, String color, @Nullable String tip)
      throws XMLStreamException {
    xml.writeStartElement("rect");
    xml.writeAttribute("x", String.valueOf(x));
    xml.writeAttribute("y", String.valueOf(y));
    xml.writeAttribute("width", String.valueOf(width));
    xml.writeAttribute("height", String.valueOf(height));
    xml.writeAttribute("fill", color);
    if (tip != null) {
      element("title", tip);
    }
    xml.writeEndElement();
  }

  private void text(int x, int y, int size, String anchor, String words) throws XMLStreamException {
    xml.writeStartElement("text");
    xml.writeAttribute("x", String.valueOf(x));
    xml.writeAttribute("y", String.valueOf(y));
    xml.writeAttribute("font-size", String.valueOf(size));
    xml.writeAttribute("text-anchor", anchor);
    xml.writeAttribute("fill", "#1b2430");
    xml.writeCharacters(XmlText.clean(words));
    xml.writeEndElement();
  }

  private void element(String name, String words) throws XMLStreamException {
    xml.writeStartElement(name);
    xml.writeCharacters(XmlText.clean(words));
    xml.writeEndElement();
  }
}
