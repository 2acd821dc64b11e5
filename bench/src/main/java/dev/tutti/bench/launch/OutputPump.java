package dev.tutti.bench.launch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/// Cuts one stream of one rank into lines for a [LineSink].
///
/// A last line without line feed counts as a line; one of more than 64 KiB is cut in pieces.
final class OutputPump implements Runnable {
  static final int MAX_LINE_BYTES = 64 * 1024;

  private final int rank;
  private final LineSink.Source source;
  private final InputStream in;
  private final LineSink sink;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream(256);

  OutputPump(int rank, LineSink.Source source, InputStream in, LineSink sink) {
    this.rank = rank;
    this.source = source;
    this.in = in;
    this.sink = sink;
  }

  /// Pumps until the stream ends or the sink takes no more.
  @Override
  public void run() {
    byte[] buffer = new byte[8192];
    try (in) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        take(buffer, n);
      }
      if (line.size() > 0) {
        emit();
      }
    } catch (IOException _) {
      // The stream was closed at the end of the job, or nobody reads our output any more: closing
      // the rank's end tells it so, as a broken pipe would.
    }
  }

  private void take(byte[] buffer, int length) throws IOException {
    int start = 0;
    for (int i = 0; i < length; i++) {
      if (buffer[i] == '\n') {
        line.write(buffer, start, i - start);
        emit();
        start = i + 1;
      }
    }
    line.write(buffer, start, length - start);
    if (line.size() >= MAX_LINE_BYTES) {
      emit();
    }
  }

  private void emit() throws IOException {
    byte[] bytes = line.toByteArray();
    line.reset();
    sink.line(rank, source, bytes);
  }
}
