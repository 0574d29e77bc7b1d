package dev.weft.routing.identity.engine;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.net.Socket;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.Security;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * The TLS library that serves where it loads.
 *
 * <p>When Netty prepares it, Netty asks the JDK whether its own TLS knows version 1.3, and makes a
 * context of it to learn how the JDK wraps plain trust managers; for both the JDK loads its TLS,
 * about 230 classes with every cipher, which then serve nobody. {@link #load} has the question
 * answered without them. The wrapping is for trust managers that are told neither host nor engine;
 * this project has none, and a test holds that.
 */
public final class BoringSsl {

  private static final String[] VERSIONS = {"TLSv1.3", "TLSv1.2"}; // what every JDK from 17 has

  private static final String JDK = "SunJSSE";

  private BoringSsl() {}

  /**
   * Loads the library. For the start of a process, before any other thread uses TLS: while it runs,
   * the JDK's TLS cannot be had. After it providers are as they were.
   */
  public static void load() {
    List<String> names = Arrays.stream(Security.getProviders()).map(Provider::getName).toList();
    Provider jdk = Security.getProvider(JDK);
    Provider answers = new Answers();
    Security.removeProvider(JDK);
    Security.insertProviderAt(answers, 1);
    try {
      if (available()) {
        ReferenceCountUtil.release(
            SslContextBuilder.forClient()
                .sslProvider(SslProvider.OPENSSL)
                .trustManager(new Nobody())
                .build());
      }
    } catch (SSLException e) {
      throw new IllegalStateException("BoringSSL makes no context", e);
    } finally {
      Security.removeProvider(answers.getName());
      if (jdk != null) {
        Security.insertProviderAt(jdk, names.indexOf(JDK) + 1);
      }
    }
  }

  /** Whether it is there for this machine; the JDK's TLS serves otherwise. */
  public static boolean available() {
    return OpenSsl.isAvailable();
  }

  private static final class Answers extends Provider {

    private static final long serialVersionUID = 1;

    Answers() {
      super("WeftVersions", "1", "Tells the versions of the JDK's TLS");
      putService(
          new Service(this, "SSLContext", "TLS", Versions.class.getName(), null, null) {
            @Override
            public Object newInstance(Object parameter) {
              return new Versions();
            }
          });
    }
  }

  /** Trusts nobody. */
  private static final class Nobody extends X509ExtendedTrustManager {

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      throw new CertificateException();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      throw new CertificateException();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      throw new CertificateException();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      throw new CertificateException();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw new CertificateException();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw new CertificateException();
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  /** Knows its versions, and nothing else. */
  private static final class Versions extends SSLContextSpi {

    @Override
    protected SSLParameters engineGetDefaultSSLParameters() {
      return new SSLParameters(new String[0], VERSIONS);
    }

    @Override
    protected SSLParameters engineGetSupportedSSLParameters() {
      return engineGetDefaultSSLParameters();
    }

    @Override
    protected void engineInit(KeyManager[] keys, TrustManager[] trust, SecureRandom random) {}

    @Override
    protected SSLSocketFactory engineGetSocketFactory() {
      throw new UnsupportedOperationException();
    }

    @Override
    protected SSLServerSocketFactory engineGetServerSocketFactory() {
      throw new UnsupportedOperationException();
    }

    @Override
    protected SSLEngine engineCreateSSLEngine() {
      throw new UnsupportedOperationException();
    }

    @Override
    protected SSLEngine engineCreateSSLEngine(String host, int port) {
      throw new UnsupportedOperationException();
    }

    @Override
    protected SSLSessionContext engineGetServerSessionContext() {
      throw new UnsupportedOperationException();
    }

    @Override
    protected SSLSessionContext engineGetClientSessionContext() {
      throw new UnsupportedOperationException();
    }
  }
}
