package dev.tutti.transport.shm;

import dev.tutti.transport.Network;
import dev.tutti.transport.NetworkConformanceTest;
import dev.tutti.transport.SlotNetwork;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// Ranks that happen to live in one process: each maps the other's region through /proc and sees it
/// at an address of its own.
@EnabledOnOs(OS.LINUX)
final class ShmConformanceTest extends NetworkConformanceTest {
  private static final long SPARE_BYTES = 1 << 20;

  @Override
  protected List<? extends Network> open(int members, int lanes) {
    List<ShmRegion> regions = new ArrayList<>();
    List<ShmRegion.@Nullable Card> cards = new ArrayList<>();
    for (int m = 0; m < members; m++) {
      regions.add(ShmRegion.create(SlotNetwork.bytes(members, lanes) + SPARE_BYTES));
      cards.add(regions.get(m).card());
    }
    List<ShmDomain> domains = new ArrayList<>();
    for (int m = 0; m < members; m++) {
      domains.add(ShmDomain.connect(regions.get(m), m, cards));
    }
    return SlotNetwork.join(domains, lanes);
  }

  @Override
  protected void release() {}

  @Override
  protected @Nullable String lacks(Ability ability) {
    return SlotNetwork.lacks(ability);
  }
}
