package dev.tutti.bench.netlab;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// The process on a host that measures its links, told what to do by lines on standard input:
///
/// ```
/// receive ID                     → port ID PORT, and at the end: received ID BYTES NANOS
/// send ID ADDRESS PORT MILLIS    → sent ID
///                                → failed ID MESSAGE, instead of an answer
/// ```
///
/// A receiver counts from some time after the first byte, so that a full bucket and a slow start do
/// not count.
final class LinkProbe {
  private static final int BUFFER_BYTES = 256 << 10;
  private static final long SETTLE_NANOS = 300_000_000;
  private static final int TIMEOUT_MILLIS = 10_000;

  private final PrintStream out;

  private LinkProbe(PrintStream out) {
    this.out = out;
  }

  /// Runs until standard input ends.
  public static void main(String[] args) throws IOException {
    LinkProbe probe = new LinkProbe(new PrintStream(System.out, true, StandardCharsets.UTF_8));
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ");
      Thread.ofPlatform().daemon().start(() -> probe.answer(words));
    }
  }

  private void answer(String[] words) {
    try {
      switch (words[0]) {
        case "receive" -> receive(words[1]);
        case "send" ->
            send(
                words[1],
                new InetSocketAddress(InetAddress.getByName(words[2]), Integer.parseInt(words[3])),
                Long.parseLong(words[4]));
        default -> throw new IOException("what is " + words[0] + "?");
      }
    } catch (IOException e) {
      say("failed " + words[1] + " " + e);
    }
  }

  private synchronized void say(String line) {
    out.println(line);
  }

  private void receive(String id) throws IOException {
    try (ServerSocket listener = new ServerSocket(0)) {
      listener.setSoTimeout(TIMEOUT_MILLIS);
      say("port " + id + " " + listener.getLocalPort());
      try (Socket socket = listener.accept()) {
        socket.setSoTimeout(TIMEOUT_MILLIS);
        byte[] buffer = new byte[BUFFER_BYTES];
        var in = socket.getInputStream();
        long countFrom = System.nanoTime() + SETTLE_NANOS;
        long first = 0;
        long last = 0;
        long bytes = 0;
        for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
          long now = System.nanoTime();
          if (first == 0) {
            first = now - countFrom >= 0 ? now : 0;
          } else {
            bytes += length;
            last = now;
          }
        }
        say("received " + id + " " + bytes + " " + Math.max(1, last - first));
      }
    }
  }

  private void send(String id, InetSocketAddress to, long millis) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(to, TIMEOUT_MILLIS);
      byte[] buffer = new byte[BUFFER_BYTES];
      var stream = socket.getOutputStream();
      long end = System.nanoTime() + millis * 1_000_000;
      while (System.nanoTime() - end < 0) {
        stream.write(buffer);
      }
    }
    say("sent " + id);
  }
}
