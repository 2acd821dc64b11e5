package dev.tutti.bench.suite;

import dev.tutti.bench.measure.BenchRow;
import dev.tutti.bench.measure.RowFormat;
import dev.tutti.topology.format.WholeFile;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// A run as a file: a line of JSON about it, and one per row ([RowFormat]). What `tutti bench
/// --format json` prints, which lacks the first line, is read, too.
public final class SuiteFile {
  private static final String EVENT = "suite";
  private static final String SEPARATOR = "\n";

  private SuiteFile() {}

  /// Writes a run.
  ///
  /// @throws IOException if the file cannot be written
  public static void write(SuiteRun run, Path file) throws IOException {
    StringBuilder text = new StringBuilder(head(run)).append('\n');
    run.rows().forEach(row -> text.append(RowFormat.json(row)).append('\n'));
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    WholeFile.write(file, out -> out.write(bytes));
  }

  private static String head(SuiteRun run) {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
      out.writeStartObject();
      out.writeStringProperty("event", EVENT);
      out.writeStringProperty("version", run.version());
      out.writeStringProperty("command", run.command());
      out.writeStringProperty("date", run.date());
      out.writeStringProperty("machine", run.machine());
      out.writeStringProperty("java", run.java());
      out.writeNumberProperty("launches", run.launches());
      out.writeStringProperty("failures", String.join(SEPARATOR, run.failures()));
      out.writeEndObject();
    }
    return text.toString();
  }

  /// Reads a run. Where rows of single launches and their medians are in it, the medians count.
  ///
  /// @throws IllegalArgumentException if there is no row in it, or a line is neither; names the
  ///   file and the line
  /// @throws IOException if the file cannot be read
  public static SuiteRun read(Path file) throws IOException {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (MalformedInputException e) {
      throw new IllegalArgumentException(file + " is not text in UTF-8, expected JSON lines", e);
    }
    Map<String, String> head = Map.of();
    List<BenchRow> rows = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      Map<String, String> fields = RowFormat.fields(line);
      if (fields != null && EVENT.equals(fields.get("event"))) {
        head = fields;
      } else if (!line.isBlank()) {
        rows.add(row(file, i + 1, line));
      }
    }
    if (rows.isEmpty()) {
      throw new IllegalArgumentException(
          file + " has no measurement, expected lines that 'tutti bench --format json' prints");
    }
    List<BenchRow> medians = rows.stream().filter(row -> row.launch() == 0).toList();
    Path name = file.getFileName();
    String failures = head.getOrDefault("failures", "");
    return new SuiteRun(
        name == null ? file.toString() : name.toString(),
        head.getOrDefault("version", ""),
        head.getOrDefault("command", ""),
        head.getOrDefault("date", ""),
        head.getOrDefault("machine", ""),
        head.getOrDefault("java", ""),
        Integer.parseInt(head.getOrDefault("launches", "1")),
        failures.isEmpty() ? List.of() : List.of(failures.split(SEPARATOR)),
        medians.isEmpty() ? rows : medians);
  }

  private static BenchRow row(Path file, int number, String line) {
    BenchRow row;
    try {
      row = RowFormat.read(line);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          file + ", line " + number + " is no measurement of this version: " + e.getMessage(), e);
    }
    if (row == null) {
      throw new IllegalArgumentException(
          file + ", line " + number + ": expected a line that 'tutti bench --format json' prints");
    }
    return row;
  }
}
