package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.afterbay.Event;
import dev.afterbay.Message;
import dev.afterbay.QueueSettings;
import dev.afterbay.Watch;
import dev.afterbay.engine.Engine;
import dev.afterbay.ledger.MemoryStore;
import dev.afterbay.worker.HandlerFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A kind of handlers that is only on the class path: {@link NoteFactory}. */
final class HandlerLoaderTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private Path folder;

  @BeforeEach
  void forget() {
    NoteFactory.NOTES.clear();
  }

  @Test
  void aHandlerThatTheServerDoesNotNameDoesTheWork() throws Exception {
    Config config =
        read(
            """
            workers:
              - queue: orders
                type: order
                handler: note
                note: {prefix: hello, tries: 2, pause: 3s, most: 4KiB, token: t-1, to: {host: h}}
            """);
    try (MemoryStore store = MemoryStore.open();
        Engine engine = Engine.open(store);
        Watch watch = engine.jobs().orElseThrow().watch(null)) {
      try (ConfiguredWorkers _ = ConfiguredWorkers.start(config, engine)) {
        engine.queue("orders").send(Message.of("order", "a box").tracked());
        awaitDone(watch);
      }
    }
    assertThat(NoteFactory.NOTES)
        .containsExactly("opened for orders: hello 2 PT3S 4096 h", "a box", "closed");
  }

  private static void awaitDone(Watch watch) throws InterruptedException {
    List<Event.Type> seen = new ArrayList<>();
    while (!seen.contains(Event.Type.DONE)) {
      List<Event> next = watch.next(10, PATIENCE);
      assertThat(next).as("after " + seen).isNotEmpty();
      next.forEach(event -> seen.add(event.type()));
    }
  }

  @Test
  void onlyAPatientKindChangesTheAttemptsOfItsQueue() throws IOException {
    Config config =
        read(
            """
            queues: {notes: {}, hooks: {}}
            workers:
              - {queue: notes, handler: note, note: {prefix: p}}
              - {queue: hooks, http: {url: "http://h/"}}
            """);
    assertThat(config.queues().get("notes")).isEqualTo(QueueSettings.STANDARD);
    assertThat(config.defaultsOf("notes")).isEqualTo(QueueSettings.STANDARD);
    assertThat(config.queues().get("hooks").maxAttempts()).isEqualTo(QueueSettings.UNLIMITED);
    assertThat(config.defaultsOf("hooks").maxAttempts()).isEqualTo(QueueSettings.UNLIMITED);
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      textBlock =
          """
          {handler: mail} => workers[0].handler: mail: must be command or email or http or note or telegram
          {handler: command} => workers[0].command.program: (default): program must be a list
          {handler: command, command: {program: [/no/x]}} => workers[0].command.program: [...]: program must be a file
          {handler: command, command: {program: [sh], results: {"x": fail}}} => workers[0].command.results: {...}: results
          {handler: command, command: {program: [sh], output_max: 1MiB}} => workers[0].command.output_max: 1MiB: output_max
          {handler: command, command: {program: [sh], env: {"A B": x}}} => workers[0].command.env: {...}: env must have
          {handler: command, command: {program: [sh], directory: /no/x}} => workers[0].command.directory: /no/x: directory
          {handler: telegram} => workers[0].telegram.token_file: (default): must be the file of a bot's token
          {handler: telegram, telegram: {token: "12:x"}} => workers[0].telegram.token: (hidden): must be a token such as
          {handler: telegram, telegram: {token: "1:abcdefgh", api: "ftp://h"}} => workers[0].telegram.api: ftp://h: api must be
          {handler: note} => workers[0].note.prefix: null: must be a word
          {handler: note, note: {prefix: p}, http: {}} => workers[0].http: {...}: unknown name; allowed: handler,
          {handler: note, note: {prefix: p, x: 1}} => workers[0].note.x: 1: unknown name; allowed: prefix,
          {handler: note, note: {prefix: p, to: {x: 1}}} => workers[0].note.to.x: 1: unknown name; allowed: host
          {handler: note, note: {prefix: p, tries: 4}} => workers[0].note.tries: 4: must be a whole number, 1 to 3
          {handler: note, note: {prefix: p, pause: x}} => workers[0].note.pause: x: a duration must be
          {handler: note, note: {prefix: p, most: x}} => workers[0].note.most: x: must be a size
          {handler: note, note: {prefix: p, token: hush}} => workers[0].note.token: (hidden): must begin with t-
          {handler: note, note: {prefix: p, token: t-1, loud: true}} => workers[0].note.token: (hidden): contradicts loud
          {handler: note, note: {prefix: p, loud: true, tries: 1}} => workers[0].note: {...}: loud contradicts tries
          """)
  void whatAKindRefusesSaysWhereItStands(String entry, String line) {
    assertThat(refusal(() -> read("workers: [" + entry.replaceFirst("\\{", "{queue: q, ") + "]")))
        .startsWith(line);
  }

  @Test
  void whatAKindFindsOutWhenItIsOpenedSaysSoToo() throws IOException {
    Config config =
        read("workers: [{queue: q, handler: note, note: {prefix: p, to: {host: gone}}}]");
    try (MemoryStore store = MemoryStore.open();
        Engine engine = Engine.open(store)) {
      assertThat(refusal(() -> ConfiguredWorkers.start(config, engine)))
          .isEqualTo("workers[0].note.to.host: gone: must be there");
    }
  }

  @Test
  void onlyAKindWithOneTargetHasABreaker() throws IOException {
    Config config =
        read(
            """
            workers:
              - {queue: a, handler: command, command: {program: [sh]}}
              - {queue: b, handler: email}
              - {queue: c, handler: telegram, telegram: {token: "1:abcdefgh"}}
              - {queue: d, http: {url: "http://h/"}}
            """);
    assertThat(config.workers())
        .extracting(entry -> ConfiguredWorkers.handling(entry).breaker() != null)
        .containsExactly(false, false, false, true);
  }

  @Test
  void aFactoryThatTwoJarsNameIsRefused() throws IOException {
    for (String name : List.of("a.jar", "b.jar")) {
      try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(folder.resolve(name)))) {
        jar.putNextEntry(new JarEntry("META-INF/services/" + HandlerFactory.class.getName()));
        jar.write("example.Twice\n".getBytes(StandardCharsets.UTF_8));
      }
    }
    assertThat(refusal(() -> new HandlerLoader(folder)))
        .isEqualTo(
            "handlers: "
                + folder.resolve("b.jar")
                + ": has the factory example.Twice, which is in "
                + folder.resolve("a.jar")
                + ", too: take one of them away");
  }

  private Config read(String yaml) throws IOException {
    Path file = Files.writeString(folder.resolve("afterbay.yaml"), yaml);
    return ConfigReader.read(file, new Overrides(Map.of(), Map.of()));
  }

  private static String refusal(ThrowingCallable call) {
    ConfigException refused = catchThrowableOfType(ConfigException.class, call);
    assertThat(refused).isNotNull();
    return refused.getMessage();
  }
}
