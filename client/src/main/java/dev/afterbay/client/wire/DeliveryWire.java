package dev.afterbay.client.wire;

import dev.afterbay.BrokerException;
import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.PlainText;
import dev.afterbay.Receipt;
import dev.afterbay.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** Deliveries, settlements and their results on the wire (http-api.md, Messages). */
public final class DeliveryWire {

  /** Most settlements or receipts of one call. */
  public static final int SETTLE_MAX = 1_000;

  /** Longest wait of one request; who waits longer asks again. */
  public static final Duration WAIT_MAX = Duration.ofSeconds(60);

  private DeliveryWire() {}

  /**
   * A delivery.
   *
   * @param receipt null: only peeked at
   * @param withJob what {@link #read} makes the job of, too
   */
  public static void write(
      JsonGenerator json,
      Job job,
      @Nullable String receipt,
      @Nullable String leasedUntil,
      boolean withJob) {
    Message message = job.message();
    json.writeStartObject();
    MessageWire.writeText(json, "receipt", receipt);
    json.writeStringProperty("id", job.id().toString());
    json.writeStringProperty("type", message.type());
    MessageWire.writeBody(json, message);
    MessageWire.writeTexts(json, "attributes", message.attributes());
    JobWire.writeNullable(json, "session", message.options().session());
    MessageWire.writeText(json, "correlation_id", message.options().correlationId());
    json.writeNumberProperty("attempt", job.state().attempts());
    Instant first = job.state().firstDeliveredAt();
    MessageWire.writeText(json, "first_delivered_at", first == null ? null : Times.format(first));
    MessageWire.writeText(json, "leased_until", leasedUntil);
    if (withJob) {
      json.writeName("job");
      JobDetail.writeDelivered(json, job);
    }
    json.writeEndObject();
  }

  /** A delivery as a server sent it. */
  public record Received(Job job, @Nullable String receipt, @Nullable Instant leasedUntil) {}

  /** The deliveries of an answer that was asked for with {@code "include":"job"}. */
  public static List<Received> read(byte[] bytes, int max) {
    List<Received> received = new ArrayList<>();
    try (JsonReader json = JsonReader.lenient(bytes)) {
      json.root(name ->
          name.equals("deliveries")
              && json.array(name, max, () -> received.add(readOne(json, name))));
    }
    return received;
  }

  private static Received readOne(JsonReader json, String field) {
    ReceivedFields fields = new ReceivedFields();
    json.object(field, name -> fields.take(json, name));
    byte[] body = fields.body == null ? new byte[0] : fields.body;
    return new Received(fields.job.job(json, body), fields.receipt, fields.leasedUntil);
  }

  private static final class ReceivedFields {
    private final JobDetail job = new JobDetail();
    private byte @Nullable [] body;
    private @Nullable String receipt;
    private @Nullable Instant leasedUntil;

    boolean take(JsonReader json, String name) {
      switch (name) {
        case "receipt" -> receipt = json.text(name);
        case "body" -> body = json.utf8(name);
        case "body_base64" -> body = json.base64(name);
        case "leased_until" -> leasedUntil = json.time(name);
        case "job" -> json.object(name, field -> job.take(json, field));
        case "id", "session", "correlation_id", "attributes" -> job.take(json, name);
        case "type" -> job.take(json, "job_type");
        case "attempt" -> job.take(json, "attempts");
        default -> {
          return false;
        }
      }
      return true;
    }
  }

  /** Writes one of those that {@link #readSettlements} reads. */
  public static void writeSettlement(JsonGenerator json, Settlement settlement) {
    Outcome outcome = settlement.outcome();
    json.writeStartObject();
    json.writeStringProperty("receipt", settlement.receipt().value());
    json.writeStringProperty("outcome", JobWire.word(outcome));
    if (outcome instanceof Outcome.Retry(String _, Duration delay)) {
      MessageWire.writeDuration(json, "delay", delay);
    }
    MessageWire.writeText(json, "reason", JobWire.reason(outcome));
    json.writeEndObject();
  }

  public static List<Settlement> readSettlements(byte[] bytes) {
    List<Settlement> settlements = new ArrayList<>();
    boolean[] given = {false};
    try (JsonReader json = JsonReader.strict(bytes, 0, bytes.length)) {
      json.root(name -> {
        if (!name.equals("settlements")) {
          return false;
        }
        given[0] = json.array(name, SETTLE_MAX, () -> settlements.add(readSettlement(json, name)));
        return true;
      });
    }
    return given(given[0], "settlements", settlements);
  }

  public static <T> List<T> given(boolean given, String field, List<T> list) {
    if (!given) {
      throw new Rejected(field, field + " must be given");
    }
    return list;
  }

  private static Settlement readSettlement(JsonReader json, String field) {
    SettlementFields fields = new SettlementFields();
    json.object(field, name -> fields.take(json, name));
    String word = json.required("outcome", fields.outcome);
    String reason = fields.reason == null ? "" : fields.reason;
    Duration delay = fields.delay == null ? null : Durations.parse("delay", fields.delay);
    Outcome outcome = JobWire.outcome(word, reason, delay);
    if (outcome == null) {
      throw new Rejected(
          "outcome",
          "outcome must be done, retry, fail or release"
              + (word.isEmpty() ? "" : ", not " + PlainText.line(word, 40)));
    }
    return new Settlement(receipt(json.required("receipt", fields.receipt)), outcome);
  }

  private static final class SettlementFields {
    private @Nullable String receipt;
    private @Nullable String outcome;
    private @Nullable String reason;
    private @Nullable String delay;

    boolean take(JsonReader json, String name) {
      switch (name) {
        case "receipt" -> receipt = json.text(name);
        case "outcome" -> outcome = json.text(name);
        case "reason" -> reason = json.text(name);
        case "delay" -> delay = json.text(name);
        default -> {
          return false;
        }
      }
      return true;
    }
  }

  /** Longer texts cannot be ours, and are not carried further. */
  public static Receipt receipt(String text) {
    return new Receipt(text.length() <= Receipt.CHARS_MAX ? text : "");
  }

  /**
   * @param leasedUntil of those that went well; null: they have ended
   */
  public static byte[] writeResults(
      List<Receipt> receipts,
      List<Optional<BrokerException>> results,
      @Nullable String leasedUntil) {
    List<String> names = receipts.stream().map(Receipt::value).toList();
    return writeResults("receipt", names, results, leasedUntil);
  }

  /** What became of each job. */
  public static byte[] writeResults(List<JobId> ids, List<Optional<BrokerException>> results) {
    return writeResults("id", ids.stream().map(JobId::toString).toList(), results, null);
  }

  private static byte[] writeResults(
      String field,
      List<String> names,
      List<Optional<BrokerException>> results,
      @Nullable String leasedUntil) {
    return Json.write(json -> {
      json.writeStartObject();
      json.writeArrayPropertyStart("results");
      for (int i = 0; i < names.size(); i++) {
        json.writeStartObject();
        json.writeStringProperty(field, names.get(i));
        json.writeBooleanProperty("ok", results.get(i).isEmpty());
        if (results.get(i).isEmpty()) {
          MessageWire.writeText(json, "leased_until", leasedUntil);
        } else {
          Problem problem = Problem.of(results.get(i).get());
          // Whatever it says that is no receipt of ours: it holds nothing.
          boolean foreign = problem.type() == Problem.Type.INVALID;
          Problem.Type error = foreign ? Problem.Type.LEASE_LOST : problem.type();
          json.writeStringProperty("error", error.word());
          json.writeStringProperty("detail", problem.detail());
        }
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    });
  }

  /**
   * What became of one receipt.
   *
   * @param error the word of a problem; null: it went well
   */
  public record Result(
      @Nullable String error, @Nullable String detail, @Nullable Instant leasedUntil) {}

  /**
   * Of each that was asked about, in that order.
   *
   * @throws Rejected if it tells of fewer or of more than so many
   */
  public static List<Result> readResults(byte[] bytes, int asked) {
    List<Result> results = new ArrayList<>();
    try (JsonReader json = JsonReader.lenient(bytes)) {
      json.root(name ->
          name.equals("results")
              && json.array(name, asked, () -> results.add(readResult(json, name))));
    }
    return all("results", results, asked);
  }

  /** What an answer says of several, if it says it of each: of whom it is silent got nothing. */
  public static <T> List<T> all(String field, List<T> told, int asked) {
    if (told.size() != asked) {
      throw new Rejected(field, field + " has " + told.size() + " of " + asked);
    }
    return told;
  }

  private static Result readResult(JsonReader json, String field) {
    ResultFields fields = new ResultFields();
    json.object(field, name -> fields.take(json, name));
    return new Result(fields.error, fields.detail, fields.leasedUntil);
  }

  private static final class ResultFields {
    private @Nullable String error;
    private @Nullable String detail;
    private @Nullable Instant leasedUntil;

    boolean take(JsonReader json, String name) {
      switch (name) {
        case "error" -> error = json.text(name);
        case "detail" -> detail = json.text(name);
        case "leased_until" -> leasedUntil = json.time(name);
        default -> {
          return false;
        }
      }
      return true;
    }
  }
}
