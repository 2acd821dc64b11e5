package dev.tutti.topology;

/// Keys of attributes that the library itself reads or writes. Others pass through.
public final class Attributes {
  /// PCI address of a device, NIC or bridge: `0000:17:00.0`.
  public static final String BUS_ID = "busId";

  /// PCI class: `0x030200`.
  public static final String PCI_CLASS = "pciClass";

  /// Vendor: a name, or an id such as `0x10de`.
  public static final String VENDOR = "vendor";

  /// What it is called by its maker, or its device id.
  public static final String MODEL = "model";

  /// What it is called by its maker, where [#MODEL] is a number.
  public static final String MODEL_NAME = "modelName";

  /// Number of a device or NUMA domain as its system counts it.
  public static final String INDEX = "index";

  /// CPUs of a NUMA domain, package, cache or core as a list: `0-15,64-79`.
  public static final String CPUS = "cpus";

  /// Size of a memory or cache in bytes.
  public static final String BYTES = "bytes";

  /// An address of a NIC, host or device.
  public static final String ADDRESS = "address";

  /// Network mask that belongs to an address.
  public static final String NETMASK = "netmask";

  /// State of a NIC's link: `up`, `down`, `unknown`.
  public static final String STATE = "state";

  /// Generation of a PCI Express link: 1 to 7.
  public static final String PCIE_GENERATION = "gen";

  /// Level of a cache: 1 is nearest to the core.
  public static final String LEVEL = "level";

  /// The firmware's distance between two NUMA domains; 10 is a domain's own.
  public static final String DISTANCE = "distance";

  /// Bytes per packet of a NIC.
  public static final String MTU = "mtu";

  /// Name of a device's or NIC's driver.
  public static final String DRIVER = "driver";

  /// Adapter and port of a NIC for RDMA: `mlx5_0:1`.
  public static final String RDMA = "rdma";

  /// Globally unique number of an RDMA adapter.
  public static final String GUID = "guid";

  /// What a NIC without hardware is: `loopback`, `veth`, `bridge`, `bond`, `vlan`, `tunnel`,
  /// `virtual`.
  public static final String VIRTUAL = "virtual";

  /// The bond or bridge that a NIC is a member of.
  public static final String MASTER = "master";

  /// The NICs that a bond, bridge or VLAN is built on: `eth0,eth1`.
  public static final String MEMBERS = "members";

  /// PCI address of the function that a NIC or device is a virtual function of.
  public static final String PHYSICAL_FUNCTION = "physicalFunction";

  /// Number of virtual functions of a NIC or device in use.
  public static final String VIRTUAL_FUNCTIONS = "virtualFunctions";

  /// Unique number of a device as its driver tells it.
  public static final String UUID = "uuid";

  /// What tells a host from others wherever they are looked at from; see [Host#id].
  public static final String HOST_ID = "hostId";

  /// Release of a host's kernel.
  public static final String KERNEL = "kernel";

  /// Processors that the process which looked may use: a number, with fractions where a control
  /// group limits their time.
  public static final String CORES_ALLOWED = "coresAllowed";

  /// Bytes of memory that the control group of the process which looked may have.
  public static final String MEMORY_LIMIT = "memoryLimit";

  /// Compute capability of an NVIDIA device without its dot: 80, 90, 100.
  public static final String COMPUTE_CAPABILITY = "sm";

  /// Where the topology was read or found: a file, a preset, `live`.
  public static final String SOURCE = "source";

  private Attributes() {}
}
