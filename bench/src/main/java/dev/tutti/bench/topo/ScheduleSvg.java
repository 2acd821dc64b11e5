package dev.tutti.bench.topo;

import dev.tutti.bench.topo.MessageRounds.Message;
import dev.tutti.collectives.schedule.ScheduleSet;
import dev.tutti.topology.draw.Theme;
import dev.tutti.topology.format.XmlText;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/// A schedule as a picture: a line down the page for each rank, an arrow for each message, round
/// after round ([MessageRounds]). The colour is the lane's, the number the chunk's.
public final class ScheduleSvg {
  private static final int MOST_RANKS = 64;
  private static final int MOST_MESSAGES = 20_000;
  private static final int MOST_LABELS = 600;
  private static final int MOST_LANES = 16; // in the legend
  private static final double COLUMN = 96;
  private static final double ROUND = 58;
  private static final double LEFT = 84;
  private static final double TOP = 92;
  private static final double FALL = 36; // how far an arrow falls within its round
  private static final double HEAD = 7;

  private static final String STYLE =
      """
      text{font-family:"Inter","Segoe UI","Helvetica Neue",Arial,"DejaVu Sans",sans-serif;font-size:11px}
      .title{font-size:18px;font-weight:700}
      .rank{font-weight:600;font-size:12px}
      .chunk{font-size:10px;paint-order:stroke;stroke-width:3px;stroke-linejoin:round}
      """;

  private final ScheduleSet set;
  private final List<List<Message>> rounds;
  private final XMLStreamWriter xml;

  private ScheduleSvg(ScheduleSet set, List<List<Message>> rounds, XMLStreamWriter xml) {
    this.set = set;
    this.rounds = rounds;
    this.xml = xml;
  }

  /// Writes a proven schedule. The stream stays open.
  ///
  /// @throws IllegalArgumentException if there are too many ranks or messages to look at
  /// @throws IOException if the stream fails
  public static void write(String title, ScheduleSet set, OutputStream out) throws IOException {
    List<List<Message>> rounds = MessageRounds.of(set);
    int messages = rounds.stream().mapToInt(List::size).sum();
    if (set.ranks() > MOST_RANKS || messages > MOST_MESSAGES) {
      throw new IllegalArgumentException(
          "a picture shows at most "
              + MOST_RANKS
              + " ranks and "
              + MOST_MESSAGES
              + " messages, the schedule has "
              + set.ranks()
              + " and "
              + messages);
    }
    try {
      XMLStreamWriter xml = XMLOutputFactory.newFactory().createXMLStreamWriter(out, "UTF-8");
      new ScheduleSvg(set, rounds, xml).document(title, messages);
      xml.flush();
    } catch (XMLStreamException e) {
      throw new IOException("cannot write SVG: " + e.getMessage(), e);
    }
  }

  private void document(String title, int messages) throws XMLStreamException {
    double width = Math.max(560, LEFT + (set.ranks() - 1) * COLUMN + LEFT);
    double bottom = TOP + rounds.size() * ROUND;
    xml.writeStartDocument("UTF-8", "1.0");
    start("svg");
    xml.writeDefaultNamespace("http://www.w3.org/2000/svg");
    attributes("viewBox", "0 0 " + number(width) + " " + number(bottom + 56));
    attributes("width", number(width), "height", number(bottom + 56), "role", "img");
    String summary =
        set.ranks() + " ranks, " + rounds.size() + " rounds, " + messages + " messages";
    text("title", title + ": " + summary);
    text("style", "\n" + STYLE + colors(Theme.LIGHT) + dark());
    start("rect", "class", "paper", "width", "100%", "height", "100%");
    xml.writeEndElement();
    text("text", title, "class", "title", "x", "24", "y", "34");
    text("text", summary, "class", "faint", "x", "24", "y", "54");
    for (int rank = 0; rank < set.ranks(); rank++) {
      line("time", x(rank), TOP - 10, x(rank), bottom);
      words("rank", "rank " + rank, x(rank), TOP - 18);
    }
    for (int round = 0; round < rounds.size(); round++) {
      words("faint", String.valueOf(round), 30, TOP + round * ROUND + FALL / 2 + 4);
      for (Message message : rounds.get(round)) {
        arrow(message, TOP + round * ROUND, messages <= MOST_LABELS);
      }
    }
    legend(bottom + 30);
    xml.writeEndElement();
    xml.writeEndDocument();
  }

  private void arrow(Message message, double top, boolean labelled) throws XMLStreamException {
    double fromX = x(message.from());
    double toX = x(message.to());
    double length = Math.hypot(toX - fromX, FALL);
    double alongX = (toX - fromX) / length;
    double alongY = FALL / length;
    double endX = toX - alongX * 3;
    double endY = top + FALL - alongY * 3;
    start("g", "class", lane(message.lane()));
    text(
        "title",
        "rank "
            + message.from()
            + " to rank "
            + message.to()
            + ": chunk "
            + message.chunk()
            + ", lane "
            + message.lane());
    line("way", fromX, top, endX, endY);
    String points =
        point(endX, endY)
            + point(
                endX - alongX * HEAD - alongY * HEAD / 2, endY - alongY * HEAD + alongX * HEAD / 2)
            + point(
                endX - alongX * HEAD + alongY * HEAD / 2, endY - alongY * HEAD - alongX * HEAD / 2);
    start("polygon", "class", "tip", "points", points.strip());
    xml.writeEndElement();
    xml.writeEndElement();
    if (labelled) {
      // Near the sender, where arrows of one round lie apart.
      double share = Math.min(0.5, 30 / length);
      words(
          "chunk",
          String.valueOf(message.chunk()),
          fromX + (endX - fromX) * share,
          top + FALL * share + 3);
    }
  }

  private void legend(double y) throws XMLStreamException {
    TreeSet<Integer> lanes = new TreeSet<>();
    rounds.forEach(round -> round.forEach(message -> lanes.add(message.lane())));
    double x = 24;
    for (int lane : lanes.headSet(MOST_LANES)) {
      start("g", "class", lane(lane));
      line("way", x, y - 4, x + 24, y - 4);
      xml.writeEndElement();
      text("text", "lane " + lane, "x", number(x + 30), "y", number(y));
      x += 84;
    }
    if (lanes.size() > MOST_LANES) {
      String more = "and " + (lanes.size() - MOST_LANES) + " more lanes";
      text("text", more, "class", "faint", "x", number(x), "y", number(y));
    }
  }

  private static String lane(int lane) {
    return "w" + lane % Theme.ways().size();
  }

  private static String dark() {
    return "@media screen and (prefers-color-scheme: dark){\n" + colors(Theme.DARK) + "}\n";
  }

  private static String colors(Theme theme) {
    StringBuilder css = new StringBuilder();
    css.append(".paper{fill:").append(theme.background()).append("}\n");
    css.append("text{fill:").append(theme.ink()).append("}\n");
    css.append(".faint{fill:").append(theme.faint()).append("}\n");
    css.append(".chunk{stroke:").append(theme.background()).append("}\n");
    css.append(".time{stroke:").append(theme.border()).append("}\n");
    for (int i = 0; i < Theme.ways().size(); i++) {
      String color = Theme.way(i);
      css.append(".w" + i + " .way{stroke:" + color + ";stroke-width:1.6}\n");
      css.append(".w" + i + " .tip{fill:" + color + "}\n");
    }
    return css.toString();
  }

  private double x(int rank) {
    return LEFT + rank * COLUMN;
  }

  private void line(String style, double x1, double y1, double x2, double y2)
      throws XMLStreamException {
    start("line", "class", style);
    attributes("x1", number(x1), "y1", number(y1), "x2", number(x2), "y2", number(y2));
    xml.writeEndElement();
  }

  private void words(String style, String words, double x, double y) throws XMLStreamException {
    text("text", words, "class", style, "x", number(x), "y", number(y), "text-anchor", "middle");
  }

  private void text(String name, String words, String... attributes) throws XMLStreamException {
    start(name, attributes);
    xml.writeCharacters(XmlText.clean(words));
    xml.writeEndElement();
  }

  private void start(String name, String... attributes) throws XMLStreamException {
    xml.writeCharacters("\n");
    xml.writeStartElement(name);
    attributes(attributes);
  }

  private void attributes(String... attributes) throws XMLStreamException {
    for (int i = 0; i < attributes.length; i += 2) {
      xml.writeAttribute(attributes[i], XmlText.clean(attributes[i + 1]));
    }
  }

  private static String point(double x, double y) {
    return number(x) + "," + number(y) + " ";
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
