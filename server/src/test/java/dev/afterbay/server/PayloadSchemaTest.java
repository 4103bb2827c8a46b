package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.http.HttpApiServices.Types.Refusal;
import dev.afterbay.server.Config.WorkerEntry;
import dev.afterbay.worker.HandlerFactory;
import dev.afterbay.worker.HandlerFactory.Section;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The schemas of the handlers that come with the server take what they should, and no more. */
final class PayloadSchemaTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'to':'a@b.example','subject':'s','text':'t'}",
        "{'to':['a@b.example','Ä <c@d.example>'],'cc':'e@f','bcc':['g@h'],'reply_to':'i@j',"
            + "'html':'<p>','headers':{'X-A':'b'},"
            + "'attachments':[{'name':'n','content_type':'text/plain','base64':'AA=='}]}"
      })
  void anEmailIsTaken(String payload) throws IOException {
    assertThat(refusal("email", payload)).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      textBlock =
          """
          {} => /to
          [] => ''
          no json => ''
          {'to':[]} => /to
          {'to':7} => /to
          {'to':['a@b',7]} => /to/1
          {'to':'a@b\\r\\nBcc: c@d'} => /to
          {'to':['a@b\\nBcc: c@d']} => /to/0
          {'to':'a@b','subject':'x\\ny'} => /subject
          {'to':'a@b','subject':'x\\n'} => /subject
          {'to':'a@b','headers':{'X':'x\\ny'}} => /headers/X
          {'to':'a@b','headers':{'X: y':'z'}} => /headers
          {'to':'a@b','attachments':[{'name':'n'}]} => /attachments/0/base64
          {'to':'a@b','a/b~':1} => /a~1b~0
          """)
  void anEmailThatIsNoneNamesTheField(String payload, String pointer) throws IOException {
    Refusal refusal = refusal("email", payload);
    assertThat(refusal).isNotNull();
    assertThat(refusal.pointer()).startsWith(pointer);
    assertThat(refusal.detail()).isNotBlank();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'chat_id':7,'text':'t'}",
        "{'chat_id':'@c','photo':'https://h/p','caption':'c'}",
        "{'chat_id':7,'document':{'name':'n','base64':''},'disable_notification':true}"
      })
  void aTelegramMessageIsTaken(String payload) throws IOException {
    assertThat(refusal("telegram", payload)).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      textBlock =
          """
          {'text':'t'} => /chat_id
          {'chat_id':1.5,'text':'t'} => /chat_id
          {'chat_id':7} => ''
          {'chat_id':7,'text':'t','photo':'p'} => ''
          {'chat_id':7,'text':' '} => /text
          {'chat_id':7,'text':'t','caption':'c'} => ''
          {'chat_id':7,'photo':{'name':'n'}} => /photo/base64
          {'chat_id':7,'text':'t','token':'x'} => /token
          """)
  void aTelegramMessageThatIsNoneNamesTheField(String payload, String pointer) throws IOException {
    Refusal refusal = refusal("telegram", payload);
    assertThat(refusal).isNotNull();
    assertThat(refusal.pointer()).isEqualTo(pointer);
  }

  @Test
  void aRefusalIsInEnglishAndNotLong() throws IOException {
    assertThat(refusal("email", "{'to':7}").detail())
        .isEqualTo("/payload/to: integer found, [string, array] expected");
    assertThat(refusal("email", "{'to':'a@b','" + "x".repeat(5_000) + "':1}").detail())
        .hasSizeLessThanOrEqualTo(500);
  }

  @Test
  void onlyTheFirstOfManyErrorsIsLookedFor() throws IOException {
    Refusal refusal = refusal("email", "{'to':[1" + ",1".repeat(500_000) + "]}");
    assertThat(refusal.pointer()).isEqualTo("/to/0");
    assertThat(refusal.detail()).doesNotContain("; ");
  }

  @Test
  void aSchemaThatCannotBeAppliedIsAReasonAndNoFault() {
    AtomicInteger reads = new AtomicInteger();
    HandlerFactory kind =
        new HandlerFactory() {
          @Override
          public String name() {
            return "odd";
          }

          @Override
          public Configured configure(Section settings, Duration timeout) {
            return _ -> _ -> Outcome.done();
          }

          @Override
          public Optional<String> schema() {
            reads.incrementAndGet();
            return Optional.of("{\"$ref\":\"#/$defs/absent\"}");
          }
        };
    WorkerEntry entry =
        new WorkerEntry(
            "q",
            "t",
            1,
            Duration.ofSeconds(1),
            false,
            kind,
            new WorkerEntry.Target(null, _ -> _ -> Outcome.done()));
    ConfiguredTypes types = new ConfiguredTypes(List.of(entry), true);
    for (int i = 0; i < 3; i++) {
      Refusal refusal = types.refusal("q", Message.of("t", "{}"));
      assertThat(refusal.pointer()).isNull();
      assertThat(refusal.detail()).startsWith("the schema of handler odd cannot be applied: ");
    }
    assertThat(reads).hasValue(1);
  }

  private static Refusal refusal(String kind, String payload) throws IOException {
    String file = "/dev/afterbay/handlers/" + kind + ".schema.json";
    try (InputStream in = PayloadSchemaTest.class.getResourceAsStream(file)) {
      String schema = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return new PayloadSchema(schema).refusal(Message.of(kind, payload.replace('\'', '"')));
    }
  }
}
