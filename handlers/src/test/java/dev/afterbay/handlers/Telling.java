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
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A delivery that notes what its handler tells. */
final class Telling implements Delivery, JobContext {

  final List<String> lines = new CopyOnWriteArrayList<>();
  final List<String> progress = new CopyOnWriteArrayList<>();
  volatile @Nullable String contentType;
  volatile byte @Nullable [] result;
  volatile byte @Nullable [] checkpoint;
  volatile boolean keepsResults = true;

  /** Asked for as soon as this holds. */
  volatile BooleanSupplier cancelRequestedOnce = () -> false;

  private final Delivery delivery;
  private final Message message;

  Telling(Delivery delivery) {
    this(delivery, delivery.message());
  }

  /** With a message that the limits of the broker would not take. */
  Telling(Delivery delivery, Message message) {
    this.delivery = delivery;
    this.message = message;
  }

  /** The next attempt, which finds what the one before has kept. */
  Telling again() {
    Telling next = new Telling(delivery, message);
    next.checkpoint = checkpoint;
    return next;
  }

  String resultText() {
    return new String(result == null ? new byte[0] : result, StandardCharsets.UTF_8);
  }

  @Override
  public void note(JobNotes.Note note) {
    throw new UnsupportedOperationException(); // Each kind is told by the method of its own.
  }

  @Override
  public JobContext context() {
    return this;
  }

  @Override
  public void progress(double share, String text) {
    progress.add(share + " " + text);
  }

  @Override
  public void checkpoint(byte[] value) {
    checkpoint = value.clone();
  }

  @Override
  public Optional<byte[]> checkpoint() {
    return Optional.ofNullable(checkpoint);
  }

  @Override
  public void result(String contentType, byte[] value) {
    if (!keepsResults) {
      throw new BrokerException.Unsupported("no results");
    }
    this.contentType = contentType;
    this.result = value.clone();
  }

  @Override
  public void log(String line) {
    lines.add(line);
  }

  @Override
  public Job job() {
    return delivery.job();
  }

  @Override
  public Message message() {
    return message;
  }

  @Override
  public Instant leasedUntil() {
    return delivery.leasedUntil();
  }

  @Override
  public void renew() {
    delivery.renew();
  }

  @Override
  public boolean cancelRequested() {
    return cancelRequestedOnce.getAsBoolean();
  }

  @Override
  public void settle(Outcome outcome) {
    delivery.settle(outcome);
  }

  @Override
  public Receipt detach() {
    return delivery.detach();
  }
}
