package dev.tutti.topology.format;

import java.util.Locale;
import java.util.Random;

/// Seeded topology files of NCCL: what its own dumps look like, within what they can hold.
final class RandomNcclXml {
  private final Random random;
  private final StringBuilder xml = new StringBuilder();
  private int bus;
  private int gpus;
  private int nets;
  private final int devices;
  private final int sm;

  private RandomNcclXml(long seed) {
    random = new Random(seed);
    devices = 1 + random.nextInt(8);
    sm = new int[] {60, 70, 80, 86, 90, 100}[random.nextInt(6)];
  }

  static SourceFile of(long seed) {
    return new SourceFile("random-" + seed + ".xml", new RandomNcclXml(seed).text());
  }

  private String text() {
    xml.append("<system version=\"1\">\n");
    int cpus = 1 + random.nextInt(4);
    for (int cpu = 0; cpu < cpus; cpu++) {
      xml.append("<cpu host_hash=\"0x9f\" numaid=\"").append(cpu);
      xml.append("\" affinity=\"0000ffff,").append(String.format(Locale.ROOT, "%08x", 1 << cpu));
      xml.append("\" arch=\"x86_64\" vendor=\"GenuineIntel\" familyid=\"6\" modelid=\"85\">\n");
      for (int i = random.nextInt(3); i > 0; i--) {
        bridge(0);
      }
      while (cpu == cpus - 1 && gpus < devices) {
        gpu();
      }
      if (random.nextInt(4) == 0) {
        xml.append("<nic>").append(net()).append("</nic>\n");
      }
      xml.append("</cpu>\n");
    }
    return xml.append("</system>\n").toString();
  }

  private void bridge(int depth) {
    pci("0x060400");
    for (int i = random.nextInt(3); i > 0; i--) {
      if (depth < 3 && random.nextInt(3) == 0) {
        bridge(depth + 1);
      } else if (random.nextBoolean() && gpus < devices) {
        gpu();
      } else {
        pci(random.nextBoolean() ? "0x020700" : "0x020000");
        xml.append("<nic>").append(net());
        xml.append(random.nextInt(5) == 0 ? net() : "").append("</nic></pci>\n");
      }
    }
    xml.append("</pci>\n");
  }

  private void pci(String pciClass) {
    xml.append("<pci busid=\"").append(address(0x40 + bus++)).append("\" class=\"");
    xml.append(pciClass).append("\" vendor=\"0x10de\" device=\"0x20b0\" link_speed=\"");
    xml.append(new String[] {"2.5 GT/s PCIe", "8 GT/s", "32.0 GT/s PCIe"}[random.nextInt(3)]);
    xml.append("\" link_width=\"").append(1 << random.nextInt(5)).append("\">\n");
  }

  private void gpu() {
    int dev = gpus++;
    // addresses of devices follow from their number, so that links can name those yet to come
    xml.append("<pci busid=\"").append(address(dev)).append("\" class=\"0x030200\" ");
    xml.append("link_speed=\"16.0 GT/s PCIe\" link_width=\"16\">\n<gpu dev=\"").append(dev);
    xml.append("\" sm=\"").append(sm).append("\" rank=\"").append(dev).append("\" gdr=\"1\">\n");
    for (int peer = 0; peer < devices; peer++) {
      if (peer != dev && random.nextBoolean()) {
        nvlink(address(peer), "0x030200");
      }
    }
    if (random.nextInt(3) == 0) {
      nvlink("fffffff:ff:ff.0", "0x068000");
    }
    if (random.nextInt(3) == 0) {
      nvlink("0000:e" + random.nextInt(4) + ":00.0", "0x068000");
    }
    if (random.nextInt(6) == 0) {
      xml.append("<c2c bw=\"44712\" count=\"10\"/>\n");
    }
    xml.append("</gpu></pci>\n");
  }

  private void nvlink(String target, String tclass) {
    xml.append("<nvlink target=\"").append(target).append("\" count=\"");
    xml.append(1 + random.nextInt(18)).append("\" tclass=\"").append(tclass).append("\"/>\n");
  }

  private String net() {
    int dev = nets++;
    return "<net name=\"mlx5_"
        + dev
        + "\" dev=\""
        + dev
        + "\" latency=\""
        + (random.nextBoolean() ? "0.000000" : "1.500000")
        + "\" speed=\""
        + new int[] {10000, 25000, 200000, 400000}[random.nextInt(4)]
        + "\" port=\"1\" guid=\"0x"
        + dev
        + "\" maxconn=\"131072\" gdr=\"1\"/>";
  }

  private static String address(int number) {
    return String.format(Locale.ROOT, "0000:%02x:00.0", number);
  }
}
