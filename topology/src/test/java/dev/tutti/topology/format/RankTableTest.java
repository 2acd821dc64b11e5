package dev.tutti.topology.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.topology.Finding;
import dev.tutti.topology.LinkKind;
import dev.tutti.topology.Node;
import dev.tutti.topology.NodeKind;
import dev.tutti.topology.Topology;
import dev.tutti.topology.TopologyFormatException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RankTableTest {
  static final String VERSION_1 =
      """
      {"version":"1.0","status":"completed","server_count":"2","server_list":[
       {"server_id":"alder","device":[
        {"device_id":"0","device_ip":"10.9.0.4","rank_id":"0"},
        {"device_id":"1","device_ip":"10.9.1.4","rank_id":"1"}]},
       {"server_id":"birch","host_ip":"10.8.0.2","device":[
        {"device_id":"0","device_ip":"10.9.0.5","rank_id":"2"}]}]}
      """;

  static final String VERSION_1_2 =
      """
      {"version":"1.2","status":"completed","server_count":"1","server_list":[
       {"server_id":"oak","host_ip":"10.8.0.1","device":[
        {"device_id":"0","super_device_id":"113246208","device_ip":"10.9.0.6","rank_id":"0"},
        {"device_id":"1","super_device_id":"113311745","device_ip":"10.9.0.7","rank_id":"1"}]}],
       "super_pod_list":[{"super_pod_id":"4","server_list":[{"server_id":"oak"}]}]}
      """;

  static final String VERSION_2 =
      """
      {"version":"2.0","status":"completed","rank_count":2,"rank_list":[
       {"rank_id":0,"local_id":0,"device_id":0,"level_list":[
        {"net_layer":1,"net_instance_id":"all","net_type":"CLOS","rank_addr_list":[]},
        {"net_layer":0,"net_instance_id":"cab3","net_type":"TOPO_FILE_DESC","net_attr":"",
         "rank_addr_list":[{"addr_type":"EID","addr":"01:02","ports":["0/1","0/2"],"plane_id":"a"}]}]},
       {"rank_id":1,"local_id":1,"device_id":1,"level_list":[
        {"net_layer":0,"net_instance_id":"cab3","net_type":"TOPO_FILE_DESC","net_attr":"",
         "rank_addr_list":[{"addr_type":"IPV4","addr":"10.7.0.2","ports":["0/1"]}]}]}]}
      """;

  static final String CARDS =
      """
      {"board_id":"0x0020","chip_info":"910","deploy_mode":"lab","status":"completed",
       "group_count":"1","group_list":[{"device_num":"2","server_num":"1","group_name":"",
        "instance_count":"2","instance_list":[
        {"devices":[{"device_id":"0","device_ip":"10.9.0.1"}],"rank_id":"0","server_id":"elm"},
        {"devices":[{"device_id":"1","device_ip":"10.9.1.1"}],"rank_id":"1","server_id":"elm"}]}],
       "para_plane_nic_location":"device"}
      """;

  static final String PODS =
      """
      {"status":"completed","group_count":"1","group_list":[{"group_name":"t",
       "device_count":"3","instance_count":"2","instance_list":[
       {"pod_name":"p-0","server_id":"fir","devices":[
        {"device_id":"0","device_ip":"10.9.0.1"},{"device_id":"1","device_ip":"10.9.1.1"}]},
       {"pod_name":"p-1","server_id":"gum","devices":[{"device_id":"0","device_ip":"10.9.0.2"}]}]}]}
      """;

  @Test
  void shouldReadServersAndTheirDevices() {
    Reading reading = read(VERSION_1);
    Topology topology = reading.topology();

    assertThat(reading.findings()).isEmpty();
    assertThat(topology.ranks().values()).containsExactly("alder/npu0", "alder/npu1", "birch/npu0");
    assertThat(topology.links("birch/npu0/nic", "network").getFirst())
        .satisfies(link -> {
          assertThat(link.kind()).isEqualTo(LinkKind.ROCE);
          assertThat(link.capacityBytesPerSecond()).isNull();
        });
    assertThat(topology.links("alder/npu0", "alder/npu1")).isEmpty();
  }

  @Test
  void shouldReadSuperPods() {
    Reading reading = read(VERSION_1_2);
    Topology topology = reading.topology();

    assertThat(reading.findings()).isEmpty();
    assertThat(topology.node("oak").parent()).isEqualTo("superpod4");
    assertThat(topology.links("oak/npu1", "superpod4/hccs-switch").getFirst().kind())
        .isEqualTo(LinkKind.HCCS_SWITCH);
    assertThat(topology.node("oak/npu1").attributes())
        .containsEntry("super_device_id", "113311745")
        .containsEntry("hintServer", "27")
        .containsEntry("hintChip", "0")
        .containsEntry("hintDie", "1");
  }

  @Test
  void shouldReadTheFlatForm() {
    Topology topology = read(VERSION_2).topology();

    assertThat(topology.nodes(NodeKind.HOST)).isEmpty();
    assertThat(topology.ranks().values()).containsExactly("layer0/cab3/npu0", "layer0/cab3/npu1");
    assertThat(topology.links("layer0/cab3/npu0", "layer0/cab3/network").getFirst())
        .satisfies(link -> {
          assertThat(link.kind()).isEqualTo(LinkKind.UB);
          assertThat(link.attributes()).containsEntry("ports", "0/1,0/2");
        });
    assertThat(topology.links("layer0/cab3/npu0", "layer1/all/network")).hasSize(1);
  }

  @Test
  void shouldReadTheOlderForms() {
    Reading cards = read(CARDS);
    Reading pods = read(PODS);

    assertThat(cards.findings()).isEmpty();
    assertThat(cards.topology().ranks().values()).containsExactly("elm/npu0", "elm/npu1");
    assertThat(pods.findings())
        .singleElement()
        .asString()
        .endsWith("has no rank_id: the order of devices makes their ranks");
    assertThat(pods.topology().ranks().values())
        .containsExactly("fir/npu0", "fir/npu1", "gum/npu0");
  }

  @Test
  void shouldWarnWithThePlaceOfWhatContradicts() {
    assertThat(warnings(VERSION_1.replace("server_count\":\"2", "server_count\":\"3")))
        .containsExactly(
            "t.json:1:54: warning: server_count: is '3', but there are 2 in server_list");
    assertThat(warnings(VERSION_1.replace("rank_id\":\"2", "rank_id\":\"1")))
        .singleElement()
        .asString()
        .startsWith("t.json:6:")
        .endsWith(
            "server_list[1].device[0].rank_id:"
                + " rank 1 is on 'alder/npu1' too; placed there only");
    assertThat(warnings(VERSION_1.replace("rank_id\":\"2", "rank_id\":\"5")))
        .singleElement()
        .asString()
        .endsWith("has ranks up to 5, but not [2, 3, 4]");
    assertThat(warnings(VERSION_1.replace("10.9.0.5", "10.9.0.4")))
        .singleElement()
        .asString()
        .endsWith("is '10.9.0.4', which 'alder/npu0' has too");
    assertThat(
            warnings(
                VERSION_1
                    .replace("rank_id\":\"1", "rank_id\":\"9")
                    .replace("rank_id\":\"2", "rank_id\":\"1")
                    .replace("rank_id\":\"9", "rank_id\":\"2")))
        .singleElement()
        .asString()
        .contains("ranks of servers interleave: rank 2 is on 'alder' again");
  }

  @Test
  void shouldKeepRepeatedServersApart() {
    Reading reading = read(VERSION_1.replace("birch", "alder"));

    assertThat(reading.topology().nodes(NodeKind.HOST))
        .extracting(Node::id)
        .containsExactly("alder", "alder#2");
    assertThat(reading.findings())
        .singleElement()
        .asString()
        .contains("'alder' is there twice; kept as two hosts, which they must be");
  }

  @Test
  void shouldTakeMaskedAndUnfilledTables() {
    String masked = VERSION_1.replace("alder", "xx.xx.xx.xx").replace("birch", "xx.xx.xx.xx");
    String unfilled =
        VERSION_1
            .replace("10.9.0.4", "<device ip>")
            .replace("rank_id\":\"0", "rank_id\":\"${RANK}");

    assertThat(read(masked).topology().nodes(NodeKind.HOST))
        .extracting(Node::id)
        .containsExactly("server?0", "server?1");
    assertThat(warnings(masked))
        .singleElement()
        .asString()
        .startsWith("t.json:2:15: warning: server_list[0].server_id: is 'xx.xx.xx.xx': masked");
    assertThat(warnings(VERSION_1.replace("10.9.", "10.*.")))
        .singleElement()
        .asString()
        .contains("device_ip: is '10.*.0.4': masked");
    assertThat(read(unfilled).topology().ranks()).hasSize(2);
    assertThat(warnings(unfilled))
        .anyMatch(text -> text.contains("device_ip: is '<device ip>': masked"))
        .anyMatch(text -> text.contains("rank_id: is '${RANK}', expected a whole number"))
        .anyMatch(text -> text.contains("but not [0]"));
  }

  @Test
  void shouldNoteThatATableIsNotReady() {
    assertThat(read(VERSION_1.replace("completed", "initializing")).findings())
        .singleElement()
        .asString()
        .startsWith("t.json:1:27: note: status: is 'initializing'");
  }

  @Test
  void shouldTakeTablesThatAreStillEmpty() {
    String empty = "{\"status\":\"initializing\"}";

    assertThat(new RankTable().recognises(new SourceFile("t.json", empty))).isTrue();
    for (String text : List.of(empty, empty.replace("}", ",\"server_list\":null}"))) {
      assertThat(warnings(text))
          .anyMatch(finding -> finding.contains("the table may not be filled yet"))
          .anyMatch(finding -> finding.endsWith("has no device"));
    }
  }

  @Test
  void shouldTakeATrailingCommaWithAWarning() {
    assertThat(warnings(VERSION_1.replace("\"rank_id\":\"2\"}]", "\"rank_id\":\"2\"},]")))
        .singleElement()
        .asString()
        .startsWith("t.json:6:");
  }

  @Test
  void shouldRefuseWhatIsNoRankTable() {
    assertThatThrownBy(() -> read("{\"status\": \"completed\"}"))
        .isInstanceOf(TopologyFormatException.class)
        .hasMessage("t.json:1:1: expected 'server_list', 'rank_list' or 'group_list'");
    assertThatThrownBy(() -> read("{\"server_list\": {}}"))
        .hasMessage("t.json:1:17: server_list: expected an array");
  }

  private static Reading read(String text) {
    return new RankTable().read(new SourceFile("t.json", text));
  }

  private static List<String> warnings(String text) {
    return read(text).findings().stream().map(Finding::toString).toList();
  }
}
