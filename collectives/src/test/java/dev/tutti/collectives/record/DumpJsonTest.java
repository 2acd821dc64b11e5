package dev.tutti.collectives.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.collectives.record.Dump.Kind;
import dev.tutti.collectives.record.Dump.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DumpJsonTest {
  private static final Dump DUMP =
      new Dump(
          new Identity("world.1.0", 1, List.of(3, 5), "tcp", "a \"host\"", "boot", 4711, "job"),
          1_700_000_000_000_000_001L,
          -5,
          -50,
          7,
          Map.of(Counter.OPERATIONS, 6L, Counter.BYTES, 1L << 40),
          new Dump.Failure(6, "MismatchException", "ranks disagree\n\u2026", 12, 13),
          new Dump.Wait(0, 6, 14, 15),
          List.of(0),
          List.of(new Dump.Peer(3, 1, 2, 3, 4, 5, 6), new Dump.Peer(5, 0, 0, 0, 0, 0, 0)),
          List.of(
              new Dump.Operation(
                  5, "send of 1 INT8 to rank 0", Kind.MESSAGE, 1, "", State.DONE, 0, 0, false),
              new Dump.Operation(
                  6, "barrier", Kind.COLLECTIVE, 0, "flat", State.FAILED, 3, 0, true)));

  @Test
  void shouldReadBackWhatItWrites() {
    Dump read = DumpJson.read(DumpJson.write(DUMP));

    assertThat(read).usingRecursiveComparison().ignoringFields("counters").isEqualTo(DUMP);
    assertThat(read.counter(Counter.BYTES)).isEqualTo(1L << 40);
    assertThat(read.counter(Counter.STALLS)).isZero();
  }

  @Test
  void shouldIgnoreFieldsOfLaterVersions() {
    String json = DumpJson.write(DUMP).replace("\"rank\":1", "\"new\":{\"x\":[1]},\"rank\":1");

    assertThat(DumpJson.read(json).identity().rank()).isEqualTo(1);
  }

  private static void assertRefused(String json, String... expected) {
    assertThatThrownBy(() -> DumpJson.read(json))
        .isInstanceOf(RecordFormatException.class)
        .message()
        .contains(expected);
  }

  @Test
  void shouldNamePlaceAndExpectationWhenMalformed() {
    String good = DumpJson.write(DUMP);

    assertRefused("", "is empty, expected a JSON object");
    assertRefused("[]", "the document is an array, expected an object");
    assertRefused("hello", "line 1, column ", "expected well-formed JSON");
    assertRefused("{\"schema\": \"tutti-schedule/1\"}", "expected \"tutti-dump/1\"");
    assertRefused("{\"ranks\": 2}", "the document has no \"schema\"");
    assertRefused(good + "{}", "something after its end");
    assertRefused(
        good.replace("\"rank\":1", "\"rank\":2"), "rank is 2, expected a number from 0 to 1");
    assertRefused(good.replace("\"size\":2", "\"size\":3"), "members has 2 ranks");
    assertRefused(
        good.replace("\"state\":\"failed\"", "\"state\":\"lost\""),
        "operations[1].state is lost, expected one of [running, done, failed]");
    assertRefused(
        good.replace("\"call\":\"barrier\"", "\"call\":7"),
        "operations[1].call is 7, expected a string");
    assertRefused(good.replace("\"waits\":1,", ""), "peers[0] has no \"waits\"");
    assertRefused("[".repeat(100), "expected well-formed JSON", "nesting depth");
  }

  @Test
  void shouldRefuseEveryTruncation() {
    String good = DumpJson.write(DUMP).strip();

    for (int length = 0; length < good.length(); length++) {
      String truncated = good.substring(0, length);
      assertThatThrownBy(() -> DumpJson.read(truncated)).isInstanceOf(RecordFormatException.class);
    }
  }

  @Test
  void shouldWriteIntoFolderUnderItsUsualName(@TempDir Path folder) throws IOException {
    Path file = DumpFile.write(DUMP, folder);

    assertThat(file).isEqualTo(folder.resolve("tutti-world.1.0-rank1of2-4711.json"));
    assertThat(folder).isDirectoryContaining(path -> path.equals(file));
    assertThat(folder.toFile().list()).hasSize(1);
    assertThat(DumpFile.read(file).identity()).isEqualTo(DUMP.identity());
    assertThat(DumpFile.write(DUMP, folder.resolve("mine.json"))).exists();
  }

  @Test
  void shouldRefuseFilesThatAreNoText(@TempDir Path folder) throws IOException {
    Path file = Files.write(folder.resolve("x.json"), new byte[] {'{', (byte) 0xff, '}'});

    assertThatThrownBy(() -> DumpFile.read(file)).hasMessageContaining("is not text in UTF-8");
  }
}
