package dev.tutti.topology.draw;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// A headless Chromium, driven over the DevTools protocol.
final class Browser implements AutoCloseable {
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");
  private static final long SECONDS = 30;

  private final Process process;
  private final Path profile;
  private final HttpClient client = HttpClient.newHttpClient();
  private final WebSocket socket;
  private final AtomicInteger ids = new AtomicInteger();
  private final Map<Integer, CompletableFuture<Map<String, Object>>> answers =
      new ConcurrentHashMap<>();
  private final List<Map<String, Object>> events = new CopyOnWriteArrayList<>();
  private @Nullable String session;

  private Browser(Process process, Path profile, URI address) {
    this.process = process;
    this.profile = profile;
    socket = client.newWebSocketBuilder().buildAsync(address, new Listener()).join();
  }

  /// Returns the program, null if none is installed.
  static @Nullable Path program() {
    for (String name : NAMES) {
      for (String directory : String.valueOf(System.getenv("PATH")).split(":")) {
        if (Files.isExecutable(Path.of(directory, name))) {
          return Path.of(directory, name);
        }
      }
    }
    return null;
  }

  static Browser start(Path program) throws IOException, InterruptedException {
    Path profile = Files.createTempDirectory("tutti-browser");
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.addAll(
        List.of(
            "--headless=new",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--remote-debugging-port=0",
            "--window-size=1500,950",
            "--user-data-dir=" + profile));
    if ("root".equals(System.getProperty("user.name"))) {
      command.add("--no-sandbox"); // Chromium refuses to sandbox what root starts
    }
    command.add("about:blank");
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    BlockingQueue<String> addresses = new LinkedBlockingQueue<>();
    Thread.ofVirtual().start(() -> findAddress(process, addresses));
    String address = addresses.poll(SECONDS, TimeUnit.SECONDS);
    if (address == null) {
      process.destroyForcibly();
      throw new IOException(program + " did not say where it listens");
    }
    Browser browser = new Browser(process, profile, URI.create(address));
    browser.attach();
    return browser;
  }

  private static void findAddress(Process process, BlockingQueue<String> addresses) {
    String mark = "DevTools listening on ";
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (line.startsWith(mark)) {
          addresses.add(line.substring(mark.length()).strip());
        }
      }
    } catch (IOException e) {
      return; // it has been closed
    }
  }

  private void attach() {
    String target =
        (String)
            call("Target.createTarget", json -> text(json, "url", "about:blank"))
                .getOrDefault("targetId", "");
    session =
        (String)
            call(
                    "Target.attachToTarget",
                    json -> {
                      text(json, "targetId", target);
                      json.writeBooleanProperty("flatten", true);
                    })
                .get("sessionId");
    for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
      call(domain + ".enable", _ -> {});
    }
  }

  /// Opens a file and waits until it is loaded.
  void open(Path file) {
    events.clear();
    call("Page.navigate", json -> text(json, "url", file.toUri().toString()));
    org.awaitility.Awaitility.await()
        .atMost(java.time.Duration.ofSeconds(SECONDS))
        .pollInterval(java.time.Duration.ofMillis(20))
        .until(() -> has("Page.loadEventFired"));
  }

  private boolean has(String method) {
    return events.stream().anyMatch(event -> method.equals(event.get("method")));
  }

  /// Returns what went wrong on the page since it was opened.
  List<String> errors() {
    List<String> errors = new ArrayList<>();
    for (Map<String, Object> event : events) {
      String method = String.valueOf(event.get("method"));
      String detail = String.valueOf(event.get("params"));
      if (method.equals("Runtime.exceptionThrown")
          || (method.equals("Runtime.consoleAPICalled") && detail.contains("type=error"))
          || (method.equals("Runtime.consoleAPICalled") && detail.contains("type=warning"))
          || (method.equals("Log.entryAdded") && detail.contains("level=error"))) {
        errors.add(method + " " + detail);
      }
    }
    return errors;
  }

  /// Returns the addresses that were asked for since the page was opened.
  List<String> requests() {
    List<String> requests = new ArrayList<>();
    for (Map<String, Object> event : events) {
      if ("Network.requestWillBeSent".equals(event.get("method"))
          && event.get("params") instanceof Map<?, ?> parameters
          && parameters.get("request") instanceof Map<?, ?> request) {
        requests.add(String.valueOf(request.get("url")));
      }
    }
    return requests;
  }

  /// Evaluates an expression of JavaScript and returns its value as text.
  String evaluate(String expression) {
    Map<String, Object> answer =
        call(
            "Runtime.evaluate",
            json -> {
              text(json, "expression", "Promise.resolve(" + expression + ").then(String)");
              json.writeBooleanProperty("awaitPromise", true);
              json.writeBooleanProperty("returnByValue", true);
            });
    if (answer.containsKey("exceptionDetails")) {
      throw new IllegalStateException(expression + ": " + answer.get("exceptionDetails"));
    }
    return answer.get("result") instanceof Map<?, ?> result
        ? String.valueOf(result.get("value"))
        : "";
  }

  double number(String expression) {
    return Double.parseDouble(evaluate(expression));
  }

  void moveMouse(double x, double y) {
    mouse("mouseMoved", x, y, 0);
  }

  void click(double x, double y, int times) {
    for (int i = 1; i <= times; i++) {
      mouse("mousePressed", x, y, i);
      mouse("mouseReleased", x, y, i);
    }
  }

  private void mouse(String type, double x, double y, int clicks) {
    call(
        "Input.dispatchMouseEvent",
        json -> {
          text(json, "type", type);
          json.writeNumberProperty("x", x);
          json.writeNumberProperty("y", y);
          if (clicks > 0) {
            text(json, "button", "left");
            json.writeNumberProperty("clickCount", clicks);
          }
        });
  }

  /// Presses a key such as `ArrowRight`, or types a character.
  void press(String key) {
    for (String type : List.of("keyDown", "keyUp")) {
      call(
          "Input.dispatchKeyEvent",
          json -> {
            text(json, "type", type);
            text(json, "key", key);
            if (key.length() == 1 && type.equals("keyDown")) {
              text(json, "text", key);
            }
          });
    }
  }

  void type(String text) {
    text.chars().forEach(character -> press(String.valueOf((char) character)));
  }

  /// Pretends that the system is dark or light.
  void prefer(String scheme) {
    call(
        "Emulation.setEmulatedMedia",
        json -> {
          json.writeArrayPropertyStart("features");
          json.writeStartObject();
          text(json, "name", "prefers-color-scheme");
          text(json, "value", scheme);
          json.writeEndObject();
          json.writeEndArray();
        });
  }

  /// Takes a picture of the page.
  byte[] picture() {
    Map<String, Object> answer = call("Page.captureScreenshot", _ -> {});
    return java.util.Base64.getDecoder().decode(String.valueOf(answer.get("data")));
  }

  private static void text(JsonGenerator json, String name, String value) {
    json.writeStringProperty(name, value);
  }

  private Map<String, Object> call(String method, Consumer<JsonGenerator> parameters) {
    int id = ids.incrementAndGet();
    StringWriter message = new StringWriter();
    try (JsonGenerator json =
        JsonFactory.builder().build().createGenerator(ObjectWriteContext.empty(), message)) {
      json.writeStartObject();
      json.writeNumberProperty("id", id);
      text(json, "method", method);
      if (session != null) {
        text(json, "sessionId", session);
      }
      json.writeObjectPropertyStart("params");
      parameters.accept(json);
      json.writeEndObject();
      json.writeEndObject();
    }
    CompletableFuture<Map<String, Object>> answer = new CompletableFuture<>();
    answers.put(id, answer);
    socket.sendText(message.toString(), true).join();
    return answer.orTimeout(SECONDS, TimeUnit.SECONDS).join();
  }

  @SuppressWarnings("unchecked") // objects of JSON have names
  private void receive(String message) {
    Map<String, Object> map = (Map<String, Object>) PlainJson.parse(message);
    if (map.get("id") instanceof Number id) {
      CompletableFuture<Map<String, Object>> answer = answers.remove(id.intValue());
      if (answer == null) {
        return;
      }
      if (map.get("result") instanceof Map<?, ?> result) {
        answer.complete((Map<String, Object>) result);
      } else {
        answer.completeExceptionally(new IllegalStateException(message));
      }
    } else {
      events.add(map);
    }
  }

  @Override
  public void close() {
    socket.abort();
    client.shutdownNow();
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    try {
      process.waitFor(SECONDS, TimeUnit.SECONDS);
      deleteProfile();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void deleteProfile() {
    org.awaitility.Awaitility.await() // its children may still be writing
        .ignoreExceptions()
        .until(() -> {
          delete(profile);
          return !Files.exists(profile);
        });
  }

  private static void delete(Path directory) {
    try {
      Files.walkFileTree(
          directory,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
                throws IOException {
              Files.delete(visited);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder message = new StringBuilder();

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
      message.append(part);
      if (last) {
        String whole = message.toString();
        message.setLength(0);
        receive(whole);
      }
      from.request(1);
      return null;
    }
  }
}
