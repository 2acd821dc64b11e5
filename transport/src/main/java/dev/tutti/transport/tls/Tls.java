package dev.tutti.transport.tls;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/// TLS 1.3 between ranks of one job, without certificates that anybody has to make and spread.
///
/// TLS encrypts; that the other side belongs to the job is proved *inside*, by the job's secret.
/// The proofs of both sides cover the [#binding] of the TLS session: somebody in the middle, who
/// has one session with either side, has two of them, and the proofs of one are worth nothing in
/// the other. So the certificate of a session, made anew by every process, is believed by all and
/// matters to none. See RFC 9266 (channel bindings for TLS 1.3) and RFC 8446, section 7.5
/// (exporters).
///
/// Immutable and safe for use by several threads.
public final class Tls {
  /// The first octet that a client of TLS sends: the type of a handshake record.
  public static final int FIRST_OCTET = 22;

  private static final String[] PROTOCOLS = {"TLSv1.3"};
  // The fastest first where there are instructions for AES, which is nearly everywhere.
  private static final String[] CIPHER_SUITES = {
    "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"
  };
  private static final String BINDING_LABEL = "EXPORTER-Channel-Binding";
  private static final int BINDING_BYTES = 32;

  private final SSLContext context;

  private Tls(SSLContext context) {
    this.context = context;
  }

  /// Made when it is first needed: that takes a tenth of a second.
  private static final class Shared {
    static final Tls INSTANCE = create();
  }

  /// Returns the one of this process.
  ///
  /// @throws IllegalStateException if this Java lacks what it takes
  public static Tls shared() {
    return Shared.INSTANCE;
  }

  private static Tls create() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair keys = generator.generateKeyPair();
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      Certificate[] chain = {SelfSignedCertificate.of(keys)};
      store.setKeyEntry("rank", keys.getPrivate(), new char[0], chain);
      KeyManagerFactory managers =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      managers.init(store, new char[0]);
      SSLContext context = SSLContext.getInstance("TLSv1.3");
      TrustManager[] believers = {new SecretDecides()};
      context.init(managers.getKeyManagers(), believers, null);
      return new Tls(context);
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("this Java has no TLS 1.3: " + e.getMessage(), e);
    }
  }

  /// Returns the engine of one side of a connection.
  ///
  /// @param connects whether it is the side that connects
  public SSLEngine engine(boolean connects) {
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(connects);
    engine.setSSLParameters(parameters());
    return engine;
  }

  /// Puts TLS around a connected socket, for the side that connects; nothing is sent yet. Closing
  /// the result closes the socket.
  public SSLSocket connecting(Socket socket) throws IOException {
    SSLSocket result =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(socket, socket.getInetAddress().getHostAddress(), 0, true);
    result.setUseClientMode(true);
    result.setSSLParameters(parameters());
    return result;
  }

  /// Puts TLS around an accepted socket; nothing is sent yet. Closing the result closes the socket.
  ///
  /// @param consumed what has been read of the socket
  public SSLSocket accepting(Socket socket, InputStream consumed) throws IOException {
    SSLSocket result = (SSLSocket) context.getSocketFactory().createSocket(socket, consumed, true);
    result.setSSLParameters(parameters());
    return result;
  }

  private static SSLParameters parameters() {
    SSLParameters parameters = new SSLParameters(CIPHER_SUITES, PROTOCOLS);
    parameters.setUseCipherSuitesOrder(true);
    return parameters;
  }

  /// Returns what is the same at both ends of a session and different for every session.
  ///
  /// @param session of a connection whose handshake is over
  /// @return 32 octets
  public static byte[] binding(SSLSession session) throws SSLException {
    if (session instanceof ExtendedSSLSession extended) {
      return extended.exportKeyingMaterialData(BINDING_LABEL, new byte[0], BINDING_BYTES);
    }
    throw new SSLException("no channel binding with " + session.getProtocol());
  }

  /// Believes every certificate: see [Tls].
  private static final class SecretDecides extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
