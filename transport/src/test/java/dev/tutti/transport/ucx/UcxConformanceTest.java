package dev.tutti.transport.ucx;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tutti.transport.Network;
import dev.tutti.transport.NetworkConformanceTest;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// UCX's own TCP within a host; the subclasses take other ways.
@EnabledOnOs(OS.LINUX)
class UcxConformanceTest extends NetworkConformanceTest {
  private final UcxRanks ranks = new UcxRanks(settings());

  @BeforeAll
  static void needUcx() {
    UcxRanks.assumeUcx();
  }

  Map<String, String> settings() {
    return Map.of("TLS", "tcp,self", "NET_DEVICES", "lo");
  }

  @Override
  protected List<? extends Network> open(int members, int lanes) {
    return ranks.open(members, lanes);
  }

  @Override
  protected void release() {
    ranks.close();
  }

  /// As between hosts, where UCX reports errors of peers.
  @Tag("slow")
  @EnabledOnOs(OS.LINUX)
  static final class BetweenHostsTest extends UcxConformanceTest {
    @Override
    Map<String, String> settings() {
      return Map.of("TLS", "tcp,self");
    }

    @Override
    protected List<? extends Network> open(int members, int lanes) {
      InetAddress outer = UcxRanks.outerAddress();
      assumeTrue(outer != null, "this host has no address but the loopback one");
      return super.open(members, lanes);
    }
  }

  @EnabledOnOs(OS.LINUX)
  static final class PosixSharedMemoryTest extends UcxConformanceTest {
    @Override
    Map<String, String> settings() {
      return Map.of("TLS", "posix,cma,self");
    }
  }

  @Tag("slow")
  @EnabledOnOs(OS.LINUX)
  static final class SystemVSharedMemoryTest extends UcxConformanceTest {
    @Override
    Map<String, String> settings() {
      return Map.of("TLS", "sysv,self");
    }
  }

  /// Whatever UCX finds on this machine.
  @Tag("slow")
  @EnabledOnOs(OS.LINUX)
  static final class AsUcxChoosesTest extends UcxConformanceTest {
    @Override
    Map<String, String> settings() {
      return Map.of();
    }
  }
}
