package dev.tutti.topology.discover;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.topology.CpuList;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
final class CgroupLimitsTest {
  @TempDir Path folder;
  private FakeSystem system;

  @BeforeEach
  void beginSystem() {
    system = new FakeSystem(folder);
  }

  @Test
  void shouldTakeTheStrictestOfAllGroupsAboveInVersion2() {
    system
        .file("proc/self/cgroup", "0::/jobs/one")
        .file("proc/self/mountinfo", "40 31 0:38 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw")
        .file("sys/fs/cgroup/cgroup.controllers", "cpu memory")
        .file("sys/fs/cgroup/jobs/cpu.max", "150000 100000")
        .file("sys/fs/cgroup/jobs/memory.max", "max")
        .file("sys/fs/cgroup/jobs/one/cpu.max", "max 100000")
        .file("sys/fs/cgroup/jobs/one/memory.max", "1073741824")
        .file("sys/fs/cgroup/jobs/one/cpuset.cpus.effective", "0-3");

    CgroupLimits limits = CgroupLimits.read(system.files());

    assertThat(limits.cores()).isEqualTo(1.5);
    assertThat(limits.memoryBytes()).isEqualTo(1L << 30);
    assertThat(limits.cpus()).isEqualTo(CpuList.parse("0-3"));
  }

  @Test
  void shouldReadTheHierarchiesOfVersion1() {
    system
        .file("proc/self/cgroup", "4:memory:/job\n3:cpuset:/\n1:cpu,cpuacct:/job\n0::/")
        .file(
            "proc/self/mountinfo",
            """
            32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu,cpuacct
            34 31 0:31 / /sys/fs/cgroup/cpuset rw,relatime - cgroup cgroup rw,cpuset
            35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
            """)
        .file("sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "-1")
        .file("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "50000")
        .file("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000")
        .file("sys/fs/cgroup/cpuset/cpuset.cpus", "0-1")
        .file("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712")
        .file("sys/fs/cgroup/memory/job/memory.limit_in_bytes", "65536");

    CgroupLimits limits = CgroupLimits.read(system.files());

    assertThat(limits.cores()).isEqualTo(0.5);
    assertThat(limits.memoryBytes()).isEqualTo(65536);
    assertThat(limits.cpus()).isEqualTo(CpuList.parse("0-1"));
  }

  @Test
  void shouldFindTheGroupWhenAContainerMountsAPartOfTheHierarchy() {
    system
        .file("proc/self/cgroup", "4:memory:/docker/abc/inner")
        .file(
            "proc/self/mountinfo",
            "35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory")
        .file("sys/fs/cgroup/memory/inner/memory.limit_in_bytes", "4096")
        .file("sys/fs/cgroup/memory/memory.limit_in_bytes", "8192");

    assertThat(CgroupLimits.read(system.files()).memoryBytes()).isEqualTo(4096);
  }

  @Test
  void shouldKnowNoLimitsWhenThereAreNoGroups() {
    assertThat(CgroupLimits.read(system.files())).isEqualTo(new CgroupLimits(null, null, null));
  }

  @Test
  void shouldTellHowManyCoresAreLeft() {
    system
        .dualSocket()
        .file("proc/self/status", "Name:\tjava\nCpus_allowed_list:\t0-5")
        .file("proc/self/cgroup", "0::/")
        .file("proc/self/mountinfo", "40 31 0:38 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw")
        .file("sys/fs/cgroup/cpuset.cpus.effective", "4-7")
        .file("sys/fs/cgroup/cpu.max", "150000 100000");

    var host = HostNode.read(system.files(), "id", null);

    assertThat(host.attributes()).containsEntry("cpus", "4-5").containsEntry("coresAllowed", "1.5");
  }
}
