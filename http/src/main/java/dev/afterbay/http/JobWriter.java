package dev.afterbay.http;

import dev.afterbay.Job;
import dev.afterbay.JobNotes;
import dev.afterbay.Moment;
import dev.afterbay.QueueSettings;
import dev.afterbay.client.wire.JobWire;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.core.JsonGenerator;

/** Writes the jobs of one answer; asks for the settings of each queue once. */
final class JobWriter {

  private final Map<String, QueueSettings> settings = new HashMap<>();
  private final HttpApiServices services;
  private final Moment now;
  private final JobWire.View view;

  JobWriter(HttpApiServices services, Moment now, JobWire.View view) {
    this.services = services;
    this.now = now;
    this.view = view;
  }

  /**
   * @param notes what is shown of what its attempts told
   */
  void write(JsonGenerator json, Job job, JobNotes notes) {
    Integer own = job.message().options().maxAttempts();
    int max = own != null ? own : ofQueue(job.queue()).maxAttempts();
    JobWire.write(json, job, notes, view, max, now);
  }

  private QueueSettings ofQueue(String queue) {
    return settings.computeIfAbsent(
        queue, name -> services.broker().queue(name).admin().orElseThrow().settings());
  }
}
