package dev.tutti.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.bindings.Memory;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class SlotChannelTest {
  private static final int SLOTS = 3;
  private static final int SLOT_BYTES = 256;

  @Test
  void shouldKeepOrderAndPushBack() {
    try (Arena arena = Arena.ofConfined()) {
      long address = arena.allocate(SlotChannel.bytes(SLOTS, SLOT_BYTES), 128).address();
      Channel.Sender sender = SlotChannel.sender(address, SLOTS, SLOT_BYTES);
      Channel.Receiver receiver = SlotChannel.receiver(address, SLOTS, SLOT_BYTES);

      assertThat(receiver.poll()).isEqualTo(Channel.NONE);
      for (int i = 0; i < SLOTS; i++) {
        long slot = sender.claim();
        assertThat(sender.claim()).isEqualTo(slot);
        Memory.putLong(slot, i);
        sender.publish(8 + i);
      }
      assertThat(sender.claim()).as("all slots are in flight").isEqualTo(Channel.NONE);
      assertThat(sender.isDrained()).isFalse();

      for (int i = 0; i < SLOTS; i++) {
        assertThat(Memory.getLong(receiver.poll())).isEqualTo(i);
        assertThat(receiver.receivedBytes()).isEqualTo(8 + i);
        receiver.release();
      }
      assertThat(receiver.poll()).isEqualTo(Channel.NONE);
      assertThat(sender.isDrained()).isTrue();
      assertThat(sender.claim()).isNotEqualTo(Channel.NONE);
    }
  }

  @Test
  @Timeout(60)
  void shouldCarryManyMessagesBetweenThreads() throws InterruptedException {
    int messages = 200_000;
    try (Arena arena = Arena.ofShared()) {
      long address = arena.allocate(SlotChannel.bytes(SLOTS, SLOT_BYTES), 128).address();
      Thread sending =
          Thread.ofPlatform()
              .start(() -> {
                Channel.Sender sender = SlotChannel.sender(address, SLOTS, SLOT_BYTES);
                for (int i = 0; i < messages; i++) {
                  long slot = sender.claim();
                  while (slot == Channel.NONE) {
                    Thread.yield();
                    slot = sender.claim();
                  }
                  Memory.putLong(slot + 8L * (i % 32), i);
                  sender.publish(SLOT_BYTES);
                }
              });
      Channel.Receiver receiver = SlotChannel.receiver(address, SLOTS, SLOT_BYTES);
      long wrong = 0;
      for (int i = 0; i < messages; i++) {
        long slot = receiver.poll();
        while (slot == Channel.NONE) {
          Thread.yield();
          slot = receiver.poll();
        }
        wrong += Memory.getLong(slot + 8L * (i % 32)) == i ? 0 : 1;
        receiver.release();
      }
      sending.join();

      assertThat(wrong).isZero();
    }
  }
}
