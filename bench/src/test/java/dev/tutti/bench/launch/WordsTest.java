package dev.tutti.bench.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class WordsTest {
  @Test
  void shouldCutAtBlanksOutsideQuotes() {
    assertThat(Words.split(" ssh  -p 2222 -i 'my key' -o \"A=it's\" '' a'b'c "))
        .containsExactly("ssh", "-p", "2222", "-i", "my key", "-o", "A=it's", "", "abc");
  }

  @Test
  void shouldExplainWhatIsNoCommand() {
    assertThatThrownBy(() -> Words.split("ssh 'a")).hasMessage("a quote is not closed in: ssh 'a");
    assertThatThrownBy(() -> Words.split("  ")).hasMessage("there is no word");
  }
}
