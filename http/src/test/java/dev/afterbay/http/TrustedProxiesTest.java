package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.vertx.core.MultiMap;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 7239, and what nginx, Caddy, HAProxy and load balancers write. */
final class TrustedProxiesTest {

  private static final TrustedProxies PROXIES =
      TrustedProxies.of(List.of("10.0.0.0/8", "192.0.2.1", "::1", "2001:db8::/32"));

  private static final String PROXY = "10.0.0.1";

  private static Requester caller(String peer, String... headers) {
    return PROXIES.caller(direct(peer), all(headers));
  }

  private static Requester direct(String peer) {
    return new Requester(peer, "inside:8080", false);
  }

  private static MultiMap all(String... headers) {
    MultiMap all = MultiMap.caseInsensitiveMultiMap();
    for (String header : headers) {
      int colon = header.indexOf(':');
      all.add(header.substring(0, colon), header.substring(colon + 1).strip());
    }
    return all;
  }

  /** Its certificate is not the caller's then, also where nobody can tell who that is. */
  @Test
  void aProxyAsksForSomebodyElseWhateverItSays() {
    assertThat(asks(PROXY, "X-Forwarded-For: junk")).isTrue();
    assertThat(asks(PROXY, "Forwarded: \"")).isTrue();
    assertThat(asks(PROXY, "Forwarded: for=6.6.6.6", "X-Forwarded-For: 203.0.113.7")).isTrue();
    assertThat(asks(PROXY, "Accept: text/plain")).isFalse();
    assertThat(asks("203.0.113.9", "X-Forwarded-For: 6.6.6.6")).isFalse();
  }

  private static boolean asks(String peer, String... headers) {
    return PROXIES.asksForOthers(direct(peer), all(headers));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          203.0.113.7                              | 203.0.113.7
          203.0.113.7:4711                         | 203.0.113.7
          2001:db9::7                              | 2001:db9:0:0:0:0:0:7
          [2001:db9::7]:4711                       | 2001:db9:0:0:0:0:0:7
          6.6.6.6, 203.0.113.7                     | 203.0.113.7
          6.6.6.6, 203.0.113.7, 10.9.9.9           | 203.0.113.7
          203.0.113.7, 192.0.2.1, 10.9.9.9         | 203.0.113.7
          203.0.113.7, 192.0.2.2                   | 192.0.2.2
          10.3.3.3, 10.9.9.9                       | 10.3.3.3
          6.6.6.6, unknown, 10.9.9.9               | 10.9.9.9
          6.6.6.6, _hidden                         | 10.0.0.1
          6.6.6.6, nonsense.example                | 10.0.0.1
          6.6.6.6,                                 | 10.0.0.1
          6.6.6.6, 1.2.3                           | 10.0.0.1
          """)
  void theLastAddressThatIsNoProxyIsTheCaller(String header, String expected) {
    assertThat(caller(PROXY, "X-Forwarded-For: " + header).address()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          for=203.0.113.7                                         | 203.0.113.7
          For="203.0.113.7:4711"                                  | 203.0.113.7
          for="[2001:db9::7]:4711"                                | 2001:db9:0:0:0:0:0:7
          for=6.6.6.6, for=203.0.113.7;proto=https, for=10.2.2.2  | 203.0.113.7
          for=6.6.6.6 , , for=203.0.113.7 ;by=_x                  | 203.0.113.7
          by="a,b;c\\"d";for=203.0.113.7                           | 203.0.113.7
          for=6.6.6.6, for=_hidden                                | 10.0.0.1
          for=6.6.6.6, for=                                       | 10.0.0.1
          for=203.0.113.7, for="6.6.6.6                           | 10.0.0.1
          203.0.113.7                                             | 10.0.0.1
          """)
  void forwardedIsReadAsTheStandardHasIt(String header, String expected) {
    assertThat(caller(PROXY, "Forwarded: " + header).address()).isEqualTo(expected);
  }

  @Test
  void protocolAndHostAreThoseThatTheSameProxySaw() {
    Requester one =
        caller(
            PROXY,
            "X-Forwarded-For: 203.0.113.7",
            "X-Forwarded-Proto: https",
            "X-Forwarded-Host: Queue.Example:443");
    assertThat(one).isEqualTo(new Requester("203.0.113.7", "queue.example:443", true));
    Requester two =
        caller(
            PROXY,
            "Forwarded: for=6.6.6.6;host=evil.example;proto=http",
            "Forwarded: for=203.0.113.7;host=queue.example;proto=https, for=10.1.1.1;host=inner");
    assertThat(two).isEqualTo(new Requester("203.0.113.7", "queue.example", true));
    Requester withoutAddress = caller(PROXY, "X-Forwarded-Proto: https");
    assertThat(withoutAddress).isEqualTo(new Requester(PROXY, "inside:8080", true));
  }

  @Test
  void ofAnybodyElseNothingCounts() {
    Requester stranger =
        caller(
            "203.0.113.9",
            "X-Forwarded-For: 127.0.0.1",
            "X-Forwarded-Proto: https",
            "X-Forwarded-Host: localhost");
    assertThat(stranger).isEqualTo(new Requester("203.0.113.9", "inside:8080", false));
    assertThat(caller("192.0.2.2", "Forwarded: for=127.0.0.1").address()).isEqualTo("192.0.2.2");
  }

  /** A proxy writes one of the two, and hands on the other as the caller sent it. */
  @Test
  void bothKindsTogetherCountForNothing() {
    assertThat(
            caller(PROXY, "Forwarded: for=6.6.6.6;host=localhost", "X-Forwarded-For: 203.0.113.7"))
        .isEqualTo(new Requester(PROXY, "inside:8080", false));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "evil/", "user@evil", "[::1"})
  void aHostThatIsNoneIsPassedOver(String host) {
    assertThat(caller(PROXY, "X-Forwarded-Host: " + host).host()).isEqualTo("inside:8080");
  }

  /** As long as a request's headers may be: it is read once, without looking back. */
  @Test
  void whatIsLongIsReadInOneGo() {
    String blanks = " ".repeat(HttpApi.HEADER_BYTES_MAX - 100);
    assertThat(caller(PROXY, "Forwarded: for=6.6.6.6" + blanks + "x").address()).isEqualTo(PROXY);
    String quotes = "for=\"" + "\\a".repeat(HttpApi.HEADER_BYTES_MAX / 2 - 50);
    assertThat(caller(PROXY, "Forwarded: " + quotes).address()).isEqualTo(PROXY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"proxy.example", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "::1/129", "", "10.1"})
  void whatIsNoNetworkIsRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> TrustedProxies.of(List.of(text)));
  }

  @Test
  void namesAreHeldAgainstWhatTheProxyWasCalledByAndByWhatItCalls() {
    HttpApiSettings.Callers callers =
        new HttpApiSettings.Callers(
            Set.of("queue.example"), TrustedProxies.of(List.of("127.0.0.1")));
    try (Served served =
        Served.open(
            s -> new HttpApiSettings(s.main(), null, null, callers, s.patience(), s.bounds()))) {
      assertThat(status(served, "Host: localhost", "X-Forwarded-Host: queue.example"))
          .isEqualTo(200);
      assertThat(status(served, "Host: localhost", "X-Forwarded-Host: evil.example"))
          .isEqualTo(403);
      assertThat(status(served, "Host: evil.example", "X-Forwarded-Host: queue.example"))
          .as("a page of evil.example, whose name leads to this machine")
          .isEqualTo(403);
    }
  }

  private static int status(Served served, String host, String forwarded) {
    try (RawClient client = new RawClient(served.port())) {
      return client
          .send("GET /version HTTP/1.1\n" + host + "\n" + forwarded + "\n\n")
          .read()
          .status();
    }
  }
}
