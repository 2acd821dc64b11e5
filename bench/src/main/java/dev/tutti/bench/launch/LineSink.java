package dev.tutti.bench.launch;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/// Takes what the ranks print, line by line. Called by several threads at once.
@FunctionalInterface
public interface LineSink {
  /// Which of a process's two streams a line came from.
  enum Source {
    /// Standard output.
    STDOUT,
    /// Standard error.
    STDERR
  }

  /// Takes one line.
  ///
  /// @param line its bytes without the line feed; the sink may keep them
  /// @throws IOException if it cannot take any more; the rank then finds its stream closed
  void line(int rank, Source source, byte[] line) throws IOException;

  /// Returns a sink that passes lines on, each in one piece, with `[rank] ` in front.
  static LineSink tagged(OutputStream stdout, OutputStream stderr) {
    return (rank, source, line) -> {
      byte[] tag = ("[" + rank + "] ").getBytes(StandardCharsets.US_ASCII);
      write(source == Source.STDOUT ? stdout : stderr, tag, line);
    };
  }

  /// Returns a sink that passes lines on, each in one piece.
  static LineSink plain(OutputStream stdout, OutputStream stderr) {
    return (_, source, line) -> write(source == Source.STDOUT ? stdout : stderr, new byte[0], line);
  }

  private static void write(OutputStream out, byte[] tag, byte[] line) throws IOException {
    byte[] whole = new byte[tag.length + line.length + 1];
    System.arraycopy(tag, 0, whole, 0, tag.length);
    System.arraycopy(line, 0, whole, tag.length, line.length);
    whole[whole.length - 1] = '\n';
    synchronized (out) {
      out.write(whole);
      out.flush();
    }
  }
}
