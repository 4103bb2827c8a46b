package dev.afterbay.http;

import dev.afterbay.Limits;
import java.util.ArrayList;
import java.util.List;

/** All calls of the API, in the order of http-api.md. */
final class Routes {

  private final List<Route> all = new ArrayList<>();

  Routes(DoorServices services, Traffic traffic, boolean onLoopback) {
    Limits limits = services.broker().queue(JobWire.QUEUE_DEFAULT).limits();
    JobsRoutes jobs = new JobsRoutes(services, limits);
    all.addAll(jobs.routes());
    all.addAll(new QueuesRoutes(services).routes());
    all.addAll(new MessagesRoutes(services, traffic, limits, jobs).routes());
    all.addAll(new SessionsRoutes(services, traffic).routes());
    all.addAll(new EventsRoutes(services, traffic).routes());
    SnsDoor sns = services.sns();
    if (sns != null) {
      all.addAll(new SnsRoutes(sns, traffic).routes());
    }
    all.addAll(new OperationRoutes(services, traffic, limits, onLoopback).routes());
    all.addAll(PageRoutes.routes());
  }

  List<Route> all() {
    return all;
  }
}
