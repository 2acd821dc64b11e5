package dev.tutti.bench.suite;

import dev.tutti.bench.measure.BenchRow;
import dev.tutti.bench.measure.Placement;
import dev.tutti.topology.draw.InlinePage;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.util.List;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// Runs as a page in one file: curves of bandwidth and time over size against the limit and against
/// earlier runs, and all figures. The curves are drawn by uPlot, which is in the file.
public final class SuitePage {
  /// Version of the WebJar; the parent's `dependencyManagement` has the same.
  private static final String UPLOT = "uplot/1.6.30/dist/";

  private static final String ARTIFACT = "org.webjars.npm:uplot";

  private SuitePage() {}

  /// Returns the page.
  ///
  /// @param runs the run that it is about, then earlier ones to compare it with
  /// @throws IOException if uPlot is not on the class path
  public static String write(List<SuiteRun> runs) throws IOException {
    return InlinePage.fill(
        resource("suite.html"),
        InlinePage.webJar(UPLOT + "uPlot.min.css", ARTIFACT) + resource("suite.css"),
        "Tutti: " + runs.getFirst().rows().getFirst().ranks() + " ranks",
        json(runs),
        InlinePage.webJar(UPLOT + "uPlot.iife.min.js", ARTIFACT),
        resource("suite.js"));
  }

  private static String json(List<SuiteRun> runs) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeArrayPropertyStart("runs");
      runs.forEach(run -> run(json, run));
      json.writeEndArray();
      json.writeEndObject();
    }
    return text.toString();
  }

  private static void run(JsonGenerator json, SuiteRun run) {
    json.writeStartObject();
    json.writeStringProperty("name", run.name());
    json.writeStringProperty("version", run.version());
    json.writeStringProperty("command", run.command());
    json.writeStringProperty("date", run.date());
    json.writeStringProperty("machine", run.machine());
    json.writeStringProperty("java", run.java());
    json.writeNumberProperty("launches", run.launches());
    json.writeArrayPropertyStart("failures");
    run.failures().forEach(json::writeString);
    json.writeEndArray();
    json.writeArrayPropertyStart("rows");
    run.rows().forEach(row -> row(json, row));
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void row(JsonGenerator json, BenchRow row) {
    json.writeStartObject();
    json.writeStringProperty("collective", row.collective());
    json.writeStringProperty("transport", row.transport());
    json.writeStringProperty(
        "kind",
        row.kind().label()
            + (row.placement() == Placement.IN_PLACE ? ", in place" : "")
            + (row.type().equals("none") ? "" : ", " + row.type())
            + (row.op().equals("none") ? "" : " " + row.op()));
    json.writeNumberProperty("ranks", row.ranks());
    json.writeNumberProperty("bytes", row.bytes());
    json.writeNumberProperty("micros", row.p50Micros());
    json.writeNumberProperty("p99", row.p99Micros());
    json.writeNumberProperty("busbw", row.busBandwidth());
    json.writeNumberProperty("percent", row.percentOfLimit());
    json.writeStringProperty("algorithm", row.algorithm());
    json.writeNumberProperty("wrong", row.wrong());
    json.writeEndObject();
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = SuitePage.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing in the jar of " + SuitePage.class);
      }
      return InlinePage.text(in);
    }
  }
}
