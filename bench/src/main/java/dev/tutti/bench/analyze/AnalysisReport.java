package dev.tutti.bench.analyze;

import dev.tutti.bench.report.Palette;
import dev.tutti.collectives.record.Dump;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// Says what has been found, for people and for programs.
public final class AnalysisReport {
  private static final String SCHEMA = "tutti-analysis/1";

  private AnalysisReport() {}

  /// What has been found about a communicator.
  public record Result(RankDumps dumps, List<Finding> findings) {
    /// Makes a result.
    public Result {
      findings = List.copyOf(findings);
    }

    /// Returns whether nothing is wrong.
    public boolean isConsistent() {
      return findings.stream().allMatch(each -> each.verdict() == Verdict.CONSISTENT);
    }
  }

  /// A file that could not be used.
  public record Problem(String file, String text) {}

  /// Writes results in words.
  public static void text(List<Result> results, PrintWriter out, Palette palette) {
    String separator = "";
    for (Result result : results) {
      out.print(separator);
      separator = System.lineSeparator();
      RankDumps dumps = result.dumps();
      out.println(
          dumps.communicator()
              + ": "
              + dumps.size()
              + (dumps.size() == 1 ? " rank over " : " ranks over ")
              + dumps.transport()
              + ", dumps of "
              + dumps.all().size());
      for (Finding finding : result.findings()) {
        String verdict = finding.verdict().label().toUpperCase(java.util.Locale.ROOT);
        boolean isGood = finding.verdict() == Verdict.CONSISTENT;
        out.println(
            "  " + (isGood ? palette.good(verdict) : palette.bad(verdict)) + "  " + finding.text());
        finding.evidence().forEach(line -> out.println("      " + line));
      }
      if (!result.isConsistent()) {
        dumps.all().forEach(dump -> out.println("  " + state(dump)));
      }
    }
    out.flush();
  }

  private static String state(Dump dump) {
    Dump.Operation current = dump.current();
    Dump.Wait wait = dump.currentWait();
    String text =
        "rank "
            + dump.identity().rank()
            + " (pid "
            + dump.identity().processId()
            + " on "
            + dump.identity().host()
            + "): "
            + dump.collectives()
            + " collectives entered, ";
    String waiting =
        wait == null
            ? ""
            : ", waiting"
                + (wait.peer() < 0 ? "" : " for rank " + wait.peer())
                + " for "
                + RankDumps.time(wait.seenNanos() - wait.sinceNanos());
    if (current == null) {
      return text + "in no operation" + waiting;
    }
    return text
        + (current.state() == Dump.State.FAILED ? "failed in " : "in ")
        + RankDumps.describe(current)
        + waiting;
  }

  /// Writes results as one JSON object.
  public static String json(List<Result> results, List<Problem> problems) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeStringProperty("schema", SCHEMA);
      json.writeArrayPropertyStart("communicators");
      for (Result result : results) {
        write(result, json);
      }
      json.writeEndArray();
      json.writeArrayPropertyStart("problems");
      for (Problem problem : problems) {
        json.writeStartObject();
        json.writeStringProperty("file", problem.file());
        json.writeStringProperty("problem", problem.text());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    return text.toString();
  }

  private static void write(Result result, JsonGenerator json) {
    json.writeStartObject();
    json.writeStringProperty("communicator", result.dumps().communicator());
    json.writeStringProperty("job", result.dumps().job());
    json.writeNumberProperty("size", result.dumps().size());
    json.writeArrayPropertyStart("dumps");
    result.dumps().all().forEach(dump -> json.writeNumber(dump.identity().rank()));
    json.writeEndArray();
    json.writeArrayPropertyStart("findings");
    for (Finding finding : result.findings()) {
      json.writeStartObject();
      json.writeStringProperty("verdict", finding.verdict().label());
      json.writeArrayPropertyStart("ranks");
      finding.ranks().forEach(json::writeNumber);
      json.writeEndArray();
      json.writeNumberProperty("operation", finding.operation());
      json.writeStringProperty("text", finding.text());
      json.writeArrayPropertyStart("evidence");
      finding.evidence().forEach(json::writeString);
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
