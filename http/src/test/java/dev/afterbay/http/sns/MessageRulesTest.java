package dev.afterbay.http.sns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Fields, forgeries and URLs: the rules of sns.md 1, 3.3 and 4, one case each. */
class MessageRulesTest {
  private static final String FILE = "SimpleNotificationService-0123456789abcdef0123456789abcdef";
  private static final String PEM = FILE + ".pem";
  private static final String VERSION = "SignatureVersion";
  private static final String TAIL = "scribeConfirmation";

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource({
    "genuine",
    "notificationsOfTheWrongForm",
    "characters",
    "confirmationsOfTheWrongForm",
    "attributes",
    "topics",
    "versions",
    "certificateUrls",
    "subscribeUrls",
    "signatures",
    "forgeries",
    "ages"
  })
  void isAnswered(String situation, String answer, TestMessage message) throws Exception {
    TestWebhook webhook = TestWebhook.withCertificate();

    assertThat(webhook.answer(message)).as(situation).isEqualTo(answer);
    assertThat(webhook.web.asked()).isSubsetOf(TestMessage.CERTIFICATE_URL);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource({"certificateUrls", "subscribeUrls", "topics", "forgedVersions"})
  void nothingGoesOut(String situation, String answer, TestMessage message) throws Exception {
    TestWebhook webhook = TestWebhook.withCertificate();
    if (!answer.equals("200")) {
      webhook.post(message);
    }

    assertThat(webhook.web.asked()).as(situation).isEmpty();
  }

  static Stream<Arguments> genuine() {
    return Stream.of(
        arguments("version 2", "200", message().signed()),
        arguments("version 1", "200", message().with("SignatureVersion", "1").signed()),
        arguments("no subject", "200", message().without("Subject").signed()),
        arguments("null is no subject", "200", nullSubject()),
        arguments("an empty subject is signed", "200", message().with("Subject", "").signed()),
        arguments("no UnsubscribeURL", "200", message().without("UnsubscribeURL").signed()),
        arguments("a message of lines", "200", message().with("Message", "a\r\n\tb\n").signed()),
        arguments("DEL in the message", "200", message().with("Message", "\u007f\u0085").signed()),
        arguments(
            "beyond the BMP", "200", message().with("Message", "\uD83D\uDE00\uFFFD").signed()),
        arguments("quoted JSON", "200", message().with("Message", "{\"a\":\"\\\\n\"}").signed()),
        arguments("an unknown field", "200", message().with("New", "x").signed()),
        arguments("unknown structure", "200", message().with("New", deep(14)).signed()),
        arguments(
            "Lambda's spelling beside", "200", message().with("UnsubscribeUrl", "x").signed()),
        arguments("a subscription", "200", subscription().signed()),
        arguments("of version 1", "200", subscription().with("SignatureVersion", "1").signed()),
        arguments("unsubscribed", "200", unsubscribed().signed()),
        arguments("a Subject there", "200", subscription().signed().with("Subject", "unsigned")));
  }

  static Stream<Arguments> notificationsOfTheWrongForm() {
    return Stream.of(
        arguments("type in lower case", "400 unknown-type", message().with("Type", "notification")),
        arguments("empty type", "400 unknown-type", message().with("Type", "")),
        arguments("type as a list", "400 wrong-type:Type", message().with("Type", List.of("x"))),
        arguments("version as number", "400 wrong-type:SignatureVersion", signedAs("v", 2)),
        arguments("id as number", "400 wrong-type:MessageId", message().with("MessageId", 1)),
        arguments("message as number", "400 wrong-type:Message", message().with("Message", 1.5)),
        arguments("message as bool", "400 wrong-type:Message", message().with("Message", true)),
        arguments(
            "subject as object", "400 wrong-type:Subject", message().with("Subject", Map.of())),
        arguments("URL as number", "400 wrong-type:UnsubscribeURL", signedAs("UnsubscribeURL", 1)),
        arguments(
            "signature as list", "400 wrong-type:Signature", signedAs("Signature", List.of())),
        arguments("no id", "400 missing:MessageId", message().without("MessageId").signed()),
        arguments("no message", "400 missing:Message", message().without("Message").signed()),
        arguments("no time", "400 missing:Timestamp", message().without("Timestamp").signed()),
        arguments("no topic", "400 missing:TopicArn", message().without("TopicArn").signed()),
        arguments("no signature", "400 missing:Signature", message()),
        arguments(
            "Lambda's spelling alone",
            "400 missing:SigningCertURL",
            message()
                .without("SigningCertURL")
                .with("SigningCertUrl", TestMessage.CERTIFICATE_URL)
                .signed()),
        arguments("with token", "400 unexpected:Token", message().with("Token", "ab").signed()),
        arguments(
            "with SubscribeURL",
            "400 unexpected:SubscribeURL",
            message().with("SubscribeURL", "https://x/").signed()),
        arguments("no UUID", "400 bad-message-id", id("1")),
        arguments(
            "id in upper case", "400 bad-message-id", id(TestMessage.ID.toUpperCase(Locale.ROOT))),
        arguments("id with a blank", "400 bad-message-id", id(TestMessage.ID + " ")),
        arguments("id in braces", "400 bad-message-id", id("{" + TestMessage.ID + "}")),
        arguments("no milliseconds", "400 bad-timestamp", time("2026-11-21T00:33:26Z")),
        arguments("microseconds", "400 bad-timestamp", time("2026-11-21T00:33:26.060000Z")),
        arguments("no zone", "400 bad-timestamp", time("2026-11-21T00:33:26.060")),
        arguments("small letters", "400 bad-timestamp", time("2026-11-21t00:33:26.060z")),
        arguments("a blank for T", "400 bad-timestamp", time("2026-11-21 00:33:26.060Z")),
        arguments("30 February", "400 bad-timestamp", time("2026-02-30T00:33:26.060Z")),
        arguments("hour 24", "400 bad-timestamp", time("2026-11-21T24:00:00.000Z")),
        arguments("leap second", "400 bad-timestamp", time("2026-06-30T23:59:60.000Z")),
        arguments("other digits", "400 bad-timestamp", time("\u0662026-11-21T00:33:26.060Z")),
        arguments("year 10000", "400 bad-timestamp", time("+10000-11-21T00:33:26.06Z")),
        arguments("empty time", "400 bad-timestamp", time("")));
  }

  static Stream<Arguments> characters() {
    return Stream.of(
        arguments("LF in subject", "400 control-char:Subject", signedAs("Subject", "a\nb")),
        arguments("tab in subject", "400 control-char:Subject", signedAs("Subject", "a\tb")),
        arguments("DEL in subject", "400 control-char:Subject", signedAs("Subject", "a\u007f")),
        arguments("NEL in subject", "400 control-char:Subject", signedAs("Subject", "a\u0085")),
        arguments("LF in id", "400 control-char:MessageId", id(TestMessage.ID + "\n")),
        arguments("LF in type", "400 control-char:Type", signedAs("Type", "Notification\n")),
        arguments("LF in time", "400 control-char:Timestamp", time(TestMessage.TIME + "\n")),
        arguments("LF in topic", "400 control-char:TopicArn", topic(TestMessage.TOPIC + "\n")),
        arguments("NUL in topic", "400 control-char:TopicArn", topic(TestMessage.TOPIC + "\0")),
        arguments("LF in version", "400 control-char:SignatureVersion", version("2\n")),
        arguments("LF in signature", "400 control-char:Signature", signedAs("Signature", "ab\n==")),
        arguments("LF in URL", "400 control-char:SigningCertURL", url(TestMessage.ORIGIN + "\n")),
        arguments("LF in UnsubscribeURL", "400 control-char:UnsubscribeURL", unsubscribeUrl("\n")),
        arguments("LF in unknown field", "400 control-char:unknown field", signedAs("New", "\n")),
        arguments("LF in a name", "400 control-char:name", signedAs("New\n", "x")),
        arguments("NUL in message", "400 bad-character:Message", text("a\0b")),
        arguments("ESC in message", "400 bad-character:Message", text("\u001b[0m")),
        arguments("U+FFFE in message", "400 bad-character:Message", text("\uFFFE")),
        arguments("U+FFFF in subject", "400 bad-character:Subject", signedAs("Subject", "\uFFFF")));
  }

  static Stream<Arguments> confirmationsOfTheWrongForm() {
    return Stream.of(
        arguments("no token", "400 missing:Token", subscription().without("Token").signed()),
        arguments(
            "no URL", "400 missing:SubscribeURL", subscription().without("SubscribeURL").signed()),
        arguments(
            "no token at the end", "400 missing:Token", unsubscribed().without("Token").signed()),
        arguments("empty token", "400 bad-token", token("")),
        arguments("token with more", "400 bad-token", token("ab&Action=DeleteTopic")),
        arguments("token with escapes", "400 bad-token", token("ab%0d%0a")),
        arguments("a very long token", "400 bad-token", token("a".repeat(1_025))),
        arguments("LF in token", "400 control-char:Token", token("a\nb")),
        arguments("token as number", "400 wrong-type:Token", subscription().with("Token", 1)),
        arguments(
            "LF in SubscribeURL",
            "400 control-char:SubscribeURL",
            subscription().with("SubscribeURL", "https://x/\n").signed()));
  }

  static Stream<Arguments> attributes() {
    return Stream.of(
        arguments("forged ones pass, untrusted", "200", forged(Map.of("a", attribute("x")))),
        arguments("lines in a value", "200", forged(Map.of("a", attribute("x\ny")))),
        arguments("none", "200", forged(Map.of())),
        arguments("a list", "400 wrong-type:MessageAttributes", forged(List.of())),
        arguments("a string", "400 wrong-type:MessageAttributes", forged("a")),
        arguments("of strings", "400 wrong-type:MessageAttributes", forged(Map.of("a", "b"))),
        arguments(
            "a number as value",
            "400 wrong-type:MessageAttributes",
            forged(Map.of("a", Map.of("Type", "Number", "Value", 1)))),
        arguments(
            "no value",
            "400 missing:MessageAttributes",
            forged(Map.of("a", Map.of("Type", "String")))),
        arguments("LF in a name", "400 control-char:MessageAttributes", forged(Map.of("\n", 1))),
        arguments(
            "NUL in a value",
            "400 bad-character:MessageAttributes",
            forged(Map.of("a", attribute("\0")))));
  }

  static Stream<Arguments> topics() {
    String arn = TestMessage.TOPIC;
    return Stream.of(
        arguments("another", "403 topic-not-allowed", topic(arn.replace("orders", "other"))),
        arguments("a prefix", "403 topic-not-allowed", topic(arn + "-evil")),
        arguments("shorter", "403 topic-not-allowed", topic(arn.replace("orders", "order"))),
        arguments("name in upper case", "403 topic-not-allowed", topic(arn.replace("or", "OR"))),
        arguments("another account", "403 topic-not-allowed", topic(arn.replace("1234", "4321"))),
        arguments("another region", "403 topic-not-allowed", topic(arn.replace("east", "west"))),
        arguments(
            "another partition", "403 topic-not-allowed", topic(arn.replace("aws", "aws-cn"))),
        arguments("a stranger's own", "403 topic-not-allowed", subscriptionOf(arn + "-evil")),
        arguments("FIFO", "400 fifo-topic", topic(arn + ".fifo")),
        arguments("FIFO elsewhere", "400 fifo-topic", topic(arn.replace("orders", "x.fifo"))),
        arguments("upper case", "400 bad-topic-arn", topic(arn.toUpperCase(Locale.ROOT))),
        arguments("a subscription's", "400 bad-topic-arn", topic(arn + ":" + TestMessage.ID)),
        arguments("a trailing blank", "400 bad-topic-arn", topic(arn + " ")),
        arguments("of SQS", "400 bad-topic-arn", topic(arn.replace("sns", "sqs"))),
        arguments("short account", "400 bad-topic-arn", topic(arn.replace("012:", "01:"))),
        arguments("no region", "400 bad-topic-arn", topic(arn.replace("us-east-1", ""))),
        arguments("a host as region", "400 bad-topic-arn", topic(arn.replace("us-east-1", "a.b"))),
        arguments("a path as name", "400 bad-topic-arn", topic(arn + "/../x")),
        arguments("empty", "400 bad-topic-arn", topic("")));
  }

  static Stream<Arguments> versions() {
    return Stream.of(
        arguments("3", "400 bad-signature-version", version("3")),
        arguments("0", "400 bad-signature-version", version("0")),
        arguments("01", "400 bad-signature-version", version("01")),
        arguments("2.0", "400 bad-signature-version", version("2.0")),
        arguments("with a blank", "400 bad-signature-version", version("2 ")),
        arguments("Arabic digit", "400 bad-signature-version", version("\u0662")),
        arguments("empty", "400 bad-signature-version", version("")),
        arguments("raised", "403 bad-signature", version("1").signed().with(VERSION, "2")),
        arguments("lowered", "403 bad-signature", version("2").signed().with(VERSION, "1")));
  }

  static Stream<Arguments> forgedVersions() {
    return versions().limit(7);
  }

  static Stream<Arguments> certificateUrls() {
    String host = "https://sns.us-east-1.amazonaws.com/";
    return Stream.of(
            "http://sns.us-east-1.amazonaws.com/" + PEM,
            "file:///etc/passwd.pem",
            "//sns.us-east-1.amazonaws.com/" + PEM,
            "HTTPS://sns.us-east-1.amazonaws.com/" + PEM,
            "https://SNS.us-east-1.amazonaws.com/" + PEM,
            "https://sns.us-east-1.amazonaws.com./" + PEM,
            "https://sns.us-east-1.amazonaws.com:443/" + PEM,
            "https://user@sns.us-east-1.amazonaws.com/" + PEM,
            "https://sns.us-east-1.amazonaws.com@evil.com/" + PEM,
            "https://sns.us-east-1.amazonaws.com\\@evil.com/" + PEM,
            "https://sns.us-east-1.amazonaws.com.evil.com/" + PEM,
            "https://sns.us-east-1.amaz\u03bfnaws.com/" + PEM,
            "https://sns.us-east-1.amazonaws.com.cn/" + PEM,
            "https://sns.eu-west-1.amazonaws.com/" + PEM,
            "https://sns.s3.amazonaws.com/" + PEM,
            "https://sns.s3-ap-southeast-2.amazonaws.com/" + PEM,
            "https://s3.amazonaws.com/" + PEM,
            "https://abc.execute-api.us-east-1.amazonaws.com/" + PEM,
            "https://127.0.0.1/" + PEM,
            "https://[::1]/" + PEM,
            host,
            host + FILE,
            host + FILE + ".key",
            host + FILE + ".PEM",
            host + PEM + "?x=1",
            host + PEM + "#x",
            host + PEM + "/",
            host + PEM + " ",
            " " + host + PEM,
            host + "/" + PEM,
            host + "x/../" + PEM,
            host + FILE + "%2e%2e%2fevil.pem",
            host + FILE + "/../../evil.pem",
            host + "SimpleNotificationService-0123456789ABCDEF0123456789ABCDEF.pem",
            host + "SimpleNotificationService-0123456789abcdef0123456789abcde.pem",
            host + "SimpleNotificationService-0123456789abcdef0123456789abcdef0.pem",
            host + "SimpleNotificationService-0123456789abcdef0123456789abcdeg.pem",
            host + "SimpleNotificationService.pem",
            host + "?Action=GetEndpointAttributes&EndpointArn=x&Signature=y&z=.pem",
            "")
        .map(url -> arguments(url, "403 bad-cert-url", url(url)));
  }

  static Stream<Arguments> subscribeUrls() {
    String right = TestMessage.confirmUrl(TestMessage.TOPIC, TestMessage.TOKEN);
    return Stream.of(
            "http://169.254.169.254/latest/meta-data/",
            right.replace("https", "http"),
            right.replace("us-east-1.", "us-west-2."),
            right.replace(".com/", ".com:443/"),
            right.replace("Confirm", "Delete"),
            right.replace(":orders", ":other"),
            right.replace(":", "%3A"),
            right + "&AuthenticateOnUnsubscribe=true",
            right + "#x",
            right + " ",
            right.substring(0, right.length() - 1),
            TestMessage.confirmUrl(TestMessage.TOPIC, "another"),
            "")
        .flatMap(url ->
            Stream.of("SubscriptionConfirmation", "UnsubscribeConfirmation")
                .map(type ->
                    arguments(
                        type + " " + url,
                        "403 bad-subscribe-url",
                        TestMessage.confirmation(type).with("SubscribeURL", url).signed())));
  }

  static Stream<Arguments> signatures() {
    return Stream.of(
        arguments("empty", "403 bad-signature", message().with("Signature", "")),
        arguments("short", "403 bad-signature", message().with("Signature", "AAAA")),
        arguments("long", "403 bad-signature", message().with("Signature", "A".repeat(1_600))),
        arguments("zeros", "403 bad-signature", message().with("Signature", zeros())),
        arguments(
            "larger than the modulus", "403 bad-signature", signature("/".repeat(340) + "/w==")),
        arguments("unpadded", "400 bad-base64", signature(zeros().replace("=", ""))),
        arguments("not canonical", "400 bad-base64", signature("A".repeat(341) + "B==")),
        arguments("of the URL alphabet", "400 bad-base64", signature("-_-_")),
        arguments("blanks", "400 bad-base64", signature("AA AA")),
        arguments("more behind", "400 bad-base64", signature(zeros() + "AAAA")),
        arguments("not Base64", "400 bad-base64", signature("!!!!")));
  }

  static Stream<Arguments> forgeries() {
    TestMessage recut =
        message()
            .with("Message", "a\nMessageId\n" + TestMessage.ID + "\nSubject\nb")
            .without("Subject")
            .signed();
    return Stream.of(
        arguments("message", "403 bad-signature", message().signed().with("Message", "x")),
        arguments("subject", "403 bad-signature", message().signed().with("Subject", "x")),
        arguments("no subject", "403 bad-signature", message().signed().without("Subject")),
        arguments("a subject added", "403 bad-signature", subjectAdded()),
        arguments("id", "403 bad-signature", message().signed().with("MessageId", otherId())),
        arguments("time", "403 bad-signature", message().signed().with("Timestamp", later())),
        arguments(
            "type", "403 bad-signature", subscription().signed().with("Type", "Unsub" + TAIL)),
        arguments(
            "token and its URL",
            "403 bad-signature",
            subscription()
                .signed()
                .with("Token", "ab")
                .with("SubscribeURL", TestMessage.confirmUrl(TestMessage.TOPIC, "ab"))),
        arguments(
            "signed by another key",
            "403 bad-signature",
            message().signed(TestCertificate.key("RSA", 2_048, "other").getPrivate())),
        arguments("the true cut", "200", recut),
        arguments(
            "another cut of the same signed bytes",
            "403 bad-signature",
            message()
                .with("Message", "a")
                .with("Subject", "b")
                .with("Signature", signatureOf(recut))),
        arguments("signed without time", "403 bad-signature", signed("Timestamp\n" + later())),
        arguments("no last line feed", "403 bad-signature", signedWithoutTheLastLineFeed()));
  }

  static Stream<Arguments> ages() {
    return Stream.of(
        arguments("a day", "200", time("2026-11-20T00:33:27.060Z")),
        arguments("more than a day", "400 stale", time("2026-11-20T00:33:27.059Z")),
        arguments("a year", "400 stale", time("2025-11-21T00:33:26.060Z")),
        arguments("the year 0", "400 stale", time("0000-01-01T00:00:00.000Z")),
        arguments("five minutes ahead", "200", time("2026-11-21T00:38:27.060Z")),
        arguments("more ahead", "503 clock-skew", time("2026-11-21T00:38:27.061Z")),
        arguments("the end of time", "503 clock-skew", time("9999-12-31T23:59:59.999Z")),
        arguments("stale and forged", "403 bad-signature", forgedTime("2025-11-21T00:33:26.060Z")),
        arguments("ahead and forged", "403 bad-signature", forgedTime("2027-11-21T00:33:26.060Z")),
        arguments(
            "a stale subscription",
            "400 stale",
            subscription().with("Timestamp", "2026-11-19T00:00:00.000Z").signed()));
  }

  private static TestMessage message() {
    return TestMessage.notification();
  }

  private static TestMessage subscription() {
    return TestMessage.confirmation("SubscriptionConfirmation");
  }

  private static TestMessage unsubscribed() {
    return TestMessage.confirmation("UnsubscribeConfirmation");
  }

  private static TestMessage nullSubject() {
    TestMessage without = message().without("Subject").signed();
    return without.withNull("Subject");
  }

  private static TestMessage signedAs(String name, Object value) {
    return name.equals("v")
        ? message().signed().with(VERSION, value)
        : name.equals("Signature")
            ? message().with(name, value)
            : message().with(name, value).signed();
  }

  private static TestMessage id(String id) {
    return message().with("MessageId", id).signed();
  }

  private static TestMessage time(String time) {
    return message().with("Timestamp", time).signed();
  }

  private static TestMessage forgedTime(String time) {
    return message().signed().with("Timestamp", time);
  }

  private static TestMessage topic(String arn) {
    return message().with("TopicArn", arn).signed();
  }

  private static TestMessage subscriptionOf(String arn) {
    String url = TestMessage.confirmUrl(arn, TestMessage.TOKEN);
    return subscription().with("TopicArn", arn).with("SubscribeURL", url).signed();
  }

  private static TestMessage text(String message) {
    return message().with("Message", message).signed();
  }

  private static TestMessage version(String version) {
    return message().with(VERSION, version).signed();
  }

  private static TestMessage url(String url) {
    return message().with("SigningCertURL", url).signed();
  }

  private static TestMessage unsubscribeUrl(String url) {
    return message().with("UnsubscribeURL", url).signed();
  }

  private static TestMessage token(String token) {
    return subscription()
        .with("Token", token)
        .with("SubscribeURL", TestMessage.confirmUrl(TestMessage.TOPIC, token).replace("\n", ""))
        .signed();
  }

  private static TestMessage signature(String signature) {
    return message().with("Signature", signature);
  }

  private static TestMessage forged(Object attributes) {
    return message().signed().with("MessageAttributes", attributes);
  }

  private static Map<String, String> attribute(String value) {
    return Map.of("Type", "String", "Value", value);
  }

  private static TestMessage subjectAdded() {
    return message().without("Subject").signed().with("Subject", "x");
  }

  private static TestMessage signed(String instead) {
    String text = message().stringToSign().replace("Timestamp\n" + TestMessage.TIME, instead);
    return signature(TestMessage.sign(text, "SHA256withRSA", TestCertificate.rsa().getPrivate()));
  }

  private static TestMessage signedWithoutTheLastLineFeed() {
    return signature(
        TestMessage.sign(
            message().stringToSign().stripTrailing(),
            "SHA256withRSA",
            TestCertificate.rsa().getPrivate()));
  }

  private static String signatureOf(TestMessage message) {
    return message.json().replaceAll("(?s).*\"Signature\" : \"([^\"]*)\".*", "$1");
  }

  private static String zeros() {
    return "A".repeat(342) + "==";
  }

  private static String otherId() {
    return "00000000-e5f1-4e8e-92a3-b9629d18e83b";
  }

  private static String later() {
    return "2026-11-21T00:33:26.061Z";
  }

  private static Object deep(int levels) {
    Object value = "x";
    for (int i = 0; i < levels; i++) {
      value = List.of(value);
    }
    return value;
  }
}
