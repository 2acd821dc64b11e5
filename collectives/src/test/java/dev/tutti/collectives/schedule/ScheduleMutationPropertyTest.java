package dev.tutti.collectives.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.tutti.collectives.algorithm.Algorithm;
import dev.tutti.collectives.algorithm.Algorithms;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The test of the verifier itself: whatever [InterleavingOracle] sees going wrong must have been
/// rejected.
class ScheduleMutationPropertyTest {
  private static final long SEED = Long.getLong("tutti.test.seed", 20260101L);
  private static final int MUTANTS = Integer.getInteger("tutti.test.mutants", 12_000);
  private static final int RUNS = 12;
  private static final int SEARCH_RUNS = 60;
  private static final int SMALL = SmallSchedules.all().size();

  private final List<SmallSchedules.Sample> samples = samples();

  private static List<SmallSchedules.Sample> samples() {
    List<SmallSchedules.Sample> all = new ArrayList<>(SmallSchedules.all());
    for (Collective collective : Collective.values()) {
      for (int n = 2; n <= 5; n++) {
        for (Algorithm algorithm : Algorithms.supporting(collective, n)) {
          int root = collective.isRooted() ? n - 1 : 0;
          ScheduleSet set = algorithm.scheduleSet(collective, n, root, 2);
          all.add(new SmallSchedules.Sample(algorithm.name(), set, 0));
        }
      }
    }
    return all;
  }

  /// Returns a run that the number of slots allows: any if 0, else with room for that many chunks.
  private static InterleavingOracle.Run run(
      SmallSchedules.Sample sample, SplittableRandom random, boolean inPlace) {
    Partition partition = sample.set().partition();
    int n = sample.set().ranks();
    int blocks =
        switch (sample.set().collective()) {
          case ALL_GATHER, REDUCE_SCATTER, GATHER, SCATTER -> n;
          case ALL_TO_ALL -> n * n;
          case ALL_REDUCE, BROADCAST, BARRIER, REDUCE, SCAN, EXCLUSIVE_SCAN -> 1;
        };
    long perChunk = random.nextInt(6) == 0 ? 7 : random.nextInt(1, 4);
    long elements = perChunk * partition.chunks() / blocks + random.nextInt(2);
    elements = sample.set().collective() == Collective.BARRIER ? 0 : elements * blocks;
    long longest = 1;
    for (int c = 0; c < partition.chunks(); c++) {
      longest = Math.max(longest, partition.length(c, elements));
    }
    int capacity =
        sample.slots() == 0
            ? random.nextInt(1, 4)
            : Math.toIntExact(longest) * (sample.slots() + random.nextInt(2));
    return new InterleavingOracle.Run(elements, capacity, inPlace, random.nextLong());
  }

  private static @Nullable String findHarm(
      SmallSchedules.Sample sample, int runs, SplittableRandom random, boolean inPlace) {
    for (int i = 0; i < runs; i++) {
      InterleavingOracle.Run run = run(sample, random, inPlace);
      String harm = InterleavingOracle.judge(sample.set(), run);
      if (harm != null) {
        return harm + " in " + run;
      }
    }
    return null;
  }

  @Test
  void shouldAcceptSamplesThatRunCorrectly() {
    SplittableRandom random = new SplittableRandom(SEED);
    for (SmallSchedules.Sample sample : samples) {
      VerificationReport report = ScheduleVerifier.verify(sample.set(), sample.slots());
      String harm = findHarm(sample, 50, random, false);
      String harmInPlace = report.isSafeInPlace() ? findHarm(sample, 50, random, true) : null;

      assertThat(report.describe()).as(sample.name()).contains("valid");
      assertThat(harm).as(sample.name()).isNull();
      assertThat(harmInPlace).as(sample.name()).isNull();
    }
  }

  @Test
  void shouldPredictOrderOfReductionOfSamples() {
    for (SmallSchedules.Sample sample : samples) {
      if (!sample.set().collective().reduces()) {
        continue;
      }
      int n = sample.set().ranks();
      Partition partition = sample.set().partition();
      int elements = 2 * partition.chunks() * n;
      int capacity = sample.slots() * elements + 1;
      InterleavingOracle oracle =
          new InterleavingOracle(
              sample.set(),
              new InterleavingOracle.Run(elements, capacity, false, SEED),
              (a, b) -> Long.rotateLeft(a, 11) * 31 + Long.rotateLeft(b, 11) * 31);
      oracle.executeOnly();
      boolean canonical = true;
      boolean consistent = true;
      for (int c = 0; c < partition.chunks(); c++) {
        int e = Math.toIntExact(partition.start(c, elements));
        for (int r = 0; r < n && partition.weight(c) > 0; r++) {
          if (oracle.hasResult(r, c)) {
            canonical &= oracle.output[r][e] == oracle.canonical(e, 0, oracle.contributors(r));
            boolean comparable = oracle.hasResult(0, c) && !sample.set().collective().isPrefix();
            consistent &= !comparable || oracle.output[r][e] == oracle.output[0][e];
          }
        }
      }

      VerificationReport report = ScheduleVerifier.verify(sample.set(), sample.slots());

      assertThat(report.isCanonical()).as("%s on %d", sample.name(), n).isEqualTo(canonical);
      assertThat(report.isConsistent()).as("%s on %d", sample.name(), n).isEqualTo(consistent);
    }
  }

  /// Prefers the small schedules: more of their mutants differ in a single way.
  private SmallSchedules.Sample randomSample(SplittableRandom random) {
    return samples.get(random.nextInt(random.nextBoolean() ? SMALL : samples.size()));
  }

  @Test
  void shouldRejectEveryHarmfulMutant() {
    SplittableRandom random = new SplittableRandom(SEED);
    Map<ScheduleDefect.Kind, int[]> rejections = new EnumMap<>(ScheduleDefect.Kind.class);
    int accepted = 0;
    int acceptedInPlace = 0;
    int falseAlarms = 0;
    int count = 0;
    while (count < MUTANTS) {
      SmallSchedules.Sample base = randomSample(random);
      ScheduleSet set = new ScheduleMutator(base.set(), random).mutate();
      if (set.equals(base.set())) {
        continue;
      }
      count++;
      SmallSchedules.Sample mutant = new SmallSchedules.Sample(base.name(), set, base.slots());
      VerificationReport report = ScheduleVerifier.verify(set, base.slots());
      String harm = findHarm(mutant, report.isValid() ? RUNS : SEARCH_RUNS, random, false);
      if (!report.isValid()) {
        int[] tally = rejections.computeIfAbsent(report.defects().get(0).kind(), k -> new int[2]);
        tally[harm == null ? 1 : 0]++;
        falseAlarms += harm == null ? 1 : 0;
        continue;
      }
      accepted++;
      if (harm == null && report.isSafeInPlace()) {
        acceptedInPlace++;
        harm = findHarm(mutant, RUNS / 2, random, true);
      }
      if (harm != null) {
        fail(
            "seed %d mutant %d of %s: %s%n%s",
            SEED, count, base.name(), harm, ScheduleText.write(set));
      }
    }
    System.out.printf(
        "seed %d: %d mutants of %d samples, %d accepted (%d also in place), %d rejected,"
            + " of which %d without visible harm%n",
        SEED, count, samples.size(), accepted, acceptedInPlace, count - accepted, falseAlarms);
    rejections.forEach((kind, t) ->
        System.out.printf("  %-26s harmful %5d, no visible harm %4d%n", kind, t[0], t[1]));

    assertThat(accepted).as("harmless mutants accepted").isGreaterThan(count / 100);
  }
}
