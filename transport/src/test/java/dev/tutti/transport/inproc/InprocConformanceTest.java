package dev.tutti.transport.inproc;

import dev.tutti.transport.Network;
import dev.tutti.transport.NetworkConformanceTest;
import dev.tutti.transport.SlotNetwork;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
final class InprocConformanceTest extends NetworkConformanceTest {
  @Override
  protected List<? extends Network> open(int members, int lanes) {
    return SlotNetwork.join(InprocDomain.create(members, InprocDomain.Sharing.ALL), lanes);
  }

  @Override
  protected void release() {}

  @Override
  protected @Nullable String lacks(Ability ability) {
    return SlotNetwork.lacks(ability);
  }
}
