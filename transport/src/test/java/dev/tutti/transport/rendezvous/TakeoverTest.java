package dev.tutti.transport.rendezvous;

import static dev.tutti.transport.rendezvous.TestWorld.LONG;
import static dev.tutti.transport.rendezvous.TestWorld.OPTIONS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tutti.transport.rendezvous.MembershipOptions.Takeover;
import dev.tutti.transport.rendezvous.RendezvousException.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What happens when the server is lost: who takes its place, and what goes on.
@Timeout(value = 30, unit = TimeUnit.SECONDS)
final class TakeoverTest {
  private static final int[] SURVIVORS = {1, 2, 3};

  @Test
  void shouldLetLowestSurvivorTakeOverAndReportTheDeadOnce() {
    try (TestWorld world = TestWorld.form(0, 4, OPTIONS)) {
      world.crashServer();

      for (int rank : SURVIVORS) {
        world.awaitEvent(rank, "moved 1");
        assertThat(world.log(rank).events().getFirst()).startsWith("failed 0 ");
        assertThat(world.log(rank).events()).hasSize(2);
        assertThat(world.member(rank).servingRank()).isEqualTo(1);
      }
      world.awaitEvent(0, "evicted crashed");
      assertThat(gatherAmong(world, 5, SURVIVORS)).containsOnly(List.of(1, 2, 3));
    }
  }

  @Test
  void shouldPassReportsAndAbortsUnderNextServer() {
    try (TestWorld world = TestWorld.form(0, 3, OPTIONS)) {
      world.crashServer();
      world.awaitEvent(1, "moved 1");
      world.awaitEvent(2, "moved 1");

      world.member(2).tell(new int[] {1, 2}, 9, new byte[] {4});

      world.awaitEvent(1, "told 2 9 [4]");
      world.awaitEvent(2, "told 2 9 [4]");
      world.member(2).abort("enough");
      world.awaitEvent(1, "aborted 2 enough");
    }
  }

  @Test
  void shouldFailGatherThatLosesItsServerAndLetItBeCalledAgain() {
    try (TestWorld world = TestWorld.form(0, 3, OPTIONS)) {
      int[] both = {1, 2};
      CompletableFuture<byte[][]> waiting =
          world.later(() -> world.member(1).allGather(3, both, new byte[] {1}, LONG));
      CompletableFuture<byte[][]> withDead =
          world.later(() -> world.member(2).allGather(4, new byte[] {1}, LONG));
      await().during(Duration.ofMillis(30)).until(() -> !waiting.isDone() && !withDead.isDone());

      world.crashServer();

      RendezvousException lost = failureOf(waiting);
      assertThat(lost.kind()).isEqualTo(Kind.CONNECTION);
      assertThat(lost)
          .hasMessage("the rendezvous was lost during gather 3; it may be called again");
      assertThat(failureOf(withDead).ranks()).containsExactly(0);
      assertThat(gatherAmong(world, 3, both)).containsOnly(List.of(1, 2));
    }
  }

  @Test
  void shouldFinishAgreementUnderNextServer() {
    try (TestWorld world = TestWorld.form(0, 4, OPTIONS)) {
      int[] all = {0, 1, 2, 3};
      List<CompletableFuture<SurvivorGather>> early = new ArrayList<>();
      for (int rank : new int[] {1, 3}) {
        early.add(agree(world, rank, 6, all));
      }
      await().during(Duration.ofMillis(30)).until(() -> early.stream().noneMatch(f -> f.isDone()));

      world.crashServer();
      early.add(agree(world, 2, 6, all));

      for (CompletableFuture<SurvivorGather> future : early) {
        assertThat(future.join().survivors()).containsExactly(1, 2, 3);
        assertThat(future.join().contributions())
            .containsExactly(new byte[] {1}, new byte[] {2}, new byte[] {3});
      }
    }
  }

  @Test
  void shouldTakeOverFromLauncherOnlyWhenTold() {
    try (TestWorld world = TestWorld.form(-1, 2, OPTIONS)) {
      world.crashServer();

      world.awaitEvent(0, "lost the connection to the rendezvous broke");
      world.awaitEvent(1, "lost the connection to the rendezvous broke");
      assertThat(world.member(0).uri()).isNull();
      assertThatThrownBy(() -> world.member(0).agree(1, new int[] {0, 1}, new byte[0], LONG))
          .hasMessageContaining("the connection to the rendezvous broke");
    }
    try (TestWorld world = TestWorld.form(-1, 3, OPTIONS.withTakeover(Takeover.ALWAYS))) {
      world.crashServer();

      int[] all = {0, 1, 2};
      for (int rank : all) {
        world.awaitEvent(rank, "moved 0");
      }
      assertThat(gatherAmong(world, 1, all)).containsOnly(List.of(0, 1, 2));
      assertThat(world.log(2).events()).containsExactly("moved 0");
    }
  }

  @Test
  void shouldTurnAwayRankThatIsDeadForTheOthers() {
    try (TestWorld world = TestWorld.form(0, 3, OPTIONS)) {
      world.crashServer();
      world.awaitEvent(1, "moved 1");
      world.awaitEvent(2, "moved 1");
      MemberCard one =
          new MemberCard(
              1,
              Endpoint.of(
                  List.of(TestWorld.LOOPBACK.getAddress()),
                  Objects.requireNonNull(world.member(1).uri()).getPort()),
              new byte[0]);

      Reach.Outcome outcome = askAs(world, 0, one);

      assertThat(outcome).isInstanceOf(Reach.Evicted.class);
    }
  }

  private static Reach.Outcome askAs(TestWorld world, int rank, MemberCard whom) {
    WorldView view = world.member(2).view();
    Resume.Header header =
        new Resume.Header(view.world(), 0, rank, view.worldSize(), OPTIONS.timing());
    return new Reach(world.secret, false).ask(whom, header, System.nanoTime() + LONG.toNanos());
  }

  private static CompletableFuture<SurvivorGather> agree(
      TestWorld world, int rank, long tag, int[] members) {
    return world.later(
        () -> world.member(rank).agree(tag, members, new byte[] {(byte) rank}, LONG));
  }

  private static List<List<Integer>> gatherAmong(TestWorld world, long tag, int[] members) {
    List<CompletableFuture<List<Integer>>> results = new ArrayList<>();
    for (int rank : members) {
      results.add(
          world.later(() -> {
            byte[] mine = {(byte) rank};
            List<Integer> parts = new ArrayList<>();
            for (byte[] part : world.member(rank).allGather(tag, members, mine, LONG)) {
              parts.add((int) part[0]);
            }
            return parts;
          }));
    }
    return results.stream().map(CompletableFuture::join).toList();
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
