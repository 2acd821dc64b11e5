package dev.tutti.transport.rendezvous;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Throws more than a million random and mutated frames at every decoder of the control plane.
///
/// Nothing may come out but what the protocol declares, and nothing may be allocated that the frame
/// does not pay for.
final class FrameFuzzTest {
  private static final long SEED = 20_260_101;
  private static final int WORLD = 4;

  // For one frame: a share per payload byte for copies and boxes, and a base for what any frame
  // costs (exception with stack, answers to the other ranks).
  private static final long BYTES_PER_BYTE = 64;
  private static final long BASE_BYTES = 64 * 1024;

  // The first frames load classes and link lambdas.
  private static final int WARM_UP = 5000;

  private final SplittableRandom random = new SplittableRandom(SEED);
  private final ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final List<Frame> valid = validFrames();
  private long thrown;
  private long understood;

  /// A peer that swallows what is sent and has nothing to say.
  private static final class Sink implements FramePeer {
    private final List<Frame> script;
    private int next;

    Sink(List<Frame> script) {
      this.script = script;
    }

    @Override
    public void send(Frame frame) {}

    @Override
    public boolean offer(Frame frame, long roomBytes) {
      return true;
    }

    @Override
    public Frame readBefore(int maxBytes, long deadlineNanos) throws IOException {
      if (next == script.size()) {
        throw new EOFException("end of the script");
      }
      return script.get(next++);
    }

    @Override
    public void finish() {}

    @Override
    public void close() {}

    @Override
    public byte[] binding() {
      return new byte[0];
    }

    @Override
    public String remote() {
      return "nobody";
    }
  }

  private interface Decoder {
    void decode(Frame frame) throws IOException;
  }

  @Test
  void shouldOnlyThrowDeclaredExceptionsOnTheServer() {
    Seat seat = new Seat(new Sink(List.of()), TestWorld.OPTIONS.timing(), 1);
    MemberTable[] table = {table(seat)};
    int[] count = {0};
    fuzz(
        400_000,
        frame -> {
          if (!table[0].isSeated(seat) || count[0]++ % 256 == 0) { // it left; or the heap fills
            table[0] = table(seat);
          }
          RankFrames.handle(table[0], seat, frame);
        });
  }

  @Test
  void shouldOnlyThrowDeclaredExceptionsOnTheRanks() {
    ServerFrames[] frames = {ranks()};
    int[] count = {0};
    fuzz(
        400_000,
        frame -> {
          if (count[0]++ % 64 == 0) {
            frames[0] = ranks();
          }
          frames[0].handle(frame, new Sink(List.of()), 0);
        });
  }

  @Test
  void shouldOnlyThrowDeclaredExceptionsInHandshakeJoinAndResume() {
    fuzz(
        200_000,
        frame -> {
          switch (random.nextInt(5)) {
            case 0 -> JoinRequest.read(frame.open());
            case 1 -> Resume.Header.read(frame.open());
            case 2 -> RankFrames.handleUnseated(frame);
            case 3 ->
                Handshake.asServer(
                    new Sink(List.of(pick(FrameType.HELLO), frame)), Secret.none(), 0, 1);
            default -> Handshake.asClient(new Sink(List.of(frame, frame)), Secret.none(), 1);
          }
        });
    Frame resume = pick(FrameType.RESUME);
    fuzz(
        60_000,
        frame ->
            Resume.read(resume, new Sink(List.of(frame, mutate(), pick(FrameType.RESUME_END))), 1));
  }

  @Test
  void shouldOnlyThrowDeclaredExceptionsOnTheWire() {
    fuzz(
        200_000,
        frame -> {
          ByteArrayInputStream in = new ByteArrayInputStream(wire(frame));
          Frame.read(length -> exactly(in, length), Handshake.MAX_FRAME_BYTES);
        });
  }

  private static byte[] exactly(ByteArrayInputStream in, int length) throws IOException {
    if (length < 0 || length > Handshake.MAX_FRAME_BYTES) {
      throw new AssertionError("asked for " + length + " octets");
    }
    byte[] result = new byte[length];
    if (in.readNBytes(result, 0, length) < length) {
      throw new EOFException("truncated");
    }
    return result;
  }

  private byte[] wire(Frame frame) {
    byte[] octets =
        new Frame.Writer()
            .putInt(1 + frame.payload().length)
            .putByte(frame.type().code())
            .putRaw(frame.payload())
            .toBytes();
    if (random.nextInt(4) == 0) {
      octets[random.nextInt(5)] = (byte) random.nextInt();
    }
    if (random.nextInt(4) == 0) {
      return Arrays.copyOf(octets, random.nextInt(octets.length));
    }
    return octets;
  }

  /// Runs in a thread of its own: its shallow stack makes exceptions cheap.
  private void fuzz(int count, Decoder decoder) {
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    Thread thread =
        Thread.ofPlatform()
            .uncaughtExceptionHandler((_, e) -> failure.set(e))
            .start(() -> fuzzHere(count, decoder));
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    assertThat(interrupted).isFalse();
    assertThat(failure.get()).isNull();
  }

  private void fuzzHere(int count, Decoder decoder) {
    long mostBeyond = 0;
    for (int i = 0; i < count; i++) {
      Frame frame = random.nextInt(8) == 0 ? pick() : mutate();
      long before = memory.getCurrentThreadAllocatedBytes();
      try {
        decoder.decode(frame);
        understood++;
      } catch (IOException | RendezvousException _) {
        thrown++;
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed " + SEED + ", frame " + i + ": " + frame.type(), e);
      }
      long allocated = memory.getCurrentThreadAllocatedBytes() - before;
      if (i >= WARM_UP) {
        mostBeyond = Math.max(mostBeyond, allocated - BYTES_PER_BYTE * frame.payload().length);
      }
    }
    assertThat(thrown).isGreaterThan(count / 5);
    assertThat(understood).isGreaterThan(count / 50);
    assertThat(mostBeyond).isLessThan(BASE_BYTES);
  }

  private Frame pick() {
    return valid.get(random.nextInt(valid.size()));
  }

  private Frame pick(FrameType type) {
    return valid.stream().filter(frame -> frame.type() == type).findFirst().orElseThrow();
  }

  /// A valid frame with some damage, or noise.
  private Frame mutate() {
    FrameType[] types = FrameType.values();
    if (random.nextInt(10) == 0) {
      byte[] noise = new byte[random.nextInt(80)];
      random.nextBytes(noise);
      return new Frame(types[random.nextInt(types.length)], noise);
    }
    Frame frame = pick();
    byte[] payload = frame.payload().clone();
    if (random.nextInt(5) == 0) {
      payload = Arrays.copyOf(payload, random.nextInt(payload.length + 9));
    }
    for (int changes = random.nextInt(4); changes > 0 && payload.length > 0; changes--) {
      payload[random.nextInt(payload.length)] = (byte) interesting();
    }
    boolean other = random.nextInt(20) == 0;
    return new Frame(other ? types[random.nextInt(types.length)] : frame.type(), payload);
  }

  private int interesting() {
    return switch (random.nextInt(4)) {
      case 0 -> 0xff;
      case 1 -> 0x7f;
      case 2 -> random.nextInt(WORLD + 2);
      default -> random.nextInt();
    };
  }

  private static MemberTable table(Seat one) {
    MemberTable table = new MemberTable(1, WORLD);
    for (int rank = 0; rank < WORLD; rank++) {
      JoinRequest request =
          new JoinRequest(rank, WORLD, one.timing(), Endpoint.NONE, new byte[] {1});
      table.join(
          request, rank == one.rank() ? one : new Seat(new Sink(List.of()), one.timing(), rank));
    }
    return table;
  }

  private static ServerFrames ranks() {
    return new ServerFrames(new WorldView(1, WORLD), new EventDispatcher("fuzz"), () -> {});
  }

  private static List<Frame> validFrames() {
    GatherKey group = new GatherKey(7, List.of(0, 1, 2));
    AgreementKey agreement = new AgreementKey(group, 0);
    AgreementKey admission = new AgreementKey(group, 1);
    Endpoint endpoint = new Endpoint(List.of(new InetSocketAddress("127.0.0.1", 4000)));
    Timing timing = TestWorld.OPTIONS.timing();
    byte[] some = {1, 2, 3};
    MemberCard card = new MemberCard(1, endpoint, some);
    List<Frame> frames = new ArrayList<>();
    frames.add(
        new Frame.Writer()
            .putLong(Handshake.MAGIC)
            .putInt(Handshake.VERSION)
            .putRaw(new byte[32])
            .toFrame(FrameType.HELLO));
    frames.add(
        new Frame.Writer()
            .putInt(Handshake.VERSION)
            .putByte(0)
            .putRaw(new byte[32])
            .toFrame(FrameType.CHALLENGE));
    frames.add(new Frame(FrameType.PROOF, new byte[32]));
    frames.add(Handshake.reject(new RendezvousException(RendezvousException.Kind.REFUSED, "no")));
    frames.add(new JoinRequest(1, WORLD, timing, endpoint, some).toFrame());
    frames.add(card.toFrame());
    frames.add(Frame.empty(FrameType.HEARTBEAT));
    frames.add(group.write().putBytes(some).toFrame(FrameType.GATHER));
    frames.add(group.write().putInt(1).putBytes(some).toFrame(FrameType.GATHER_PART));
    frames.add(new Frame.Writer().putText("why").toFrame(FrameType.ABORT));
    frames.add(new Abort(2, "why").toFrame());
    frames.add(Departure.left(3).toFrame());
    frames.add(Departure.failed(2, RendezvousException.Kind.CONNECTION, "gone").toFrame());
    frames.add(new Welcome(5, 0, 1, WORLD).toFrame());
    frames.add(new Frame.Writer().putText("late").toFrame(FrameType.EVICTED));
    frames.add(new Resume.Header(5, 0, 1, WORLD, timing).toFrame());
    frames.add(Frame.empty(FrameType.RESUME_END));
    frames.add(new Resume.Contribution(agreement, some).toFrame());
    frames.add(new Resume.Contribution(admission, some).toFrame());
    frames.add(agreement.write().toFrame(FrameType.WITHDRAW));
    frames.add(agreement.write().putInt(1).putInt(2).toFrame(FrameType.WITHDRAWN));
    frames.addAll(new Proposal(agreement, new TreeMap<>(Map.of(1, some))).toFrames());
    frames.addAll(new Proposal(admission, new TreeMap<>(Map.of(WORLD, card.toPart()))).toFrames());
    frames.add(agreement.write().toFrame(FrameType.ACCEPTED));
    frames.add(agreement.write().toFrame(FrameType.COMMIT));
    frames.add(group.write().putBytes(some).toFrame(FrameType.TELL));
    frames.add(new Frame.Writer().putInt(1).putLong(4).putBytes(some).toFrame(FrameType.TOLD));
    frames.add(endpoint.write(new Frame.Writer()).toFrame(FrameType.REDIRECT));
    frames.add(new Frame.Writer().putText("bye").toFrame(FrameType.GIVE_UP));
    return List.copyOf(frames);
  }
}
