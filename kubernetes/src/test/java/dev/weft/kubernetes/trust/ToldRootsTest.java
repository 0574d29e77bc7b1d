package dev.weft.kubernetes.trust;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.identity.Pem;
import dev.weft.routing.identity.WorkloadIdentity;
import dev.weft.testkit.TestCertificates;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ToldRootsTest {

  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
  private static final X509Certificate OLD = root();
  private static final X509Certificate NEW = root();
  private static final X509Certificate NEWEST = root();

  @Test
  void ofItsFirstRootsABundleNotesNoTime() {
    ToldRoots first = told("", OLD, NEW);

    assertThat(first.tells(OLD)).isTrue();
    assertThat(first.since(OLD)).isEmpty();
    assertThat(first.since(List.of(OLD, NEW), NOON)).isEmpty();
  }

  @Test
  void aRootThatComesLaterKeepsItsTimeAsLongAsItIsTold() {
    String noted = told("", OLD).since(List.of(OLD, NEW), NOON);
    ToldRoots both = told(noted, OLD, NEW);
    String later = both.since(List.of(NEW, NEWEST), NOON.plusSeconds(60));
    ToldRoots last = told(later, NEW, NEWEST);

    assertThat(both.since(OLD)).isEmpty();
    assertThat(both.since(NEW)).contains(NOON);
    assertThat(last.since(NEW)).contains(NOON);
    assertThat(last.since(NEWEST)).contains(NOON.plusSeconds(60));
    assertThat(last.since(List.of(OLD), NOON)).doesNotContain(Pem.fingerprint(NEW));
  }

  @Test
  void whatIsOverwrittenWithRubbishKeepsItsTimes() {
    String noted = told("", OLD).since(List.of(OLD, NEW), NOON);
    ToldRoots rubbish = ToldRoots.of("rubbish", noted);

    assertThat(rubbish.broken()).isTrue();
    assertThat(rubbish.tells(OLD)).isFalse();
    assertThat(rubbish.since(List.of(OLD, NEW), NOON.plusSeconds(60))).isEqualTo(noted);
  }

  @Test
  void timesThatCannotBeReadAreNotKnown() {
    String name = Pem.fingerprint(NEW);

    assertThat(told("= x= " + name + "=noon", OLD, NEW).since(NEW)).isEmpty();
    assertThat(told(name + "=noon " + name + "=" + NOON, OLD, NEW).since(NEW)).contains(NOON);
  }

  private static ToldRoots told(String since, X509Certificate... roots) {
    return ToldRoots.of(Pem.certificates(List.of(roots)), since);
  }

  private static X509Certificate root() {
    try {
      String pem = new TestCertificates(NOON).rootPem();
      return WorkloadIdentity.certificates(pem, "root").get(0);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
