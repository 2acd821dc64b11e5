package dev.tutti.transport.rendezvous.launch;

import java.net.URI;

/// An indexed job of Kubernetes with a headless service.
///
/// Kubernetes tells the index (`JOB_COMPLETION_INDEX`) and names the pods: the host name of a pod
/// is `<job>-<index>`, and `<job>-0.<service>` finds rank 0. The manifest adds `TUTTI_SIZE` (the
/// number of completions) and `TUTTI_SERVICE` (the name of the service, which is also the
/// `subdomain` of the pods). The port is 29600, or `TUTTI_PORT`.
final class KubernetesLauncher implements Launcher {
  static final int DEFAULT_PORT = 29_600;

  private static final String INDEX = "JOB_COMPLETION_INDEX";
  private static final String SERVICE = "TUTTI_SERVICE";
  private static final String HOST = "HOSTNAME";

  @Override
  public String title() {
    return "Kubernetes";
  }

  @Override
  public String secretAdvice() {
    return "Give every pod TUTTI_SECRET from a Secret (valueFrom: secretKeyRef).";
  }

  @Override
  public Presence presence(Variables variables) {
    return variables.has(INDEX) ? Presence.COMPLETE : Presence.NONE;
  }

  @Override
  public Placement placement(Variables variables) {
    if (!variables.has(Launchers.SIZE)) {
      throw variables.missing(
          Launchers.SIZE, "the job's .spec.completions, in the env of the pod template");
    }
    int size = variables.size(Launchers.SIZE);
    return Placement.unplaced(variables.rank(INDEX, size), size);
  }

  @Override
  public URI meetingPoint(Variables variables, Placement placement) {
    int port = variables.has(Launchers.PORT) ? variables.port(Launchers.PORT) : DEFAULT_PORT;
    if (placement.size() == 1) {
      return Launchers.tcp("127.0.0.1", port);
    }
    String host =
        variables.text(HOST, "<job>-" + placement.rank() + ", the name of the pod's host");
    int dot = host.indexOf('.');
    String label = dot < 0 ? host : host.substring(0, dot);
    String suffix = "-" + placement.rank();
    if (!label.endsWith(suffix) || !host.matches("[A-Za-z0-9.-]+")) {
      throw variables.wrong(HOST, "<job>" + suffix + ", the name of the pod's host");
    }
    return Launchers.tcp(
        label.substring(0, label.length() - suffix.length()) + "-0." + domain(variables, host, dot),
        port);
  }

  private static String domain(Variables variables, String host, int dot) {
    if (dot >= 0 && !variables.has(SERVICE)) {
      return host.substring(dot + 1); // setHostnameAsFQDN
    }
    String what = "the name of the headless service, which is the subdomain of the pods";
    String service = variables.text(SERVICE, what);
    if (!service.matches("[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")) {
      throw variables.wrong(SERVICE, what);
    }
    return service;
  }
}
