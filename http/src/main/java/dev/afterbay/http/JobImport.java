package dev.afterbay.http;

import dev.afterbay.BrokerException;
import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Jobs;
import dev.afterbay.Limits;
import dev.afterbay.PlainText;
import dev.afterbay.client.wire.ExportedJob;
import dev.afterbay.client.wire.Json;
import dev.afterbay.client.wire.Problem;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.core.JsonGenerator;

/** One import: its lines are read as they come, and stored in groups, each of them all or none. */
final class JobImport {
  /*
   * What it may hold at a time is taken from the budget of all before it is there: what the
   * connection is ahead, a line, and the jobs of a group.
   *
   * Nothing is stored any more from the group of the first bad line on; but the lines are read to
   * the end, so that somebody who mends an export learns of all bad ones at once, and a client that
   * reads no answer before it has sent all gets one.
   */

  private static final int GROUP_BYTES_MAX = 1 << 20;
  private static final int BUFFER_BYTES_FIRST = 64 << 10;
  private static final int BAD_LINES_MAX = 100;
  private static final int DETAIL_CHARS_MAX = 500;

  /** Taken at once, so that not each line must ask. */
  private static final int STEP_BYTES = 64 << 10;

  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final Jobs jobs;
  private final Limits limits;
  private final BodyStream body;
  private final MemoryBudget budget;
  private final boolean allOrNone;

  /** Of a line, and of the jobs of a group that is not to be smaller. */
  private final int bytesMax;

  private long taken;

  /** The bytes from {@code from} to {@code to} are not read yet. */
  private byte[] buffer = new byte[BUFFER_BYTES_FIRST];

  private int from;
  private int to;

  /** Lines that were looked at, blank ones included. */
  private long line;

  private final List<Job> group = new ArrayList<>();
  private final Map<JobId, Long> lineOf = new HashMap<>();
  private long messageBytes;
  private long jobBytes;
  private long lastOfGroup;

  /** The last line of the last group that is stored. */
  private long stored;

  private long imported;
  private long known;
  private final List<BadLine> bad = new ArrayList<>();

  private record BadLine(long line, Problem problem) {
    String detail() {
      return "line " + line + ": " + PlainText.line(problem.detail(), DETAIL_CHARS_MAX);
    }

    void write(JsonGenerator json) {
      json.writeStartObject();
      json.writeNumberProperty("line", line);
      json.writeStringProperty("detail", PlainText.line(problem.detail(), DETAIL_CHARS_MAX));
      String field = problem.field();
      if (field != null) {
        json.writeStringProperty("field", field);
      }
      json.writeEndObject();
    }
  }

  /**
   * @param allOrNone all of it is one group, which has the limits of a batch
   */
  JobImport(Jobs jobs, Limits limits, Exchange exchange, boolean allOrNone) {
    this.jobs = jobs;
    this.limits = limits;
    this.body = exchange.bodyStream();
    this.budget = exchange.budget();
    this.allOrNone = allOrNone;
    long all = budget.largest() - BodyStream.UNREAD_BYTES_MAX;
    long room = all / RequestBody.COPIES - BodyStream.AHEAD_BYTES_MAX;
    bytesMax = Math.clamp(room / 2, 1, NdjsonLines.requestBytesMax(limits));
  }

  /** Reads all, and answers. */
  Response run() throws InterruptedException {
    try {
      takeRoom(0);
      read();
      store();
      return bad.isEmpty() ? Response.object(200, this::writeCounts) : refused();
    } catch (BrokerException | Problem.Failure e) {
      return brokenOff(e);
    } finally {
      budget.give(taken);
    }
  }

  private void read() throws InterruptedException {
    for (byte[] piece = body.next(); piece != null; piece = body.next()) {
      append(piece);
      for (int end = lineEnd(piece.length); end >= 0; end = lineEnd(to - from)) {
        take(from, end);
        from = end + 1;
        if (bad.size() == BAD_LINES_MAX) {
          return;
        }
      }
      shrink();
      if (to - from > bytesMax) {
        line++;
        String detail = "a line must have at most " + bytesMax + " B: this is longer";
        isBad(line, Problem.of(Rejected.tooLarge("body", detail)));
        return;
      }
    }
    if (to > from) {
      take(from, to);
    }
  }

  /**
   * @param last so many bytes at the end may have one
   * @return below zero: the line is not whole yet
   */
  private int lineEnd(int last) {
    return Unpooled.wrappedBuffer(buffer).indexOf(Math.max(from, to - last), to, (byte) '\n');
  }

  private void append(byte[] piece) throws InterruptedException {
    int held = to - from;
    if (to + piece.length > buffer.length) {
      byte[] target = held + piece.length > buffer.length ? larger(held + piece.length) : buffer;
      System.arraycopy(buffer, from, target, 0, held);
      buffer = target;
      from = 0;
      to = held;
    }
    System.arraycopy(piece, 0, buffer, to, piece.length);
    to += piece.length;
  }

  private byte[] larger(int needed) throws InterruptedException {
    int most = bytesMax + BodyStream.AHEAD_BYTES_MAX;
    int length = (int) Math.max(needed, Math.min(2L * needed, most));
    takeRoom(length - buffer.length);
    return new byte[length];
  }

  /** A long line is over: whoever sends short ones does not keep its room. */
  private void shrink() {
    if (buffer.length > BUFFER_BYTES_FIRST && to - from <= BUFFER_BYTES_FIRST / 2) {
      byte[] smaller = new byte[BUFFER_BYTES_FIRST];
      System.arraycopy(buffer, from, smaller, 0, to - from);
      to -= from;
      from = 0;
      buffer = smaller;
      long over = taken - needed(0);
      if (over > 0) {
        budget.give(over);
        taken -= over;
      }
    }
  }

  private void take(int begin, int end) throws InterruptedException {
    line++;
    if (NdjsonLines.isBlank(buffer, begin, end)) {
      return;
    }
    Job job;
    try {
      job = read(begin, end - begin);
    } catch (Rejected e) {
      isBad(line, Problem.of(e));
      return;
    }
    if (bad.isEmpty()) {
      add(job);
      body.progressed();
    }
  }

  private Job read(int begin, int length) {
    if (length > bytesMax) {
      throw tooLarge("line", length, bytesMax);
    }
    if (!Json.isUtf8(buffer, begin, length)) {
      throw new Rejected("body", "it is not UTF-8");
    }
    Job job = ExportedJob.read(buffer, begin, length);
    int bodyBytes = job.message().body().length;
    if (bodyBytes > limits.bodyBytesMax()) {
      throw tooLarge("body", bodyBytes, limits.bodyBytesMax());
    }
    int attributesBytes = job.message().attributesBytes();
    if (attributesBytes > limits.attributesBytesMax()) {
      throw tooLarge("attributes", attributesBytes, limits.attributesBytesMax());
    }
    return job;
  }

  private static Rejected tooLarge(String field, long bytes, int max) {
    return Rejected.tooLarge(field, field + " is " + bytes + " B, the limit is " + max + " B");
  }

  private void add(Job job) throws InterruptedException {
    long ofMessage = job.message().body().length + (long) job.message().attributesBytes();
    if (!group.isEmpty() && isOver(ofMessage, job.bytes())) {
      if (allOrNone) {
        throw Rejected.tooLarge(
            "body",
            "all_or_none takes at most "
                + limits.batchMessagesMax()
                + " lines and "
                + limits.batchBytesMax()
                + " B of messages: send less, or leave it out");
      }
      store();
    }
    takeRoom(job.bytes());
    if (bad.isEmpty()) {
      group.add(job);
      lineOf.putIfAbsent(job.id(), line);
      messageBytes += ofMessage;
      jobBytes += job.bytes();
      lastOfGroup = line;
    }
  }

  private boolean isOver(long ofMessage, long ofJob) {
    int most = allOrNone ? bytesMax : Math.min(bytesMax, GROUP_BYTES_MAX);
    return group.size() == limits.batchMessagesMax()
        || messageBytes + ofMessage > limits.batchBytesMax()
        || jobBytes + ofJob > most;
  }

  /** For what is there, and so much more. */
  private void takeRoom(long more) throws InterruptedException {
    if (!hasRoom(more) && !allOrNone) {
      store(); // What is stored makes room.
    }
    if (!hasRoom(more)) {
      throw new Problem.Failure(Problem.unavailable("too many bytes are under way: retry later"));
    }
  }

  /** For what is there, and so much more. */
  private long needed(long more) {
    long there = BodyStream.AHEAD_BYTES_MAX + buffer.length + jobBytes;
    return BodyStream.UNREAD_BYTES_MAX + RequestBody.COPIES * (there + more);
  }

  private boolean hasRoom(long more) throws InterruptedException {
    long missing = needed(more) - taken;
    long got = missing <= 0 ? 0 : budget.takeSome(missing, missing + STEP_BYTES, PATIENCE);
    taken += got;
    return missing <= 0 || got > 0;
  }

  private void store() {
    if (group.isEmpty()) {
      return;
    }
    try {
      int isNew = jobs.restore(group);
      imported += isNew;
      known += group.size() - isNew;
      stored = lastOfGroup;
    } catch (Rejected | BrokerException.QueueNotFound e) {
      Long at = e.context().map(BrokerException.Context::job).map(lineOf::get).orElse(null);
      if (at == null) {
        throw e;
      }
      isBad(at, Problem.of(e));
    }
    endGroup();
  }

  private void isBad(long number, Problem problem) {
    bad.add(new BadLine(number, problem));
    endGroup();
  }

  private void endGroup() {
    group.clear();
    lineOf.clear();
    messageBytes = 0;
    jobBytes = 0;
  }

  private Response refused() {
    BadLine first = bad.getFirst();
    Problem problem = first.problem;
    return problem(problem.type(), first.detail() + whatIsStored(), problem);
  }

  private Response brokenOff(RuntimeException e) {
    if (!bad.isEmpty()) {
      return refused();
    }
    Problem problem = Objects.requireNonNull(Problem.of((Throwable) e));
    boolean unknown = problem.type() == Problem.Type.OUTCOME_UNKNOWN;
    String detail =
        problem.detail()
            + (unknown ? "; what comes behind line " + stored + " may be stored" : whatIsStored());
    // The other words say that nothing was stored.
    boolean mend = problem.type().status() < 500 || stored == 0;
    return problem(mend ? problem.type() : Problem.Type.OUTCOME_UNKNOWN, detail, problem);
  }

  private Response problem(Problem.Type type, String detail, Problem cause) {
    return Response.of(
        new Problem(type, detail, cause.field(), cause.retryAfter()),
        json -> {
          writeCounts(json);
          if (!bad.isEmpty()) {
            json.writeArrayPropertyStart("lines");
            bad.forEach(each -> each.write(json));
            json.writeEndArray();
          }
        });
  }

  private String whatIsStored() {
    return stored == 0
        ? "; nothing was stored"
        : "; what comes before line " + (stored + 1) + " is stored, and nothing else";
  }

  private void writeCounts(JsonGenerator json) {
    json.writeNumberProperty("imported", imported);
    json.writeNumberProperty("known", known);
  }
}
