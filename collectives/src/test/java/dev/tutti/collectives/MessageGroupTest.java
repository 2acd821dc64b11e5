package dev.tutti.collectives;

import static dev.tutti.collectives.IntBuffers.buffer;
import static dev.tutti.collectives.IntBuffers.check;
import static dev.tutti.collectives.IntBuffers.fill;
import static dev.tutti.collectives.IntBuffers.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Groups of messages: any order, several to one peer, to oneself.
@Timeout(60)
final class MessageGroupTest {
  private static final int[] COUNTS = {0, 1, 100, 6000}; // 6000 go in place where that is possible

  private static World world(int ranks, String sharing) {
    return World.threads(
        ranks,
        CommunicatorConfig.builder()
            .set("threadSharing", sharing)
            .set("channelSlotBytes", "512")
            .set("channelSlots", "2")
            .build());
  }

  /// Every rank sends several messages of different lengths to every rank, itself included, and
  /// adds them in an order of its own.
  @ParameterizedTest
  @CsvSource({"1, all", "2, all", "2, allocated", "5, all", "5, allocated"})
  void shouldDeliverEverythingWhateverTheOrder(int ranks, String sharing) {
    try (World world = world(ranks, sharing)) {
      world.run(c -> {
        for (int seed = 0; seed < 4; seed++) {
          try (Arena arena = Arena.ofShared()) {
            exchangeAll(c, arena, seed);
          }
        }
      });
    }
  }

  private static void exchangeAll(Communicator c, Arena arena, int seed) {
    MessageGroup group = c.group();
    List<Integer> turns = new ArrayList<>();
    for (int t = 0; t < 2 * c.size(); t++) {
      turns.add(t);
    }
    Collections.shuffle(turns, new Random(31L * seed + c.rank()));
    MemorySegment[][] received = new MemorySegment[c.size()][COUNTS.length];
    for (int turn : turns) {
      int peer = turn / 2;
      for (int m = 0; m < COUNTS.length; m++) {
        boolean onHeap = (m + seed) % 3 == 0;
        MemorySegment data =
            onHeap ? MemorySegment.ofArray(new int[COUNTS[m]]) : buffer(arena, COUNTS[m]);
        if (turn % 2 == 0) {
          fill(data, c.rank(), 10_000L * peer + 100L * m);
          group.send(data, COUNTS[m], DataType.INT32, peer);
        } else {
          received[peer][m] = data;
          group.receive(data, COUNTS[m], DataType.INT32, peer);
        }
      }
    }

    if (seed % 2 == 0) {
      group.run();
    } else {
      group.start().await();
    }

    for (int peer = 0; peer < c.size(); peer++) {
      for (int m = 0; m < COUNTS.length; m++) {
        int from = peer;
        long first = 10_000L * c.rank() + 100L * m;
        check("message " + m + " from " + peer, received[peer][m], i -> value(from, first + i));
      }
    }
  }

  @Test
  void shouldMatchMessagesOutsideOfGroups() {
    try (World world = world(2, "all")) {
      world.run(c -> {
        int[] sent = {c.rank() + 1, c.rank() + 11};
        int[] got = new int[2];
        MemorySegment out = MemorySegment.ofArray(sent);
        MemorySegment in = MemorySegment.ofArray(got);
        if (c.rank() == 0) {
          c.group()
              .receive(in, 1, DataType.INT32, 1)
              .send(out, 1, DataType.INT32, 1)
              .receive(in.asSlice(4), 1, DataType.INT32, 1)
              .send(out.asSlice(4), 1, DataType.INT32, 1)
              .run();
        } else {
          c.send(out, 1, DataType.INT32, 0);
          c.receive(in, 1, DataType.INT32, 0);
          c.send(out.asSlice(4), 1, DataType.INT32, 0);
          c.receive(in.asSlice(4), 1, DataType.INT32, 0);
        }

        assertThat(got).containsExactly(2 - c.rank(), 12 - c.rank());
      });
    }
  }

  @Test
  void shouldRejectMessagesToItselfThatDoNotMatch() {
    try (World world = world(1, "all")) {
      world.run(c -> {
        MemorySegment data = MemorySegment.ofArray(new int[4]);
        MessageGroup group = c.group().send(data, 1, DataType.INT32, 0);
        assertThatThrownBy(group::run)
            .hasMessage("rank 0 sends 1 messages to itself and receives 0");
        group.receive(data.asSlice(4), 2, DataType.INT32, 0);
        assertThatThrownBy(group::run)
            .hasMessage("message 0 of rank 0 to itself: sends 1 INT32, receives 2 INT32");
        assertThatThrownBy(() -> group.send(data, 1, DataType.INT32, 1))
            .hasMessage("peer is 1, expected 0 to 0");
      });
    }
  }

  @Test
  void shouldFailOnEveryRankWhenCountsDiffer() {
    List<String> messages = new CopyOnWriteArrayList<>();
    try (World world = world(2, "all")) {
      world.run(c -> {
        MemorySegment in = MemorySegment.ofArray(new int[4]);
        MemorySegment out = MemorySegment.ofArray(new int[4]);
        try {
          c.group()
              .send(out, 1 + c.rank(), DataType.INT32, 1 - c.rank())
              .receive(in, 1, DataType.INT32, 1 - c.rank())
              .run();
          c.barrier();
        } catch (MismatchException e) {
          messages.add(e.getMessage());
        }
      });
    }

    assertThat(messages)
        .hasSize(2)
        .allSatisfy(m -> assertThat(m).contains("rank 1 sent 2 INT32, rank 0 receives 1 INT32"));
  }
}
