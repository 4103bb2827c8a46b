package dev.afterbay.handlers;

import dev.afterbay.BrokerException;
import dev.afterbay.Delivery;
import dev.afterbay.Job;
import dev.afterbay.JobContext;
import dev.afterbay.JobNotes;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.Receipt;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Attempts at an e-mail job, whose checkpoint may be lost with its process. */
final class MailJob implements Delivery, JobContext {
  final List<String> progress = new ArrayList<>();
  final List<byte[]> checkpoints = new ArrayList<>();
  byte[] result = {};
  int checkpointsMax = Integer.MAX_VALUE;
  boolean cancelled;
  boolean recorded = true;
  private final Job job;

  MailJob(String payload) {
    this(Message.of("email", payload).contentType("application/json"));
  }

  MailJob(Message message) {
    try (Work work = new Work()) {
      Job small = work.delivery(Message.of("email", "{}")).job();
      job =
          new Job(
              small.id(),
              small.queue(),
              message,
              small.line(),
              small.seq(),
              small.rank(),
              small.state(),
              small.history(),
              small.createdAt());
    }
  }

  static String to(String... addresses) {
    return "{\"to\":[\""
        + String.join("\",\"", addresses)
        + "\"],\"subject\":\"Hi\",\"text\":\"Hello\"}";
  }

  String result() {
    return new String(result, StandardCharsets.UTF_8);
  }

  @Override
  public Job job() {
    return job;
  }

  @Override
  public void note(JobNotes.Note note) {
    throw new UnsupportedOperationException(); // Each kind is told by the method of its own.
  }

  @Override
  public JobContext context() {
    if (!recorded) {
      throw new BrokerException.Unsupported("no record");
    }
    return this;
  }

  @Override
  public void progress(double share, String text) {
    progress.add(text);
  }

  /** The process may end before it is kept. */
  @Override
  public void checkpoint(byte[] value) {
    if (checkpoints.size() == checkpointsMax) {
      throw new IllegalStateException("killed");
    }
    assert value.length <= VALUE_BYTES_MAX : value.length;
    checkpoints.add(value);
  }

  @Override
  public Optional<byte[]> checkpoint() {
    return checkpoints.isEmpty() ? Optional.empty() : Optional.of(checkpoints.getLast());
  }

  @Override
  public void result(String contentType, byte[] value) {
    assert contentType.equals("application/json");
    result = value;
  }

  @Override
  public void log(String line) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Instant leasedUntil() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void renew() {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean cancelRequested() {
    return cancelled;
  }

  @Override
  public void settle(Outcome outcome) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Receipt detach() {
    throw new UnsupportedOperationException();
  }
}
