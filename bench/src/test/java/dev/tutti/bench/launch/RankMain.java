package dev.tutti.bench.launch;

import dev.tutti.transport.rendezvous.LaunchEnvironment;
import dev.tutti.transport.rendezvous.Membership;
import dev.tutti.transport.rendezvous.MembershipListener;
import dev.tutti.transport.rendezvous.Rendezvous;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;

/// A rank for tests: joins, and ends as its argument says when it hears of another's failure.
final class RankMain {
  private static final Duration TIMEOUT = Duration.ofSeconds(15);

  private RankMain() {}

  /// `leave`: joins, gathers, leaves. `die`: the last rank kills itself, the others report it and
  /// end with 6.
  public static void main(String[] args) throws Exception {
    LaunchEnvironment environment =
        Objects.requireNonNull(LaunchEnvironment.fromEnvironment(System.getenv()));
    Membership membership = Rendezvous.join(environment, new byte[] {1}, TIMEOUT);
    if (args[0].equals("leave")) {
      int sum = 0;
      for (byte[] part : membership.allGather(1, new byte[] {(byte) membership.rank()}, TIMEOUT)) {
        sum += part[0];
      }
      System.out.println("sum " + sum);
      membership.close();
      return;
    }
    CountDownLatch forever = new CountDownLatch(1);
    membership.onEvent(new Reporter());
    if (membership.allGather(1, new byte[0], TIMEOUT).length == membership.rank() + 1) {
      new ProcessBuilder("kill", "-KILL", Long.toString(ProcessHandle.current().pid())).start();
    }
    forever.await();
  }

  private static final class Reporter implements MembershipListener {
    @Override
    public void rankFailed(int rank, String cause) {
      System.out.println("failed " + rank);
      Runtime.getRuntime().halt(6);
    }

    @Override
    public void rankLeft(int rank) {}

    @Override
    public void aborted(int byRank, String reason) {}

    @Override
    public void serverLost(String cause) {}
  }
}
