package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.server.Overrides.Given;
import java.util.List;
import java.util.Map;
import org.apache.commons.cli.ParseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Variables that are none of ours although they are called AFTERBAY_something. */
final class OverridesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "AFTERBAY_SERVICE_HOST=10.96.7.1",
        "AFTERBAY_SERVICE_HOST=fd00:10:96::a",
        "AFTERBAY_SERVICE_PORT=8080",
        "AFTERBAY_SERVICE_PORT_HTTP=8080",
        "AFTERBAY_PORT=tcp://10.96.7.1:8080",
        "AFTERBAY_PORT=udp://[fd00:10:96::a]:8080",
        "AFTERBAY_PORT_8080_TCP=tcp://10.96.7.1:8080",
        "AFTERBAY_PORT_8080_TCP_PROTO=tcp",
        "AFTERBAY_PORT_8080_TCP_PORT=8080",
        "AFTERBAY_PORT_8080_TCP_ADDR=10.96.7.1",
        "AFTERBAY_PORT_53_SCTP_ADDR=fd00:10:96::a",
        "AFTERBAY_HTTP_SERVICE_HOST=10.96.7.1",
        "AFTERBAY_HTTP_SERVICE_PORT=8080",
        "AFTERBAY_HTTP_PORT=tcp://10.96.7.1:8080",
        "AFTERBAY_HTTP_PORT_8080_TCP=tcp://10.96.7.1:8080",
        "AFTERBAY_NAME=/web/afterbay",
        "AFTERBAY_1_NAME=/shop_web_1/afterbay_1",
        "AFTERBAY_HTTP_NAME=/web/afterbay-http",
        "AFTERBAY_ENV_FOO=x",
        "AFTERBAY_ENV_http_proxy=x",
        "AFTERBAY_ENV_AFTERBAY_HTTP_PORT=two\nlines",
        "AFTERBAY_HTTP_ENV_PATH=/bin",
        "AFTERBAY_PORT_8080_TCP_START=tcp://172.17.0.2:8080",
        "AFTERBAY_PORT_8080_TCP_END=tcp://172.17.0.2:8082",
        "AFTERBAY_PORT_8080_TCP_PORT_START=8080",
        "AFTERBAY_PORT_8080_TCP_PORT_END=8082"
      })
  void whatKubernetesOrDockerSetsForAServiceIsPassedOver(String variable) {
    Overrides overrides = of(variable);
    assertThat(overrides.find("http.port")).isEmpty();
    overrides.end();
    assertThat(overrides.links()).containsExactly(variable.split("=")[0]);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "AFTERBAY_SERVICE_HOST=queue.example",
        "AFTERBAY_SERVICE_PORT=http",
        "AFTERBAY_PORT=8080",
        "AFTERBAY_PORT=http://10.96.7.1:8080",
        "AFTERBAY_PORT=tcp://10.96.7.1:8080/",
        "AFTERBAY_PORT_8080_TCP=8080",
        "AFTERBAY_PORT_8080=tcp://10.96.7.1:8080",
        "AFTERBAY_PORT_8080_TCP_HOST=10.96.7.1",
        "AFTERBAY_HTTP_PROT=tcp://10.96.7.1:8080",
        "AFTERBAY_HTTP_ADRESS=10.96.7.1",
        "AFTERBAY_NAME=afterbay",
        "AFTERBAY_NAME=/afterbay",
        "AFTERBAY_NAME=/web/afterbay/x",
        "AFTERBAY_NAMES=/web/afterbay",
        "AFTERBAY_ENV=x",
        "AFTERBAY_ENVIRONMENT=x",
        "AFTERBAY_PORT_8080_TCP_START=8080",
        "AFTERBAY_PORT_8080_TCP_PORT_MIDDLE=8081"
      })
  void whatOnlyLooksLikeThatIsAnError(String variable) {
    Overrides overrides = of(variable);
    assertThat(overrides.links()).isEmpty();
    assertThatThrownBy(overrides::end)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("unknown variable");
  }

  @Test
  void aPortIsOursUnlessItIsALink() {
    assertThat(of("AFTERBAY_HTTP_PORT=8080").find("http.port"))
        .containsExactly(new Given("AFTERBAY_HTTP_PORT", "8080"));
    assertThat(of("AFTERBAY_HTTP_PORT=tcp:8080").find("http.port")).hasSize(1);
  }

  @Test
  void nothingThatAnOptionSaidIsForgotten() throws ParseException {
    Command command = Main.listening(new Command("serve", "", _ -> ExitCode.STOPPED));
    Arguments arguments =
        command.parse(List.of("--port", "1", "--set", "http.port=x", "--set", "http.port=null"));
    Overrides overrides = Main.overrides(arguments);
    assertThat(overrides.find("http.port"))
        .containsExactly(
            new Given("--set", "x"), new Given("--set", "null"), new Given("--port", "1"));
  }

  private static Overrides of(String variable) {
    String[] parts = variable.split("=", 2);
    return new Overrides(Map.of(parts[0], parts[1]), Map.of());
  }
}
