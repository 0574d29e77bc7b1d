package dev.weft.routing.identity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weft.routing.identity.CertificateFaults.Fault;
import dev.weft.routing.identity.CertificateFaults.Kind;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class CertificateFaultsTest {

  private final CertificateFaults faults = new CertificateFaults();

  @Test
  void oneIsThereUntilItsEndAndNewsWhenItChanges() {
    assertThat(faults.begin(Kind.STAPLE, "https at a.yaml:3:5", "it ended")).isTrue();
    assertThat(faults.begin(Kind.STAPLE, "https at a.yaml:3:5", "it ended")).isFalse();
    assertThat(faults.begin(Kind.STAPLE, "https at a.yaml:3:5", "it is no response")).isTrue();
    assertThat(faults.begin(Kind.SERVER, "https at a.yaml:3:5", "there is no tls.key")).isTrue();

    assertThat(faults.all())
        .containsExactly(
            new Fault(Kind.SERVER, "https at a.yaml:3:5", "there is no tls.key"),
            new Fault(Kind.STAPLE, "https at a.yaml:3:5", "it is no response"));
    assertThat(faults.counts())
        .isEqualTo(Map.of(Kind.SERVER, 1L, Kind.STAPLE, 1L, Kind.REVOCATION, 0L, Kind.ACME, 0L));

    faults.end(Kind.STAPLE, "https at a.yaml:3:5");
    faults.end(Kind.STAPLE, "never was");

    assertThat(faults.all()).extracting(Fault::kind).containsExactly(Kind.SERVER);
  }

  @Test
  void whatIsNotThereAnyMoreHasNone() {
    faults.begin(Kind.ACME, "prod/shop", "too many");
    faults.begin(Kind.ACME, "prod/gone", "too many");
    faults.begin(Kind.SERVER, "prod/gone", "of another kind");

    faults.retain(Kind.ACME, List.of("prod/shop", "prod/new"));

    assertThat(faults.all())
        .containsExactly(
            new Fault(Kind.SERVER, "prod/gone", "of another kind"),
            new Fault(Kind.ACME, "prod/shop", "too many"));
  }
}
