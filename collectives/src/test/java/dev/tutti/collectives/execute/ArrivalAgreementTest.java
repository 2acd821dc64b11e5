package dev.tutti.collectives.execute;

import static dev.tutti.collectives.execute.ArrivalAgreement.ALL;
import static dev.tutti.collectives.execute.ArrivalAgreement.NONE;
import static dev.tutti.collectives.execute.ArrivalAgreement.decision;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class ArrivalAgreementTest {
  private static final int[] VOTES = {ALL, 0, 3, 4};

  @Test
  void shouldDecideTheSameWhicheverVotesAreHeardFirst() {
    for (int a : VOTES) {
      for (int b : VOTES) {
        for (int c : VOTES) {
          int last = decision(a, b, c);
          for (int heard = 0; heard < 8; heard++) {
            int early =
                decision(
                    (heard & 1) == 0 ? NONE : a,
                    (heard & 2) == 0 ? NONE : b,
                    (heard & 4) == 0 ? NONE : c);
            assertThat(early).as("%d %d %d, heard %d", a, b, c, heard).isIn(NONE, last);
          }
        }
      }
    }
  }

  @Test
  void shouldAlwaysDecideByThreeVotes() {
    for (int a : VOTES) {
      for (int b : VOTES) {
        for (int c : VOTES) {
          boolean differ = Arrays.stream(new int[] {a, b, c}).distinct().count() == 3;
          assertThat(decision(a, b, c)).as("%d %d %d", a, b, c).isNotEqualTo(NONE);
          assertThat(!differ || decision(a, b, c) == ALL).isTrue();
        }
      }
    }
  }

  @Test
  void shouldNotNeedTheThirdJudge() {
    assertThat(decision(NONE, 0, 0)).isEqualTo(0);
    assertThat(decision(1, NONE, 1)).isEqualTo(1);
    assertThat(decision(2, 2, NONE)).isEqualTo(2);
    assertThat(decision(ALL, NONE, 0)).isEqualTo(NONE);
  }
}
