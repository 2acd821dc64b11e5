package dev.tutti.bench.netlab;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Measures the links of a lab with one TCP stream from each host to the next, the last one to the
/// first: one at a time, and all at once, when every port and every trunk carries data in both
/// directions. The hosts of a rack follow each other, and the racks of a pod.
public final class LabCheck implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Lab lab;
  private final Duration duration;
  private final List<Host> hosts = new ArrayList<>();

  private LabCheck(Lab lab, Duration duration) {
    this.lab = lab;
    this.duration = duration;
  }

  /// What was measured between two hosts, in bytes of user data per second.
  ///
  /// @param from the sender
  /// @param to the receiver
  /// @param configured what the configured rate leaves after headers
  /// @param alone while nothing else was sent
  /// @param together while every host sent to its next
  public record Figure(int from, int to, double configured, double alone, double together) {
    /// Returns whether both are within some per cent of what is configured.
    public boolean isWithin(double percent) {
      double share = percent / 100;
      return isNear(alone, share) && isNear(together, share);
    }

    private boolean isNear(double measured, double share) {
      return Math.abs(measured - configured) <= share * configured;
    }
  }

  /// Measures all links.
  ///
  /// @param duration how long one stream is sent, at least 0.5 s
  /// @throws LabException if a stream fails, for example because a link is down
  public static List<Figure> run(Lab lab, Duration duration)
      throws LabException, InterruptedException {
    try (LabCheck check = new LabCheck(lab, duration)) {
      for (int host = 0; host < lab.spec().hosts(); host++) {
        check.hosts.add(new Host(lab, host));
      }
      return check.measure();
    } catch (IOException e) {
      throw new LabException("cannot measure the lab: " + e.getMessage(), e);
    }
  }

  private List<Figure> measure() throws IOException, InterruptedException {
    List<Integer> ring = lab.spec().ring();
    int count = ring.size();
    List<Double> alone = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      alone.add(start(ring.get(i), ring.get((i + 1) % count), "alone" + i).bytesPerSecond());
    }
    List<Stream> streams = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      streams.add(start(ring.get(i), ring.get((i + 1) % count), "together" + i));
    }
    List<Figure> figures = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int from = ring.get(i);
      int to = ring.get((i + 1) % count);
      figures.add(
          new Figure(
              from,
              to,
              lab.spec().between(from, to).payloadBytesPerSecond(),
              alone.get(i),
              streams.get(i).bytesPerSecond()));
    }
    return figures;
  }

  private Stream start(int from, int to, String id) throws IOException, InterruptedException {
    Host receiver = hosts.get(to);
    Host sender = hosts.get(from);
    receiver.say("receive " + id);
    String port = receiver.await("port " + id, PATIENCE);
    String address = lab.address(to).getHostAddress();
    sender.say("send " + id + " " + address + " " + port + " " + duration.toMillis());
    return new Stream(sender, receiver, id, PATIENCE.plus(duration));
  }

  /// A stream that is being sent.
  private record Stream(Host sender, Host receiver, String id, Duration patience) {
    double bytesPerSecond() throws IOException, InterruptedException {
      String _ = sender.await("sent " + id, patience);
      String[] words = receiver.await("received " + id, patience).split(" ");
      return Long.parseLong(words[0]) / (Long.parseLong(words[1]) * 1e-9);
    }
  }

  @Override
  public void close() {
    hosts.forEach(Host::close);
  }

  /// The probe process of a host.
  private static final class Host implements AutoCloseable {
    private final int number;
    private final Process process;
    private final PrintStream in;
    private final ConcurrentHashMap<String, CompletableFuture<String>> answers =
        new ConcurrentHashMap<>();

    Host(Lab lab, int number) throws IOException {
      this.number = number;
      List<String> command =
          List.of(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-XX:-UsePerfData",
              "-XX:TieredStopAtLevel=1",
              "-XX:+UseSerialGC",
              "-Xmx64m",
              "-cp",
              System.getProperty("java.class.path"),
              LinkProbe.class.getName());
      process =
          new ProcessBuilder(lab.onHost(number, command)).redirectError(Redirect.INHERIT).start();
      in = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
      Thread.ofPlatform().daemon().name("tutti-netlab-probe").start(this::read);
    }

    private void read() {
      try (BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          String[] words = line.split(" ", 3);
          String rest = words.length > 2 ? words[2] : "";
          if (words[0].equals("failed")) {
            for (String kind : List.of("port ", "sent ", "received ")) {
              answer(kind + words[1]).completeExceptionally(new IOException(rest));
            }
          } else {
            answer(words[0] + " " + words[1]).complete(rest);
          }
        }
      } catch (IOException _) {
        // The process has ended; whoever waits for it finds out.
      }
    }

    private CompletableFuture<String> answer(String key) {
      return answers.computeIfAbsent(key, _ -> new CompletableFuture<>());
    }

    void say(String line) {
      in.println(line);
    }

    /// Waits for an answer and returns the rest of its line.
    String await(String key, Duration patience) throws IOException, InterruptedException {
      try {
        return answer(key).get(patience.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        throw new LabException(
            "host " + number + " does not say '" + key + "' within " + patience.toSeconds() + " s",
            e);
      } catch (ExecutionException e) {
        @Nullable Throwable cause = e.getCause();
        String message = cause == null ? e.toString() : cause.getMessage();
        throw new LabException("host " + number + ": " + message, e);
      }
    }

    @Override
    public void close() {
      in.close();
      process.destroy();
    }
  }
}
