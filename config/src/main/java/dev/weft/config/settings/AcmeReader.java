package dev.weft.config.settings;

import dev.weft.config.model.Meta;
import dev.weft.config.model.settings.Acme;
import dev.weft.config.model.settings.Acme.Certificate;
import dev.weft.config.problem.Codes;
import dev.weft.config.yaml.Fields;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads {@code acme} of a {@code ProxySettings}. */
final class AcmeReader {

  private static final String LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
  private static final String HOST = "(?=.{1,253}$)" + LABEL + "(\\." + LABEL + ")+";
  private static final String CREDENTIAL = "(" + LABEL + "/)?[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?";
  private static final int MOST_HOSTS = 100; // of one certificate, as Let's Encrypt has it

  private AcmeReader() {}

  static Acme read(Meta meta, Fields fields) {
    String directory = fields.required("directory", "https://HOST/PATH");
    if (!directory.isEmpty() && !meant(directory)) {
      fields.error(
          Codes.UNKNOWN_VALUE,
          "directory",
          "'" + Fields.shortened(directory) + "' (expected: https://HOST/PATH)",
          "e.g. https://acme-v02.api.letsencrypt.org/directory");
    }
    if (!fields.flag("termsOfServiceAgreed", false)) {
      fields.error(
          Codes.MISSING_FIELD,
          "termsOfServiceAgreed",
          "termsOfServiceAgreed is not true (expected: true)",
          "the authority gives certificates only to those who agree to its terms: read them first");
    }
    String email = fields.text("email", "");
    if (!email.isEmpty() && !email.matches("[!-~&&[^@,]]+@[A-Za-z0-9.-]+")) {
      fields.error(
          Codes.UNKNOWN_VALUE,
          "email",
          "'" + Fields.shortened(email) + "' (expected: one address)",
          "");
    }
    String authorities = fields.text("caCertificates", "");
    List<Certificate> certificates = certificates(meta, fields);
    fields.done();
    return new Acme(meant(directory) ? directory : "", email, authorities, certificates);
  }

  private static boolean meant(String directory) {
    try {
      URI uri = URI.create(directory);
      return "https".equals(uri.getScheme())
          && uri.getHost() != null
          && uri.getUserInfo() == null
          && uri.getFragment() == null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static List<Certificate> certificates(Meta meta, Fields fields) {
    List<Certificate> all = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Fields one : fields.objects("certificates")) {
      String name = one.required("credentialName", "as a Gateway's server has it");
      if (!name.isEmpty() && !name.matches(CREDENTIAL)) {
        one.error(
            Codes.UNKNOWN_VALUE,
            "credentialName",
            "'" + Fields.shortened(name) + "' (expected: NAME, or NAMESPACE/NAME)",
            "");
      }
      String credential = name.indexOf('/') < 0 ? meta.namespace() + "/" + name : name;
      if (!name.isEmpty() && !names.add(credential)) {
        one.error(Codes.DUPLICATE_NAME, "credentialName", "'" + credential + "' a second time", "");
      }
      List<String> hosts = hosts(one);
      if (name.matches(CREDENTIAL)) {
        all.add(new Certificate(credential, hosts, one.place()));
      }
      one.done();
    }
    if (!fields.has("certificates")) {
      fields.error(
          Codes.MISSING_FIELD, "certificates", "no certificates (expected: at least one)", "");
    }
    return all;
  }

  private static List<String> hosts(Fields one) {
    List<String> hosts = one.texts("hosts").stream().map(Fields::lower).distinct().toList();
    if (hosts.isEmpty() || hosts.size() > MOST_HOSTS) {
      one.error(
          Codes.MISSING_FIELD,
          "hosts",
          hosts.size() + " hosts (expected: 1 to " + MOST_HOSTS + ")",
          "");
    }
    for (String host : hosts) {
      if (!host.matches(HOST)) {
        boolean wildcard = host.startsWith("*");
        one.error(
            Codes.HOST,
            "hosts",
            "'" + Fields.shortened(host) + "' (expected: a full name of DNS)",
            wildcard ? "TLS-ALPN-01 proves single names: write each of them" : "");
      }
    }
    return hosts;
  }
}
