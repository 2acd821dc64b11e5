package dev.tutti.bench.netlab;

import dev.tutti.bench.netlab.LabNames.Lifetime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A lab that exists: namespaces as hosts, joined by shaped links.
///
/// A temporary lab ends with [#close()] or, at the latest, with this process (Ctrl-C and SIGTERM
/// included); a lasting one when somebody destroys it. What a killed process leaves is removed by
/// [#sweep()]. The state of a lab is in the kernel only: a lab is found by the names of its
/// namespaces, and its description hangs at its first bridge.
///
/// Safe for use by several threads.
public final class Lab implements AutoCloseable {
  /// The interface of every host.
  public static final String HOST_INTERFACE = LabNames.HOST_INTERFACE;

  private static final Pattern DESCRIPTION = Pattern.compile("^\\s*alias (.*)$", Pattern.MULTILINE);
  private static final Pattern SUBNET = Pattern.compile("\\bsubnet=([0-9]{1,3})\\b");
  private static final Duration GRACE = Duration.ofSeconds(1);

  private final LabSpec spec;
  private final LabNames names;
  private final Subnet subnet;
  private @Nullable Thread hook; // guarded by this
  private boolean destroyed; // guarded by this

  /// Names a lab that exists, or would.
  Lab(LabSpec spec, LabNames names, Subnet subnet) {
    this.spec = spec;
    this.names = names;
    this.subnet = subnet;
  }

  /// Whether a host's cable is plugged in.
  public enum LinkState {
    /// It is.
    UP,
    /// It is not.
    DOWN
  }

  /// Makes a lab that stays until somebody destroys it.
  ///
  /// @param name 1 to 16 small letters and digits
  /// @throws LabException if there is one with this name, or it cannot be made
  public static Lab createLasting(String name, LabSpec spec) throws LabException {
    if (find(name) != null) {
      throw new LabException(
          "there is a lab '" + name + "' already; remove it with: tutti netlab down " + name);
    }
    return create(name, spec, Lifetime.LASTING);
  }

  /// Makes a lab that ends with this process.
  ///
  /// @param name 1 to 16 small letters and digits; it need not be the only one with it
  public static Lab createTemporary(String name, LabSpec spec) throws LabException {
    return create(name, spec, Lifetime.TEMPORARY);
  }

  private static Lab create(String name, LabSpec spec, Lifetime lifetime) throws LabException {
    sweep();
    LabNames names = new LabNames(lifetime, name, ProcessHandle.current().pid());
    Lab lab;
    try {
      lab = new Lab(spec, names, Subnet.free());
    } catch (SocketException e) {
      throw new LabException("no addresses for a lab: " + e.getMessage(), e);
    }
    lab.addHook();
    try {
      for (List<String> command : LabPlan.up(spec, names, lab.subnet)) {
        lab.build(command);
      }
    } catch (LabException e) {
      lab.destroy();
      throw e;
    }
    if (lifetime == Lifetime.LASTING) {
      lab.removeHook();
    }
    return lab;
  }

  private synchronized void build(List<String> command) throws LabException {
    if (destroyed) {
      throw new LabException("the lab was removed while it was made");
    }
    Programs.run(command);
  }

  private synchronized void addHook() {
    Thread thread =
        new Thread(
            () -> {
              try {
                destroy();
              } catch (LabException e) {
                System.err.println("tutti netlab: " + e.getMessage());
              }
            },
            "tutti-netlab-shutdown");
    Runtime.getRuntime().addShutdownHook(thread);
    hook = thread;
  }

  private synchronized void removeHook() {
    if (hook != null) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException _) {
        // The JVM is going down: the hook runs or has run.
      }
      hook = null;
    }
  }

  /// Returns all labs whose description can be read.
  public static List<Lab> all() throws LabException {
    List<Lab> labs = new ArrayList<>();
    for (LabNames names : namespaces().keySet()) {
      Lab lab = read(names);
      if (lab != null) {
        labs.add(lab);
      }
    }
    return labs;
  }

  /// Finds a lasting lab by its name; null if there is none.
  public static @Nullable Lab find(String name) throws LabException {
    for (Lab lab : all()) {
      if (lab.name().equals(name) && !lab.isTemporary()) {
        return lab;
      }
    }
    return null;
  }

  private static @Nullable Lab read(LabNames names) {
    try {
      String shown =
          Programs.run(List.of("ip", "-n", names.rack(0), "link", "show", LabNames.BRIDGE));
      Matcher description = DESCRIPTION.matcher(shown);
      Matcher number = SUBNET.matcher(shown);
      if (description.find() && number.find()) {
        LabSpec spec = LabSpec.decode(description.group(1));
        return new Lab(spec, names, new Subnet(Integer.parseInt(number.group(1))));
      }
      return null;
    } catch (LabException | IllegalArgumentException _) {
      return null; // half made, half removed, or of another version
    }
  }

  /// Returns the description that [#all()] reads.
  static String describe(LabSpec spec, Subnet subnet) {
    return "subnet=" + subnet.number() + " " + spec.encode();
  }

  /// The namespaces of each lab.
  private static Map<LabNames, List<String>> namespaces() throws LabException {
    Map<LabNames, List<String>> result = new LinkedHashMap<>();
    String list = Programs.run(List.of("ip", "netns", "list"));
    for (String name : list.lines().map(line -> line.split(" ")[0]).sorted().toList()) {
      LabNames names = LabNames.ofNamespace(name);
      if (names != null) {
        result.computeIfAbsent(names, _ -> new ArrayList<>()).add(name);
      }
    }
    return result;
  }

  /// Removes temporary labs whose process is gone.
  ///
  /// @return the names of those removed
  public static List<String> sweep() throws LabException {
    List<String> swept = new ArrayList<>();
    for (LabNames names : namespaces().keySet()) {
      if (names.lifetime() == Lifetime.TEMPORARY && ProcessHandle.of(names.pid()).isEmpty()) {
        remove(names);
        swept.add(names.lab());
      }
    }
    return swept;
  }

  /// Removes all labs, those of running processes too.
  ///
  /// @return the names of those removed
  public static List<String> destroyAll() throws LabException {
    List<String> removed = new ArrayList<>();
    for (LabNames names : namespaces().keySet()) {
      remove(names);
      removed.add(names.lab());
    }
    return removed;
  }

  /// Ends what runs in the lab and removes it. Does nothing if that has been done.
  ///
  /// @throws LabException if something of it cannot be removed; the rest is
  public synchronized void destroy() throws LabException {
    if (!destroyed) {
      destroyed = true;
      remove(names);
    }
  }

  /// Ends the lab if it is temporary.
  @Override
  public void close() throws LabException {
    if (isTemporary()) {
      destroy();
      removeHook();
    }
  }

  private static void remove(LabNames names) throws LabException {
    List<String> namespaces = namespaces().getOrDefault(names, List.of());
    Lab lab = read(names);
    endProcesses(processes(namespaces));
    List<List<String>> commands = new ArrayList<>();
    if (lab != null) {
      // A namespace ends some time after its deletion, and this machine's link with it.
      commands.add(List.of("ip", "link", "delete", lab.subnet.launcherInterface()));
    }
    namespaces.forEach(each -> commands.add(List.of("ip", "netns", "delete", each)));
    LabException failure = null;
    for (List<String> command : commands) {
      try {
        Programs.run(command);
      } catch (LabException e) {
        failure = failure == null ? e : failure;
      }
    }
    if (failure != null && namespaces().containsKey(names)) {
      throw failure; // else another process has removed it at the same time
    }
  }

  private static List<ProcessHandle> processes(Collection<String> namespaces) {
    List<ProcessHandle> processes = new ArrayList<>();
    for (String namespace : namespaces) {
      try {
        Programs.run(List.of("ip", "netns", "pids", namespace))
            .lines()
            .forEach(
                line -> ProcessHandle.of(Long.parseLong(line.strip())).ifPresent(processes::add));
      } catch (LabException _) {
        // The namespace is gone, and its processes are not in it.
      }
    }
    return processes;
  }

  private static void endProcesses(List<ProcessHandle> processes) {
    processes.forEach(ProcessHandle::destroy);
    CompletableFuture<?> ended =
        CompletableFuture.allOf(
            processes.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new));
    try {
      ended.get(GRACE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException _) {
      processes.forEach(ProcessHandle::destroyForcibly);
    } catch (InterruptedException _) {
      processes.forEach(ProcessHandle::destroyForcibly);
      Thread.currentThread().interrupt();
    }
  }

  /// Returns what it looks like.
  public LabSpec spec() {
    return spec;
  }

  /// Returns the name.
  public String name() {
    return names.lab();
  }

  /// Returns whether it ends with the process that made it.
  public boolean isTemporary() {
    return names.lifetime() == Lifetime.TEMPORARY;
  }

  /// Returns the process that made it.
  public long creator() {
    return names.pid();
  }

  LabNames names() {
    return names;
  }

  /// Returns the address of a host.
  public InetAddress address(int host) {
    return subnet.resolve(subnet.hostAddress(checked(host)));
  }

  /// Returns the address at which the hosts reach this machine.
  public InetAddress launcherAddress() {
    return subnet.resolve(subnet.launcherAddress());
  }

  /// Returns this machine's interface in the lab.
  public String launcherInterface() {
    return subnet.launcherInterface();
  }

  /// Returns the command that runs a command on a host.
  public List<String> onHost(int host, List<String> command) {
    List<String> words = new ArrayList<>(List.of("ip", "netns", "exec", names.host(checked(host))));
    words.addAll(command);
    return words;
  }

  /// Runs a command on a host with this process's streams and returns its exit code. The command
  /// gets the signals of the terminal itself; whatever ends this process ends it too.
  ///
  /// @throws LabException if it cannot be started
  public int run(int host, List<String> command) throws LabException, InterruptedException {
    Process process;
    try {
      process = new ProcessBuilder(onHost(host, command)).inheritIO().start();
    } catch (IOException e) {
      throw new LabException("cannot run '" + command.getFirst() + "': " + e.getMessage(), e);
    }
    Thread end = new Thread(process::destroy, "tutti-netlab-exec");
    Runtime.getRuntime().addShutdownHook(end);
    try {
      return process.waitFor();
    } finally {
      process.destroy();
      try {
        Runtime.getRuntime().removeShutdownHook(end);
      } catch (IllegalStateException _) {
        // The JVM is going down: the hook has run.
      }
    }
  }

  /// Unplugs or plugs in a host's cable.
  public void setLink(int host, LinkState state) throws LabException {
    Programs.run(LabPlan.link(spec, names, checked(host), state));
  }

  /// Returns whether a host's cable is plugged in.
  public LinkState link(int host) throws LabException {
    String shown =
        Programs.run(
            List.of(
                "ip", "-n", names.host(checked(host)), "link", "show", LabNames.HOST_INTERFACE));
    return shown.contains(" state UP ") ? LinkState.UP : LinkState.DOWN;
  }

  /// Returns the number of processes on each host.
  public List<Integer> processCounts() {
    List<Integer> counts = new ArrayList<>();
    for (int host = 0; host < spec.hosts(); host++) {
      counts.add(processes(List.of(names.host(host))).size());
    }
    return counts;
  }

  private int checked(int host) {
    if (host < 0 || host >= spec.hosts()) {
      throw new IllegalArgumentException(
          "host "
              + host
              + " is not in the lab '"
              + name()
              + "': its hosts are 0 to "
              + (spec.hosts() - 1));
    }
    return host;
  }
}
