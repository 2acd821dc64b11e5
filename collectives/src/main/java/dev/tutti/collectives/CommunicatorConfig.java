package dev.tutti.collectives;

import dev.tutti.collectives.execute.Exchanges;
import dev.tutti.collectives.plan.Reproducibility;
import dev.tutti.collectives.record.OperationRecorder.Visibility;
import dev.tutti.transport.inproc.InprocDomain;
import dev.tutti.transport.rendezvous.LaunchEnvironment;
import dev.tutti.transport.rendezvous.MembershipOptions;
import dev.tutti.transport.rendezvous.Rendezvous;
import dev.tutti.transport.rendezvous.Secret;
import dev.tutti.transport.tcp.TcpOptions;
import dev.tutti.transport.ucx.UcxAccess;
import dev.tutti.transport.ucx.UcxOptions;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// How a rank joins its world and what its communicators may use.
///
/// Every option can be set in the builder, as a system property (`tutti.windowSlotBytes`) or as an
/// environment variable (`TUTTI_WINDOW_SLOT_BYTES`); the builder wins over the property, the
/// property over the variable. All ranks of a world need the same values from `algorithm` on; a
/// difference is found at join.
///
/// | option | default | meaning |
/// |---|---|---|
/// | rank, size, rendezvous, secret | from the launcher | who this rank is and where the world meets |
/// | joinTimeoutMillis | 60 000 | how long to wait for the other ranks at join |
/// | joinRunning | none | rendezvous of a world that runs already, which this process joins as a newcomer; see [Communicator#grow] |
/// | heartbeatMillis | 500 | how often a rank says that it is alive |
/// | fence | true | whether `shrink` kills processes of this host that were declared dead and live: they share memory |
/// | heartbeatTimeoutMillis | 5 000 | the silence after which a rank counts as dead |
/// | operationTimeoutMillis | 1 800 000 | how long an operation may wait without progress; 0: for ever |
/// | regionBytes | twice the memory, at least 4 GiB | address space for shared memory; costs nothing until used |
/// | algorithm | auto | the only algorithm to use, where it supports the collective; `file:PATH`: the schedule in that file, several separated by commas |
/// | flatBytes | 64 KiB | largest message of a flat exchange in one piece |
/// | windowSlots | 16 | slices in flight of buffers that peers cannot see |
/// | windowSlotBytes | 256 KiB | size of such a slice |
/// | groups | the hosts | number of each rank's group, by rank, separated by commas: what hierarchical algorithms take as near |
/// | probe | off | on: a world of 4 to 16 hosts measures at join which of them share what, unless `groups` says so, some 0.1 to 0.2 s for each host; off: it does not |
/// | lanes | the number of ranks, at least 64 | lanes for schedules that are interpreted |
/// | channelSlots | 4 | messages in flight per channel |
/// | channelSlotBytes | 64 KiB | largest message of a channel |
/// | threadSharing | all | which buffers the ranks of one JVM use in place: all, or allocated ones only |
/// | transport | auto | auto: shared memory within a host, TCP between hosts; shm: shared memory or an error; tcp: TCP everywhere; ucx: UCX everywhere; shm+ucx: shared memory within a host, UCX between hosts; inproc: for threads. TCP is used instead of UCX where a rank has none |
/// | ucxTcp | loopback | where UCX's own TCP, which takes messages from everybody who reaches its ports, may be used: loopback: within this host; trusted: everywhere |
/// | hostId | from the kernel | what tells hosts apart; ranks with different ids do not share memory |
/// | interfaces | all | network interfaces to use as rails, by name or address, separated by commas; as many on each rank |
/// | streamsPerPeer | 1 | TCP connections to each peer, over each rail |
/// | networkSliceBytes | 1 MiB | largest message over TCP or UCX |
/// | congestionControl | the system's, but cubic within a host and instead of bbr | congestion control of TCP |
/// | reconnectTimeoutMillis | 3000 | how long a connection may be broken before its peer counts as failed |
/// | checksum | none | crc32c: data over TCP are checked beyond TCP's own checksum, and sent again if damaged |
/// | reproducibility | none | canonical: sums of floats have the same bits whatever the algorithm, the transport and the place of the ranks; exact: also whatever the number and order of the ranks; see `docs/numerics.md` |
/// | wire | none | [between-hosts:]FORMAT with FORMAT bfloat16, int8, float8-e4m3 or float8-e5m2, the first two possibly with :stochastic behind: how sums of float32 travel between hosts; see `docs/numerics.md` |
/// | wireSeed | 0 | what the random numbers of stochastic rounding come from |
/// | stragglers | off | auto: an all-reduce from 1 MiB on of 3 ranks or more begins without a rank that is late, where that promises to pay; off: all wait for it; see `docs/guide.md` |
/// | stragglerPatienceMicros | 2 % of the predicted time | how long the last rank is waited for before the others begin without it |
/// | tls | off | on: everything sent over the network is encrypted with TLS 1.3; see `docs/multi-host.md` |
/// | streamingBytes | the last-level cache | footprint from which results bypass the cache |
/// | recorderOperations | 256 | operations that the flight recorder remembers; a power of two from 16 to 65 536, 0: nothing is recorded or counted |
/// | counters | on | on: `tutti stat` can look at what is recorded; off: only this process can |
/// | dumpDirectory | none | where every rank writes its flight recorder when an operation fails |
public final class CommunicatorConfig {
  private final @Nullable LaunchEnvironment launch;
  private final Duration joinTimeout;
  private final long operationTimeoutNanos;
  private final @Nullable URI joinRunning;
  private final @Nullable Secret secret;
  private final MembershipOptions membership;
  private final boolean fences;
  private final long regionBytes;
  private final @Nullable String algorithm;
  private final Reproducibility reproducibility;
  private final WireEncoding wire;
  private final int flatBytes;
  private final int windowSlots;
  private final int windowSlotBytes;
  private final int lanes;
  private final int channelSlots;
  private final int channelSlotBytes;
  private final InprocDomain.Sharing sharing;
  private final long streamingBytes;
  private final int[] groups;
  private final boolean probes;
  private final TransportChoice transport;
  private final boolean trustsNetwork;
  private final @Nullable String hostId;
  private final TcpOptions tcp;
  private final boolean beginsWithoutStragglers;
  private final long stragglerPatienceNanos;
  private final int recorderOperations;
  private final Visibility counters;
  private final @Nullable Path dumpDirectory;

  private CommunicatorConfig(Builder from, Reader options) {
    this.launch = from.launch;
    this.joinTimeout = Duration.ofMillis(options.number("joinTimeoutMillis", 60_000, 1));
    this.operationTimeoutNanos = 1_000_000 * options.number("operationTimeoutMillis", 1_800_000, 0);
    this.regionBytes = options.number("regionBytes", 0, 0);
    String name = options.text("algorithm");
    this.algorithm = name == null || name.equals("auto") ? null : name;
    this.reproducibility =
        options.choice("reproducibility", Reproducibility.NONE, Reproducibility.values());
    this.wire = wire(options, reproducibility);
    this.flatBytes = lines(options, "flatBytes", 64 << 10);
    this.windowSlots = (int) options.number("windowSlots", 16, 3);
    this.windowSlotBytes = lines(options, "windowSlotBytes", 256 << 10);
    this.lanes = (int) options.number("lanes", 0, 0);
    this.channelSlots = (int) options.number("channelSlots", 4, 1);
    this.channelSlotBytes = lines(options, "channelSlotBytes", 64 << 10);
    this.sharing =
        options.isOther("threadSharing", "all", "allocated")
            ? InprocDomain.Sharing.ALLOCATED
            : InprocDomain.Sharing.ALL;
    this.streamingBytes = options.number("streamingBytes", 0, 0);
    this.joinRunning = joinRunning(options);
    this.secret = from.secretHex.isEmpty() ? null : Secret.fromHex(from.secretHex);
    this.fences = !options.isOther("fence", "true", "false");
    int size = launch == null ? 1 : launch.size();
    this.groups = groups(options, joinRunning == null ? size : -1);
    this.probes = options.isOther("probe", "off", "on");
    this.transport = TransportChoice.of(options.text("transport"));
    this.trustsNetwork = options.isOther("ucxTcp", "loopback", "trusted");
    this.hostId = options.text("hostId");
    boolean tls = options.isOther("tls", "off", "on");
    if (tls && transport.usesUcx()) {
      throw new IllegalArgumentException(
          "tutti.tls is on and tutti.transport is " + transport + ": UCX encrypts nothing");
    }
    this.membership = membership(options).withTls(tls);
    this.tcp = tcp(options, tls);
    this.beginsWithoutStragglers = options.isOther("stragglers", "off", "auto");
    this.stragglerPatienceNanos = 1_000 * options.number("stragglerPatienceMicros", 0, 1);
    this.recorderOperations = recorderOperations(options);
    this.counters = options.isOther("counters", "on", "off") ? Visibility.PROCESS : Visibility.USER;
    String dumps = options.text("dumpDirectory");
    this.dumpDirectory = dumps == null || dumps.isEmpty() ? null : Path.of(dumps);
  }

  private static MembershipOptions membership(Reader options) {
    return MembershipOptions.defaults()
        .withHeartbeat(
            Duration.ofMillis(options.number("heartbeatMillis", 500, 1)),
            Duration.ofMillis(options.number("heartbeatTimeoutMillis", 5_000, 3)));
  }

  private static int recorderOperations(Reader options) {
    long value = options.number("recorderOperations", 256, 0);
    if (value != 0 && (value < 16 || value > 1 << 16 || Long.bitCount(value) != 1)) {
      throw new IllegalArgumentException(
          "tutti.recorderOperations is " + value + ", expected 0 or a power of two, 16 to 65536");
    }
    return (int) value;
  }

  private static @Nullable URI joinRunning(Reader options) {
    String value = options.text("joinRunning");
    try {
      return value == null ? null : Rendezvous.check(URI.create(value));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("tutti.joinRunning: " + e.getMessage(), e);
    }
  }

  /// @param size how many there must be, -1 if the world has a size that this process cannot know
  private static int[] groups(Reader options, int size) {
    String value = options.text("groups");
    if (value == null) {
      return new int[0];
    }
    try {
      int[] numbers =
          Arrays.stream(value.split(",")).map(String::strip).mapToInt(Integer::parseInt).toArray();
      if ((size < 0 || numbers.length == size) && Arrays.stream(numbers).allMatch(n -> n >= 0)) {
        return numbers;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(groupsProblem(value, size), e);
    }
    throw new IllegalArgumentException(groupsProblem(value, size));
  }

  private static String groupsProblem(String value, int size) {
    String numbers = size < 0 ? "numbers" : size + " numbers";
    return "tutti.groups is \"" + value + "\", expected " + numbers + ", one per rank";
  }

  private static WireEncoding wire(Reader options, Reproducibility reproducibility) {
    String value = options.text("wire");
    WireEncoding wire =
        WireEncoding.parse(
            value == null ? "none" : value, options.number("wireSeed", 0, Long.MIN_VALUE));
    if (wire.format() != null && reproducibility != Reproducibility.NONE) {
      throw new IllegalArgumentException(
          "tutti.wire is \""
              + value
              + "\", which rounds what tutti.reproducibility wants reproduced: expected none");
    }
    return wire;
  }

  private static TcpOptions tcp(Reader options, boolean tls) {
    String interfaces = options.text("interfaces");
    return new TcpOptions(
        interfaces == null
            ? List.of()
            : Arrays.stream(interfaces.split(",")).map(String::strip).toList(),
        Math.toIntExact(options.number("streamsPerPeer", 1, 1)),
        Math.toIntExact(options.number("networkSliceBytes", TcpOptions.SLICE_BYTES, 4096)),
        options.text("congestionControl"),
        Duration.ofMillis(options.number("joinTimeoutMillis", 60_000, 1)),
        Duration.ofMillis(
            options.number("reconnectTimeoutMillis", TcpOptions.RECONNECT_TIMEOUT.toMillis(), 0)),
        options.isOther("checksum", "none", "crc32c")
            ? TcpOptions.Checksum.CRC32C
            : TcpOptions.Checksum.NONE,
        tls);
  }

  private static int lines(Reader options, String option, int standard) {
    long value = options.number(option, standard, 128);
    if (value % 128 != 0 || value > 1 << 30) {
      throw new IllegalArgumentException(
          "tutti." + option + " is " + value + ", expected a multiple of 128 up to 1 GiB");
    }
    return (int) value;
  }

  /// Returns a builder with nothing set.
  public static Builder builder() {
    return new Builder();
  }

  /// Returns the configuration given by system properties and environment alone.
  public static CommunicatorConfig fromEnvironment() {
    return builder().build();
  }

  @Nullable LaunchEnvironment launch() {
    return launch;
  }

  Duration joinTimeout() {
    return joinTimeout;
  }

  long operationTimeoutNanos() {
    return operationTimeoutNanos;
  }

  /// Returns where to ask for admission to a world that runs, null to form one.
  @Nullable URI joinRunning() {
    return joinRunning;
  }

  /// Returns the secret of a newcomer.
  Secret secret() {
    return secret == null ? LaunchEnvironment.secret(System.getenv()) : secret;
  }

  /// Returns whether ranks that were declared dead are killed if they share memory.
  boolean fences() {
    return fences;
  }

  MembershipOptions membership() {
    return membership;
  }

  long regionBytes() {
    return regionBytes;
  }

  @Nullable String algorithm() {
    return algorithm;
  }

  /// Returns what sums must have in common.
  Reproducibility reproducibility() {
    return reproducibility;
  }

  /// Returns how sums travel between hosts.
  WireEncoding wire() {
    return wire;
  }

  long streamingBytes() {
    return streamingBytes;
  }

  /// Returns the group of each rank, empty for the hosts.
  int[] groups() {
    return groups;
  }

  /// Returns whether a world looks for groups of hosts when it forms.
  boolean probes() {
    return probes;
  }

  /// Returns how ranks reach each other.
  TransportChoice transport() {
    return transport;
  }

  /// Returns what tells hosts apart, null for what the kernel says.
  @Nullable String hostId() {
    return hostId;
  }

  TcpOptions tcp() {
    return tcp;
  }

  /// Returns how UCX is used.
  ///
  /// @param spread whether the ranks are on several hosts
  /// @throws UnsupportedOperationException if it may not be used; see [UcxAccess#settings]
  UcxOptions ucx(boolean spread) {
    UcxAccess access =
        trustsNetwork ? UcxAccess.TRUSTED_NETWORK : spread ? UcxAccess.NETWORK : UcxAccess.HOST;
    return new UcxOptions(
        tcp.sliceBytes(),
        tcp.connectTimeout(),
        Duration.ofNanos(operationTimeoutNanos),
        access.settings());
  }

  InprocDomain.Sharing sharing() {
    return sharing;
  }

  /// Returns whether large all-reduces begin without a rank that is late.
  boolean beginsWithoutStragglers() {
    return beginsWithoutStragglers;
  }

  /// Returns how long the last rank is waited for, 0 for what suits the operation.
  long stragglerPatienceNanos() {
    return stragglerPatienceNanos;
  }

  int recorderOperations() {
    return recorderOperations;
  }

  Visibility counters() {
    return counters;
  }

  @Nullable Path dumpDirectory() {
    return dumpDirectory;
  }

  Exchanges.Sizes sizes() {
    return new Exchanges.Sizes(
        flatBytes, windowSlots, windowSlotBytes, lanes, channelSlots, channelSlotBytes);
  }

  /// Returns what all ranks must agree on, in words.
  String fingerprint() {
    return "algorithm="
        + ScheduleFiles.fingerprint(algorithm)
        + " reproducibility="
        + reproducibility
        + " wire="
        + wire
        + " flatBytes="
        + flatBytes
        + " windowSlots="
        + windowSlots
        + " windowSlotBytes="
        + windowSlotBytes
        + " lanes="
        + lanes
        + " channelSlots="
        + channelSlots
        + " channelSlotBytes="
        + channelSlotBytes
        + " groups="
        + Arrays.toString(groups)
        + " probe="
        + (probes ? "on" : "off")
        + " transport="
        + transport
        + " rails="
        + tcp.interfaces().size()
        + " streamsPerPeer="
        + tcp.streamsPerPeer()
        + " networkSliceBytes="
        + tcp.sliceBytes()
        + " checksum="
        + tcp.checksum()
        + " tls="
        + tcp.tls()
        + " stragglers="
        + (beginsWithoutStragglers ? "auto" : "off");
  }

  /// Collects options; see [CommunicatorConfig] for what they mean.
  public static final class Builder {
    private final Map<String, String> values = new HashMap<>();
    private @Nullable LaunchEnvironment launch;
    private int rank = -1;
    private int size = -1;
    private @Nullable URI rendezvous;
    private String secretHex = "";

    private Builder() {}

    /// Sets this rank; goes with `size` and `rendezvous`, and then no launcher's variables are
    /// read.
    public Builder rank(int value) {
      rank = value;
      return this;
    }

    /// Sets the number of ranks; goes with `rank` and `rendezvous`.
    public Builder size(int value) {
      size = value;
      return this;
    }

    /// Sets where the world meets: `tcp://host:port`, served by rank 0, or `file:///directory`.
    /// Without `rank` and `size`, it replaces the meeting point of the launcher's ranks.
    public Builder rendezvous(URI value) {
      rendezvous = value;
      return this;
    }

    /// Sets the job's secret: at least 32 hexadecimal digits. Without `rank` and `size`, it
    /// replaces the secret of the launcher's ranks.
    public Builder secret(String hex) {
      secretHex = hex;
      return this;
    }

    /// Sets the only algorithm to use, or `auto`.
    public Builder algorithm(String name) {
      return set("algorithm", name);
    }

    /// Sets how long an operation may wait without progress; zero: for ever.
    public Builder operationTimeout(Duration timeout) {
      return set("operationTimeoutMillis", Long.toString(timeout.toMillis()));
    }

    /// Sets how long to wait for the other ranks at join.
    public Builder joinTimeout(Duration timeout) {
      return set("joinTimeoutMillis", Long.toString(timeout.toMillis()));
    }

    /// Sets any option of the table in [CommunicatorConfig] by its name.
    public Builder set(String option, String value) {
      values.put(option, value);
      return this;
    }

    /// Checks all options.
    ///
    /// @throws IllegalArgumentException if one is malformed or out of range, only one of rank and
    ///   size is given, or the launcher's variables are malformed; names it
    public CommunicatorConfig build() {
      launch = rank >= 0 || size >= 0 ? explicitLaunch() : launchersLaunch();
      return new CommunicatorConfig(this, new Reader(values::get));
    }

    private LaunchEnvironment explicitLaunch() {
      if (rank < 0 || size < 1 || rendezvous == null) {
        throw new IllegalArgumentException("rank, size and rendezvous go together");
      }
      Secret secret = secretHex.isEmpty() ? Secret.none() : Secret.fromHex(secretHex);
      return new LaunchEnvironment(
          rank,
          size,
          -1,
          -1,
          rendezvous,
          secret,
          LaunchEnvironment.Server.RANK_ZERO,
          "Give CommunicatorConfig.builder().secret(...) on every rank.");
    }

    private @Nullable LaunchEnvironment launchersLaunch() {
      Map<String, String> environment = new HashMap<>(System.getenv());
      if (rendezvous != null) {
        environment.put(LaunchEnvironment.RENDEZVOUS, rendezvous.toString());
      }
      if (!secretHex.isEmpty()) {
        environment.put(LaunchEnvironment.SECRET, secretHex);
        environment.remove(LaunchEnvironment.SECRET_FILE);
      }
      return LaunchEnvironment.fromEnvironment(environment);
    }
  }

  private record Reader(UnaryOperator<@Nullable String> explicit) {
    @Nullable String text(String option) {
      String value = explicit.apply(option);
      if (value == null) {
        value = System.getProperty("tutti." + option);
      }
      if (value == null) {
        String name = option.replaceAll("([A-Z])", "_$1").toUpperCase(Locale.ROOT);
        value = System.getenv("TUTTI_" + name);
      }
      return value;
    }

    /// Returns whether an option has the other of its two values than the standard one.
    boolean isOther(String option, String standard, String other) {
      String value = text(option);
      if (value == null || value.equals(standard)) {
        return false;
      }
      if (value.equals(other)) {
        return true;
      }
      throw new IllegalArgumentException(
          "tutti." + option + " is \"" + value + "\", expected " + standard + " or " + other);
    }

    /// Returns the constant whose name in lower case is the value.
    <E extends Enum<E>> E choice(String option, E standard, E[] all) {
      String value = text(option);
      if (value == null) {
        return standard;
      }
      for (E each : all) {
        if (value.equals(each.name().toLowerCase(Locale.ROOT))) {
          return each;
        }
      }
      throw new IllegalArgumentException(
          "tutti."
              + option
              + " is \""
              + value
              + "\", expected one of "
              + Arrays.toString(all).toLowerCase(Locale.ROOT));
    }

    long number(String option, long standard, long least) {
      String value = text(option);
      if (value == null) {
        return standard;
      }
      try {
        long number = Long.parseLong(value);
        if (number >= least) {
          return number;
        }
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(problem(option, value, least), e);
      }
      throw new IllegalArgumentException(problem(option, value, least));
    }

    private static String problem(String option, String value, long least) {
      return "tutti." + option + " is \"" + value + "\", expected a number of at least " + least;
    }
  }
}
