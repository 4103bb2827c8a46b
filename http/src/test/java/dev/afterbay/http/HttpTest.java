package dev.afterbay.http;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A server for the tests of one class, new for each. */
abstract class HttpTest {

  Served served;
  Http http;

  Served open() {
    return Served.open();
  }

  @BeforeEach
  final void openDoor() {
    served = open();
    http = new Http(served);
  }

  @AfterEach
  final void closeDoor() {
    http.close();
    served.close();
  }

  String job(String fields) {
    return http.post("/jobs", "{\"job_type\":\"email\"" + fields + "}").at("/id");
  }

  String message(String queue, String body) {
    return http.post("/queues/" + queue + "/messages", body).at("/id");
  }

  /** The receipts of what is there. */
  List<String> receive(String queue, int max) {
    return http
        .post("/queues/" + queue + "/receive", "{\"max\":" + max + "}")
        .json()
        .at("/deliveries")
        .values()
        .stream()
        .map(delivery -> delivery.at("/receipt").asString())
        .toList();
  }

  Http.Reply settle(String queue, String receipt, String outcome) {
    return http.post(
        "/queues/" + queue + "/settle",
        "{\"settlements\":[{\"receipt\":\"" + receipt + "\",\"outcome\":" + outcome + "}]}");
  }
}
