package dev.tutti.transport.rendezvous;

import static dev.tutti.transport.rendezvous.TestWorld.OPTIONS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Whoever does not know the secret can neither join, nor read, nor hold up those who do.
@Timeout(value = 30, unit = TimeUnit.SECONDS)
final class StrangerTest {
  private static final Duration PATIENCE = Duration.ofMillis(300);

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Secret secret = Secret.random();
  private final RendezvousServer server =
      RendezvousServer.start(TestWorld.LOOPBACK, 2, secret, -1, PATIENCE);
  private final List<Socket> strangers = new ArrayList<>();

  @AfterEach
  void close() throws IOException {
    for (Socket stranger : strangers) {
      stranger.close();
    }
    server.close();
    threads.shutdownNow();
  }

  private Socket stranger() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    strangers.add(socket);
    return socket;
  }

  /// Two ranks join; says how long that took.
  private Duration joinBoth() {
    long start = System.nanoTime();
    List<CompletableFuture<Membership>> joining = new ArrayList<>();
    for (int r = 0; r < 2; r++) {
      int rank = r;
      joining.add(
          CompletableFuture.supplyAsync(
              () ->
                  Membership.join(
                      server.uri(), rank, 2, secret, new byte[0], TestWorld.LONG, OPTIONS),
              threads));
    }
    List<Membership> members = joining.stream().map(CompletableFuture::join).toList();
    Duration taken = Duration.ofNanos(System.nanoTime() - start);
    members.forEach(Membership::close);
    return taken;
  }

  @Test
  void shouldNotBeHeldUpByIdleConnections() throws IOException {
    for (int i = 0; i < 500; i++) {
      stranger();
    }

    // Strangers may stay for 5 s where they are in nobody's way.
    assertThat(joinBoth()).isLessThan(Duration.ofSeconds(3));

    await().until(() -> server.rejected() >= 500);
  }

  @Test
  void shouldCutOffWhoSendsByteByByte() throws IOException {
    Socket slow = stranger();
    AtomicBoolean cutOff = new AtomicBoolean();
    Thread.ofVirtual()
        .start(() -> {
          try {
            for (byte b : hello()) {
              slow.getOutputStream().write(b);
              LockSupport.parkNanos(50_000_000);
            }
          } catch (IOException _) {
            cutOff.set(true);
          }
        });

    assertThat(joinBoth()).isLessThan(Duration.ofSeconds(1));

    await().untilTrue(cutOff);
  }

  @Test
  void shouldCloseOnTruncatedAndOversizedFrames() throws IOException {
    byte[] hello = hello();
    for (int cut = 1; cut < hello.length; cut += 7) {
      Socket stranger = stranger();
      stranger.getOutputStream().write(hello, 0, cut);
      stranger.shutdownOutput();
      assertThat(answerOf(stranger)).isEmpty();
    }
    byte[] oversized = hello.clone();
    oversized[0] = 0x7f;
    Socket stranger = stranger();
    stranger.getOutputStream().write(oversized);
    assertThat(answerOf(stranger)).isEmpty();
    assertThat(joinBoth()).isLessThan(Duration.ofSeconds(1));
  }

  @Test
  void shouldGiveStrangersNothingButTheChallenge() throws IOException {
    for (FrameType type : FrameType.values()) {
      Socket stranger = stranger();
      FrameConnection connection = FrameConnection.over(stranger, Thread.ofVirtual().factory());
      connection.send(
          new Frame.Writer()
              .putLong(Handshake.MAGIC)
              .putInt(Handshake.VERSION)
              .putRaw(new byte[32])
              .toFrame(FrameType.HELLO));
      assertThat(connection.read().type()).isEqualTo(FrameType.CHALLENGE);

      connection.send(new Frame(type, new byte[32]));

      byte[] answer = answerOf(stranger);
      if (type == FrameType.PROOF) {
        assertThat(new String(answer, StandardCharsets.UTF_8))
            .endsWith("the secret of this rank is not the secret of the job");
      } else {
        assertThat(answer).isEmpty();
      }
    }
    assertThat(server.joined()).isZero();
  }

  @Test
  void shouldNotAcceptRecordedHandshake() throws IOException {
    byte[] recorded = recordJoin();

    Socket replay = stranger();
    replay.getOutputStream().write(recorded);

    assertThat(new String(answerOf(replay), StandardCharsets.UTF_8))
        .contains("the secret of this rank is not the secret of the job");
    await().until(() -> server.joined() == 0);
  }

  /// Returns all that a rank sends until it has joined, as one hears it on the wire.
  private byte[] recordJoin() throws IOException {
    ByteArrayOutputStream recorded = new ByteArrayOutputStream();
    try (ServerSocket tap = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CompletableFuture<Membership> rank =
          CompletableFuture.supplyAsync(() ->
              Membership.join(
                  HostAddresses.uri(tap.getInetAddress(), tap.getLocalPort()),
                  0,
                  2,
                  secret,
                  new byte[0],
                  TestWorld.LONG));
      try (Socket client = tap.accept();
          Socket upstream = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
        relay(upstream.getInputStream(), client.getOutputStream());
        OutputStream toServer = upstream.getOutputStream();
        relay(client.getInputStream(), new Recorder(recorded, toServer));
        await().pollInterval(Duration.ofMillis(2)).until(() -> server.joined() == 1);
      }
      assertThat(rank).failsWithin(TestWorld.LONG);
    }
    await().until(() -> server.joined() == 0);
    return recorded.toByteArray();
  }

  private static void relay(InputStream from, OutputStream to) {
    Thread.ofVirtual()
        .start(() -> {
          try {
            from.transferTo(to);
          } catch (IOException _) {
            // The tap is removed.
          }
        });
  }

  /// Notes what it passes on.
  private static final class Recorder extends OutputStream {
    private final ByteArrayOutputStream recorded;
    private final OutputStream out;

    Recorder(ByteArrayOutputStream recorded, OutputStream out) {
      this.recorded = recorded;
      this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      recorded.write(bytes, offset, length);
      out.write(bytes, offset, length);
    }
  }

  private static byte[] hello() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {0, 0, 0, 45, FrameType.HELLO.code()});
    out.writeBytes(
        new Frame.Writer()
            .putLong(Handshake.MAGIC)
            .putInt(Handshake.VERSION)
            .putRaw(new byte[32])
            .toBytes());
    return out.toByteArray();
  }

  private static byte[] answerOf(Socket socket) throws IOException {
    socket.setSoTimeout(5000);
    try {
      return socket.getInputStream().readAllBytes();
    } catch (SocketException _) {
      return new byte[0]; // reset
    }
  }
}
