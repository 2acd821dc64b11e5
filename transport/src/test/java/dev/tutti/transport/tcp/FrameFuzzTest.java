package dev.tutti.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.bindings.Memory;
import dev.tutti.bindings.linux.Errno;
import dev.tutti.bindings.linux.Linux;
import dev.tutti.bindings.linux.Sockets;
import dev.tutti.transport.Channel;
import dev.tutti.transport.NetworkException;
import dev.tutti.transport.SignatureMismatchException;
import dev.tutti.transport.rendezvous.Secret;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.SplittableRandom;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Random and mutated frames against the decoder of data frames.
@EnabledOnOs(OS.LINUX)
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FrameFuzzTest {
  private static final int FRAMES = 500_000; // for each way to check them
  private static final int FRAMES_PER_STREAM = 32;
  private static final int LANES = 4;
  private static final int LONGEST = 64;
  private static final long OPERATION = 3;
  private static final long SIGNATURE = 0x1234_5678_9abc_def0L;

  private final int[] sockets = new int[2];

  @BeforeEach
  void connect() {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    int listener = Sockets.open(any.getAddress());
    Sockets.bind(listener, any);
    Sockets.listen(listener, 1);
    sockets[0] = Sockets.open(any.getAddress());
    int _ = Sockets.connect(sockets[0], Sockets.localAddress(listener));
    sockets[1] =
        Awaitility.await().until(() -> Sockets.accept(listener).fd(), fd -> fd != -Errno.EAGAIN);
    Linux.close(listener);
  }

  @AfterEach
  void close() {
    Linux.close(sockets[0]);
    Linux.close(sockets[1]);
  }

  @ParameterizedTest
  @EnumSource
  void shouldTakeValidFramesAndRefuseAllOthers(TcpOptions.Checksum check) {
    TcpOptions options = TcpOptions.standard().withSliceBytes(4096).withChecksum(check);
    try (Arena arena = Arena.ofConfined();
        TcpEndpoint endpoint = TcpEndpoint.open(options, Secret.random(), 1, 0);
        TcpNetwork network = endpoint.network(1, new int[] {0, 1}, 0, LANES, () -> {});
        BufferPool pool = new BufferPool(4096);
        TcpLink link = new TcpLink(network, 1, LANES, 4096, 1, pool)) {
      network.begin(OPERATION, SIGNATURE);
      MemorySegment memory = arena.allocate(1 << 16, 64);
      Fuzzer fuzzer =
          new Fuzzer(link, memory.address(), check == TcpOptions.Checksum.CRC32C, sockets);

      while (fuzzer.decoded < FRAMES) {
        fuzzer.runStream();
      }

      assertThat(fuzzer.delivered).isGreaterThan(FRAMES / 4);
      assertThat(fuzzer.refused).isGreaterThan(FRAMES / 100);
      assertThat(pool.mappedBytes()).isLessThanOrEqualTo(4 << 20);
      assertThat(pool.freeBuffers()).isEqualTo((int) (pool.mappedBytes() / 4096));
      network.end();
    }
  }

  /// Sends streams of frames, one of which is not valid, and takes what the decoder makes of them.
  private static final class Fuzzer {
    private final TcpLink link;
    private final long memory;
    private final boolean checked;
    private final int[] sockets;
    private final FrameChecksum checksum = new FrameChecksum();
    private final SplittableRandom random = new SplittableRandom(20);
    private final long[] next = new long[LANES]; // position by lane
    private long end; // of what is to be sent
    private int valid; // frames before the one that is not
    long decoded;
    long delivered;
    long refused;

    Fuzzer(TcpLink link, long memory, boolean checked, int[] sockets) {
      this.link = link;
      this.memory = memory;
      this.checked = checked;
      this.sockets = sockets;
    }

    void runStream() {
      end = memory;
      valid = random.nextInt(FRAMES_PER_STREAM);
      long[] positions = next.clone();
      for (int i = 0; i < valid; i++) {
        addValid(positions);
      }
      addOther(positions);
      int before = link.pool().freeBuffers();
      long mapped = link.pool().mappedBytes();
      try (FrameReader reader = new FrameReader(link, link.streams()[0])) {
        send(memory, end - memory);
        receive(reader);
      }
      drain();
      if (link.pool().mappedBytes() == mapped) {
        assertThat(link.pool().freeBuffers()).isEqualTo(before);
      }
      decoded += valid + 1;
    }

    private void addValid(long[] positions) {
      int lane = random.nextInt(LANES);
      int bytes = random.nextInt(LONGEST);
      write(lane, bytes, positions[lane]);
      positions[lane] += FrameHeader.advance(bytes);
    }

    private void write(int lane, int bytes, long position) {
      FrameHeader.write(end, FrameHeader.DATA, lane, bytes, OPERATION, SIGNATURE, position);
      for (int i = 0; i < bytes; i += 8) {
        Memory.putLong(end + FrameHeader.BYTES + i, position + i);
      }
      if (checked) {
        checksum.seal(end, end + FrameHeader.BYTES);
      }
      end += FrameHeader.BYTES + bytes;
    }

    /// Adds a frame that is not what a rank sends, and something behind it.
    private void addOther(long[] positions) {
      long start = end;
      int lane = random.nextInt(LANES);
      switch (random.nextInt(4)) {
        case 0 -> {
          for (int i = 0; i < FrameHeader.BYTES; i += 8) {
            Memory.putLong(end + i, random.nextLong());
          }
          if (random.nextBoolean()) {
            Memory.putInt(end, FrameHeader.MAGIC | (random.nextInt(5) << 16));
          }
          end += FrameHeader.BYTES;
        }
        case 1 -> {
          int[] extremes = {-1, Integer.MAX_VALUE, Integer.MIN_VALUE, 4097, LANES, 1 << 20};
          write(lane, 8, positions[lane]);
          int value = extremes[random.nextInt(extremes.length)];
          Memory.putInt(start + 4L * random.nextInt(1, 3), value); // lane or length
        }
        case 2 -> {
          write(lane, 8, positions[lane]);
          for (int flips = random.nextInt(1, 4); flips > 0; flips--) {
            int bit = random.nextInt(8 * (FrameHeader.BYTES + 8));
            long at = start + bit / 32 * 4L;
            Memory.putInt(at, Memory.getInt(at) ^ (1 << (bit % 32)));
          }
        }
        default -> {
          write(lane, LONGEST, positions[lane]);
          end = start + random.nextInt(1, FrameHeader.BYTES + LONGEST); // cut
        }
      }
      for (int i = random.nextInt(4); i > 0; i--) {
        addValid(positions.clone());
      }
    }

    private void receive(FrameReader reader) {
      try {
        boolean moved;
        do {
          moved = reader.receive(sockets[1]);
          if (reader.takeDamage()) {
            refused++;
            moved = false;
          }
          take();
        } while (moved);
      } catch (NetworkException | SignatureMismatchException _) {
        refused++;
        take();
      }
    }

    /// Takes the messages that were received and checks those that are valid.
    private void take() {
      for (int lane = 0; lane < LANES; lane++) {
        TcpReceiver receiver = link.receiver(lane);
        long message;
        while ((message = poll(receiver)) != Channel.NONE) {
          int bytes = receiver.receivedBytes();
          if (checked) {
            assertThat(bytes).isLessThan(LONGEST + 1);
            for (int i = 0; i + 8 <= bytes; i += 8) {
              assertThat(Memory.getLong(message + i)).isEqualTo(next[lane] + i);
            }
          }
          next[lane] += FrameHeader.advance(bytes);
          receiver.release();
          delivered++;
        }
      }
    }

    private static long poll(TcpReceiver receiver) {
      try {
        return receiver.poll();
      } catch (NetworkException _) {
        return Channel.NONE; // a goodbye was among the frames
      }
    }

    private void send(long address, long bytes) {
      for (long done = 0; done < bytes; ) {
        done += Math.max(0, Sockets.send(sockets[0], address + done, bytes - done));
      }
    }

    private void drain() {
      while (Sockets.receive(sockets[1], memory, 1 << 16) > 0) {
        // what the decoder has left
      }
    }
  }
}
