package dev.afterbay.http;

import dev.afterbay.Broker;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.SendResult;
import dev.afterbay.http.HttpApiServices.Steps;
import java.util.List;

/** Sends what came in by HTTP, and tells of it. */
final class Sends {

  private final Broker broker;
  private final Steps steps;

  Sends(HttpApiServices services) {
    broker = services.broker();
    steps = services.steps();
  }

  List<SendResult> send(String name, List<Message> messages) {
    Queue queue = broker.queue(name);
    messages.forEach(message -> steps.received(name, message));
    List<SendResult> sent = queue.send(messages);
    for (int i = 0; i < sent.size(); i++) {
      tellKnown(name, messages.get(i), sent.get(i));
    }
    return sent;
  }

  List<SendResult> send(List<Broker.Addressed> messages) {
    messages.forEach(each -> steps.received(each.queue(), each.message()));
    List<SendResult> sent = broker.send(messages);
    for (int i = 0; i < sent.size(); i++) {
      tellKnown(messages.get(i).queue(), messages.get(i).message(), sent.get(i));
    }
    return sent;
  }

  private void tellKnown(String queue, Message message, SendResult sent) {
    if (sent.known()) {
      steps.known(queue, message, sent.id());
    }
  }
}
