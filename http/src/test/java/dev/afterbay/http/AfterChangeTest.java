package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Broker;
import dev.afterbay.BrokerException;
import dev.afterbay.Jobs;
import dev.afterbay.Queue;
import dev.afterbay.QueueAdmin;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is told when something was stored and then cannot be read. */
final class AfterChangeTest {

  private static final Set<String> READS = Set.of("find", "settings", "state", "stats");

  private volatile Set<String> broken = Set.of();

  private final Served served =
      Served.with(services ->
          new HttpApiServices(
              breaking(Broker.class, services.broker()),
              services.clock(),
              services.defaults(),
              services.health(),
              services.types(),
              services.meters(),
              services.scrape(),
              services.version(),
              services.sns()));

  private final Http http = new Http(served);

  @AfterEach
  void close() {
    http.close();
    served.close();
  }

  @Test
  void aJobThatIsStoredIsNeverSaidNotToBe() {
    String job = "{\"queue\":\"q\",\"job_type\":\"t\",\"payload\":1,\"key\":\"k\"}";
    broken = READS;
    Http.Reply first = http.post("/jobs", job);
    assertThat(first.status()).as(first.toString()).isEqualTo(201);
    Http.Reply again = http.post("/jobs", job);
    assertThat(again.status()).isEqualTo(200);
    assertThat(again.at("/known")).isEqualTo("true");
    assertThat(again.at("/id")).isEqualTo(first.at("/id")).isNotEmpty();
    assertThat(served.engine.queue("q").stats().pending()).isEqualTo(1);
    assertThat(http.post("/jobs/" + first.at("/id") + "/cancel", "").problem())
        .isEqualTo("outcome-unknown");
  }

  @Test
  void aJobIsShownWithoutALookAtTheStore() {
    broken = Set.of("find");
    String job = "{\"queue\":\"q\",\"job_type\":\"t\",\"payload\":{\"a\":1}}";
    Http.Reply shown = http.post("/jobs", job);
    assertThat(shown.at("/payload/a")).isEqualTo("1");
    broken = Set.of();
    assertThat(shown.text()).isEqualTo(http.get("/jobs/" + shown.at("/id")).text());
  }

  @Test
  void aQueueThatIsConfiguredIsNeverSaidNotToBe() {
    broken = READS;
    assertThat(http.put("/queues/q", "{}").problem()).isEqualTo("outcome-unknown");
    assertThat(served.engine.queue("q").admin().orElseThrow().exists()).isTrue();
  }

  private <T> T breaking(Class<T> type, T object) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, method, arguments) -> {
              if (broken.contains(method.getName())) {
                throw new BrokerException.Unavailable("the store is broken: nothing was stored");
              }
              try {
                return wrapped(method.invoke(object, arguments));
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }

  private Object wrapped(Object answer) {
    return switch (answer) {
      case null -> answer;
      case Queue queue -> breaking(Queue.class, queue);
      case Optional<?> some when some.isPresent() && some.get() instanceof Jobs jobs ->
          Optional.of(breaking(Jobs.class, jobs));
      case Optional<?> some when some.isPresent() && some.get() instanceof QueueAdmin admin ->
          Optional.of(breaking(QueueAdmin.class, admin));
      default -> answer;
    };
  }
}
