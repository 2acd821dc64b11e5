package dev.tutti.collectives.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ScheduleFormatTest {
  private static final String TEXT =
      """
      tutti-schedule/1 all-reduce ranks 2 root 0
      partition weighted 3 1
      rank 0: scratch 1 lanes 2
      rank 0 lane 0: send I0 >1
      rank 0 lane 0: recv-reduce O1 = I1 + <1 after 1.0 1.1
      rank 0 lane 1: recv-forward O0 = <1 >1
      rank 0 lane 1: reduce O0 += S0
      rank 1: scratch 0 lanes 0
      """;

  private static final String JSON =
      """
      {
        "schema": "tutti-schedule/1",
        "collective": "all-reduce",
        "ranks": 2,
        "root": 0,
        "partition": {"weights": [3, 1]},
        "schedules": [
          {"rank": 0, "scratchCopies": 1, "lanes": [[
            {"kind": "send", "source": "I0", "to": 1},
            {"kind": "recv-reduce", "target": "O1", "source": "I1", "from": 1, "after": [[1, 0], [1, 1]]}
          ], [
            {"kind": "recv-forward", "target": "O0", "from": 1, "to": 1},
            {"kind": "reduce", "target": "O0", "source": "S0"}
          ]]},
          {"rank": 1, "scratchCopies": 0, "lanes": []}
        ]
      }
      """;

  private static void assertTextError(String old, String replacement, String message) {
    assertThat(TEXT).contains(old);
    assertThatThrownBy(() -> ScheduleText.parse(TEXT.replace(old, replacement)))
        .isInstanceOf(ScheduleFormatException.class)
        .hasMessage(message);
  }

  private static void assertJsonError(String old, String replacement, String message) {
    assertThat(JSON).contains(old);
    assertThatThrownBy(() -> ScheduleJson.parse(JSON.replace(old, replacement)))
        .isInstanceOf(ScheduleFormatException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void shouldWriteTextThatWasRead() {
    assertThat(ScheduleText.write(ScheduleText.parse(TEXT))).isEqualTo(TEXT);
  }

  @Test
  void shouldWriteJsonThatWasRead() {
    String written = ScheduleJson.write(ScheduleJson.parse(JSON));

    assertThat(written.replaceAll("\\s", "")).isEqualTo(JSON.replaceAll("\\s", ""));
    assertThat(written.lines()).hasSize(8); // one per rank and step, one before and one after
  }

  @Test
  void shouldReadSameSetFromTextAndJson() {
    assertThat(ScheduleJson.parse(JSON)).isEqualTo(ScheduleText.parse(TEXT));
  }

  @Test
  void shouldIgnoreCommentsBlankLinesAndSpaces() {
    String text = TEXT.replace("rank 1:", "# a comment\n\n  rank  1 :").replace("\n", "\r\n");

    assertThat(ScheduleText.parse(text)).isEqualTo(ScheduleText.parse(TEXT));
  }

  @Test
  void shouldReadJsonFieldsInAnyOrder() {
    String json =
        JSON.replace("\"ranks\": 2,\n", "").replace("\n  ]\n}", "\n  ],\n  \"ranks\": 2\n}");

    assertThat(ScheduleJson.parse(json)).isEqualTo(ScheduleText.parse(TEXT));
  }

  @Test
  void shouldNameLineAndColumnOfTextErrors() {
    assertTextError(
        "schedule/1",
        "schedule/2",
        "line 1 column 1: expected \"tutti-schedule/1\", found 'tutti-schedule/2 all-red'");
    assertTextError(
        "all-reduce",
        "all-reduces",
        "line 1 column 18: expected a collective such as all-reduce, found 'all-reduces ranks 2 root'");
    assertTextError(
        "ranks 2",
        "ranks 20000",
        "line 1 column 35: expected number of ranks in 1...16384, found '20000 root 0'");
    assertTextError("root 0", "root 2", "line 1 column 42: expected root in 0...1, found '2'");
    assertTextError(
        "weighted 3 1",
        "weighted 0 0",
        "line 2 column 23: expected a weight that is not 0, found the end of the line");
    assertTextError(
        "weighted", "odd", "line 2 column 11: expected \"even\" or \"weighted\", found 'odd 3 1'");
    assertTextError(
        "rank 1:", "rank 2:", "line 8 column 6: expected rank 1, found '2: scratch 0 lanes 0'");
    assertTextError(
        "lane 1: reduce",
        "lane 2: reduce",
        "line 7 column 13: expected lane in 0...1, found '2: reduce O0 += S0'");
    assertTextError(
        "send I0",
        "sent I0",
        "line 4 column 16: expected a step such as recv-reduce, found 'sent I0 >1'");
    assertTextError(
        "send I0", "send X0", "line 4 column 21: expected an operand such as O3, found 'X0 >1'");
    assertTextError("I0 >1", "I0 1", "line 4 column 24: expected \">\", found '1'");
    assertTextError("O0 += S0", "O0 = S0", "line 7 column 26: expected \"+=\", found '= S0'");
    assertTextError(
        "after 1.0 1.1",
        "after",
        "line 5 column 46: expected a lane in 0...2147483647, found the end of the line");
    assertTextError(
        "S0\n",
        "S99999999999\n",
        "line 7 column 30: expected the index of a chunk in 0...2147483647, found '99999999999'");
    assertTextError(
        "rank 1: scratch 0 lanes 0\n",
        "",
        "line 8 column 1: expected \"rank\", found the end of the text");
  }

  @Test
  void shouldRejectTextBehindTheLastRank() {
    assertThatThrownBy(() -> ScheduleText.parse(TEXT + "rank 2: scratch 0 lanes 0\n"))
        .hasMessage(
            "line 9 column 1: expected the end, all 2 ranks being complete,"
                + " found 'rank 2: scratch 0 lanes '");
  }

  @Test
  void shouldRejectHostileNumberOfLanes() {
    assertTextError(
        "scratch 0 lanes 0",
        "scratch 0 lanes 1048575",
        "line 8 column 25: expected number of lanes in 0...1048574, found '1048575'");
  }

  @Test
  void shouldNameLineAndColumnOfJsonErrors() {
    assertJsonError(
        "schedule/1",
        "schedule/9",
        "line 2 column 13: expected \"tutti-schedule/1\", found 'tutti-schedule/9'");
    assertJsonError(
        "\"ranks\": 2",
        "\"ranks\": \"2\"",
        "line 4 column 12: expected number of ranks in 1...16384, found '2'");
    assertJsonError(
        "\"root\": 0", "\"root\": 2", "line 17 column 1: expected root below 2, found '2'");
    assertJsonError(
        "\"root\": 0,",
        "\"root\": 0, \"root\": 0,",
        "line 5 column 14: expected each field once, found 'root'");
    assertJsonError(
        "\"root\"",
        "\"route\"",
        "line 5 column 3: expected schema, collective, ranks, root, partition or schedules, found 'route'");
    assertJsonError(
        "[3, 1]", "[3, -1]", "line 6 column 32: expected weight in 0...2147483644, found '-1'");
    assertJsonError(
        "\"send\"",
        "\"sent\"",
        "line 9 column 16: expected a kind of step such as recv-reduce, found 'sent'");
    assertJsonError(
        ", \"to\": 1}",
        "}",
        "line 9 column 38: expected to in a send step, found 'a step that has none'");
    assertJsonError(
        "\"from\": 1, \"to\": 1}",
        "\"from\": 1, \"to\": 1, \"source\": \"I0\"}",
        "line 12 column 82: expected no source in a recv-forward step, found 'a step that has one'");
    assertJsonError(
        "\"I0\"", "\"I-1\"", "line 9 column 34: expected an operand such as \"O3\", found 'I-1'");
    assertJsonError(
        "[[1, 0], ", "[[1], ", "line 10 column 86: expected step in 0...2147483647, found ']'");
    assertJsonError("\"rank\": 1", "\"rank\": 2", "line 15 column 14: expected rank 1, found '2'");
    assertJsonError("\"ranks\": 2,", "", "line 17 column 1: expected a field \"ranks\", found '}'");
    assertJsonError(
        "\"ranks\": 2,", "\"ranks\": 3,", "line 17 column 1: expected 3 schedules, found '2'");
  }

  @Test
  void shouldRejectMalformedJson() {
    assertJsonError(
        "\"ranks\": 2,", "\"ranks\": 2", "line 5 column 3: expected well-formed JSON, found ");
    assertThatThrownBy(() -> ScheduleJson.parse("")).hasMessageContaining("expected an object");
    assertThatThrownBy(() -> ScheduleJson.parse(JSON + "1"))
        .hasMessageContaining("expected the end of the text");
    assertThatThrownBy(() -> ScheduleJson.parse("[".repeat(100_000)))
        .isInstanceOf(ScheduleFormatException.class);
    assertThatThrownBy(() -> ScheduleJson.parse("{\"" + "x".repeat(100_000) + "\": 1}"))
        .isInstanceOf(ScheduleFormatException.class);
  }
}
