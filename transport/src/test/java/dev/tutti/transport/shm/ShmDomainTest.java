package dev.tutti.transport.shm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.bindings.Memory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Two ranks that happen to live in one process: each opens the other's region through /proc.
final class ShmDomainTest {
  private static final long BYTES = 8 << 20;

  private static List<Path> openFiles() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      return files.filter(ShmDomainTest::isRegion).sorted().toList();
    }
  }

  private static boolean isRegion(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().contains("memfd:tutti");
    } catch (IOException e) {
      return false; // closed meanwhile
    }
  }

  @Test
  void shouldShareMemoryAndLeaveNothing() throws IOException {
    List<Path> before = openFiles();
    ShmRegion first = ShmRegion.create(BYTES);
    ShmRegion second = ShmRegion.create(BYTES);
    List<ShmRegion.@Nullable Card> cards = List.of(first.card(), second.card());
    ShmDomain a = ShmDomain.connect(first, 0, cards);
    ShmDomain b = ShmDomain.connect(second, 1, cards);

    long mine = a.allocate(3 << 20, 1 << 21);
    a.populate(mine, 3 << 20);
    long theirs = b.address(0, a.token(mine));
    Memory.putLong(mine + 1_000_000, 42);

    assertThat(theirs).isNotEqualTo(mine);
    assertThat(mine % (1 << 21)).isZero();
    assertThat(Memory.getLong(theirs + 1_000_000)).isEqualTo(42);
    assertThat(a.isShared(mine, 3 << 20)).isTrue();
    assertThat(a.isShared(theirs, 8)).isFalse();

    a.free(mine);
    assertThat(Memory.getLong(theirs + 1_000_000)).as("pages are given back").isZero();
    a.close();
    a.close();
    assertThat(Memory.getLong(theirs)).as("b keeps its mapping").isZero();
    b.close();
    assertThat(openFiles()).isEqualTo(before);
  }

  @Test
  void shouldRefuseWrongRegion() {
    ShmRegion region = ShmRegion.create(BYTES);
    ShmRegion.Card card = region.card();
    ShmRegion other = ShmRegion.create(BYTES);

    assertThatThrownBy(() ->
            ShmDomain.connect(
                other,
                0,
                List.of(
                    other.card(),
                    new ShmRegion.Card(card.processId(), card.fd(), BYTES, card.nonce() + 1))))
        .hasMessageContaining("the shared memory of rank 1")
        .hasMessageContaining("belongs to another process");
    assertThatThrownBy(() ->
            ShmRegion.map(
                new ShmRegion.Card(card.processId(), card.fd(), 2 * BYTES, card.nonce()), 3))
        .hasMessageContaining("the shared memory of rank 3")
        .hasMessageContaining("is not a region");
    assertThatThrownBy(() -> ShmRegion.map(new ShmRegion.Card(1 << 30, 3, BYTES, 0), 2))
        .hasMessageContaining("cannot be opened")
        .hasMessageContaining("share the PID namespace");
    region.close();
    region.close();
  }
}
