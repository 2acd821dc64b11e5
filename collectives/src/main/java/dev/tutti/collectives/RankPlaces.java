package dev.tutti.collectives;

import dev.tutti.topology.probe.RankPlace;
import dev.tutti.transport.tcp.TcpEndpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/// Where the ranks of a communicator run, as they tell each other.
final class RankPlaces {
  private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");
  private static final String FIELD = "\t";
  private static final String LINE = "\n";

  private RankPlaces() {}

  /// Gathers the places of all ranks. Collective.
  static List<RankPlace> gather(Communicator communicator, WorldContext world, int[] members) {
    List<String> texts = ProbeGather.texts(communicator, describe(world));
    int[] hosts = world.hostOf(members);
    List<String> names = texts.stream().map(text -> text.split(LINE, -1)[0]).toList();
    List<RankPlace> places = new ArrayList<>();
    for (int r = 0; r < hosts.length; r++) {
      List<String> interfaces = new ArrayList<>();
      List<String> addresses = new ArrayList<>();
      for (String line : texts.get(r).split(LINE, -1)) {
        String[] fields = line.split(FIELD, -1);
        if (fields.length == 2) {
          interfaces.add(fields[0]);
          addresses.add(fields[1]);
        }
      }
      places.add(new RankPlace(r, hostName(names, hosts, r), interfaces, addresses));
    }
    return places;
  }

  /// Returns the name of a rank's host, with its number if another host is called the same.
  private static String hostName(List<String> names, int[] hosts, int rank) {
    Set<Integer> called = new HashSet<>();
    for (int r = 0; r < hosts.length; r++) {
      if (names.get(r).equals(names.get(rank))) {
        called.add(hosts[r]);
      }
    }
    return called.size() == 1 ? names.get(rank) : names.get(rank) + "-" + hosts[rank];
  }

  /// Returns the host's name on a line of its own, then a line for each interface.
  private static String describe(WorldContext world) {
    StringBuilder text = new StringBuilder(clean(name(world)));
    if (world.endpoint() instanceof TcpEndpoint endpoint) {
      for (InetSocketAddress address : endpoint.addresses()) {
        InetAddress ip = address.getAddress();
        if (!ip.isLoopbackAddress()) {
          text.append(LINE).append(clean(interfaceOf(ip))).append(FIELD).append(plain(ip));
        }
      }
    }
    return text.toString();
  }

  private static String name(WorldContext world) {
    String id = world.config().hostId();
    if (id != null) {
      return id;
    }
    try {
      return Files.readString(HOST_NAME, StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      return "host"; // hidden; the number tells it apart
    }
  }

  private static String interfaceOf(InetAddress ip) {
    try {
      NetworkInterface found = NetworkInterface.getByInetAddress(ip);
      return found == null ? plain(ip) : found.getName();
    } catch (IOException e) {
      return plain(ip);
    }
  }

  private static String plain(InetAddress ip) {
    return ip.getHostAddress().replaceAll("%.*", "");
  }

  private static String clean(String text) {
    return text.replaceAll("\\s+", " ");
  }

  /// Returns what is equal for worlds of the same hosts with the same ranks on them.
  static String fingerprint(List<RankPlace> places) {
    StringBuilder text = new StringBuilder();
    for (RankPlace place : places) {
      text.append(place.host()).append(FIELD);
      text.append(String.join(",", place.interfaces())).append(LINE);
    }
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] hash = digest.digest(text.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
