package dev.afterbay.client.wire;

import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.Job;
import dev.afterbay.JobNotes;
import dev.afterbay.Moment;
import dev.afterbay.PlainText;
import dev.afterbay.QueueSettings;
import java.util.Set;
import tools.jackson.core.JsonGenerator;

/**
 * A line of an export: a job as {@code GET /jobs/{id}?include=payload,history,detail} shows it, but
 * for what its attempts told.
 */
public final class ExportedJob {

  /** What people read; all of it is told exactly elsewhere in the line. */
  private static final Set<String> SHOWN =
      Set.of(
          "known",
          "content_type",
          "status",
          "max_attempts",
          "last_error",
          "reason",
          "scheduled_at",
          "created_at",
          "updated_at",
          "processing_started_at",
          "first_delivered_at",
          "progress",
          "progress_text",
          "result",
          "result_base64",
          "result_content_type",
          "result_cut_bytes",
          "logs",
          "logs_dropped");

  /** What is written of one. */
  public static final JobWire.View VIEW = new JobWire.View(true, true, true);

  private static final String NO_CONSTANT = "No enum constant ";
  private static final int WORD_CHARS_MAX = 80;

  private ExportedJob() {}

  /** Writes one for an import, which does not look at the settings of its queue. */
  public static void write(JsonGenerator json, Job job, Moment now) {
    Integer own = job.message().options().maxAttempts();
    int max = own == null ? QueueSettings.UNLIMITED : own;
    JobWire.write(json, job, JobNotes.NONE, VIEW, max, now);
  }

  /**
   * Reads one.
   *
   * @throws Rejected if it is none, or has not ended
   */
  public static Job read(byte[] bytes, int from, int length) {
    JobDetail fields = new JobDetail();
    boolean[] detailed = {false};
    try (JsonReader json = JsonReader.strictAround(bytes, from, length, 1)) {
      json.root(name -> {
        detailed[0] |= name.equals("detail");
        boolean shown = SHOWN.contains(name);
        if (shown) {
          json.skip();
        }
        return shown || fields.take(json, name);
      });
      if (!detailed[0]) {
        throw new Rejected("detail", "detail must be given, as GET /jobs/export writes it");
      }
      Job job = fields.job(json, null);
      MediaType.require("detail.content_type", job.message().contentType());
      if (!job.status().kind().isFinal()) {
        throw new Rejected(
            "status",
            "job "
                + job.id()
                + " is "
                + JobWire.word(job.status().kind())
                + ": only jobs that are done, failed or cancelled can be imported");
      }
      return job;
    } catch (IllegalArgumentException e) {
      throw new Rejected("detail", "detail has a word that is not known: " + word(e), e);
    }
  }

  /** Of an enum Java names the class, too, which is nobody's business. */
  private static String word(IllegalArgumentException e) {
    String text = String.valueOf(e.getMessage());
    String word = text.startsWith(NO_CONSTANT) ? text.substring(text.lastIndexOf('.') + 1) : text;
    return PlainText.line(word, WORD_CHARS_MAX);
  }
}
