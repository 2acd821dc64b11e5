package dev.tutti.bench.doctor;

import dev.tutti.bench.doctor.Check.Status;
import dev.tutti.bench.report.Palette;
import dev.tutti.bench.report.TextTable;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// What was found, as a table for people or as JSON.
public final class DoctorReport {
  private static final String SCHEMA = "tutti-doctor/1";
  private static final JsonFactory JSON = new JsonFactory();
  private static final List<String> HEAD = List.of("about", "check", "status", "found");

  private DoctorReport() {}

  /// Returns a table of all checks, then what to do, then the verdict.
  ///
  /// @param isVerbose whether to print the details, such as all places that were searched
  public static List<String> lines(List<Section> sections, boolean isVerbose, Palette palette) {
    TextTable table = new TextTable(HEAD.size(), HEAD);
    List<Check> checks = new ArrayList<>();
    for (Section section : sections) {
      for (Check check : section.checks()) {
        checks.add(check);
        table.add(List.of(section.title(), check.name(), check.status().label(), check.found()));
      }
    }
    List<String> plain = table.plain();
    List<String> lines = new ArrayList<>(List.of(plain.getFirst()));
    for (int i = 0; i < checks.size(); i++) {
      String line = plain.get(i + 1);
      lines.add(checks.get(i).status() == Status.BROKEN ? palette.bad(line) : line);
      if (isVerbose) {
        checks.get(i).details().forEach(detail -> lines.add("      " + detail));
      }
    }
    List<Check> advised = checks.stream().filter(check -> !check.advice().isEmpty()).toList();
    if (!advised.isEmpty()) {
      lines.add("");
      lines.add("# what to do");
      advised.forEach(check -> lines.add("  " + check.name() + ": " + check.advice()));
    }
    lines.add("");
    String verdict = verdict(sections);
    lines.add(failures(sections).isEmpty() ? palette.good(verdict) : palette.bad(verdict));
    return lines;
  }

  /// Returns in one line whether Tutti works here.
  public static String verdict(List<Section> sections) {
    List<String> failures = failures(sections);
    return failures.isEmpty()
        ? "all that Tutti needs by itself works"
        : "Tutti cannot work here: " + String.join("; ", failures);
  }

  /// Returns what Tutti needs by itself and what does not work, with what is wrong.
  public static List<String> failures(List<Section> sections) {
    return sections.stream()
        .flatMap(section -> section.checks().stream())
        .filter(Check::isFailure)
        .map(check -> check.name() + ": " + check.found())
        .toList();
  }

  /// Returns one JSON object, on one line.
  public static String json(List<Section> sections) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeStringProperty("schema", SCHEMA);
      json.writeBooleanProperty("works", failures(sections).isEmpty());
      json.writeArrayPropertyStart("checks");
      for (Section section : sections) {
        for (Check check : section.checks()) {
          write(section.title(), check, json);
        }
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    return text.toString();
  }

  private static void write(String about, Check check, JsonGenerator json) {
    json.writeStartObject();
    json.writeStringProperty("about", about);
    json.writeStringProperty("check", check.name());
    json.writeStringProperty("status", check.status().label());
    json.writeBooleanProperty("needed", check.isNeeded());
    json.writeStringProperty("found", check.found());
    json.writeStringProperty("advice", check.advice());
    json.writeArrayPropertyStart("details");
    check.details().forEach(json::writeString);
    json.writeEndArray();
    json.writeEndObject();
  }
}
