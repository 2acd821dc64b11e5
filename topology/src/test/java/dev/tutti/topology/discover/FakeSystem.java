package dev.tutti.topology.discover;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/// A folder that looks like the root of a host, for tests.
final class FakeSystem {
  private final Path root;

  FakeSystem(Path root) {
    this.root = root;
  }

  SystemFiles files() {
    return new SystemFiles(root);
  }

  FakeSystem file(String path, String text) {
    try {
      Path file = root.resolve(path);
      Files.createDirectories(Objects.requireNonNull(file.getParent()));
      Files.writeString(file, text + "\n");
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Makes a link from one path below the root to another.
  FakeSystem link(String path, String target) {
    try {
      Path link = root.resolve(path);
      Path folder = Objects.requireNonNull(link.getParent());
      Files.createDirectories(folder);
      Files.createDirectories(root.resolve(target));
      Files.createSymbolicLink(link, folder.relativize(root.resolve(target)));
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Adds a CPU with an L2 of its own and a shared L3.
  FakeSystem cpu(int cpu, int packageNumber, String coreCpus, String l3Cpus) {
    String folder = "sys/devices/system/cpu/cpu" + cpu + "/";
    file(folder + "topology/physical_package_id", String.valueOf(packageNumber));
    file(folder + "topology/core_cpus_list", coreCpus);
    cache(folder + "cache/index0/", 1, "Data", "32K", coreCpus);
    cache(folder + "cache/index1/", 1, "Instruction", "32K", coreCpus);
    cache(folder + "cache/index2/", 2, "Unified", "1024K", coreCpus);
    return cache(folder + "cache/index3/", 3, "Unified", "32768K", l3Cpus);
  }

  private FakeSystem cache(String folder, int level, String type, String size, String cpus) {
    return file(folder + "level", String.valueOf(level))
        .file(folder + "type", type)
        .file(folder + "size", size)
        .file(folder + "shared_cpu_list", cpus);
  }

  FakeSystem numa(int number, String cpus, long kibibytes, String distances) {
    String folder = "sys/devices/system/node/node" + number + "/";
    return file(folder + "cpulist", cpus)
        .file(folder + "distance", distances)
        .file(
            folder + "meminfo",
            "Node " + number + " MemTotal:       " + kibibytes + " kB\nNode 0 MemFree: 1 kB");
  }

  /// Adds a PCI function.
  ///
  /// @param path its place below `sys/devices`, such as `pci0000:00/0000:00:01.0/0000:01:00.0`
  /// @return the folder of the function
  String pci(String path, String pciClass, String vendor, int numa, String speed, String width) {
    String folder = "sys/devices/" + path;
    String address = path.substring(path.lastIndexOf('/') + 1);
    file(folder + "/class", pciClass)
        .file(folder + "/vendor", vendor)
        .file(folder + "/device", "0x1234")
        .file(folder + "/numa_node", String.valueOf(numa))
        .file(folder + "/current_link_speed", speed)
        .file(folder + "/current_link_width", width)
        .file(folder + "/max_link_speed", speed)
        .file(folder + "/max_link_width", width)
        .link("sys/bus/pci/devices/" + address, folder);
    return folder;
  }

  /// Adds an interface of a device.
  FakeSystem nic(String device, String name, String state, String speed) {
    String folder = device + "/net/" + name;
    return netdev(folder, name, state, 1)
        .file(folder + "/speed", speed)
        .link(folder + "/device", device);
  }

  /// Adds an interface without device.
  FakeSystem virtualNic(String name, String state, int type) {
    return netdev("sys/devices/virtual/net/" + name, name, state, type);
  }

  private FakeSystem netdev(String folder, String name, String state, int type) {
    return file(folder + "/ifindex", "7")
        .file(folder + "/iflink", "7")
        .file(folder + "/operstate", state)
        .file(folder + "/mtu", "1500")
        .file(folder + "/type", String.valueOf(type))
        .file(folder + "/address", type == 772 ? "00:00:00:00:00:00" : "02:00:00:00:00:01")
        .file(folder + "/dev_port", "0")
        .link("sys/class/net/" + name, folder);
  }

  /// Adds an RDMA port.
  FakeSystem rdma(String device, String adapter, int port, String layer, String rate) {
    String folder = device + "/infiniband/" + adapter;
    return file(folder + "/ports/" + port + "/link_layer", layer)
        .file(folder + "/ports/" + port + "/rate", rate)
        .file(folder + "/ports/" + port + "/state", "4: ACTIVE")
        .file(folder + "/node_guid", "0c42:a103:0000:0001")
        .linkOnce(folder + "/device", device)
        .linkOnce("sys/class/infiniband/" + adapter, folder);
  }

  private FakeSystem linkOnce(String path, String target) {
    return Files.exists(root.resolve(path)) ? this : link(path, target);
  }

  /// Two packages of two cores with two threads each, one NUMA domain per package.
  FakeSystem dualSocket() {
    file("proc/sys/kernel/hostname", "alder").file("proc/sys/kernel/osrelease", "6.1.0");
    file("proc/meminfo", "MemTotal:       131072 kB\nMemFree: 1 kB");
    cpu(0, 0, "0,4", "0-1,4-5").cpu(4, 0, "0,4", "0-1,4-5");
    cpu(1, 0, "1,5", "0-1,4-5").cpu(5, 0, "1,5", "0-1,4-5");
    cpu(2, 1, "2,6", "2-3,6-7").cpu(6, 1, "2,6", "2-3,6-7");
    cpu(3, 1, "3,7", "2-3,6-7").cpu(7, 1, "3,7", "2-3,6-7");
    numa(0, "0-1,4-5", 65536, "10 21");
    return numa(1, "2-3,6-7", 65536, "21 10");
  }
}
