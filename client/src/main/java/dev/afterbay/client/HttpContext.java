package dev.afterbay.client;

import dev.afterbay.JobContext;
import dev.afterbay.JobNotes;
import dev.afterbay.Receipt;
import dev.afterbay.client.wire.NotesWire;
import dev.afterbay.client.wire.Problem;
import java.util.Optional;

/** What the attempt with a receipt tells a server of its job, a request each. */
final class HttpContext implements JobContext {

  private final HttpTransport link;
  private final String queuePath;
  private final Receipt receipt;

  HttpContext(HttpTransport link, String queuePath, Receipt receipt) {
    this.link = link;
    this.queuePath = queuePath;
    this.receipt = receipt;
  }

  @Override
  public void note(JobNotes.Note note) {
    HttpTransport.Call call = HttpTransport.Call.post(path(), NotesWire.write(receipt, note));
    link.call(call, Problem.Subject.of("receipt"));
  }

  @Override
  public Optional<byte[]> checkpoint() {
    byte[] asked = HttpQueue.object(json -> json.writeStringProperty("receipt", receipt.value()));
    JobNotes.Checkpoint kept =
        link.call(
                HttpTransport.Call.ask(path() + "/checkpoint", asked),
                Problem.Subject.of("receipt"))
            .read(NotesWire::read)
            .checkpoint();
    return kept == null ? Optional.empty() : Optional.of(kept.value());
  }

  private String path() {
    return queuePath + "/notes";
  }
}
