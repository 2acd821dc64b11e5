package dev.tutti.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// Who does not know the secret can neither get in nor be in the way.
@EnabledOnOs(OS.LINUX)
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TcpStrangersTest {
  private static final TcpPair.Interference NONE = (side, message) -> {};

  private final List<Socket> strangers = new ArrayList<>();

  TcpOptions options() {
    return TcpOptions.standard();
  }

  private Socket stranger(TcpPair pair) throws IOException {
    InetSocketAddress address = pair.endpoints[1].addresses().getLast();
    Socket socket = new Socket(address.getAddress(), address.getPort());
    strangers.add(socket);
    return socket;
  }

  private void dismiss() throws IOException {
    for (Socket socket : strangers) {
      socket.close();
    }
  }

  @Test
  void shouldLetRanksInWhileSilentStrangersCrowdTheDoor() throws Exception {
    try (TcpPair pair = new TcpPair(options(), false)) {
      for (int i = 0; i < 300; i++) {
        Socket _ = stranger(pair);
      }

      long start = System.nanoTime();
      pair.connect();
      pair.both(side -> pair.exchange(side, 1, 100_000, 100_000, 64 << 10, NONE));

      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
      dismiss();
    }
  }

  @Test
  void shouldTurnGarbageAwayAndKeepNothingOfIt() throws Exception {
    try (TcpPair pair = new TcpPair(options(), false).connect()) {
      SplittableRandom random = new SplittableRandom(9);
      int count = 200;
      for (int i = 0; i < count; i++) {
        Socket socket = stranger(pair);
        byte[] bytes =
            i % 2 == 0
                ? new byte[random.nextInt(1, 1000)]
                : hello(pair, random.nextInt(2), random.nextInt());
        if (i % 2 == 0) {
          random.nextBytes(bytes);
        } else if (i % 4 == 1) {
          bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        try (OutputStream out = socket.getOutputStream()) {
          out.write(bytes);
          if (i % 2 == 1) {
            out.write(new byte[32]); // no proof
          }
        } catch (IOException _) {
          // turned away while speaking
        }
      }

      Awaitility.await().until(() -> pair.endpoints[1].rejected() >= count);
      assertThat(pair.endpoints[1].streams()).isEqualTo(1);
      pair.both(side -> pair.exchange(side, 1, 100_000, 100_000, 64 << 10, NONE));
      assertThat(pair.lifeline(1, 0).attempt()).isEqualTo(1);
    }
  }

  /// Returns the HELLO of somebody who knows all but the secret.
  private static byte[] hello(TcpPair pair, int from, int stream) {
    InetSocketAddress address = pair.endpoints[1].addresses().getLast();
    return new TcpHandshake.Hello(
            TcpHandshake.Purpose.CARRY,
            42,
            from,
            1,
            TcpPair.COMMUNICATOR,
            stream,
            2,
            0,
            address,
            address)
        .encode(new byte[32]);
  }

  /// The same encrypted.
  @EnabledOnOs(OS.LINUX)
  static final class WithTlsTest extends TcpStrangersTest {
    @Override
    TcpOptions options() {
      return super.options().withTls(true);
    }
  }
}
