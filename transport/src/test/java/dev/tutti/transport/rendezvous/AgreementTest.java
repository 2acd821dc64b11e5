package dev.tutti.transport.rendezvous;

import static dev.tutti.transport.rendezvous.TestWorld.LONG;
import static dev.tutti.transport.rendezvous.TestWorld.OPTIONS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tutti.transport.rendezvous.RendezvousException.Kind;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What survivors agree on, and how newcomers are admitted.
@Timeout(value = 30, unit = TimeUnit.SECONDS)
final class AgreementTest {
  private static final int[] ALL = {2, 0, 1};
  private static final Duration SHORT = Duration.ofMillis(150);

  @Test
  void shouldGiveEveryoneTheSameInTheOrderOfTheMembers() {
    try (TestWorld world = TestWorld.form(0, 3, OPTIONS)) {
      for (SurvivorGather result : agreeAll(world, 1, ALL)) {
        assertThat(result.survivors()).containsExactly(2, 0, 1);
        assertThat(result.contributions())
            .containsExactly(new byte[] {2}, new byte[] {0}, new byte[] {1});
      }
    }
  }

  @Test
  void shouldLeaveOutThoseWhoAreGoneBeforeOrMeanwhile() {
    try (TestWorld world = TestWorld.form(0, 4, OPTIONS)) {
      int[] all = {0, 1, 2, 3};
      world.member(3).close();
      CompletableFuture<SurvivorGather> zero = agree(world, 0, 1, all, LONG);
      CompletableFuture<SurvivorGather> one = agree(world, 1, 1, all, LONG);
      await().during(Duration.ofMillis(30)).until(() -> !zero.isDone() && !one.isDone());

      world.member(2).close();

      assertThat(zero.join().survivors()).containsExactly(0, 1);
      assertThat(one.join().survivors()).containsExactly(0, 1);
    }
  }

  @Test
  void shouldDecideNothingWithThoseWhoTimeOut() {
    try (TestWorld world = TestWorld.form(0, 3, OPTIONS)) {
      CompletableFuture<SurvivorGather> impatient = agree(world, 0, 1, ALL, SHORT);
      CompletableFuture<SurvivorGather> patient = agree(world, 1, 1, ALL, LONG);

      RendezvousException e = failureOf(impatient);
      assertThat(e.kind()).isEqualTo(Kind.TIMEOUT);
      assertThat(e.ranks()).containsExactly(2);
      assertThat(e).hasMessage("agreement 1 waited 0.15 s for ranks [2]");
      CompletableFuture<SurvivorGather> two = agree(world, 2, 1, ALL, LONG);
      await().during(Duration.ofMillis(50)).until(() -> !patient.isDone() && !two.isDone());
      assertThat(agree(world, 0, 1, ALL, LONG).join().survivors()).containsExactly(2, 0, 1);
      assertThat(patient.join().survivors()).containsExactly(2, 0, 1);
      assertThat(two.join().survivors()).containsExactly(2, 0, 1);
    }
  }

  @Test
  void shouldRunManyAgreementsAtOnce() {
    try (TestWorld world = TestWorld.form(0, 3, OPTIONS)) {
      List<CompletableFuture<SurvivorGather>> all = new ArrayList<>();
      for (int tag = 0; tag < 50; tag++) {
        for (int rank : ALL) {
          all.add(agree(world, rank, tag, ALL, LONG));
        }
      }

      all.forEach(future -> assertThat(future.join().survivors()).hasSize(3));
    }
  }

  @Test
  void shouldCheckArgumentsAndSize() {
    try (TestWorld world = TestWorld.form(0, 1, OPTIONS)) {
      Membership alone = world.member(0);

      assertThatThrownBy(() -> alone.agree(1, new int[] {1}, new byte[0], LONG))
          .hasMessage("members must be distinct ranks in 0..0 with rank 0 among them: [1]");
      assertThatThrownBy(() -> alone.agree(1, new int[] {0}, new byte[1 << 20], LONG))
          .hasMessage("contribution of 1048576 bytes; the limit is 524288");
      assertThatThrownBy(() -> alone.admit(1, new int[] {0}, 0, LONG))
          .hasMessage("newcomers must be 1 to 1024, is 0");
      assertThatThrownBy(() -> alone.tell(new int[] {0}, 1, new byte[20_000]))
          .hasMessage("report of 20000 bytes; the limit is 16384");
      assertThat(alone.agree(1, new int[] {0}, new byte[Membership.MAX_CONTRIBUTION_BYTES], LONG))
          .extracting(SurvivorGather::survivors)
          .isEqualTo(List.of(0));
    }
  }

  @Test
  void shouldAdmitNewcomersAndGoOnWithThem() {
    try (TestWorld world = TestWorld.form(0, 3, OPTIONS)) {
      world.member(1).close();
      int[] present = {0, 2};
      List<CompletableFuture<List<Newcomer>>> admissions = new ArrayList<>();
      for (int rank : present) {
        admissions.add(world.later(() -> world.member(rank).admit(1, present, 2, LONG)));
      }

      CompletableFuture<Membership> first = world.newcomer(world.server.uri(), (byte) 40);
      URI standby = Objects.requireNonNull(world.member(2).uri());
      CompletableFuture<Membership> second = world.newcomer(standby, (byte) 40); // is sent on

      for (CompletableFuture<List<Newcomer>> admission : admissions) {
        assertThat(admission.join()).extracting(Newcomer::rank).containsExactly(3, 4);
        assertThat(admission.join().getFirst().card()).containsExactly(40);
      }
      world.add(first.join());
      world.add(second.join());
      int[] all = {0, 2, 3, 4};
      for (int rank : all) {
        assertThat(world.member(rank).worldSize()).isEqualTo(5);
        assertThat(world.member(rank).cards())
            .containsExactly(
                new byte[] {0}, new byte[] {1}, new byte[] {2}, new byte[] {40}, new byte[] {40});
      }
      world.awaitEvent(0, "joined 4 [40]");
      world.awaitEvent(3, "left 1");
      assertThat(world.log(3).events()).containsExactly("left 1");
      for (SurvivorGather result : agreeAll(world, 9, all)) {
        assertThat(result.survivors()).containsExactly(0, 2, 3, 4);
      }
    }
  }

  @Test
  void shouldLetNewcomerTakeOverWhenItIsTheLowestLeft() {
    try (TestWorld world = TestWorld.form(0, 2, OPTIONS)) {
      CompletableFuture<Membership> joining = world.newcomer(world.server.uri(), (byte) 7);
      int[] both = {0, 1};
      var other = world.later(() -> world.member(1).admit(1, both, 1, LONG));
      assertThat(world.member(0).admit(1, both, 1, LONG)).hasSize(1);
      assertThat(other.join()).hasSize(1);
      world.add(joining.join());
      world.member(1).close();
      world.awaitEvent(2, "left 1");

      world.crashServer();

      world.awaitEvent(2, "moved 2");
      assertThat(world.log(2).events())
          .filteredOn(event -> event.startsWith("failed 0 "))
          .hasSize(1);
      assertThat(world.member(2).agree(1, new int[] {2}, new byte[] {3}, LONG).survivors())
          .containsExactly(2);
    }
  }

  @Test
  void shouldSayThatThereAreTooFewNewcomers() {
    try (TestWorld world = TestWorld.form(0, 1, OPTIONS)) {
      assertThatThrownBy(() -> world.member(0).admit(1, new int[] {0}, 1, SHORT))
          .hasMessage("admission 1 waited 0.15 s for newcomers")
          .extracting(e -> ((RendezvousException) e).kind())
          .isEqualTo(Kind.TIMEOUT);
      assertThatThrownBy(() ->
              Membership.joinRunning(world.server.uri(), world.secret, new byte[0], SHORT, OPTIONS))
          .hasMessage("waited 0.15 s to be admitted to a running world");
    }
  }

  private static List<SurvivorGather> agreeAll(TestWorld world, long tag, int[] members) {
    List<CompletableFuture<SurvivorGather>> all = new ArrayList<>();
    for (int rank : members) {
      all.add(agree(world, rank, tag, members, LONG));
    }
    return all.stream().map(CompletableFuture::join).toList();
  }

  private static CompletableFuture<SurvivorGather> agree(
      TestWorld world, int rank, long tag, int[] members, Duration timeout) {
    return world.later(
        () -> world.member(rank).agree(tag, members, new byte[] {(byte) rank}, timeout));
  }

  private static RendezvousException failureOf(CompletableFuture<?> future) {
    try {
      future.join();
    } catch (CompletionException e) {
      return (RendezvousException) Objects.requireNonNull(e.getCause());
    }
    throw new AssertionError("it did not fail");
  }
}
