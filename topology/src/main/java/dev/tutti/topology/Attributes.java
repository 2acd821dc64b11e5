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

  /// Number of a device or NUMA domain as its system counts it.
  public static final String INDEX = "index";

  /// CPUs of a NUMA domain, package, cache or core as a list: `0-15,64-79`.
  public static final String CPUS = "cpus";

  /// Size of a memory or cache in bytes.
  public static final String BYTES = "bytes";

  /// An address of a NIC, host or device.
  public static final String ADDRESS = "address";

  /// State of a NIC's link: `up`, `down`, `unknown`.
  public static final String STATE = "state";

  /// Generation of a PCI Express link: 1 to 7.
  public static final String PCIE_GENERATION = "gen";

  /// Where the topology was read or found: a file, a preset, `live`.
  public static final String SOURCE = "source";

  private Attributes() {}
}
