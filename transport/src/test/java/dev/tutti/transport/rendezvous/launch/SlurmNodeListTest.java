package dev.tutti.transport.rendezvous.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SlurmNodeListTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          login1                    | login1    | 1
          gpu[01-03,7],login1       | gpu01     | 5
          login1,gpu[01-03]         | login1    | 4
          n[098-102]                | n098      | 5
          r[1-2]n[0-3]              | r1n0      | 8
          rack[3]-gpu[5,9].example  | rack3-gpu5.example | 2
          a,b,c                     | a         | 3
          n[0-999999999]            | n0        | 1000000000
          """)
  void shouldFindFirstHostAndCount(String text, String first, long size) {
    assertThat(SlurmNodeList.parse(text)).isEqualTo(new SlurmNodeList(first, size));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          gpu[1-3         | a bracket is not closed
          gpu]1[          | unexpected ] at character 4
          gpu[[1]]        | unexpected [ at character 5
          a,,b            | "" is no host name
          gpu[]           | "" is neither a number nor a range
          gpu[1-]         | "1-" is neither a number nor a range
          gpu[3-1]        | the range "3-1" runs backwards
          a b             | "a b" is no host name
          gpu[12345678901]| "12345678901" is neither a number nor a range
          """)
  void shouldExplainMalformedLists(String text, String message) {
    assertThatThrownBy(() -> SlurmNodeList.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
