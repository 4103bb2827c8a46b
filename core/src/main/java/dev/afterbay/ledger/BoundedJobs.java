package dev.afterbay.ledger;

import dev.afterbay.Job;
import dev.afterbay.rules.AnswerRules;
import java.util.ArrayList;
import java.util.List;

/** The jobs of one answer, as many as its limit in bytes allows, and at least one. */
final class BoundedJobs {

  private final long bytesMax;
  private final List<Job> jobs = new ArrayList<>();
  private long bytes;

  /**
   * @param bytesMax of all together, see {@link Job#bytes}
   */
  BoundedJobs(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** False: there is no room for the job, and no other should follow. */
  boolean add(Job job) {
    boolean fits = hasRoomFor(job.bytes());
    if (fits) {
      put(job);
    }
    return fits;
  }

  /** For one that has room, and has been handed out by now. */
  void put(Job job) {
    jobs.add(job);
    bytes += job.bytes();
  }

  boolean hasRoomFor(long more) {
    return AnswerRules.hasRoom(jobs.size(), bytes, more, bytesMax);
  }

  int size() {
    return jobs.size();
  }

  List<Job> all() {
    return jobs;
  }
}
