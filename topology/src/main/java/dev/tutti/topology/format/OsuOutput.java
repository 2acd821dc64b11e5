package dev.tutti.topology.format;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What the OSU micro-benchmarks print, read as measurements. Their output does not tell where the
/// ranks ran, so they lie in no host.
///
/// **What becomes what.** `osu_bw`: ranks 0 and 1, joined both ways, measured the peak (MB/s = 1e6;
/// one direction was measured, the test does not tell more about the other). `osu_bibw`: the same,
/// half of the peak each way. `osu_latency`: measured bytes per time of the best size, latency of
/// the smallest. Collectives and several pairs: no ranks (their number is not told), a network
/// named after the test, and the table in attributes.
public final class OsuOutput implements TopologyReader {
  /// The format's name.
  public static final String NAME = "osu";

  private static final Pattern TITLE =
      Pattern.compile("(?m)^[^#\\n]*# OSU (MPI|UPC|NCCL|OpenSHMEM)\\S*( .*?) Test(?: v(\\S+))?.*$");
  private static final Pattern NUMBERS =
      Pattern.compile("\\s*(\\d{1,18})\\s+(\\d{1,12}(?:\\.\\d{1,9})?)(?:\\s.*)?");

  /// Makes a reader.
  public OsuOutput() {}

  @Override
  public String format() {
    return NAME;
  }

  @Override
  public String description() {
    return "output of the OSU micro-benchmarks";
  }

  @Override
  public boolean recognises(SourceFile file) {
    return TITLE.matcher(file.head()).find();
  }

  @Override
  public Reading read(SourceFile file) {
    Matcher title = TITLE.matcher(file.text());
    if (!title.find()) {
      throw Place.line(file, 0).wrong("has no line '# OSU MPI … Test'");
    }
    String test = title.group(2).strip();
    MeasuredTable table = new MeasuredTable(file, NAME);
    table.attribute("test", "OSU " + title.group(1) + " " + test);
    table.attribute("version", title.group(3));
    boolean both = test.startsWith("Bi-Directional Bandwidth") || test.startsWith("Bidirectional");
    boolean bandwidth = both || test.equals("Bandwidth");
    boolean latency = test.equals("Latency");
    Double least = rows(file, table, test.contains("Bandwidth"), latency);
    if (table.isEmpty()) {
      throw Place.line(file, 0).wrong("has no line with a size and a number");
    }
    if (bandwidth || latency) {
      table.rank(0);
      table.rank(1);
      table.joinPair(both ? table.best() / 2 : table.best(), latency ? least : null);
      table.complaints.note(Place.line(file, 0), "does not tell on which hosts the ranks ran");
    } else {
      table.joinAll(test);
      table.complaints.note(Place.line(file, 0), "does not tell how many ranks there were");
    }
    return table.finish();
  }

  /// Reads the lines of the table; returns the seconds of the smallest size, null if none has any.
  private static @Nullable Double rows(
      SourceFile file, MeasuredTable table, boolean bandwidth, boolean latency) {
    long smallest = Long.MAX_VALUE;
    Double least = null;
    int number = 0;
    boolean begun = false;
    for (String line : file.text().lines().toList()) {
      number++;
      if (TITLE.matcher(line).matches()) {
        if (begun) {
          table.complaints.warning(
              Place.line(file, number), "a second test begins here; only the first is read");
          break;
        }
        begun = true;
      }
      Matcher row = NUMBERS.matcher(line);
      if (!begun || !row.matches()) {
        continue;
      }
      long bytes = Long.parseLong(row.group(1));
      double value = Double.parseDouble(row.group(2));
      if (bandwidth) {
        table.row(bytes, 0, value * 1e6);
      } else {
        table.row(bytes, value, latency && value > 0 ? bytes / value * 1e6 : 0);
        if (bytes < smallest) {
          smallest = bytes;
          least = value / 1e6;
        }
      }
    }
    return least;
  }
}
