package dev.tutti.collectives.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ScheduleFormatPropertyTest {
  private static final long SEED = Long.getLong("tutti.test.seed", 20260102L);

  private final SplittableRandom random = new SplittableRandom(SEED);

  private ScheduleSet randomSet() {
    Collective collective = Collective.values()[random.nextInt(5)];
    int ranks = random.nextInt(1, 5);
    int root = random.nextInt(ranks);
    Partition partition =
        random.nextBoolean()
            ? Partition.even(random.nextInt(1, 9))
            : Partition.weighted(random.longs(random.nextInt(1, 9), 1, 100).toArray());
    return ScheduleSet.of(
        ranks,
        r -> {
          List<Lane> lanes = new ArrayList<>();
          for (int l = random.nextInt(4); l > 0; l--) {
            List<Step> steps = new ArrayList<>();
            for (int s = random.nextInt(5); s > 0; s--) {
              steps.add(randomStep());
            }
            lanes.add(new Lane(steps));
          }
          int copies = random.nextInt(3);
          return new Schedule(collective, ranks, r, root, partition, copies, lanes);
        });
  }

  private Step randomStep() {
    StepKind kind = StepKind.values()[random.nextInt(StepKind.values().length)];
    List<Dependency> after = new ArrayList<>();
    for (int d = random.nextInt(3); d > 0; d--) {
      after.add(new Dependency(random.nextInt(100), random.nextInt(Integer.MAX_VALUE)));
    }
    return new Step(
        kind,
        kind.hasSource() ? randomOperand() : null,
        kind.hasTarget() ? randomOperand() : null,
        kind.receives() ? random.nextInt(1000) : Step.NO_PEER,
        kind.sends() ? random.nextInt(1000) : Step.NO_PEER,
        after);
  }

  private Operand randomOperand() {
    return new Operand(Buffer.values()[random.nextInt(3)], random.nextInt() >>> 1);
  }

  @Test
  void shouldReadWhatWasWritten() {
    for (int i = 0; i < 2_000; i++) {
      ScheduleSet set = randomSet();

      String text = ScheduleText.write(set);
      String json = ScheduleJson.write(set);

      assertThat(ScheduleText.parse(text)).as("seed %d set %d", SEED, i).isEqualTo(set);
      assertThat(ScheduleJson.parse(json)).as("seed %d set %d", SEED, i).isEqualTo(set);
    }
  }

  /// Damaged input is either still well formed or refused with a place inside the input.
  @Test
  void shouldNameThePlaceOfDamage() {
    int refused = 0;
    for (int i = 0; i < 4_000; i++) {
      ScheduleSet set = randomSet();
      boolean json = random.nextBoolean();
      StringBuilder form =
          new StringBuilder(json ? ScheduleJson.write(set) : ScheduleText.write(set));
      for (int damage = random.nextInt(1, 4); damage > 0; damage--) {
        int at = random.nextInt(form.length());
        switch (random.nextInt(3)) {
          case 0 -> form.deleteCharAt(at);
          case 1 -> form.insert(at, (char) random.nextInt(32, 127));
          default -> form.setCharAt(at, (char) random.nextInt(32, 127));
        }
      }
      String damaged = form.toString();
      try {
        ScheduleSet read = json ? ScheduleJson.parse(damaged) : ScheduleText.parse(damaged);
        assertThat(ScheduleText.parse(ScheduleText.write(read))).isEqualTo(read);
      } catch (ScheduleFormatException e) {
        refused++;
        List<String> lines = damaged.lines().toList();
        assertThat(e.line()).as("seed %d input %d", SEED, i).isBetween(1, lines.size() + 1);
        int width = e.line() > lines.size() ? 0 : lines.get(e.line() - 1).length();
        assertThat(e.column()).as("seed %d input %d", SEED, i).isBetween(1, width + 2);
        assertThat(e.expected()).isNotEmpty();
      }
    }
    assertThat(refused).isGreaterThan(2_000);
  }
}
