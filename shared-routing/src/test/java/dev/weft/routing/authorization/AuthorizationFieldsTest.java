package dev.weft.routing.authorization;

import static dev.weft.routing.authorization.AuthorizationFixture.asked;
import static dev.weft.routing.authorization.AuthorizationFixture.policies;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every field, by what it matches and what not: an ALLOW lets that in, a DENY keeps it away. */
final class AuthorizationFieldsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "principals: [cluster.local/ns/a/sa/b]; id=cluster.local/ns/a/sa/b; true",
        "principals: ['spiffe://cluster.local/ns/a/sa/b']; id=cluster.local/ns/a/sa/b; true",
        "principals: [cluster.local/ns/a/sa/b]; id=cluster.local/ns/a/sa/bb; false",
        "principals: [cluster.local/ns/a/sa/b]; ''; false",
        "principals: [cluster.local/ns/a/*]; id=cluster.local/ns/a/sa/b; true",
        "principals: [cluster.local/ns/a/*]; id=cluster.local/ns/ab/sa/b; false",
        "principals: ['*/sa/b']; id=cluster.local/ns/x/sa/b; true",
        "principals: ['*']; id=cluster.local/ns/x/sa/b; true",
        "principals: ['*']; ''; false",
        "notPrincipals: [cluster.local/ns/a/sa/b]; id=cluster.local/ns/a/sa/b; false",
        "notPrincipals: [cluster.local/ns/a/sa/b]; id=cluster.local/ns/a/sa/c; true",
        "notPrincipals: ['*']; ''; true",
        "'principals: [''*''], notPrincipals: [''*/sa/b'']'; id=cluster.local/ns/a/sa/b; false",
        "'principals: [''*''], notPrincipals: [''*/sa/b'']'; id=cluster.local/ns/a/sa/c; true",
        "requestPrincipals: [iss/sub]; token=iss/sub; true",
        "requestPrincipals: [iss/sub]; ''; false",
        "requestPrincipals: ['*']; ''; false",
        "notRequestPrincipals: ['*']; ''; true",
        "notRequestPrincipals: ['*']; token=iss/sub; false",
        "namespaces: [a]; id=cluster.local/ns/a/sa/b; true",
        "namespaces: [a]; id=cluster.local/ns/ab/sa/b; false",
        "namespaces: [a*]; id=cluster.local/ns/ab/sa/b; true",
        "namespaces: [a]; ''; false",
        "notNamespaces: [a]; id=cluster.local/ns/a/sa/b; false",
        "notNamespaces: [a]; id=cluster.local/ns/c/sa/b; true",
        "serviceAccounts: [a/b]; id=cluster.local/ns/a/sa/b; true",
        "serviceAccounts: [a/b]; id=other.mesh/ns/a/sa/b; true",
        "serviceAccounts: [a/b]; id=cluster.local/ns/c/sa/b; false",
        "serviceAccounts: [b]; id=cluster.local/ns/prod/sa/b; true",
        "serviceAccounts: [b]; id=cluster.local/ns/a/sa/b; false",
        "serviceAccounts: [a/b]; ''; false",
        "notServiceAccounts: [a/b]; id=cluster.local/ns/a/sa/b; false",
        "notServiceAccounts: [a/b]; id=cluster.local/ns/a/sa/c; true",
        "ipBlocks: [10.0.0.0/8]; peer=10.1.2.3; true",
        "ipBlocks: [10.0.0.0/8]; peer=11.0.0.1; false",
        "ipBlocks: [10.0.0.0/8]; peer=11.0.0.1 remote=10.0.0.1; false",
        "ipBlocks: [10.0.0.0/8]; peer=::ffff:10.1.2.3; true",
        "ipBlocks: ['::ffff:10.0.0.0/104']; peer=10.1.2.3; true",
        "ipBlocks: ['::/0']; peer=10.1.2.3; false",
        "ipBlocks: ['::/0']; peer=2001:db8::1; true",
        "ipBlocks: [0.0.0.0/0]; peer=2001:db8::1; false",
        "ipBlocks: [10.0.0.1]; peer=; false",
        "notIpBlocks: ['fe80::/10']; peer=fe80::1%eth0; false",
        "notIpBlocks: [10.0.0.0/8]; peer=::ffff:10.0.0.1; false",
        "notIpBlocks: [10.0.0.1]; peer=10.0.0.1; false",
        "notIpBlocks: [10.0.0.1]; peer=10.0.0.2; true",
        "remoteIpBlocks: [192.0.2.0/24]; peer=10.0.0.1 remote=192.0.2.7; true",
        "remoteIpBlocks: [192.0.2.0/24]; peer=192.0.2.7 remote=10.0.0.1; false",
        "remoteIpBlocks: ['2001:db8::/32']; remote=2001:db8::1; true",
        "notRemoteIpBlocks: [192.0.2.7]; remote=192.0.2.7; false",
        "notRemoteIpBlocks: [192.0.2.7]; remote=192.0.2.8; true",
      })
  void aSourceIsWhoAsks(String source, String request, boolean matches) {
    holds("{from: [{source: {" + source + "}}]}", request, matches);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "hosts: [a.example.com]; host=a.example.com; true",
        "hosts: [a.example.com]; host=A.Example.com; true",
        "hosts: [A.example.com]; host=a.example.com; true",
        "hosts: [a.example.com]; host=a.example.com:8080; true",
        "hosts: [a.example.com]; host=a.example.com.; true",
        "hosts: [a.example.com]; host=a.example.com.:8080; true",
        "hosts: [a.example.com]; host=a.example.com..; true",
        "hosts: [a.example.com.]; host=a.example.com; true",
        "hosts: ['a.example.com:80']; host=a.example.com.:80; true",
        "hosts: ['A.example.com:80']; host=a.EXAMPLE.com:80; true",
        "hosts: ['a.example.com:80']; host=a.example.com; false",
        "hosts: [a.example.com]; host=xa.example.com; false",
        "hosts: ['*:8080']; host=b.test:8080; true",
        "hosts: ['[::1]']; host=[::1]:80; true",
        "hosts: ['*']; host=b.test; true",
        "notHosts: ['*.test']; host=B.TEST.; false",
        "hosts: ['a.example.com:80']; host=a.example.com:8080; false",
        "hosts: ['a.example.com:*']; host=a.example.com:8080; true",
        "hosts: ['*.example.com']; host=b.example.com; true",
        "hosts: ['*.example.com']; host=example.com; false",
        "hosts: [a.*]; host=a.test; true",
        "notHosts: [a.test]; host=a.test; false",
        "notHosts: [a.test]; host=b.test; true",
        "ports: ['8080']; port=8080; true",
        "ports: ['8080']; port=80; false",
        "notPorts: ['8080']; port=8080; false",
        "notPorts: ['8080']; port=80; true",
        "methods: [GET]; method=GET; true",
        "methods: [GET]; method=POST; false",
        "methods: [P*]; method=POST; true",
        "methods: ['*']; method=POST; true",
        "notMethods: [GET]; method=GET; false",
        "notMethods: [GET]; method=HEAD; true",
        "paths: [/a]; path=/a; true",
        "paths: [/a]; path=/a/; false",
        "paths: [/a]; path=/A; false",
        "paths: [/a*]; path=/ab/c; true",
        "paths: [/a/*]; path=/a; false",
        "paths: ['*.html']; path=/x/a.html; true",
        "paths: ['*.html']; path=/x/a.htm; false",
        "paths: ['*']; path=/; true",
        "notPaths: [/a*]; path=/a; false",
        "notPaths: [/a*]; path=/b; true",
        "paths: ['/v/{*}/x']; path=/v/1/x; true",
        "paths: ['/v/{*}/x']; path=/v//x; false",
        "paths: ['/v/{*}/x']; path=/v/1/2/x; false",
        "paths: ['/v/{*}']; path=/v/1; true",
        "paths: ['/v/{*}']; path=/v/1/; false",
        "paths: ['/v/{*}']; path=/v/; false",
        "paths: ['/{*}/{*}']; path=/a/b; true",
        "paths: ['/v/{**}']; path=/v/; true",
        "paths: ['/v/{**}']; path=/v/1/2; true",
        "paths: ['/v/{**}']; path=/v; false",
        "paths: ['/v/{**}/x']; path=/v/1/2/x; true",
        "paths: ['/v/{**}/x']; path=/v/1/x; true",
        "paths: ['/v/{**}/x']; path=/v/x; false",
        "paths: ['/{*}/a/{**}']; path=/v/a/b/c; true",
        "notPaths: ['/v/{**}']; path=/v/1; false",
        "paths: [/caf%C3%A9]; path=/caf%c3%a9; true",
        "paths: [/café]; path=/caf%C3%A9; true",
        "paths: [/a%20b]; path=/a%20b; true",
        "paths: [/admin]; path=/%61dmin; true",
        "'paths: [/a], methods: [GET]'; path=/a method=GET; true",
        "'paths: [/a], methods: [GET]'; path=/a method=POST; false",
        "'paths: [/a*], notPaths: [/ab]'; path=/ab; false",
      })
  void anOperationIsWhatIsAskedFor(String operation, String request, boolean matches) {
    holds("{to: [{operation: {" + operation + "}}]}", request, matches);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "'request.headers[x-role]'; [admin]; header:X-Role=admin; true",
        "'request.headers[X-Role]'; [admin]; header:x-role=admin; true",
        "'request.headers[x-role]'; [admin]; header:x-role=user; false",
        "'request.headers[x-role]'; [admin]; ''; false",
        "'request.headers[x-role]'; ['*']; header:x-role=; false",
        "'request.headers[x-role]'; [ad*]; header:x-role=admin; true",
        "'request.headers[host]'; [a.test]; host=A.test.:80; true",
        "'request.headers[Host]'; [a.test]; host=b.test; false",
        "'request.headers[host]'; [a.test]; host=b.test header:host=a.test; false",
        "'request.headers[:authority]'; ['*.test']; host=a.test:8080; true",
        "'request.headers[:authority]'; ['*.test']; host=a.example; false",
        "'request.headers[:method]'; [PUT]; method=PUT; true",
        "'request.headers[:method]'; [PUT]; method=GET; false",
        "'request.headers[:scheme]'; [http]; ''; true",
        "'request.headers[:scheme]'; [https]; ''; false",
        "'request.headers[x-forwarded-proto]'; [https]; set:x-forwarded-proto=https; true",
        "source.ip; [10.0.0.0/8]; peer=10.0.0.7; true",
        "source.ip; [10.0.0.0/8]; peer=11.0.0.7; false",
        "remote.ip; [192.0.2.0/24]; remote=192.0.2.1; true",
        "remote.ip; [192.0.2.0/24]; remote=10.0.0.1; false",
        "source.namespace; [a]; id=cluster.local/ns/a/sa/b; true",
        "source.namespace; [a]; id=cluster.local/ns/c/sa/b; false",
        "source.serviceAccount; [a/b]; id=cluster.local/ns/a/sa/b; true",
        "source.serviceAccount; [a/b]; id=cluster.local/ns/a/sa/c; false",
        "source.principal; [cluster.local/ns/a/sa/b]; id=cluster.local/ns/a/sa/b; true",
        "source.principal; ['*']; ''; false",
        "source.trustDomain; [cluster.local]; id=cluster.local/ns/a/sa/b; true",
        "source.trustDomain; [cluster.local]; id=other/ns/a/sa/b; false",
        "request.auth.principal; [iss/sub]; token=iss/sub; true",
        "request.auth.principal; [iss/sub]; token=iss/other; false",
        "request.auth.audiences; [b]; aud=a aud=b; true",
        "request.auth.audiences; [c]; aud=a aud=b; false",
        "request.auth.presenter; [web]; azp=web; true",
        "request.auth.presenter; [web]; ''; false",
        "'request.auth.claims[groups]'; [ops]; claim:groups=dev|ops; true",
        "'request.auth.claims[groups]'; [ops]; claim:groups=dev; false",
        "'request.auth.claims[groups]'; [ops]; ''; false",
        "destination.ip; [10.0.0.9]; local=10.0.0.9; true",
        "destination.ip; [10.0.0.9]; local=10.0.0.8; false",
        "destination.port; ['8080']; port=8080; true",
        "destination.port; ['8080']; port=9090; false",
        "connection.sni; ['*.example.com']; sni=a.example.com; true",
        "connection.sni; ['*.example.com']; ''; false",
      })
  void aConditionIsAnAttributeAndItsValues(
      String key, String values, String request, boolean matches) {
    holds("{when: [{key: '" + key + "', values: " + values + "}]}", request, matches);
    holds("{when: [{key: '" + key + "', notValues: " + values + "}]}", request, !matches);
  }

  private static void holds(String rule, String request, boolean matches) {
    Verdict allow = asked(policies("{rules: [" + rule + "]}"), request);
    Verdict deny = asked(policies("{action: DENY, rules: [" + rule + "]}"), request);

    assertThat(allow.allowed()).as("ALLOW: %s", allow.by()).isEqualTo(matches);
    assertThat(deny.allowed()).as("DENY: %s", deny.by()).isEqualTo(!matches);
  }
}
