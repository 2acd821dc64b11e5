package dev.tutti.topology.format;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The table that nccl-tests print; [NcclTestsOutput] says what becomes what.
final class NcclTestsText {
  // a launcher may put the rank before each line: [1,0]<stdout>:
  private static final Pattern PREFIX = Pattern.compile("^\\s*\\[[^\\]]*\\](?:<std\\w+>)?:?\\s*");
  private static final Pattern RANK =
      Pattern.compile(
          "#\\s+Rank\\s+(\\d{1,9})\\s+(?:Group\\s+\\d+\\s+)?Pid\\s+\\d+\\s+on\\s+(\\S+)\\s+device\\s+"
              + "(\\d{1,9})\\s*(?:\\[([^\\]]*)\\])?\\s*(.*)");
  private static final Pattern TEST =
      Pattern.compile(
          "#\\s*(?:Collective test starting|Test):?\\s*(\\S+).*|.*?\\b(\\w+_perf)\\b.*");
  private static final Pattern VERSION = Pattern.compile("#\\s*nccl-tests version (\\S+).*");
  private static final Pattern AVERAGE = Pattern.compile("#\\s*Avg bus bandwidth\\s*:\\s*(\\S+).*");

  private final SourceFile file;
  private final MeasuredTable table;
  private final List<Integer> times = new ArrayList<>();
  private final List<Integer> rates = new ArrayList<>();
  private @Nullable String test;

  NcclTestsText(SourceFile file) {
    this.file = file;
    this.table = new MeasuredTable(file, NcclTestsOutput.NAME);
  }

  Reading read() {
    int number = 0;
    for (String raw : file.text().lines().toList()) {
      number++;
      String line = PREFIX.matcher(raw).replaceFirst("").strip();
      if (line.startsWith("#")) {
        comment(line, Place.line(file, number));
      } else if (!line.isEmpty() && Character.isDigit(line.charAt(0))) {
        row(line, Place.line(file, number));
      } else {
        name(line);
      }
    }
    if (table.isEmpty()) {
      throw Place.line(file, 0).wrong("has no line with a size, a time and a bandwidth");
    }
    if (table.ranks() == 0) {
      table.complaints.note(
          Place.line(file, 0), "has no lines '# Rank 0 … on host device 0': ranks are not told");
    }
    String shown = test == null ? "nccl-tests" : test;
    table.attribute("test", test);
    if (table.ranks() == 2 && shown.startsWith("sendrecv")) {
      table.joinPair(table.best(), null);
    } else {
      table.joinAll(shown);
    }
    return table.finish();
  }

  private void comment(String line, Place place) {
    Matcher rank = RANK.matcher(line);
    Matcher version = VERSION.matcher(line);
    Matcher average = AVERAGE.matcher(line);
    if (rank.matches()) {
      Integer number = Numbers.integer(rank.group(1));
      if (number != null) {
        table.rank(number, rank.group(2), rank.group(3), rank.group(4), rank.group(5), place);
      }
    } else if (version.matches()) {
      table.attribute("version", version.group(1));
    } else if (average.matches()) {
      table.attribute("averageBusGigabytesPerSecond", average.group(1));
    } else if (line.contains("busbw")) {
      header(line.substring(1).strip());
    } else {
      name(line);
    }
  }

  private void name(String line) {
    Matcher matcher = TEST.matcher(line);
    if (test == null && matcher.matches()) {
      test = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
    }
  }

  private void header(String line) {
    String[] columns = line.split("\\s+", -1);
    times.clear();
    rates.clear();
    for (int i = 0; i < columns.length; i++) {
      if (columns[i].equals("time") || columns[i].equals("cputime")) {
        times.add(i);
      } else if (columns[i].equals("busbw")) {
        rates.add(i);
      }
    }
  }

  private void row(String line, Place place) {
    String[] cells = line.split("\\s+", -1);
    Long bytes = Numbers.whole(cells[0]);
    if (rates.isEmpty() || times.size() != rates.size()) {
      table.complaints.warningOnce(
          "header", place, "is no row of a table: there is no header with 'time' and 'busbw'");
      return;
    }
    boolean any = false;
    for (int i = 0; i < rates.size(); i++) {
      boolean there = rates.get(i) < cells.length;
      Double micros = there ? Numbers.number(cells[times.get(i)]) : null;
      Double rate = there ? Numbers.number(cells[rates.get(i)]) : null;
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
      table.complaints.warning(place, "has no time and bus bandwidth, and was left out");
    }
  }
}
