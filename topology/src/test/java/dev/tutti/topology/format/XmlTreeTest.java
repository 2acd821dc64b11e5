package dev.tutti.topology.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.topology.TopologyFormatException;
import dev.tutti.topology.format.XmlTree.Element;
import org.junit.jupiter.api.Test;

final class XmlTreeTest {
  @Test
  void shouldKnowWhereElementsBegin() {
    Element root =
        parse(
            """
            <?xml version="1.0"?>
            <!-- <no> -->
            <a>
              <b x='1'/><!-- <c/> --><b
                x="2"> <![CDATA[<d>]]> </b>
            </a>
            """);

    assertThat(root.place()).isEqualTo(new Place("x.xml", 3, 1, "a"));
    assertThat(root.children("b"))
        .extracting(Element::place)
        .containsExactly(new Place("x.xml", 4, 3, "a/b[0]"), new Place("x.xml", 4, 26, "a/b[1]"));
    assertThat(root.children().get(1).attributes()).containsEntry("x", "2");
  }

  @Test
  void shouldTakeADocumentTypeWithoutFetchingIt() {
    Element root = parse("<!DOCTYPE topology SYSTEM \"http://127.0.0.1:1/none.dtd\">\n<topology/>");

    assertThat(root.place().line()).isEqualTo(2);
  }

  @Test
  void shouldRefuseEntities() {
    assertThatThrownBy(() -> parse("<!DOCTYPE a [\n <!ENTITY lol \"lol\">\n]>\n<a>&lol;</a>"))
        .isInstanceOf(TopologyFormatException.class)
        .hasMessage("x.xml:2:2: declares an entity (<!ENTITY lol \"lol\">), which is refused");
    assertThatThrownBy(() -> parse("<a b='&lol;'/>")).isInstanceOf(TopologyFormatException.class);
    assertThatThrownBy(() -> parse("<a>&lol;</a>")).isInstanceOf(TopologyFormatException.class);
    assertThat(parse("<a b='&amp;&#65;'/>").get("b")).isEqualTo("&A");
  }

  @Test
  void shouldRefuseWhatIsTooDeepOrTooWide() {
    assertThatThrownBy(() -> parse("<a>".repeat(97) + "</a>".repeat(97)))
        .isInstanceOf(TopologyFormatException.class)
        .hasMessageEndingWith("is deeper than 96 elements");
    StringBuilder wide = new StringBuilder("<a ");
    for (int i = 0; i < 65; i++) {
      wide.append("b").append(i).append("='' ");
    }
    assertThatThrownBy(() -> parse(wide + "/>"))
        .hasMessage("x.xml:1:1: a: has 65 attributes, expected at most 64");
  }

  @Test
  void shouldRefuseAnEmptyFile() {
    assertThatThrownBy(() -> parse("")).isInstanceOf(TopologyFormatException.class);
    assertThatThrownBy(() -> parse("<!-- nothing -->")).isInstanceOf(TopologyFormatException.class);
  }

  private static Element parse(String text) {
    return XmlTree.parse(new SourceFile("x.xml", text));
  }
}
