package dev.tutti.topology.format;

import dev.tutti.topology.Finding;
import dev.tutti.topology.format.JsonTree.Members;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The JSON that nccl-tests write; [NcclTestsOutput] says what becomes what.
final class NcclTestsJson {
  private static final Pattern PROGRAM = Pattern.compile("(?:.*/)?(\\w+_perf)(?:_mpi)?");

  private final SourceFile file;
  private final MeasuredTable table;

  NcclTestsJson(SourceFile file) {
    this.file = file;
    this.table = new MeasuredTable(file, NcclTestsOutput.NAME);
  }

  static boolean recognises(SourceFile file) {
    // the environment may push everything else out of the beginning
    return file.head().stripLeading().startsWith("{")
        && (file.head().contains("\"nccl_version\"") || file.text().contains("\"bus_bw\""));
  }

  Reading read() {
    List<Finding> findings = new ArrayList<>();
    Members root = JsonTree.object(JsonTree.parse(file, findings));
    table.complaints.addAll(findings);
    Integer version = Numbers.integer(root.text("version"));
    if (version == null || version != 3) {
      table.complaints.warning(
          RankTableReading.placeOf(root, "version"),
          "is '" + root.text("version") + "', but this knows version 3");
    }
    if (root.get("results") == null) {
      throw root.place().wrong("missing 'results'");
    }
    table.attribute("ncclVersion", root.text("nccl_version"));
    root.objects("devices").forEach(this::device);
    root.objects("results").forEach(this::result);
    if (table.isEmpty()) {
      throw root.place().wrong("has no result with a time and a bus bandwidth");
    }
    String test = test(root);
    table.attribute("test", test);
    if (table.ranks() == 2 && test.startsWith("sendrecv")) {
      table.joinPair(table.best(), null);
    } else {
      table.joinAll(test);
    }
    return table.finish();
  }

  private static String test(Members root) {
    if (root.get("args") instanceof JsonTree.Elements args) {
      for (JsonTree.Value arg : args.values()) {
        String text = arg instanceof JsonTree.Scalar scalar ? scalar.text() : null;
        Matcher matcher = PROGRAM.matcher(text == null ? "" : text);
        if (matcher.matches()) {
          return matcher.group(1);
        }
      }
    } else if (root.get("args") instanceof JsonTree.Scalar scalar && scalar.text() != null) {
      Matcher matcher = PROGRAM.matcher(scalar.text().strip().split("\\s+", 2)[0]);
      if (matcher.matches()) {
        return matcher.group(1);
      }
    }
    return "nccl-tests";
  }

  private void device(Members device) {
    Integer rank = Numbers.integer(device.text("rank"));
    String host = device.text("hostname");
    String number = device.text("device");
    if (rank == null || rank < 0 || host == null || host.isBlank() || number == null) {
      table.complaints.warning(
          device.place(), "was left out: expected 'rank', 'hostname' and 'device'");
      return;
    }
    String model = device.text("device_info");
    table.rank(
        rank, host, number, device.text("device_hex"), model == null ? "" : model, device.place());
  }

  private void result(Members result) {
    Long bytes = Numbers.whole(result.text("size"));
    boolean any = false;
    for (String side : List.of("out_of_place", "in_place")) {
      Members numbers = result.object(side);
      if (numbers == null) {
        continue;
      }
      String time = numbers.text("time");
      Double micros = Numbers.number(time == null ? numbers.text("cpu_time") : time);
      Double rate = Numbers.number(numbers.text("bus_bw"));
      if (bytes != null
          && bytes >= 0
          && micros != null
          && micros >= 0
          && rate != null
          && rate >= 0) {
        table.row(bytes, micros, rate * 1e9);
        any = true;
      }
    }
    if (!any) {
      table.complaints.warning(result.place(), "has no time and bus_bw, and was left out");
    }
  }
}
