package dev.tutti.transport.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicLong;

/// Stands between two sides, ends the TLS of either itself, and passes everything on: a man in the
/// middle, who reads it all.
public final class TlsRelay implements AutoCloseable {
  private final InetSocketAddress target;
  private final ServerSocket listener;
  private final AtomicLong read = new AtomicLong();

  public TlsRelay(InetSocketAddress target) throws IOException {
    this.target = target;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofPlatform().daemon().name("relay").start(this::accept);
  }

  public InetSocketAddress address() {
    return new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());
  }

  /// Returns how many bytes it could read.
  public long read() {
    return read.get();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        Thread.ofPlatform().daemon().name("relay-connection").start(() -> relay(client));
      }
    } catch (IOException _) {
      // closed
    }
  }

  private void relay(Socket client) {
    try (client;
        Socket server = new Socket(target.getAddress(), target.getPort());
        Socket left = Tls.shared().accepting(client, new ByteArrayInputStream(new byte[0]));
        Socket right = Tls.shared().connecting(server)) {
      Thread back = Thread.ofPlatform().daemon().name("relay-back").start(() -> pump(right, left));
      pump(left, right);
      back.join();
    } catch (IOException _) {
      // one side has had enough
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void pump(Socket from, Socket to) {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] buffer = new byte[1 << 14];
      for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
        long _ = read.addAndGet(length);
        out.write(buffer, 0, length);
      }
    } catch (IOException _) {
      // one side has had enough
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
