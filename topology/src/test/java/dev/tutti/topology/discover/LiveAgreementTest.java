package dev.tutti.topology.discover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tutti.bindings.acl.Acl;
import dev.tutti.bindings.hwloc.Hwloc;
import dev.tutti.bindings.nvml.Nvml;
import dev.tutti.topology.Attributes;
import dev.tutti.topology.CpuList;
import dev.tutti.topology.Finding;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import dev.tutti.topology.format.Reading;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// Compares what is found on the machine of the test with what other programs say.
@EnabledOnOs(OS.LINUX)
final class LiveAgreementTest {
  private static final int WARM_UP = 20;
  private static final int ROUNDS = 9;
  private static final long LIMIT_MILLIS = 200;
  private static final int ATTEMPTS = 10;
  private static final String ETHER = "ether";

  @Test
  void shouldAgreeWithLstopo() throws Exception {
    String xml = output("lstopo-no-graphics", "--of", "xml", "--whole-io", "--disallowed");
    assumeTrue(xml.contains("<topology"), "lstopo-no-graphics (hwloc) is not installed");

    Topology topology = LocalTopology.discover().topology();

    assertThat(topology.nodes(NodeKind.PACKAGE)).hasSize(count(xml, "type=\"Package\""));
    assertThat(topology.nodes(NodeKind.NUMA)).hasSize(count(xml, "type=\"NUMANode\""));
    assertThat(topology.nodes(NodeKind.CORE)).hasSize(count(xml, "type=\"Core\""));
    assertThat(caches(topology, "3")).isEqualTo(count(xml, "type=\"L3Cache\""));
    assertThat(caches(topology, "2")).isEqualTo(count(xml, "type=\"L2Cache\""));
    assertThat(adapters(topology)).containsExactlyElementsOf(adapters(xml));
  }

  private static int count(String text, String what) {
    return (int) Pattern.compile(what, Pattern.LITERAL).matcher(text).results().count();
  }

  private static int caches(Topology topology, String level) {
    return (int)
        topology.nodes(NodeKind.CACHE).stream()
            .filter(cache -> level.equals(cache.attribute(Attributes.LEVEL)))
            .count();
  }

  /// PCI addresses of network adapters, without virtual functions, of which idle ones do not show.
  private static List<String> adapters(String xml) {
    return physical(
        Pattern.compile("pci_busid=\"([^\"]+)\" pci_type=\"02")
            .matcher(xml)
            .results()
            .map(result -> result.group(1)));
  }

  private static List<String> adapters(Topology topology) {
    return physical(
        topology.nodes().stream()
            .filter(node -> node.kind() == NodeKind.NIC || isAdapter(node))
            .map(node -> node.attribute(Attributes.BUS_ID))
            .filter(address -> address != null));
  }

  /// Several ports on one function hang on a node of their own.
  private static boolean isAdapter(Node node) {
    return String.valueOf(node.attribute(Attributes.PCI_CLASS)).startsWith("0x02");
  }

  private static List<String> physical(Stream<String> addresses) {
    Path devices = Path.of("/sys/bus/pci/devices");
    return addresses
        .filter(address -> !Files.exists(devices.resolve(address).resolve("physfn")))
        .distinct()
        .sorted()
        .toList();
  }

  @Test
  void shouldSeeTheSameWithAndWithoutHwloc() {
    Sources sources = Sources.ask();
    assumeTrue(sources.hwloc() != null, () -> "no hwloc: " + sources.findings());
    SystemFiles files = new SystemFiles(Path.of("/"));

    Topology with = LocalTopology.discover(files, "id", sources).topology();
    Topology without = LocalTopology.discover(files, "id", Sources.NONE).topology();

    assertThat(structure(with)).isEqualTo(structure(without));
  }

  private static List<String> structure(Topology topology) {
    return topology.nodes().stream()
        .filter(node -> node.kind() != NodeKind.NIC && node.kind() != NodeKind.NETWORK)
        .map(node -> node.id() + " in " + node.parent() + " " + node.attribute(Attributes.CPUS))
        .toList();
  }

  @Test
  void shouldReadTheStructureOfALargerHostFromHwloc() throws Exception {
    String xml = output("lstopo-no-graphics", "-i", "pack:2 l3:1 l2:2 core:1 pu:2", "--of", "xml");
    assumeTrue(xml.contains("<topology"), "lstopo-no-graphics (hwloc) is not installed");

    Processors processors = HwlocView.of(xml).processors(List.of());

    assertThat(processors.packages()).hasSize(2);
    assertThat(processors.cores()).hasSize(4);
    assertThat(processors.cores().getLast().cpus()).isEqualTo(CpuList.parse("6-7"));
    assertThat(processors.caches()).extracting(CpuCache::level).containsExactly(3, 3, 2, 2, 2, 2);
    assertThat(processors.domains()).isNotEmpty();
  }

  @Test
  void shouldGoOnWithoutLibraries() {
    List<String> properties = List.of(Hwloc.PROPERTY, Nvml.PROPERTY, Acl.PROPERTY);
    properties.forEach(property -> System.setProperty(property, "none"));
    try {
      Reading reading = LocalTopology.discover();

      assertThat(reading.topology().nodes(NodeKind.CORE)).isNotEmpty();
      assertThat(reading.findings()).extracting(Finding::place).startsWith("hwloc", "NVML", "ACL");
    } finally {
      properties.forEach(System::clearProperty);
    }
  }

  @Test
  void shouldAgreeWithIpLink() throws Exception {
    assumeTrue(
        output("ip", "-j", "link").startsWith("["), "ip (iproute2) with JSON is not installed");
    Map<String, String> ours = Map.of();
    Map<String, String> before = Map.of();
    boolean quiet = false;
    for (int i = 0; i < ATTEMPTS && !quiet; i++) { // other tests may make interfaces meanwhile
      before = links(output("ip", "-j", "link"));
      ours = ours();
      quiet = before.equals(links(output("ip", "-j", "link")));
    }

    assumeTrue(quiet, "interfaces of this machine come and go");
    assertThat(ours).isEqualTo(before);
  }

  private static Map<String, String> ours() {
    Map<String, String> ours = new TreeMap<>();
    for (NetworkInterface each : SysfsNics.read(new SystemFiles(Path.of("/")))) {
      String address = each.layer() == LinkKind.ETHERNET ? each.address() : "-";
      ours.put(each.name(), each.state() + " " + each.mtu() + " " + address);
    }
    return ours;
  }

  private static Map<String, String> links(String json) {
    Map<String, String> links = new TreeMap<>();
    try (JsonParser parser =
        JsonFactory.builder().build().createParser(ObjectReadContext.empty(), json)) {
      Map<String, String> fields = new TreeMap<>();
      int depth = 0;
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token.isStructStart()) {
          depth++;
        } else if (token.isStructEnd() && --depth == 1) {
          links.put(
              fields.getOrDefault("ifname", ""),
              fields.getOrDefault("operstate", "").toLowerCase(Locale.ROOT)
                  + " "
                  + fields.get("mtu")
                  + " "
                  + (ETHER.equals(fields.get("link_type")) ? fields.get("address") : "-"));
          fields.clear();
        } else if (depth == 2 && token.isScalarValue()) {
          fields.put(parser.currentName(), parser.getString());
        }
      }
    }
    return links;
  }

  @Test
  void shouldTakeLessThan200MillisecondsWhenWarm() {
    for (int i = 0; i < WARM_UP; i++) {
      LocalTopology.discover();
    }
    List<Long> nanos = new ArrayList<>();
    for (int i = 0; i < ROUNDS; i++) {
      long start = System.nanoTime();
      LocalTopology.discover();
      nanos.add(System.nanoTime() - start);
    }

    nanos.sort(null);
    long median = nanos.get(ROUNDS / 2);
    System.out.printf("discovery of this host takes %.1f ms once warm%n", median / 1e6);
    assertThat(TimeUnit.NANOSECONDS.toMillis(median)).isLessThan(LIMIT_MILLIS);
  }

  /// Returns what a program prints, nothing if it is not there or fails.
  private static String output(String... command) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor() == 0 ? output.strip() : "";
    } catch (IOException e) {
      return "";
    }
  }
}
