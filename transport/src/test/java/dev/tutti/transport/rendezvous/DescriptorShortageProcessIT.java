package dev.tutti.transport.rendezvous;

import static dev.tutti.transport.rendezvous.TestWorld.LONG;
import static dev.tutti.transport.rendezvous.TestWorld.OPTIONS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A server whose process has no file descriptors left says so, and recovers.
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class DescriptorShortageProcessIT {
  private static final String LIMIT = "90";

  private final Secret secret = Secret.random();
  private final List<Closeable> toClose = new ArrayList<>();

  @AfterEach
  void close() throws IOException {
    for (Closeable closeable : toClose) {
      closeable.close();
    }
  }

  private RankProcess server() throws IOException {
    List<String> command =
        new ArrayList<>(List.of("bash", "-c", "ulimit -n " + LIMIT + "; exec \"$@\"", "bash"));
    command.addAll(RankProcess.java());
    command.add(Main.class.getName());
    RankProcess server = RankProcess.start(command, secret);
    toClose.add(server::close);
    await().atMost(LONG).until(() -> !server.said().isEmpty());
    return server;
  }

  private static URI uri(RankProcess server) {
    return URI.create("tcp://127.0.0.1:" + server.said().getFirst());
  }

  private Membership join(URI uri, int rank, Duration timeout) {
    return Membership.join(uri, rank, 3, secret, new byte[0], timeout, OPTIONS);
  }

  @Test
  void shouldAnswerWithErrorAndRecover() throws IOException {
    RankProcess server = server();
    CompletableFuture<Membership> one = joinLater(server, 1);
    await().atMost(LONG).until(() -> joined(server) == 1);
    server.tell("hog");
    await().atMost(LONG).until(() -> server.said().contains("hogged"));
    // The system reserved a descriptor for the next connection when it was last asked for one.
    CompletableFuture<Membership> two = joinLater(server, 2);
    await().atMost(LONG).until(() -> joined(server) == 2);

    assertThatThrownBy(() -> join(uri(server), 0, Duration.ofSeconds(1)))
        .as("server: %s", server.said())
        .isInstanceOf(RendezvousException.class)
        .hasMessageEndingWith("the rendezvous has no file descriptors left; try again");
    server.tell("release");

    toClose.add(join(uri(server), 0, LONG)::close);
    toClose.add(one.join()::close);
    toClose.add(two.join()::close);
  }

  private CompletableFuture<Membership> joinLater(RankProcess server, int rank) {
    CompletableFuture<Membership> future = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try {
            future.complete(join(uri(server), rank, LONG));
          } catch (RendezvousException e) {
            future.completeExceptionally(e);
          }
        });
    return future;
  }

  private static int joined(RankProcess server) throws IOException {
    int before = server.said().size();
    server.tell("count");
    await().atMost(LONG).until(() -> server.said().size() > before);
    return Integer.parseInt(server.said().getLast());
  }

  @Test
  void shouldMakeRoomAtTheCostOfStrangers() throws IOException {
    RankProcess server = server();
    for (int i = 0; i < 200; i++) {
      toClose.add(new Socket(InetAddress.getLoopbackAddress(), uri(server).getPort()));
    }
    long start = System.nanoTime();

    List<CompletableFuture<Membership>> joining =
        List.of(joinLater(server, 0), joinLater(server, 1), joinLater(server, 2));
    joining.forEach(future -> toClose.add(future.join()::close));

    // Strangers may stay for 5 s where there is room.
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
  }

  /// A process with a server that takes all descriptors when it is told to.
  static final class Main {
    private Main() {}

    public static void main(String[] args) throws IOException {
      Secret secret = Secret.fromHex(System.getenv("TEST_SECRET"));
      List<Closeable> hogged = new ArrayList<>();
      try (RendezvousServer server = RendezvousServer.start(TestWorld.LOOPBACK, 3, secret);
          BufferedReader commands =
              new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
        System.out.println(server.port());
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
          if (line.equals("hog")) {
            hog(hogged);
            System.out.println("hogged");
          } else if (line.equals("count")) {
            System.out.println(server.joined());
          } else {
            for (Closeable closeable : hogged) {
              closeable.close();
            }
          }
        }
      }
    }

    private static void hog(List<Closeable> hogged) {
      try {
        while (true) {
          hogged.add(new FileInputStream("/dev/null"));
        }
      } catch (IOException _) {
        // None is left.
      }
    }
  }
}
